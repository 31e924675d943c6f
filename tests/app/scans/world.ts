import type { StoredItem } from '../../../shared/app/collections/items.ts';
import type { OutgoingMail, StoredProfile } from '../../../shared/app/ports.ts';
import type { Job } from '../../../shared/app/scans/job.ts';
import type { ScanExecution, ScanPorts } from '../../../shared/app/scans/scan-kind.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import type { Collections } from '../../../shared/domain/messaging/collection.ts';
import type { Suppression } from '../../../shared/domain/messaging/suppression.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import {
  memoryItems,
  memoryJobs,
  memoryJournal,
  memoryProfiles,
  noBacklog,
  noMessages,
  noStatistics,
  nothingRemains,
} from '../../protocol/memory-stores.ts';

export const now = Date.UTC(2026, 10, 22, 9);
export const key = (index: number) => profileKey('user', `u${index}`);
export const stored = (index: number, more: Partial<StoredProfile> = {}): StoredProfile => ({
  key: key(index),
  version: 1,
  at: now,
  epoch: 1,
  profile: emptyProfile,
  ...more,
});
export const having = (index: number, profile: Partial<Profile>): StoredProfile =>
  stored(index, { profile: { ...emptyProfile, ...profile } });

export const jobOf = (kind: string, more: Partial<Job> = {}): Job => ({
  id: `${kind}-1`,
  kind,
  state: 'queued',
  params: {},
  segments: 1,
  at: now,
  begin: now,
  run: 0,
  by: 'test',
  ...more,
});

export const emptySnapshot: CatalogSnapshot = {
  epoch: 1,
  journeys: [],
  templates: [],
  topics: [],
  endpoints: [],
  policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
};

/** What scans need of the world, in memory; pages have two profiles. */
export function scanWorld(
  profiles: readonly StoredProfile[],
  jobs: readonly Job[] = [],
  snapshot: Partial<CatalogSnapshot> = {},
  collections: Collections = new Map(),
) {
  const sent: OutgoingMail[] = [];
  const suppressed: Suppression[] = [];
  const observed: string[] = [];
  const written = new Map<string, Buffer>();
  const stock = new Map<string, StoredItem>();
  const started: [name: string, execution: ScanExecution][] = [];
  const ports = {
    clock: () => now,
    metrics: { count: () => undefined },
    catalogs: { current: async () => compileCatalog({ ...emptySnapshot, ...snapshot }) },
    profiles: memoryProfiles(new Map(profiles.map((one) => [one.key, one]))),
    journal: memoryJournal(),
    journalRetentionDays: 90,
    mailbox: {
      send: async (mails) => {
        sent.push(...mails);
        return [];
      },
    },
    jobs: memoryJobs(jobs),
    suppressions: { put: async (one) => void suppressed.push(one) },
    consents: { statementsOf: async () => ({ data: [], complete: true }) },
    subjects: { page: () => Promise.reject(new Error('this kind exports no customer')) },
    intake: { observe: async (events) => void observed.push(...events.map(({ name }) => name)) },
    files: {
      async *read(name, from) {
        const file = written.get(name);
        if (file === undefined) throw Object.assign(new Error('none'), { name: 'NoSuchKey' });
        if (from < file.length) yield file.subarray(from);
      },
      write: async (name, body) => void written.set(name, body),
    },
    items: memoryItems(stock),
    ...nothingRemains,
    collections: async () => collections,
    machine: { start: async (name, execution) => void started.push([name, execution]) },
    ...noBacklog,
    ...noStatistics,
    ...noMessages,
  } satisfies ScanPorts;
  return { ports, sent, started, suppressed, observed, written, stock };
}
