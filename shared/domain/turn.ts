import type { ProfileKey } from '../kernel/ids.ts';
import type { CompiledCatalog } from './compiled-catalog.ts';
import type { Count, Decision, Effect, Reason } from './decision.ts';
import type { Departure } from './journeys/engine/follow.ts';
import { answers, type Need, type Permit, PermitMiss } from './permit.ts';
import { asIfOf, withAsIf, withSeenAsIf } from './profiles/as-if.ts';
import { jsonBytes, profileBytes } from './profiles/limits.ts';
import { incarnationOf, type Profile, type Run } from './profiles/profile.ts';

type RunEntry = readonly [runId: string, run: Run];

/** What has come of a record so far. */
interface Making {
  profile: Profile;
  looked: Profile;
  chain: string | undefined;
  broadcast: string | undefined;
  isQuiet: boolean;
  readonly departures: Departure[];
  readonly effects: Effect[];
  readonly reasons: Reason[];
  readonly counts: Count[];
  /** A few at most. */
  readonly wakes: number[];
  readonly spent: Permit[];
}

/**
 * One decision in the making: the profile as it is so far, and what came of it. Everything the core does to a
 * profile goes through `change`, which copies, so the profile that came in is never touched.
 *
 * `asIf` is the same decision as a dry run has a part in it. Whatever a step does there,
 * 1. it sees the customer with what dry runs would have changed, and changes nothing but that (`profile.asIf`);
 * 2. no effect leaves but wakes;
 * 3. reasons and counters say that they are a dry run's.
 *
 * A test run counts nothing, and has no effect on addresses or other actors: the customer it is a copy of is one. Nor does it
 * take part in limits that customers share.
 */
export class Turn {
  readonly before: Profile;
  readonly key: ProfileKey;
  readonly catalog: CompiledCatalog;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly isDry: boolean;
  readonly #made: Making;
  readonly #permits: readonly Permit[];
  #asIf: Turn | undefined;
  #runs: { readonly of: Profile['runs']; readonly entries: readonly RunEntry[] } | undefined;
  #seen: { readonly of: Profile; readonly profile: Profile } | undefined;

  constructor(
    before: Profile,
    key: ProfileKey,
    catalog: CompiledCatalog,
    now: number,
    permits: readonly Permit[] = [],
    of?: Turn,
  ) {
    this.before = before;
    this.key = key;
    this.catalog = catalog;
    this.now = now;
    this.#permits = permits;
    this.isDry = of !== undefined;
    this.#made = of === undefined ? nothingMade(before) : of.#made;
  }

  /** As a dry run sees it; what is real stays as it is. */
  as(dryRun: boolean | undefined): Turn {
    if (dryRun !== true || this.isDry) return this;
    this.#asIf ??= new Turn(this.before, this.key, this.catalog, this.now, this.#permits, this);
    return this.#asIf;
  }

