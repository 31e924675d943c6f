import { digest, type ProfileKey } from '../../kernel/ids.ts';
import type { Decision } from '../decision.ts';
import type { OwnRecord } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import { allRuns } from './as-if.ts';
import { forgetHolder } from './gone-holders.ts';
import { knownAddresses, strangersAt } from './known-addresses.ts';
import { forward, isUnseen } from './merge-mail.ts';
import { identitiesOf, namedOf } from './named-of.ts';
import { type Erased, emptyProfile, incarnationOf, type LeftOver, type Profile, type Wipe } from './profile.ts';

/**
 * Erasing a customer is a conversation as well (protocol.md, step 19; ADR 35; tests/protocol tries it).
 *
 * 1. What is left of an erased profile is a marker: its incarnation, one more than before, and when it was erased.
 * 2. Whoever gave itself up to it, was asked to, or knows it by an identity is told to forget it, and answers. Which
 *    of them have not answered stands in the marker, so that the sweep can ask again.
 * 3. Merge mail names incarnations. What was meant for one that is no more does not merge: who gave itself up to it is
 *    wiped, or let go when it has been already.
 * 4. What was sent to one of its addresses alone goes as well, whoever else has the address: nobody can tell for whom it
 *    was. The actor may hold nothing and have a journal all the same, so that it becomes a marker in any case.
 * 5. Whose it is tells the incarnation, never a clock: a wipe that comes late or twice meets nobody else's state.
 */
export type EraseRecord = Extract<OwnRecord, { t: 'erase' | 'wipe' | 'wiped' | 'purged' }>;
type WipeRecord = Extract<OwnRecord, { t: 'wipe' }>;

export function decideErase(turn: Turn, record: EraseRecord): Decision {
  switch (record.t) {
    case 'erase':
      return takeErase(turn, record);
    case 'wipe':
      return takeWipe(turn, record);
    case 'wiped':
      return takeWiped(turn, record);
    case 'purged':
      return takePurged(turn, record);
  }
}

function takeErase(turn: Turn, record: Extract<EraseRecord, { t: 'erase' }>): Decision {
  const { profile } = turn;
  const isDone = (profile.erased?.at ?? -1) >= record.at;
  if (isDone) return turn.decision();
  if (profile.movedTo !== undefined) return forward(turn, record, digest('erase', record.job));
  erase(turn, { at: Math.max(turn.now, record.at), job: record.job });
  return turn.decision();
}

type Cause = Pick<Erased, 'at'> & Pick<LeftOver, 'job' | 'by'>;

function erase(turn: Turn, { at, job, by }: Cause): void {
  const { profile, key } = turn;
  const wipes = wipesOf(profile, key);
  // Of an erasure before this one, whose job may not have come to an end.
  const before = profile.erased?.left;
  const left: LeftOver = {
    ...(job !== undefined && { job }),
    ...(by !== undefined ? { by } : before?.by !== undefined && { by: before.by }),
    since: turn.now,
    inc: incarnationOf(profile),
    wipes: { ...before?.wipes, ...wipes },
    addresses: [...(before?.addresses ?? []), ...addressesOf(profile)],
    counts: { ...before?.counts, ...countsOf(profile) },
  };
  turn.profile = {
    ...emptyProfile,
    // Who has an identity is known to its actor, whoever else that was.
    ...(profile.holders !== undefined && { holders: profile.holders }),
    inc: profile.inc + 1,
    erased: { at, from: profile.inc + 1, left },
  };
  // Also those of before: their answer to the erasure before this one is none to this one.
  for (const [to, wipe] of pendingWipes(turn.profile.erased!)) sendWipe(turn, to, wipe);
  turn.because({ code: 'profile.erased', saw: left.counts });
}

function wipesOf(profile: Profile, key: ProfileKey): { [key: ProfileKey]: Wipe } {
  const wipes: { [key: ProfileKey]: Wipe } = {};
  for (const identity of identitiesOf(profile)) wipes[identity] = { how: 'hold' };
  for (const stranger of strangersAt(knownAddresses(profile))) wipes[stranger] = { how: 'address' };
  for (const asked of Object.keys(profile.asked)) wipes[asked] = { how: 'asked' };
  for (const alias of profile.aliases) {
    const of = profile.aliasIncs?.[alias]?.of;
    wipes[alias] = { how: 'alias', ...(of !== undefined && { of }) };
  }
  delete wipes[key];
  return wipes;
}

function sendWipe(turn: Turn, to: ProfileKey, wipe: Wipe): void {
  const record = wipeOf(turn.key, turn.profile.erased!, wipe);
  const id = digest('wipe', to, turn.key, String(record.at), wipe.how, String(wipe.of ?? 0));
  turn.effect({ e: 'mail', to, id, record });
}

export const wipeOf = (by: ProfileKey, { at, left }: Erased, { how, of }: Wipe): WipeRecord => ({
  t: 'wipe',
  by,
  inc: left?.inc ?? 0,
  at,
  ...(left?.job !== undefined && { job: left.job }),
  how,
  ...(of !== undefined && { of }),
});

