import type { ProfileKey } from '../kernel/ids.ts';
import type { CompiledCatalog } from './compiled-catalog.ts';
import type { Count, Decision, Effect, Reason } from './decision.ts';
import type { Departure } from './journeys/engine/follow.ts';
import { answers, type Need, type Permit, PermitMiss } from './permit.ts';
import type { Profile } from './profiles/profile.ts';

/**
 * One decision in the making: the profile as it is so far, and what came of it. Everything the core does to a
 * profile goes through `change`, which copies, so the profile that came in is never touched.
 */
export class Turn {
  readonly before: Profile;
  readonly key: ProfileKey;
  readonly catalog: CompiledCatalog;
  /** Epoch milliseconds. */
  readonly now: number;
  profile: Profile;
  /** Runs that ended, for whoever follows on them. */
  readonly departures: Departure[] = [];
  /** The run whose end set off what is being decided now. */
  chain: string | undefined;
  /** Whose record is being decided: its entries and refusals are counted for it too. */
  broadcast: string | undefined;
  readonly #effects: Effect[] = [];
  readonly #reasons: Reason[] = [];
  readonly #counts: Count[] = [];
  readonly #wakes = new Set<number>();
  readonly #permits: readonly Permit[];
  readonly #spent: Permit[] = [];

  constructor(
    before: Profile,
    key: ProfileKey,
    catalog: CompiledCatalog,
    now: number,
    permits: readonly Permit[] = [],
  ) {
    this.before = before;
    this.profile = before;
    this.key = key;
    this.catalog = catalog;
    this.now = now;
    this.#permits = permits;
  }

  change(part: Partial<Profile>): void {
    this.profile = { ...this.profile, ...part };
  }

  because(reason: Reason): void {
    this.#reasons.push(reason);
  }

  count(journey: string, version: number, what: string, amount = 1): void {
    this.#counts.push({ journey, version, what, ...(amount !== 1 && { amount }) });
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** A wake for this instant was armed before. */
  armed(due: number): void {
    this.#wakes.add(due);
  }

  /** Two waits that end in the same minute need one wake. */
  wake(due: number): void {
    if (this.#wakes.has(due)) return;
    this.#wakes.add(due);
    this.#effects.push({ e: 'wake', due });
  }

  /** The permit that was given for it, not spent yet. Throws PermitMiss when there is none, not even a `none`. */
  ask(need: Need): Permit {
    const given = this.#permits.find((permit) => answers(permit, need) && !this.#spent.includes(permit));
    if (given === undefined) throw new PermitMiss(need);
    return given;
  }

  spend(permit: Permit): void {
    this.#spent.push(permit);
  }

  decision(forwarded = false): Decision {
    return {
      profile: this.profile,
      changed: this.profile !== this.before,
      forwarded,
      effects: this.#effects,
      reasons: this.#reasons,
      counts: this.#counts,
      ...(this.#spent.length > 0 && { spent: this.#spent }),
    };
  }
}
