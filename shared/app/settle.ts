import type { Reason } from '../domain/decision.ts';
import type { MailRecord, ToldRecord } from '../domain/mail-record.ts';
import { isDropped } from '../domain/profiles/after-erasure.ts';
import { incarnationOf } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { isTestKey, type ProfileKey } from '../kernel/ids.ts';
import { carrierOf, entryOf } from './carried-entry.ts';
import { isTold } from './journal-key.ts';
import { type PerformPorts, perform } from './perform.ts';
import type { CarriedEntries, HandledRecord, Journal, JournalEntry, Pending, StoredProfile } from './ports.ts';

export type SettlePorts = PerformPorts & { readonly journal: Journal; readonly carried: CarriedEntries };

/** The records of this delivery by journal key: their inputs go into the journal. */
export type Inputs = ReadonlyMap<string, MailRecord>;

/**
 * Protocol, step 3: what an earlier invocation committed is finished before anything else is looked at, whatever
 * the batch brings. Only a certificate of the same version counts; age is no evidence. Where a message was to bring the
 * certificate and has not been claimed yet, the journal gets it: so what waits long in a queue is performed again once, and not
 * with every record that comes meanwhile.
 *
 * Whoever finished it may have had fewer of its records at hand, and journaled the others without what was in them. Those
 * come again, because nobody has acknowledged them: then what is missing is put there.
 */
export async function settle(stored: StoredProfile, inputs: Inputs, ports: SettlePorts): Promise<void> {
  const { key, pending } = stored;
  if (pending === undefined) return;
  const done = { key, profile: stored.profile, pending };
  if (!(await isCertified(done, ports))) {
    ports.metrics.count('EffectsRepeated', pending.eff.length);
    await certify(done, inputs, await perform(key, pending, ports), ports);
    return;
  }
  const told = pending.ids.flatMap(({ jk }) => {
    const record = inputs.get(jk);
    return record !== undefined && isTold(record) ? [{ key, jk, in: inputOf(record) }] : [];
  });
  await all(told.map((entry) => ports.journal.putInput(entry)));
}

/** By a message that carries the entry, or by the journal. What is likely is read first: settings may have changed since. */
export async function isCertified(
  done: Committed,
  { journal, carried }: Pick<SettlePorts, 'carried'> & { readonly journal: Pick<Journal, 'read'> },
): Promise<boolean> {
  const { key, pending } = done;
  const carrier = carrierOf(done);
  const byMessage = async () =>
    carrier !== undefined && (await carried.has(key, carrier.message.id, { jk: pending.last, v: pending.v }));
  const byJournal = async () => (await journal.read(key, pending.last, 'eventual'))?.v === pending.v;
  const [first, second] = carried.mayCarry ? [byMessage, byJournal] : [byJournal, byMessage];
  return (await first()) || second();
}

/** Of a test run our time, by which its entry expires. */
const decidedAt = (key: ProfileKey, { at }: Pending, { clock }: SettlePorts): number => (isTestKey(key) ? clock() : at);

type Committed = Pick<StoredProfile, 'key' | 'profile'> & { readonly pending: Pending };

/** Steps 7 and 8 of one commit, for the first time. What is refused has its reasons in the journal. */
export async function finish(done: Committed, inputs: Inputs, ports: SettlePorts): Promise<void> {
  const { key, pending } = done;
  const carrier = ports.carried.mayCarry ? carrierOf(done) : undefined;
  const before = pending.eff.filter((effect) => effect !== carrier);
  const refused = await perform(key, { ...pending, eff: before }, ports);
  if (carrier !== undefined) {
    const entry = refused.length === 0 ? entryOf(pending) : undefined;
    const more = await perform(key, { ...pending, eff: [carrier] }, ports, entry);
    if (entry !== undefined && more.length === 0) return;
    refused.push(...more);
  }
  await certify(done, inputs, refused, ports);
}

/** Step 8. The entry of `last` says that all effects are performed and all other entries acknowledged. */
async function certify(
  { key, profile, pending }: Committed,
  inputs: Inputs,
  refused: readonly Reason[],
  ports: SettlePorts,
): Promise<void> {
  const at = decidedAt(key, pending, ports);
  const write = (handled: HandledRecord, more: readonly Reason[] = []): Promise<unknown> => {
    const entry = journalEntry(key, handled, { v: pending.v, at, inc: incarnationOf(profile) }, inputs);
    if (handled.st !== 'moved') return putUnmoved(entry, ports);
    return ports.journal.put({ ...entry, why: [...entry.why, ...more] });
  };
  await all(pending.ids.filter(({ jk }) => jk !== pending.last).map((handled) => write(handled)));
  for (const handled of pending.ids) if (handled.jk === pending.last) await write(handled, refused);
}

/**
 * Of a record that changes nothing. It may be one that has changed something before, and comes out of its turn: then
 * its entry stays, and gets the input that it may lack. False: it stays.
 */
export async function putUnmoved(
  entry: JournalEntry,
  { journal }: { readonly journal: Pick<Journal, 'putIfAbsent' | 'putInput'> },
): Promise<boolean> {
  const isFresh = await journal.putIfAbsent(entry);
  const { key, jk, in: input } = entry;
  if (!isFresh && input !== undefined) await journal.putInput({ key, jk, in: input });
  return isFresh;
}

/** Of what is dropped nothing is kept, whether or not it is at hand: else a duplicate would put it there. */
export function journalEntry(
  key: ProfileKey,
  { jk, st, t, why }: HandledRecord,
  { v, at, inc }: Pick<JournalEntry, 'v' | 'at'> & { readonly inc: number },
  inputs: Inputs,
): JournalEntry {
  const record = inputs.get(jk);
  const kept = isDropped(why) ? null : record !== undefined && isTold(record) ? inputOf(record) : undefined;
  return { ...{ key, jk, v, st, t, why, at }, ...(inc > 0 && { inc }), ...(kept !== undefined && { in: kept }) };
}

/**
 * The profile's own history, erased with it: counts can be made up from it later. Without the context of events
 * (large, and nobody counts it), the identities in it unless they are all that it has, and the values of messages (they carry one-time codes).
 */
export function inputOf(record: ToldRecord): Json {
  if (record.t === 'event') {
    const { context: _, named, ...event } = record.event;
    const isAddress = event.userId === undefined && event.anonymousId === undefined;
    return { ...event, ...(isAddress && named !== undefined && { named }) } as unknown as Json;
  }
  if (record.t === 'message') {
    const { properties: _, to: __, ...message } = record;
    return message as unknown as Json;
  }
  if (record.t === 'enroll' && record.broadcast !== undefined) {
    // The predicate is the same in the record of everybody, and stands in the job.
    return { ...record, broadcast: { id: record.broadcast.id } } as unknown as Json;
  }
  if (record.t === 'outcome') {
    const { values: _, ...outcome } = record;
    return outcome as unknown as Json;
  }
  if (record.t === 'test') {
    const { customer: _, send, ...test } = record;
    return { ...test, ...(send !== undefined && { send: { ...send, values: {} } }) } as unknown as Json;
  }
  return record as unknown as Json;
}

/** Waits for every one, so that nothing goes on behind a failure; then throws the first. */
export async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