function takeWipe(turn: Turn, record: WipeRecord): Decision {
  const { by, at, how } = record;
  const { profile } = turn;
  let gone = true;
  if (how === 'hold') forgetHolder(turn, record);
  else if (!isMine(profile, record)) gone = false;
  else if (how === 'alias' || (profile.erased?.at ?? -1) < at)
    erase(turn, { at, by, ...(record.job !== undefined && { job: record.job }) });
  else letGo(turn);
  turn.effect({
    e: 'mail',
    to: by,
    id: digest('wiped', turn.key, by, how, String(profile.inc), String(turn.now)),
    record: { t: 'wiped', from: turn.key, at, gone },
  });
  return turn.decision();
}

/** Whether what lies here is of the incarnation that was erased. */
function isMine(profile: Profile, { by, inc, at, how, of = 0 }: WipeRecord): boolean {
  if (how === 'address') return profile.movedTo === undefined && (profile.erased?.at ?? -1) < at;
  if (how !== 'asked') return profile.movedTo !== undefined && profile.inc === of;
  if (profile.movedTo !== undefined) return profile.movedTo === by && (profile.movedInc ?? 0) <= inc;
  return !isUnseen(profile) && (profile.erased?.at ?? -1) < at;
}

/** It was wiped before, has come to something new since, and has given that up to somebody who was no more. */
function letGo(turn: Turn): void {
  const { movedTo: _to, movedInc: _inc, frozen: _frozen, ...rest } = turn.profile;
  turn.profile = { ...rest, inc: rest.inc + 1 };
  for (const [, run] of allRuns(rest)) if (run.due !== undefined) turn.wake(Math.max(run.due, turn.now));
  for (const { at } of Object.values(rest.held)) turn.wake(Math.max(at.due, turn.now));
}

function takeWiped(turn: Turn, { from, at, gone }: Extract<EraseRecord, { t: 'wiped' }>): Decision {
  const { erased } = turn.profile;
  const wipe = erased?.left !== undefined && erased.at === at ? ownWipe(erased.left, from) : undefined;
  if (wipe === undefined || wipe.end === 'gone') return turn.decision();
  const end = gone || wipe.once ? 'gone' : 'kept';
  if (wipe.end !== end) changeLeft(turn, erased!.left!, { [from]: { ...wipe, end } });
  return turn.decision();
}

const ownWipe = ({ wipes }: LeftOver, key: ProfileKey): Wipe | undefined =>
  Object.hasOwn(wipes, key) ? wipes[key] : undefined;

function changeLeft(turn: Turn, left: LeftOver, wipes: LeftOver['wipes']): void {
  const { at, from } = turn.profile.erased!;
  turn.change({ erased: { at, from, left: { ...left, wipes: { ...left.wipes, ...wipes } } } });
}

function takePurged(turn: Turn, { at }: Extract<EraseRecord, { t: 'purged' }>): Decision {
  const { erased } = turn.profile;
  if (erased?.left === undefined || erased.at !== at || pendingWipes(erased).length > 0) return turn.decision();
  turn.change({ erased: { at, from: erased.from } });
  return turn.decision();
}

/** Who has not answered yet. */
export const pendingWipes = ({ left }: Erased): (readonly [ProfileKey, Wipe])[] =>
  Object.entries(left?.wipes ?? {}).filter(([, { end }]) => end === undefined);

/**
 * An absorb that was meant for an incarnation that is no more, or is about one: undefined when it is neither.
 *
 * @param frozen undefined: not read.
 */
export function absorbOfErased(
  turn: Turn,
  { from, inc = 0, of = 0 }: Extract<OwnRecord, { t: 'absorb' }>,
  frozen: Profile | undefined,
): Decision | undefined {
  const { profile } = turn;
  if (inc < incarnationOf(profile)) {
    if (profile.erased === undefined) throw new Error('an incarnation that nothing was erased of');
    // Its job may be done: then there is something to be seen to again.
    const left = profile.erased.left ?? { since: turn.now, inc, wipes: {}, addresses: [], counts: {} };
    const before = ownWipe(left, from);
    const wipe: Wipe = {
      how: 'absorb',
      ...(of > 0 && { of }),
      ...((before?.end === 'gone' || before?.once) && { once: true }),
    };
    changeLeft(turn, left, { [from]: wipe });
    sendWipe(turn, from, wipe);
    turn.because({ code: 'merge.erased', saw: { from } });
    return turn.decision();
  }
  if (profile.movedTo !== undefined || frozen === undefined || frozen.inc === of) return undefined;
  turn.because({ code: 'merge.erased', saw: { from } });
  return turn.decision();
}

/** Where suppressions of its addresses stand. */
const addressesOf = (profile: Profile): LeftOver['addresses'] =>
  [...Map.groupBy(knownAddresses(profile), ({ channel }) => channel)].map(([channel, all]) => ({
    channel,
    hashes: all.map(({ addressHash }) => addressHash),
  }));

const counted = [
  'traits',
  'consents',
  'runs',
  'held',
  'entered',
  'seen',
  'computed',
  'sends',
  'devices',
  'lists',
  'aliases',
  'deadAddresses',
] as const satisfies readonly (keyof Profile)[];

function countsOf(profile: Profile): { [kind: string]: number } {
  const sizes = counted.map((part) => [part, Object.keys(profile[part] ?? {}).length] as const);
  return {
    ...Object.fromEntries(sizes.filter(([, size]) => size > 0)),
    ...(namedOf(profile).length > 0 && { identities: namedOf(profile).length }),
  };
}
