import { digest, type NamedKind, type ProfileKey } from '../../kernel/ids.ts';
import type { Decision, Reason } from '../decision.ts';
import type { MailRecord, NamedIdentity, ToldRecord } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import { tellHolder } from './claim-ids.ts';
import { isOfGone } from './gone-holders.ts';
import { MAX_HOLDERS } from './limits.ts';
import { keyOfNamed, type NamedId } from './named-id.ts';
import { isNamed } from './named-of.ts';
import { holdersOf, isNobody } from './profile.ts';
import { ruleOf } from './rule-of.ts';

/**
 * The actor of an identity that never merges remembers who holds it, and who gave it up: of a holder the newest word counts by
 * its time, not by when it comes, because a dead letter may be redriven long after a newer one.
 */
export function takeHolding(turn: Turn, record: Extract<MailRecord, { t: 'hold' | 'release' }>): Decision {
  const { profile } = turn;
  const { t, by, at } = record;
  if (profile.movedTo !== undefined) {
    // It merged before the policy changed, and belongs to somebody for good.
    if (t === 'hold' && profile.movedTo !== by) decline(turn, by);
    return turn.decision();
  }
  if (isOfGone(turn, record)) return turn.decision();
  const known = profile.holders ?? {};
  const word = t === 'hold' ? at : -at;
  const before = Object.hasOwn(known, by) ? known[by]! : undefined;
  if (before === word || Math.abs(before ?? 0) > at) return turn.decision();
  turn.change({ holders: newest({ ...known, [by]: word }) });
  turn.because({ code: t === 'hold' ? 'identity.held' : 'identity.released', saw: { by } });
  return turn.decision();
}

/** Who gave it up makes room first. */
function newest(holders: { readonly [key: ProfileKey]: number }): { readonly [key: ProfileKey]: number } {
  const all = Object.entries(holders);
  if (all.length <= MAX_HOLDERS) return holders;
  const rank = ([key, at]: [string, number]) => [at > 0 ? 0 : 1, -Math.abs(at), key] as const;
  const kept = all
    .map((one) => ({ one, rank: rank(one) }))
    .sort(({ rank: x }, { rank: y }) => x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : 1))
    .slice(0, MAX_HOLDERS);
  return Object.fromEntries(kept.map(({ one }) => one));
}

/** @param from the key that was asked: a signpost before this one, perhaps. */
export function decline(turn: Turn, asker: ProfileKey, from = turn.key): void {
  turn.effect({
    e: 'mail',
    to: asker,
    id: digest('declined', from, asker, String(turn.now)),
    record: { t: 'declined', from },
  });
}

/**
 * What is addressed by neither user id nor anonymous id came to the actor of an identity, since whoever took it in knows no
 * policy. undefined: it is decided here.
 */
export function passToHolder(turn: Turn, record: ToldRecord, recordId: () => string): Decision | undefined {
  const ids = addressOf(record);
  const { key, profile } = turn;
  const { identities } = turn.catalog.policy;
  if (turn.isTest) return undefined;
  if (ids === undefined) return isNobody(profile) ? toTheHolder(turn, record, recordId()) : undefined;
  const mine = ids.find((id) => keyOfNamed(id) === key);
  if (mine === undefined) {
    if (ids.some((id) => isNamed(profile, id) || profile.aliases.includes(keyOfNamed(id)))) return undefined;
    // It was given up in the meantime, and its actor has not heard so.
    for (const id of ids) {
      if (ruleOf(identities, id.kind)?.merge === 'never') tellHolder(turn, 'release', keyOfNamed(id), recordId());
    }
    return refuse(turn, 'identity.not-held', { kind: ids[0]!.kind });
  }
  const rule = ruleOf(identities, mine.kind);
  if (rule === undefined) {
    const tracked = ids.find(({ kind }) => ruleOf(identities, kind) !== undefined);
    if (tracked === undefined) return refuse(turn, 'identity.not-tracked', { kind: mine.kind });
    return passOn(turn, keyOfNamed(tracked), record, recordId());
  }
  // A keyword is no reason to make somebody's acquaintance.
  if (record.t === 'keyword' && profile.createdAt === 0) return toTheHolder(turn, record, recordId(), mine.kind);
  if (rule.merge !== 'never') return undefined;
  // Somebody known by it alone, from when the policy let them be.
  if (holdersOf(profile).length === 0 && profile.createdAt > 0) return undefined;
  return toTheHolder(turn, record, recordId(), mine.kind);
}

const elsewhere: ReadonlySet<string> = new Set([
  'identity.not-held',
  'identity.ambiguous',
  'identity.not-tracked',
  'identity.passed-on',
]);

/** By these reasons of a told record it taught this profile nothing: it went to a holder, or to nobody. */
export const wentElsewhere = (reasons: readonly Reason[]): boolean => reasons.some(({ code }) => elsewhere.has(code));

function toTheHolder(turn: Turn, record: MailRecord, recordId: string, kind?: NamedKind): Decision {
  const [holder, ...others] = holdersOf(turn.profile);
  const saw = kind === undefined ? {} : { kind };
  if (holder === undefined) return refuse(turn, 'identity.not-held', saw);
  if (others.length > 0) {
    if (!isForAll(record)) return refuse(turn, 'identity.ambiguous', { ...saw, holders: others.length + 1 });
    turn.change({});
    for (const to of [holder, ...others]) passOn(turn, to, record, digest(recordId, to));
    return turn.decision(true);
  }
  // Unlike a signpost's target, the holder may be another one when the same record comes again (a crash, a redrive): that it
  // goes there is committed first, by a profile that is another object with nothing new in it.
  turn.change({});
  return passOn(turn, holder, record, recordId);
}

/** STOP is the word of whoever has the phone in hand: nobody who shares the number is written to against it. */
const isForAll = (record: MailRecord): boolean => record.t === 'keyword';

function passOn(turn: Turn, to: ProfileKey, record: MailRecord, recordId: string): Decision {
  turn.effect({ e: 'mail', to, id: digest('forward', turn.key, recordId), record });
  turn.because({ code: 'identity.passed-on', saw: { to } });
  return turn.decision(true);
}

function refuse(turn: Turn, code: string, saw: { readonly [name: string]: string | number }): Decision {
  turn.because({ code, saw });
  return turn.decision();
}

function addressOf(record: ToldRecord): readonly NamedId[] | undefined {
  if (record.t === 'event') {
    const { userId, anonymousId, named } = record.event;
    return userId === undefined && anonymousId === undefined ? named : undefined;
  }
  if (record.t === 'keyword') return record.named;
  const identity: NamedIdentity | undefined = 'identity' in record ? record.identity : undefined;
  return identity !== undefined && 'kind' in identity ? [identity] : undefined;
}