  get profile(): Profile {
    const { profile } = this.#made;
    if (!this.isDry) return profile;
    if (this.#seen?.of !== profile) this.#seen = { of: profile, profile: withAsIf(profile) };
    return this.#seen.profile;
  }

  set profile(profile: Profile) {
    this.#made.profile = this.isDry ? asIfOf(this.#made.profile, profile) : profile;
  }

  /** Entries of the profile's runs: a record asks for them several times before one of them moves. */
  get runs(): readonly RunEntry[] {
    const { runs } = this.profile;
    if (this.#runs?.of !== runs) this.#runs = { of: runs, entries: Object.entries(runs) };
    return this.#runs.entries;
  }

  /** The real profile as it was when its memberships were looked at last. */
  get looked(): Profile {
    return this.#made.looked;
  }

  set looked(profile: Profile) {
    this.#made.looked = profile;
  }

  /** Runs that ended, for whoever follows on them. */
  get departures(): Departure[] {
    return this.#made.departures;
  }

  /** The run whose end set off what is being decided now. */
  get chain(): string | undefined {
    return this.#made.chain;
  }

  set chain(root: string | undefined) {
    this.#made.chain = root;
  }

  /** Whose record is being decided: its entries and refusals are counted for it too. */
  get broadcast(): string | undefined {
    return this.#made.broadcast;
  }

  set broadcast(id: string | undefined) {
    this.#made.broadcast = id;
  }

  /** The record teaches, and lets nobody in (`quiet` in mail-record.ts). */
  get isQuiet(): boolean {
    return this.#made.isQuiet;
  }

  set isQuiet(isQuiet: boolean) {
    this.#made.isQuiet = isQuiet;
  }

  /** What was seen of the customer by this turn's own accord: a dry run's lie beside the real ones, and count with them. */
  get ownSeen(): Profile['seen'] {
    const { profile } = this.#made;
    return this.isDry ? (profile.asIf?.seen ?? {}) : profile.seen;
  }

  set ownSeen(seen: Profile['seen']) {
    const { profile } = this.#made;
    this.#made.profile = this.isDry ? withSeenAsIf(profile, seen) : { ...profile, seen };
  }

  /** What the limits of the profile count; of a dry run, what dry runs remember. */
  get ownBytes(): number {
    const { profile } = this.#made;
    return this.isDry ? jsonBytes(profile.asIf ?? {}) : profileBytes(profile);
  }

  change(part: Partial<Profile>): void {
    this.profile = { ...this.profile, ...part };
  }

  because(reason: Reason): void {
    this.#made.reasons.push(this.isDry ? { ...reason, dryRun: true } : reason);
  }

  count(journey: string, version: number, what: string, amount = 1): void {
    if (this.isTest) return;
    const counted = this.isDry ? `dry-run/${what}` : what;
    this.#made.counts.push({ journey, version, what: counted, ...(amount !== 1 && { amount }) });
  }

  effect(effect: Effect): void {
    const leaves = effect.e === 'suppress' || (effect.e === 'mail' && effect.to !== this.key);
    if (this.isDry || (leaves && this.isTest)) return;
    this.#made.effects.push(this.#ofIncarnation(effect));
  }

  /** A message of somebody who is erased before it leaves does not leave. */
  #ofIncarnation(effect: Effect): Effect {
    const inc = incarnationOf(this.#made.profile);
    if (effect.e !== 'message' || inc === 0) return effect;
    return { ...effect, message: { ...effect.message, inc } };
  }

  get isTest(): boolean {
    return this.#made.profile.test !== undefined;
  }

  /** A wake for this instant was armed before. */
  armed(due: number): void {
    this.#made.wakes.push(due);
  }

  /** Two waits that end in the same minute need one wake. */
  wake(due: number): void {
    if (this.#made.wakes.includes(due)) return;
    this.#made.wakes.push(due);
    this.#made.effects.push({ e: 'wake', due });
  }

  /**
   * The permit that was given for it, not spent yet. Throws PermitMiss when there is none, not even a `none`. Dry runs
   * have counters of their own, so that they leave to customers what is theirs.
   */
  ask(wish: Need): Permit {
    const { counter } = wish;
    const need = this.isDry ? { ...wish, counter: { ...counter, name: `dry-run/${counter.name}` } } : wish;
    const given = this.#permits.find((permit) => answers(permit, need) && !this.#made.spent.includes(permit));
    if (given === undefined) throw new PermitMiss(need);
    return given;
  }

  spend(permit: Permit): void {
    this.#made.spent.push(permit);
  }

  decision(forwarded = false): Decision {
    const { profile, effects, reasons, counts, spent } = this.#made;
    const changed = profile !== this.before;
    return { profile, changed, forwarded, effects, reasons, counts, ...(spent.length > 0 && { spent }) };
  }
}

const nothingMade = (profile: Profile): Making => ({
  profile,
  looked: profile,
  chain: undefined,
  broadcast: undefined,
  isQuiet: false,
  departures: [],
  effects: [],
  reasons: [],
  counts: [],
  wakes: [],
  spent: [],
});
