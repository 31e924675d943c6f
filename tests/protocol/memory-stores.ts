import type { ItemStore, StoredItem } from '../../shared/app/collections/items.ts';
import { entriesWith } from '../../shared/app/delivery-entry.ts';
import type { Erasing, Remains } from '../../shared/app/erasure/ports.ts';
import type { PastReader } from '../../shared/app/past.ts';
import type {
  CarriedEntries,
  CounterStore,
  Journal,
  JournalEntry,
  MessageRecord,
  MessageStore,
  ProfileStore,
  StoredProfile,
  UnknownNote,
} from '../../shared/app/ports.ts';
import { type Job, type JobStore, type SegmentProgress, untouched } from '../../shared/app/scans/job.ts';
import type { ScanPorts } from '../../shared/app/scans/scan-kind.ts';
import { shardOf } from '../../shared/data/actor-keys.ts';
import { MAX_ITEM_BYTES } from '../../shared/data/profile-item.ts';
import { counterKey, nextAt } from '../../shared/domain/permit.ts';
import { nextDue } from '../../shared/domain/profiles/profile.ts';
import type { Json } from '../../shared/kernel/canonical-json.ts';
import { Permanent } from '../../shared/kernel/errors.ts';

/**
 * The stores of the actor without a network: each call does all it does at once, so that the explorer decides what
 * lies between two calls. They pass the same contract as the DynamoDB ones (tests/data/actor-stores.test.ts).
 */
export function memoryProfiles(
  items: Map<string, StoredProfile> = new Map(),
  {
    pageSize = 2,
    onCommit,
  }: { pageSize?: number; onCommit?: (before: StoredProfile | undefined, next: StoredProfile) => void } = {},
): ProfileStore {
  return {
    read: async (key) => items.get(key),
    async commit(next) {
      const bytes = JSON.stringify({ ...next.profile, ...next.pending }).length;
      if (bytes > MAX_ITEM_BYTES) throw new Permanent('profile.too-large', `${bytes} bytes`);
      const before = items.get(next.key);
      if ((before?.version ?? 0) !== next.version - 1) return false;
      items.set(next.key, next);
      onCommit?.(before, next);
      return true;
    },
    async scan({ filter: { dueBefore, pendingAt } = {}, segment, cursor }) {
      const keys = [...items.keys()].filter((key) => !segment || shardOf(key, segment.of) === segment.index).sort();
      const rest = cursor === undefined ? keys : keys.filter((key) => key > cursor);
      const page = rest.slice(0, pageSize);
      const profiles = page
        .map((key) => items.get(key)!)
        .filter(({ profile, pending }) => {
          if (dueBefore === undefined && pendingAt === undefined) return true;
          const isRoot = profile.movedTo === undefined;
          if (isRoot && dueBefore !== undefined && (nextDue(profile) ?? Number.POSITIVE_INFINITY) < dueBefore)
            return true;
          if (pendingAt === undefined) return false;
          if (pending && pendingAt.some(([from, to]) => from <= pending.at && pending.at < to)) return true;
          if (profile.erased?.left !== undefined) return true;
          return isRoot ? Object.keys(profile.asked).length > 0 : profile.frozen === true;
        });
      return { profiles, scanned: page.length, ...(page.length < rest.length && { cursor: page.at(-1)! }) };
    },
  };
}

export type JournalItems = Map<string, Kept>;

interface Kept {
  readonly entry: JournalEntry;
  readonly tries: number;
  readonly writtenAt: number;
  readonly before: JournalEntry | undefined;
}

