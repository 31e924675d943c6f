import { Transient } from '../../kernel/errors.ts';
import { digest, isKnown, type ProfileKey } from '../../kernel/ids.ts';
import type { Decision } from '../decision.ts';
import type { MailRecord } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import { allRuns } from './as-if.ts';
import { takeOverHolds } from './claim-ids.ts';
import { whatWasBrought } from './explain-merge.ts';
import { decline } from './holders.ts';
import { joinMerged, joinProfiles } from './join-profiles.ts';
import { MAX_DECLINED, MAX_MERGED_BYTES, profileBytes } from './limits.ts';
import { ask, remembersMerges, takeDecline } from './links.ts';
import { emptyProfile, incarnationOf, type Merged, type Profile } from './profile.ts';

/**
 * A merge is a conversation between two actors (protocol.md, Merges; model/ checks it).
 *
 * 1. The lower key always yields: it becomes a signpost, frozen until the other one has read it.
 * 2. A root absorbs each alias once; a second `absorb` only strips the signpost again.
 * 3. A signpost forwards everything, and never changes its target.
 * 4. An identify never joins two known users: a signpost to a known user declines.
 */
export type MergeRecord = Extract<MailRecord, { t: 'yield' | 'declined' | 'absorb' | 'strip' }>;

export function decideMerge(turn: Turn, record: MergeRecord, frozen: Profile | undefined): Decision {
  switch (record.t) {
    case 'yield':
      return takeYield(turn, record);
    case 'declined':
      if (turn.profile.movedTo !== undefined) return forward(turn, record, digest('declined', record.from));
      takeDecline(turn, record.from, MAX_DECLINED);
      return turn.decision();
    case 'absorb':
      return absorb(turn, record, frozen);
    case 'strip':
      if (turn.profile.frozen === true && turn.profile.inc === (record.of ?? 0)) turn.profile = stripped(turn.profile);
      return turn.decision();
  }
}

/** The id is the record's own, so that SQS sees the same thing sent twice as one. */
export function forward(turn: Turn, record: MailRecord, recordId: string): Decision {
  const to = turn.profile.movedTo!;
  turn.effect({ e: 'mail', to, id: digest('forward', turn.key, recordId), record });
  return turn.decision(true);
}

function takeYield(turn: Turn, record: Extract<MergeRecord, { t: 'yield' }>): Decision {
  const { to, origin } = record;
  const { profile, key } = turn;
  if (to === key || profile.aliases.includes(to)) return turn.decision();
  if (profile.movedTo !== undefined) {
    if (profile.movedTo === to) return turn.decision();
    if (origin === 'identify' && isKnown(profile.movedTo)) {
      turn.because({ code: 'device.shared', saw: { asks: to } });
      decline(turn, to, record.asked);
      return turn.decision();
    }
    // An alias is never declined behind a signpost.
    const passedOn = origin === 'identify' ? { ...record, asked: record.asked ?? key } : record;
    return forward(turn, passedOn, digest('yield', key, to, origin));
  }
  if (origin === 'alias' && isKnown(key) && isUnseen(profile)) {
    turn.because({ code: 'merge.unknown-user', saw: { asks: to } });
    decline(turn, to);
    return turn.decision();
  }
  if (to < key) {
    const asked = Object.hasOwn(profile.asked, to) ? profile.asked[to] : undefined;
    if (asked !== undefined && (asked.origin === 'alias' || asked.origin === origin)) return turn.decision();
    ask(turn, to, origin, record.by);
    return turn.decision();
  }
  turn.change({ movedTo: to, frozen: true, ...(record.inc !== undefined && { movedInc: record.inc }) });
  const id = digest('absorb', key, to, ...(profile.inc > 0 ? [String(profile.inc)] : []));
  turn.effect({ e: 'mail', to, id, record: absorbOf(key, turn.profile) });
  turn.because({ code: 'merge.yielded', saw: { to } });
  return turn.decision();
}

/** A signpost's word to whoever it gave itself up to. */
export const absorbOf = (from: ProfileKey, { movedInc, inc }: Profile): Extract<MailRecord, { t: 'absorb' }> => ({
  t: 'absorb',
  from,
  ...(movedInc !== undefined && { inc: movedInc }),
  ...(inc > 0 && { of: inc }),
});

