import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { Count, Decision, Effect } from '../domain/decision.ts';
import type { Mail, MailRecord, ToldRecord } from '../domain/mail-record.ts';
import { statementsOf } from '../domain/messaging/consent-statement.ts';
import { askOfFill } from '../domain/profiles/fill.ts';
import type { Past } from '../domain/profiles/past.ts';
import { emptyProfile, incarnationOf, type Profile, testedJourney } from '../domain/profiles/profile.ts';
import { Permanent, Transient } from '../kernel/errors.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { MINUTE_MS } from '../kernel/time.ts';
import { actorNow, inOurTime } from './actor-time.ts';
import { Gathering } from './gathering.ts';
import { isTold, ownKey, toldKey, undecidedKey } from './journal-key.ts';
import { decideWithPermits, type Permits } from './leases.ts';
import { decideOrPark, PARK_AT_RECEIVE, park, type Whose } from './park.ts';
import { type PastReader, readPast } from './past.ts';
import { perform } from './perform.ts';
import type { Catalogs, HandledRecord, Pending, ProfileStore, Rules, StatsStore, StoredProfile } from './ports.ts';
import { all, finish, type Inputs, inputOf, journalEntry, putUnmoved, type SettlePorts, settle } from './settle.ts';
import { addTallies, type Counted } from './tally.ts';

/** One message of the mailbox. */
export interface Delivery {
  /** SQS message id. */
  readonly id: string;
  /** How often it was received, this time included. */
  readonly receives: number;
  readonly mail: Mail;
}

/** Deliveries that must come again, and why. */
export interface Failure {
  readonly ids: readonly string[];
  readonly error: unknown;
}

export interface EvaluatePorts extends SettlePorts {
  readonly profiles: Pick<ProfileStore, 'read' | 'commit'>;
  readonly catalogs: Catalogs;
  readonly rules: Rules;
  readonly stats: StatsStore;
  /** Of limits that customers share; what this container has leased. */
  readonly permits: Permits;
  readonly past: PastReader;
}

interface Item {
  readonly record: MailRecord;
  readonly receives: number;
  readonly hop: number;
}

/** How far ahead of the clock a wake's due time may be and still be believed: clocks differ by that much at most. */
const CLOCK_SKEW_MS = 60_000;
/** A wake that moves a run this long after it was due is one that a customer noticed. */
const LATE_MS = 5 * MINUTE_MS;
const MAX_ATTEMPTS = 3;
/** Groups that failed this often are evaluated after all others, one by one: one of their records may kill the process. */
const SUSPECT_FROM_RECEIVE = 4;

/**
 * Decides the mail of a batch, one unit per profile (docs: protocol.md, "evaluate"; model-checked). The steps:
 *
 * 1. read the profile, strong; time never runs backwards for it, and a wake is evidence that its time has come;
 * 2. a catalog that is not older than the one it was decided with before, with the versions of its runs; the newest
 *    one where a journey is paused;
 * 3. settle: what an earlier commit left undone is done first, always (a nudge then drops it from the item);
 * 4. decide record by record, with permits of shared limits where one needs them; a told record that would change
 *    something is looked up in the journal, strong;
 * 5. nothing changed: perform forwards, journal the told records if absent;
 * 6. commit under `version = n`, effects and handled records inside;
 * 7. perform;  8. certify: the journal entry of `last` is written last, or a message carries it (carried-entry.ts);
 * 9. a record that cannot be decided is parked.
 *
 * Never throws for one profile's failure: the other groups go on.
 */