/** `isStale`: whether an eventually consistent read still misses what was written then. */
export function memoryJournal(
  items: Map<string, Kept> = new Map(),
  { clock = () => 0, isStale = () => false }: { clock?: () => number; isStale?: (writtenAt: number) => boolean } = {},
): Journal {
  const name = (key: string, jk: string) => `${key} ${jk}`;
  const write = (entry: JournalEntry, tries = 0) => {
    const at = name(entry.key, entry.jk);
    items.set(at, { entry, tries, writtenAt: clock(), before: items.get(at)?.entry });
  };
  const isDecided = (entry: JournalEntry | undefined) =>
    entry !== undefined && entry.st !== 'parked' && entry.st !== 'trying';
  const setTries = (entry: Parameters<Journal['countTry']>[0], next: (tries: number) => number) => {
    const kept = items.get(name(entry.key, entry.jk));
    if (isDecided(kept?.entry)) return 0;
    const tries = next(kept?.tries ?? 0);
    if (kept?.entry.st === 'parked') write(kept.entry, tries);
    else write({ ...entry, v: 0, st: 'trying', why: [] }, tries);
    return tries;
  };
  return {
    async read(key, jk, consistency) {
      const kept = items.get(name(key, jk));
      const entry = kept && consistency === 'eventual' && isStale(kept.writtenAt) ? kept.before : kept?.entry;
      const lacksInput = consistency === 'strong' && entry?.in === undefined;
      return entry && { v: entry.v, st: entry.st, ...(lacksInput && { lacksInput }) };
    },
    async put(entry) {
      const isOfCommit = items.get(name(entry.key, entry.jk))?.entry.v === entry.v;
      if (entry.in !== undefined || !isOfCommit) write(entry);
    },
    async putIfAbsent(entry) {
      if (isDecided(items.get(name(entry.key, entry.jk))?.entry)) return false;
      write(entry);
      return true;
    },
    async putInput({ key, jk, in: input }) {
      const kept = items.get(name(key, jk));
      if (kept !== undefined && kept.entry.in === undefined) write({ ...kept.entry, in: input }, kept.tries);
    },
    // The list is for people; whatever is decided does not depend on it.
    listParked: async () => {},
    countTry: async (entry) => setTries(entry, (tries) => tries + 1),
    async forgetTries(entry) {
      setTries(entry, () => 0);
    },
  };
}

export const memoryPast = (
  items: JournalItems,
  retentionDays = 90,
  carriers: ReadonlyMap<string, MessageRecord> = new Map(),
): PastReader => ({
  retentionDays,
  async read(key, { events, messages }) {
    const entries = [...items.values()]
      .map(({ entry }) => entry)
      .filter(({ key: of, st }) => of === key && (st === 'moved' || st === 'inert'))
      .filter(
        ({ t, in: input, why }) =>
          (t === 'event' && events.has(String((input as { readonly name?: string } | undefined)?.name))) ||
          (messages && (t === 'receipt' || t === 'outcome' || why.some(({ code }) => code === 'message.decided'))),
      );
    const carried = [...carriers.values()].filter((message) => messages && message.key === key).flatMap(entriesWith);
    return { entries: [...entries, ...carried], bytes: 0 };
  },
});

export function memoryMessages(
  items: Map<string, MessageRecord> = new Map(),
  notes: Map<string, UnknownNote> = new Map(),
): MessageStore {
  return {
    read: async (key, id) => items.get(`${key} ${id}`),
    async put(record, expected) {
      const name = `${record.key} ${record.id}`;
      const found = items.get(name);
      const matches =
        expected === 'absent'
          ? found === undefined
          : found !== undefined &&
            expected.some((one) => (one.st ?? found.st) === found.st && (one.by ?? found.by) === found.by);
      const { requestedAt, tries, unasked, quiet, receipts } = found ?? {};
      const lasting = {
        ...(requestedAt !== undefined && { requestedAt }),
        ...(tries !== undefined && { tries }),
        ...(unasked && { unasked }),
        ...(quiet && { quiet }),
        ...(receipts !== undefined && { receipts }),
      };
      const carried = new Map([...(found?.entries ?? []), ...(record.entries ?? [])].map((entry) => [entry.v, entry]));
      const entries = carried.size > 0 && { entries: [...carried.values()] };
      if (matches) items.set(name, { ...lasting, ...record, ...entries });
      return matches;
    },
    async noteUnknown({ key, id, at }) {
      notes.set(`${at} ${id}`, { key, id, at });
    },
  };
}