function absorb(turn: Turn, record: Extract<MergeRecord, { t: 'absorb' }>, frozen: Profile | undefined): Decision {
  const { profile, key } = turn;
  const { from, of } = record;
  if (profile.aliases.includes(from)) {
    sendStrip(turn, from, of);
    return turn.decision();
  }
  if (profile.movedTo !== undefined) {
    // Whoever it goes on to must be the one that this signpost gave itself up to.
    const { inc: _, ...rest } = record;
    const { movedInc } = profile;
    const passedOn = { ...rest, ...(movedInc !== undefined && { inc: movedInc }) };
    return forward(turn, passedOn, digest('absorb', from, key, ...(of === undefined ? [] : [String(of)])));
  }
  if (frozen === undefined) throw new Error('absorb was decided without the frozen profile');
  if (frozen.frozen !== true) {
    throw new Transient('merge.stale-read', 'the profile to absorb is not frozen: this profile was read too early');
  }
  const joined = joinProfiles(profile, key, frozen, from);
  turn.profile = fitted(turn, joined.profile);
  if (of !== undefined) {
    const alias = { of, from: incarnationOf(frozen) };
    turn.change({ aliasIncs: { ...turn.profile.aliasIncs, [from]: alias } });
  }
  if (remembersMerges(turn)) turn.change({ merged: joinMerged(joined.profile.merged, [mergeOf(turn, from, frozen)]) });
  takeOverHolds(turn, profile, frozen, from);
  for (const [runId, run] of joined.ended) {
    turn.because({ code: 'exit.merged', journey: run.journey, version: run.version, run: runId, step: run.step });
    turn.count(run.journey, run.version, 'exited/merged');
    turn.count(run.journey, run.version, `step/${run.step}/left`);
  }
  const ofFrozen = new Set(allRuns(frozen).map(([runId]) => runId));
  for (const [runId, run] of allRuns(joined.profile)) {
    if (run.due !== undefined && ofFrozen.has(runId)) turn.wake(Math.max(run.due, turn.now));
  }
  for (const { at } of Object.values(frozen.held)) turn.wake(Math.max(at.due, turn.now));
  turn.because({ code: 'merge.absorbed', saw: { from, ...whatWasBrought(profile, frozen, joined) } });
  sendStrip(turn, from, of);
  return turn.decision();
}

/** A chain of signposts answers for the one that was asked, so it may be any of its aliases. */
function mergeOf({ before, now }: Turn, from: ProfileKey, frozen: Profile): Merged {
  const question = [from, ...frozen.aliases].flatMap((key) =>
    Object.hasOwn(before.asked, key) ? before.asked[key]! : [],
  )[0];
  const { origin, by } = question ?? {};
  return { from, at: now, ...(origin && { origin }), ...(by !== undefined && { by }) };
}

/** Whoever can write events can make merges: they must not make one profile as dear as twelve. */
function fitted(turn: Turn, joined: Profile): Profile {
  const root = turn.profile;
  const bytes = profileBytes(joined);
  if (bytes <= MAX_MERGED_BYTES) return joined;
  turn.because({ code: 'merge.too-large', saw: { limitBytes: MAX_MERGED_BYTES, actualBytes: bytes } });
  const { aside: _, ...rest } = joined;
  return {
    ...rest,
    traits: onlyKnown(joined.traits, root.traits),
    seen: onlyKnown(joined.seen, root.seen),
    ...(joined.computed !== undefined && { computed: onlyKnown(joined.computed, root.computed ?? {}) }),
  };
}

const onlyKnown = <T>(all: { readonly [key: string]: T }, known: object): { readonly [key: string]: T } =>
  Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(known, key)));

/** A strip may be needed again long after the first one, so its id names the time as well. */
function sendStrip(turn: Turn, from: ProfileKey, of: number | undefined): void {
  const record = { t: 'strip', ...(of !== undefined && { of }) } as const;
  turn.effect({ e: 'mail', to: from, id: digest('strip', from, turn.key, String(turn.now)), record });
}

function stripped(signpost: Profile): Profile {
  return {
    ...emptyProfile,
    createdAt: signpost.createdAt,
    aliases: signpost.aliases,
    inc: signpost.inc,
    ...(signpost.movedTo !== undefined && { movedTo: signpost.movedTo }),
    ...(signpost.movedInc !== undefined && { movedInc: signpost.movedInc }),
    ...(signpost.aliasIncs !== undefined && { aliasIncs: signpost.aliasIncs }),
    ...(signpost.erased !== undefined && { erased: signpost.erased }),
  };
}

/** Nothing was ever heard of this person, or nothing since they were erased. */
export function isUnseen(profile: Profile): boolean {
  return profile.createdAt === 0 && profile.aliases.length === 0 && Object.keys(profile.asked).length === 0;
}