export async function evaluate(deliveries: readonly Delivery[], ports: EvaluatePorts): Promise<readonly Failure[]> {
  const groups = [...Map.groupBy(deliveries, ({ mail }) => mail.key)].map(([key, group]) => ({
    key,
    group,
    receives: Math.max(...group.map(({ receives }) => receives)),
  }));
  const failures: Failure[] = [];
  const counted: Counted[] = [];
  const run = async ({ key, group }: (typeof groups)[number], own: EvaluatePorts) => {
    const items = group.flatMap(({ receives, mail: { hop, records } }) =>
      records.map((record) => ({ record, receives, hop })),
    );
    try {
      const inputs = new Map(items.map(({ record }) => [undecidedKey(record), record]));
      await evaluateProfile(key, items, inputs, own, counted);
    } catch (error) {
      failures.push({ ids: group.map(({ id }) => id), error });
    }
  };
  const trusted = groups.filter(({ receives }) => receives < SUSPECT_FROM_RECEIVE);
  const gathering = new Gathering(trusted.length);
  const sharing = withGathered(ports, gathering);
  await all(trusted.map((group) => run(group, sharing).finally(() => gathering.leave())));
  const suspects = groups.filter(({ receives }) => receives >= SUSPECT_FROM_RECEIVE);
  for (const suspect of suspects.sort((a, b) => a.receives - b.receives)) await run(suspect, ports);

  await addTallies(counted, groups[0]?.key ?? '', ports);
  return failures;
}

/** Messages and wakes, which nearly every commit of a journey sends. */
const withGathered = (ports: EvaluatePorts, gathering: Gathering): EvaluatePorts => ({
  ...ports,
  messageQueues: { send: gathering.through((messages) => ports.messageQueues.send(messages)) },
  timers: { arm: gathering.through((wakes) => ports.timers.arm(wakes)) },
});

/**
 * What would not fit into one item is decided record by record; a single record that does not fit is parked, so
 * that the profile goes on without it. A `fill` is decided alone: what came before it has to be in the journal, and the
 * commit that is certified there is the one before. So is what erases: nothing of what came before it may lie in the
 * commit that is the marker.
 *
 * @param inputs all that came: an earlier invocation may have committed it together.
 */
async function evaluateProfile(
  key: ProfileKey,
  items: readonly Item[],
  inputs: Inputs,
  ports: EvaluatePorts,
  counted: Counted[],
): Promise<void> {
  const at = items.findIndex(({ record }) => isAlone(record));
  if (at >= 0 && items.length > 1) {
    for (const part of [items.slice(0, at), [items[at]!], items.slice(at + 1)]) {
      if (part.length > 0) await evaluateProfile(key, part, inputs, ports, counted);
    }
    return;
  }
  try {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const done = await evaluateOnce(key, items, inputs, attempt, ports);
      if (done === 'again') continue;
      counted.push(done);
      return;
    }
  } catch (error) {
    if (!(error instanceof Permanent && error.code === 'profile.too-large')) throw error;
    if (items.length > 1) {
      for (const item of items) await evaluateProfile(key, [item], inputs, ports, counted);
    } else {
      const profile = (await ports.profiles.read(key))?.profile ?? emptyProfile;
      for (const { record } of items) await park({ key, profile }, record, { code: error.code }, ports);
    }
    return;
  }
  throw new Transient('profile.contended', `lost against another writer ${MAX_ATTEMPTS} times`);
}