/** `isStale`: whether an eventually consistent read still misses a row that was last changed then. */
export const memoryCarried = (
  items: ReadonlyMap<string, MessageRecord>,
  isStale: (changedAt: number) => boolean = () => false,
): CarriedEntries => ({
  mayCarry: true,
  async has(key, message, { jk, v }) {
    const row = items.get(`${key} ${message}`);
    return row?.entries !== undefined && !isStale(row.at) && row.entries.some((one) => one.jk === jk && one.v === v);
  },
});

/** Where no sender claims what is sent. */
export const nothingCarried: CarriedEntries = { mayCarry: false, has: async () => false };

/** What the journal and the messages hold of somebody who was erased. */
export function memoryRemains(
  journal: JournalItems,
  messages: Map<string, MessageRecord>,
  notes: Map<string, UnknownNote>,
  onRemoved: (entry: JournalEntry | MessageRecord) => void,
): Remains {
  const of = <T extends { readonly key: string; readonly inc?: number }>(one: T, { key, inc }: Erasing) =>
    one.key === key && (one.inc ?? 0) < inc;
  const isOfHeld = ({ key: at, jk, why }: JournalEntry, { key, heldBy, isFree }: Erasing): boolean =>
    at === key && (isFree === true || heldBy!.some((one) => jk.includes(one) || JSON.stringify(why).includes(one)));
  return {
    async *list() {},
    async remove(erasing) {
      let removed = 0;
      for (const [at, { entry }] of journal) {
        if (!(erasing.heldBy ? isOfHeld(entry, erasing) : of(entry, erasing))) continue;
        journal.delete(at);
        onRemoved(entry);
        removed++;
      }
      for (const [at, record] of erasing.heldBy ? [] : messages) {
        if (!of(record, erasing)) continue;
        messages.delete(at);
        onRemoved(record);
        removed++;
        for (const [note, { id }] of notes) if (id === record.id) notes.delete(note);
      }
      return removed;
    },
  };
}

/** Passes the same contract as the one on DynamoDB (tests/data/job-store.test.ts). */
export function memoryJobs(jobs: readonly Job[] = []): JobStore {
  const items = new Map(jobs.map((job) => [job.id, job]));
  const segments = new Map<string, Map<number, SegmentProgress>>();
  const kept = new Map<string, Map<string, Json>>();
  const of = <T>(all: Map<string, T>, id: string, empty: T): T => {
    const found = all.get(id) ?? empty;
    all.set(id, found);
    return found;
  };
  return {
    async create(job) {
      if (!items.has(job.id)) items.set(job.id, job);
      return items.get(job.id)!;
    },
    read: async (id) => items.get(id),
    list: async ({ limit }, kind) => ({
      data: [...items.values()]
        .filter((job) => kind === undefined || job.kind === kind)
        .sort((a, b) => b.at - a.at)
        .slice(0, limit),
    }),
    async change(id, from, to) {
      const job = items.get(id);
      if (job === undefined || !from.includes(job.state)) return false;
      items.set(id, { ...job, ...to });
      return true;
    },
    readSegment: async (id, segment) => segments.get(id)?.get(segment) ?? untouched,
    readSegments: async (id) => [...(segments.get(id)?.values() ?? [])],
    async writeSegment({ id }, segment, next) {
      const ofJob = of(segments, id, new Map<number, SegmentProgress>());
      if ((ofJob.get(segment)?.page ?? 0) !== next.page - 1) return false;
      ofJob.set(segment, next);
      return true;
    },
    async keep({ id }, { segment, page }, found) {
      of(kept, id, new Map<string, Json>()).set(`${segment}/${String(page).padStart(9, '0')}`, found);
    },
    listKept: async (id, { limit }) => ({
      data: [...(kept.get(id) ?? [])]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([, found]) => found),
    }),
  };
}

