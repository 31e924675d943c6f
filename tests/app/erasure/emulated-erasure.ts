import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startErasure } from '../../../shared/app/erasure/start-erasure.ts';
import { evaluate } from '../../../shared/app/evaluate.ts';
import { Leases } from '../../../shared/app/leases.ts';
import type { OutgoingMail, StoredProfile } from '../../../shared/app/ports.ts';
import { failScan, finishScan } from '../../../shared/app/scans/finish-scan.ts';
import { isOver, type Job } from '../../../shared/app/scans/job.ts';
import type { ScanPorts } from '../../../shared/app/scans/scan-kind.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { startScan } from '../../../shared/app/scans/start-scan.ts';
import { cachedSecrets } from '../../../shared/app/secrets.ts';
import { consentStore } from '../../../shared/data/consent-store.ts';
import { counterStore } from '../../../shared/data/counter-store.ts';
import { jobStore } from '../../../shared/data/job-store.ts';
import { journal } from '../../../shared/data/journal.ts';
import { journalPast } from '../../../shared/data/journal-past.ts';
import { carriedEntries } from '../../../shared/data/message-store.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import { remainsIn } from '../../../shared/data/remains.ts';
import { secretStore } from '../../../shared/data/secret-store.ts';
import { statsStore } from '../../../shared/data/stats-store.ts';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { decide, isPaused, neededVersions } from '../../../shared/domain/decide.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { asksOfDelivery } from '../../../shared/domain/messaging/asked-deliveries.ts';
import type { Policy } from '../../../shared/domain/messaging/policy.ts';
import { canonicalJson, type Json } from '../../../shared/kernel/canonical-json.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import { SECOND_MS } from '../../../shared/kernel/time.ts';
import type { Mortal } from '../scans/mortal.ts';
import { emptySnapshot, scanWorld } from '../scans/world.ts';

const RETENTION_DAYS = 90;
/** An erasure has some ten steps; one that goes round does not end. */
const MAX_ROUNDS = 100;

/**
 * Actors and the job of an erasure on one set of tables; mail goes from hand to hand, and time is ours.
 *
 * @param life of the job's invocations, one for each page.
 */
export function emulatedErasure(
  client: DynamoDBClient,
  start: number,
  policy: Partial<Policy> = {},
  life: Mortal | undefined = undefined,
) {
  let now = start;
  let waiting: OutgoingMail[] = [];
  const clock = () => now;
  const snapshot: CatalogSnapshot = { ...emptySnapshot, epoch: 3, policy: { ...emptySnapshot.policy, ...policy } };
  const catalogs = { current: async () => compileCatalog(snapshot) };
  const keep = async (mails: readonly OutgoingMail[]) => {
    waiting.push(...mails);
    return [];
  };
  const profiles = profileStore(client, 'profiles');
  const jobs = jobStore(client, 'jobs', clock);
  const shared = {
    ...{ clock, catalogs, profiles, metrics: { count: () => undefined }, mailbox: { send: keep } },
    journal: journal(client, 'journal', RETENTION_DAYS),
    carried: carriedEntries(client, 'messages', { journal: RETENTION_DAYS, messages: RETENTION_DAYS }),
    suppressions: suppressionStore(client, 'suppressions'),
    consents: consentStore(client, 'consents'),
  };
  const actors = {
    ...shared,
    past: journalPast(client, { journal: 'journal', messages: 'messages' }, RETENTION_DAYS, clock),
    stats: statsStore(client, 'stats'),
    permits: new Leases(counterStore(client, 'limits'), clock),
    messageQueues: { send: async () => [] },
    timers: { arm: async () => [] },
    rules: { decide, neededVersions, isPaused, asksOfDelivery },
  };
  const names = { journal: 'journal', messages: 'messages', consents: 'consents', inbox: 'inbox' } as const;
  const ofJob = life?.port(client) ?? client;
  const salts = cachedSecrets(secretStore(ofJob, 'access'), clock);
  const suppressed = suppressionStore(ofJob, 'suppressions', clock, salts);
  const remains = remainsIn(ofJob, { ...names, suppressions: 'suppressions' }, (one) => suppressed.keepSalted(one));
  const machine = { start: async () => undefined };
  const ports = {
    ...{ ...scanWorld([]).ports, ...shared, consents: scanWorld([]).ports.consents, machine, remains },
    jobs: jobStore(ofJob, 'jobs', clock),
    profiles: profileStore(ofJob, 'profiles'),
    mailbox: life?.port(shared.mailbox) ?? shared.mailbox,
  } satisfies ScanPorts;
  let deaths = 0;
  async function invoke<T>(invocation: () => Promise<T>): Promise<T> {
    if (life === undefined) return invocation();
    const tried = await life.tried(invocation);
    deaths += tried.deaths;
    return tried.answer;
  }

  async function deliver(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const failures = await evaluate(
        batch.map(({ id, mail }) => ({ id, mail, receives: 1 })),
        actors,
      );
      if (failures[0] !== undefined) throw failures[0].error;
    }
  }

  async function tell(key: string, record: MailRecord): Promise<void> {
    const mail = { schema: 1, key, received: now, hop: 0, records: [record] } as const;
    await keep([{ id: canonicalJson([key, record as unknown as Json]), mail }]);
    await deliver();
  }

  return {
    tell,
    deaths: () => deaths,
    /** As the daily sweep does. */
    async nudge(keys: readonly string[]): Promise<void> {
      for (const key of keys) await tell(key, { t: 'nudge' });
    },
    /**
     * As the API does it; answers the job when it is over.
     *
     * @param rounds of the job, of one page each, behind which all its tries are used up.
     */
    async erase(key: ProfileKey, rounds = MAX_ROUNDS): Promise<Job> {
      const stored = (await profiles.read(key)) as StoredProfile;
      const retention = { logDays: 30, backupDays: 35, answerDays: 45 };
      const settings = { retention, jobRetentionDays: 400 } as Parameters<typeof startErasure>[2]['settings'];
      const asked = { actor: { by: 'key:1' }, commandId: 'c1' } as Parameters<typeof startErasure>[1];
      const starting = { jobs, startScan: startScan({ now: clock, jobs, machine }), settings };
      const { id } = await startErasure(stored, asked, starting);
      for (let round = 0; round < rounds; round++) {
        const part = { job: id, run: 0, segment: 0 };
        const answer = await invoke(() => scanSegment(part, () => life !== undefined || rounds < MAX_ROUNDS, ports));
        await deliver();
        if (answer.next === 'wait') now += answer.seconds * SECOND_MS;
        if (answer.next === 'done') await invoke(() => finishScan({ job: id, run: 0, round }, ports));
        const job = (await jobs.read(id))!;
        if (isOver(job.state)) return job;
      }
      if (rounds === MAX_ROUNDS) throw new Error(`not erased after ${MAX_ROUNDS} rounds`);
      await failScan(id, 'States.Timeout', ports);
      return (await jobs.read(id))!;
    },
  };
}