async function evaluateOnce(
  key: ProfileKey,
  items: readonly Item[],
  inputs: Inputs,
  attempt: number,
  ports: EvaluatePorts,
): Promise<Counted | 'again'> {
  // 1
  const stored: StoredProfile = (await ports.profiles.read(key)) ?? {
    key,
    version: 0,
    at: 0,
    epoch: 0,
    profile: emptyProfile,
  };
  const clock = ports.clock();
  const dues = items.flatMap(({ record }) => (record.t === 'wake' ? [record.due] : []));
  const heard = Math.max(clock, ...dues.filter((due) => due <= clock + CLOCK_SKEW_MS));
  const now = actorNow(
    stored.profile,
    stored.at,
    heard,
    items.some(({ hop }) => hop === 0),
  );
  // 2
  const epochs = items.flatMap(({ record }) => ('epoch' in record ? (record.epoch ?? []) : []));
  const epoch = Math.max(stored.epoch, ...epochs);
  const begun = items.flatMap(({ record }) => (record.t === 'test' ? (testedJourney(record.test) ?? []) : []));
  const needed = [...ports.rules.neededVersions(stored.profile), ...begun];
  let catalog = await ports.catalogs.current(epoch, needed);
  if (ports.rules.isPaused(stored.profile, catalog, now)) catalog = await ports.catalogs.current(epoch, needed, true);
  // 3
  await settle(stored, inputs, ports);

  // 4
  const settled = new Set(stored.pending?.ids.map(({ jk }) => jk));
  const version = stored.version + 1;
  let profile = stored.profile;
  let changed = false;
  let late = 0;
  const effects: Effect[] = [];
  const handled: (HandledRecord & { readonly counts: readonly Count[] })[] = [];
  for (const item of items) {
    const { record } = item;
    if (record.t === 'wake' && record.due > clock + CLOCK_SKEW_MS) {
      effects.push({ e: 'wake', due: record.due });
      continue;
    }
    const jk = isTold(record) ? toldKey(record) : ownKey(record, now, version);
    if (settled.has(jk)) continue;
    let frozen: Profile | undefined;
    if (record.t === 'absorb' && isAbsorbedBy(profile, record)) {
      const signpost = await ports.profiles.read(record.from);
      const isErasedSince = (signpost?.profile.inc ?? 0) > (record.of ?? 0);
      if (!signpost?.profile.frozen && !isErasedSince) {
        if (await giveUpAbsorbing({ key, profile }, item, signpost, attempt, ports)) continue;
        return 'again';
      }
      frozen = signpost!.profile;
      catalog = await ports.catalogs.current(Math.max(catalog.epoch, signpost!.epoch), [
        ...ports.rules.neededVersions(profile),
        ...ports.rules.neededVersions(frozen),
      ]);
    }
    let past: Past | undefined;
    if (record.t === 'fill' && profile.movedTo === undefined) {
      const found = await readPast({ ...stored, profile }, askOfFill(profile, record, catalog), ports);
      if (found === 'unsettled') {
        await giveUpFilling({ key, profile }, item, ports);
        continue;
      }
      past = found;
    }
    const before = profile;
    const using: CompiledCatalog = catalog;
    const decision = await decideWithPermits(ports.permits, (permits) =>
      decideOrPark({ key, profile: before }, item, ports, () =>
        ports.rules.decide(before, key, record, using, now, frozen, permits, past),
      ),
    );
    if (decision === undefined) {
      settled.add(jk);
      continue;
    }
    if (isTold(record)) {
      if (acts(decision) && (await isDuplicate(key, record, ports))) {
        ports.permits.giveBack(decision.spent ?? []);
        continue;
      }
      settled.add(jk);
    }
    profile = decision.profile;
    changed ||= decision.changed;
    // One with an epoch ends a wait that a pause held up, which was meant.
    const isTest = profile.test !== undefined;
    if (
      record.t === 'wake' &&
      record.epoch === undefined &&
      decision.changed &&
      record.due < clock - LATE_MS &&
      !isTest
    )
      late++;
    effects.push(...decision.effects.flatMap((effect) => inOurTime(effect, decision.profile) ?? []));
    // Also of what changes nothing, and again of what comes again: a statement that is there stays.
    const statements = statementsOf(record, before, decision, now);
    effects.push(...statements.map((statement) => ({ e: 'statement', statement }) as const));
    const st = decision.changed ? 'moved' : decision.forwarded ? 'fwd' : 'inert';
    if (isTold(record) || decision.changed) {
      handled.push({ jk, st, t: record.t, why: decision.reasons, counts: decision.counts });
    }
  }
  const hop = Math.max(0, ...items.map((item) => item.hop));

  const isNudged = stored.pending !== undefined && items.some(({ record }) => record.t === 'nudge');
  if (!changed && isNudged) {
    // What is certified need not be looked at again, and must not outlive its certificate.
    const { pending: _, ...certified } = stored;
    if (!(await ports.profiles.commit({ ...certified, version, at: now, epoch: catalog.epoch }))) return 'again';
  }
  if (!changed) {
    // 5
    const refused = await perform(key, { eff: effects, hop }, ports);
    const fresh = await all(
      handled.map((one) => {
        const entry = journalEntry(key, one, { v: 0, at: ports.clock(), inc: incarnationOf(stored.profile) }, inputs);
        return putUnmoved({ ...entry, why: [...entry.why, ...refused] }, ports);
      }),
    );
    return { at: now, counts: handled.flatMap(({ counts }, index) => (fresh[index] ? counts : [])) };
  }
  // 6
  const pending: Pending = {
    v: version,
    at: now,
    ids: handled.map(({ counts: _, ...one }) => one),
    last: handled.findLast(({ st }) => st === 'moved')!.jk,
    eff: effects,
    hop,
    ...(isUnasked(effects, profile, catalog, ports) && { unasked: true }),
  };
  if (!(await ports.profiles.commit({ key, version, at: now, epoch: catalog.epoch, profile, pending }))) return 'again';
  if (late > 0) ports.metrics.count('WakesLate', late);
  // 7, 8
  await finish({ key, profile, pending }, inputs, ports);
  return { at: now, counts: handled.flatMap(({ counts }) => counts) };
}