export function memoryCounters(items: Map<string, number> = new Map()): CounterStore {
  return {
    async advance(counter, by, within) {
      const key = counterKey(counter);
      const stands = items.get(key) ?? 0;
      const at = nextAt(stands, within);
      const taken = at + by <= within.ceiling;
      if (taken) items.set(key, at + by);
      return { taken, at };
    },
  };
}

/** For scans of other kinds than `statistics`, which is tried on the emulator. */
/** Scans of profiles put nothing there. */
export const noFiles: Pick<
  ScanPorts,
  'files' | 'suppressions' | 'consents' | 'subjects' | 'intake' | 'items' | 'collections'
> = {
  subjects: { page: () => Promise.reject(new Error('no scan of profiles exports one customer')) },
  items: {
    list: () => Promise.reject(new Error('no scan of profiles lists items')),
    put: () => Promise.reject(new Error('no scan of profiles saves items')),
    remove: () => Promise.reject(new Error('no scan of profiles deletes items')),
  },
  collections: async () => new Map(),
  consents: { statementsOf: async () => ({ data: [], complete: true }) },
  files: {
    read: () => {
      throw new Error('no scan of profiles reads a file');
    },
    write: () => Promise.reject(new Error('no scan of profiles writes a file')),
  },
  suppressions: { put: () => Promise.reject(new Error('no scan of profiles suppresses')) },
  intake: { observe: () => Promise.reject(new Error('no scan of profiles brings events')) },
};

/** Nobody is waited for. */
export const noBacklog: Pick<ScanPorts, 'backlog'> = { backlog: { waiting: async () => 0, most: 1_000 } };

/** Only `reconcile` looks at messages. */
export const noMessages: Pick<ScanPorts, 'messages' | 'unknown' | 'carried'> = {
  carried: nothingCarried,
  messages: { read: () => Promise.reject(new Error('this kind reads no message')) },
  unknown: {
    list: () => Promise.reject(new Error('this kind lists no messages')),
    settle: () => Promise.reject(new Error('this kind settles no message')),
  },
};

export const nothingRemains: Pick<ScanPorts, 'remains'> = {
  remains: {
    // biome-ignore lint/correctness/useYield: it must not be called
    async *list() {
      throw new Error('only an erasure lists what is left');
    },
    remove: () => Promise.reject(new Error('only an erasure deletes what is left')),
  },
};

export const noStatistics: Pick<ScanPorts, 'documents' | 'sizes' | 'remains'> = {
  ...nothingRemains,
  documents: {
    readHead: async () => undefined,
    readVersion: async () => undefined,
    saveLive: () => Promise.reject(new Error('this kind saves no document')),
  },
  sizes: { put: () => Promise.reject(new Error('this kind counts no members')) },
};

/** By `<collection> <id>`; pages are of the size that is asked for. */
export const memoryItems = (stock: Map<string, StoredItem>): ItemStore => ({
  read: async (wanted) => wanted.flatMap(({ collection, id }) => stock.get(`${collection} ${id}`) ?? []),
  async list(collection, { limit, cursor = '' }) {
    const behind = [...stock.values()]
      .filter((item) => item.collection === collection && item.id > cursor)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const data = behind.slice(0, limit);
    return { data, ...(behind.length > limit && { nextCursor: data.at(-1)!.id }) };
  },
  put: async (item) => void stock.set(`${item.collection} ${item.id}`, item),
  async remove({ collection, id }, savedBy = Number.POSITIVE_INFINITY) {
    const there = stock.get(`${collection} ${id}`);
    return there !== undefined && there.savedAt <= savedBy && stock.delete(`${collection} ${id}`);
  },
});
