import type { Decision, Reason } from '../domain/decision.ts';
import { type MailRecord, maxHops } from '../domain/mail-record.ts';
import { droppedBefore, isOfBefore } from '../domain/profiles/after-erasure.ts';
import { incarnationOf, type Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { GodwitError, Transient } from '../kernel/errors.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { isTold, undecidedKey } from './journal-key.ts';
import type { Clock, Journal, Metrics } from './ports.ts';

export interface ParkPorts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'putIfAbsent' | 'listParked' | 'countTry' | 'forgetTries'>;
  readonly metrics: Metrics;
}

/** A record that cannot be decided is given up at this delivery … */
export const PARK_AT_RECEIVE = 3;
/** … and from this one on its tries are counted before it is decided, in case it kills the process. */
const COUNT_FROM_RECEIVE = 4;
/**
 * So many that an outage, which may cut off taking a try back, will hardly count to it; a record that really kills
 * holds its profile up for half an hour.
 */
const MAX_TRIES = 10;

/** Its state when the record came: a parked one names the incarnation, as every entry does. */
export interface Whose {
  readonly key: ProfileKey;
  readonly profile: Profile;
}

interface Delivered {
  readonly record: MailRecord;
  readonly receives: number;
  readonly hop: number;
}

/**
 * Protocol, step 9: decides, or parks and answers undefined.
 *
 * 1. Only what deciding itself throws parks a record; Transient (a version still to be loaded) never does.
 * 2. Tries are taken back when deciding comes back, whatever happens later: an outage parks nobody.
 * 3. `parked` and `trying` do not make a record a duplicate: sent again, it is decided.
 */
export async function decideOrPark(
  whose: Whose,
  { record, receives, hop }: Delivered,
  ports: ParkPorts,
  decide: () => Decision,
): Promise<Decision | undefined> {
  if (hop >= maxHops) {
    await park(whose, record, { code: 'record.too-many-hops', saw: { limit: maxHops } }, ports);
    return undefined;
  }
  const tried = () => entryOf(whose, record, ports);
  const tries = receives < COUNT_FROM_RECEIVE ? 0 : await ports.journal.countTry(tried());
  if (tries > MAX_TRIES) {
    await park(whose, record, { code: 'record.kills', saw: { tries: MAX_TRIES } }, ports);
    return undefined;
  }
  const forget = async () => {
    if (tries > 0) await ports.journal.forgetTries(tried());
  };
  let decision: Decision;
  try {
    decision = decide();
  } catch (error) {
    if (error instanceof Transient || receives < PARK_AT_RECEIVE) {
      await forget();
      throw error;
    }
    const code = error instanceof GodwitError ? error.code : error instanceof Error ? error.name : typeof error;
    await park(whose, record, { code: 'record.undecidable', saw: { error: code } }, ports);
    return undefined;
  }
  await forget();
  return decision;
}

/** The whole record: it must be possible to send it again. But of what was before an erasure nothing is kept, here neither. */
export async function park(whose: Whose, record: MailRecord, reason: Reason, ports: ParkPorts): Promise<void> {
  const undecided = entryOf(whose, record, ports);
  if (isTold(record) && isOfBefore(whose.profile, record)) {
    await ports.journal.putIfAbsent({ ...undecided, v: 0, st: 'inert', why: [droppedBefore], in: null });
    return;
  }
  const entry = { ...undecided, why: [reason] };
  const input = record as unknown as Json;
  // The list comes second: cut off in between, the record comes again, and is listed then.
  const isParked = await ports.journal.putIfAbsent({ ...entry, v: 0, st: 'parked', in: input });
  if (isParked) await ports.journal.listParked(entry);
  ports.metrics.count('RecordsParked');
}

function entryOf({ key, profile }: Whose, record: MailRecord, { clock }: Pick<ParkPorts, 'clock'>) {
  const inc = incarnationOf(profile);
  return { key, jk: undecidedKey(record), t: record.t, at: clock(), ...(inc > 0 && { inc }) };
}