const isUnasked = (effects: readonly Effect[], profile: Profile, catalog: CompiledCatalog, { rules }: EvaluatePorts) =>
  effects.some(({ e }) => e === 'message') && !rules.asksOfDelivery(profile, catalog);

const alone: ReadonlySet<MailRecord['t']> = new Set(['fill', 'erase', 'wipe']);
const isAlone = ({ t }: MailRecord): boolean => alone.has(t);

/** By the incarnation that it was meant for. */
const isAbsorbedBy = (
  { movedTo, aliases, erased }: Profile,
  record: Extract<MailRecord, { readonly t: 'absorb' }>,
): boolean => movedTo === undefined && !aliases.includes(record.from) && (record.inc ?? 0) >= (erased?.from ?? 0);

/** Whether it must not happen twice. */
const acts = ({ changed, forwarded, effects }: Decision) => changed || forwarded || effects.length > 0;

/** Strong, and no clock takes part: clients that retry hours later, or have odd clocks, are covered. */
async function isDuplicate(key: ProfileKey, record: ToldRecord, { journal }: EvaluatePorts): Promise<boolean> {
  const jk = toldKey(record);
  const entry = await journal.read(key, jk, 'strong');
  if (entry === undefined || entry.st === 'parked' || entry.st === 'trying') return false;
  if (entry.lacksInput) await journal.putInput({ key, jk, in: inputOf(record) });
  return true;
}

/** Later, unless that has been tried: the job can be started again. */
async function giveUpFilling(whose: Whose, { record, receives }: Item, ports: EvaluatePorts): Promise<void> {
  const code = 'fill.unsettled';
  if (receives < PARK_AT_RECEIVE) throw new Transient(code, 'what was decided before is not all in the journal yet');
  await park(whose, record, { code }, ports);
}

/**
 * State is never pushed inside a record: whoever absorbs reads what lies frozen in the signpost's item. Not a
 * signpost yet: later. Stripped: somebody absorbed it since this profile was read, so it is read again. What stays
 * so is parked: nothing is lost by it, the sweep asks again for whatever is still frozen.
 */
async function giveUpAbsorbing(
  whose: Whose,
  { record, receives }: Item,
  signpost: StoredProfile | undefined,
  attempt: number,
  ports: EvaluatePorts,
): Promise<boolean> {
  const stripped = signpost?.profile.movedTo !== undefined;
  if (receives >= PARK_AT_RECEIVE && (!stripped || attempt === MAX_ATTEMPTS)) {
    await park(whose, record, { code: stripped ? 'merge.stripped' : 'merge.not-a-signpost' }, ports);
    return true;
  }
  if (stripped) return false;
  throw new Transient('merge.not-a-signpost', 'the profile to absorb has not given itself up yet');
}
