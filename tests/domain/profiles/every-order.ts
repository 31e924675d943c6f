import type { CompiledCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { canonicalJson } from '../../../shared/kernel/canonical-json.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';

/** `late`: comes at any time, and not before all others are on their way. */
export type Script = readonly { readonly to: ProfileKey; readonly record: MailRecord; readonly late?: true }[];
export type Profiles = ReadonlyMap<ProfileKey, Profile>;

interface State {
  readonly profiles: Profiles;
  /** What is under way to each actor, oldest first. */
  readonly mail: ReadonlyMap<ProfileKey, readonly MailRecord[]>;
  readonly late: Script;
}

export interface Explored {
  /** What every order may end in; one entry where the order does not matter. */
  readonly ends: readonly Profiles[];
  readonly states: number;
  /** Orders in which the mails may be decided. */
  readonly orders: bigint;
}

/**
 * Decides the mails of a script in every order that mailboxes allow: of one actor in order, of several in any. Two ways to one
 * state go on as one. Time stands still, so that nothing differs by time stamps alone.
 */
export function everyOrder(script: Script, catalog: CompiledCatalog, now: number): Explored {
  const ends = new Map<string, Profiles>();
  const ordersFrom = new Map<string, bigint>();

  function visit(state: State): bigint {
    const name = nameOf(state);
    const known = ordersFrom.get(name);
    if (known !== undefined) return known;
    if (ordersFrom.size > 400_000) throw new Error('too many states: a smaller script, please');
    const [late, ...later] = state.late;
    if (state.mail.size === 0 && late === undefined) {
      ends.set(name, state.profiles);
      ordersFrom.set(name, 1n);
      return 1n;
    }
    let orders = 0n;
    if (late !== undefined) orders += visit({ ...state, mail: posted(state.mail, late), late: later });
    for (const to of state.mail.keys()) orders += visit(next(state, to, catalog, now));
    ordersFrom.set(name, orders);
    return orders;
  }

  let mail: State['mail'] = new Map();
  for (const one of script) if (one.late !== true) mail = posted(mail, one);
  const orders = visit({ profiles: new Map(), mail, late: script.filter(({ late }) => late) });
  return { ends: [...ends.values()], states: ordersFrom.size, orders };
}

const posted = (mail: State['mail'], { to, record }: Script[number]): State['mail'] =>
  new Map(mail).set(to, [...(mail.get(to) ?? []), record]);

function next({ profiles, mail, late }: State, to: ProfileKey, catalog: CompiledCatalog, now: number): State {
  const [record, ...rest] = mail.get(to)!;
  const frozen = record!.t === 'absorb' ? profiles.get(record!.from) : undefined;
  const decision = decide(profiles.get(to) ?? emptyProfile, to, record!, catalog, now, frozen);
  let nextMail = new Map(mail);
  if (rest.length > 0) nextMail.set(to, rest);
  else nextMail.delete(to);
  for (const effect of decision.effects) {
    if (effect.e === 'mail') nextMail = new Map(posted(nextMail, effect));
  }
  return { profiles: new Map(profiles).set(to, decision.profile), mail: nextMail, late };
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

function nameOf({ profiles, mail, late }: State): string {
  const known = [...profiles].filter(([, profile]) => profile !== emptyProfile);
  return canonicalJson([known.sort(byKey), [...mail].sort(byKey), late.length]);
}

export function rootOf(profiles: Profiles, key: ProfileKey): ProfileKey {
  let at = key;
  for (let hops = 0; profiles.get(at)?.movedTo !== undefined; hops += 1) {
    if (hops > 10) throw new Error('signposts form a circle');
    at = profiles.get(at)!.movedTo!;
  }
  return at;
}
