import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { joinOccurrences } from '../audiences/did-clauses.ts';
import { joinAccumulators } from '../computed-traits/accumulate.ts';
import { joinBroadcasts } from './broadcasts.ts';
import { joinIds } from './identities.ts';
import { joinDevices } from './join-devices.ts';
import { MAX_DECLINED, MAX_MERGED } from './limits.ts';
import { joinLists, joinMemberships } from './memberships.ts';
import type { AsIf, Consent, HeldMessage, Merged, Profile, Run, SavedDate, Trait } from './profile.ts';
import { joinAside } from './set-aside.ts';
import { moreCarefulConsent } from './set-consents.ts';

export interface Joined {
  readonly profile: Profile;
  /** Runs that gave way to an earlier one in the same journey with the same run key. */
  readonly ended: readonly (readonly [runId: string, run: Run])[];
}

/**
 * Two states of one person become one. Each part joins by a rule that commutes and is associative (newest wins, union,
 * sum, minimum; ties by a stable order), so that merges may come in any order.
 *
 * @param key of the profile that absorbs, @param from of the one that is absorbed.
 */
export function joinProfiles(root: Profile, key: ProfileKey, other: Profile, from: ProfileKey): Joined {
  const aliases = [...new Set([...root.aliases, from, ...other.aliases])].filter((alias) => alias !== key).sort();
  const { runs, ended } = joinRuns(root.runs, other.runs);
  // Who is somebody now leads nobody else to those who held an identity.
  const {
    movedTo: _to,
    movedInc: _inc,
    frozen: _frozen,
    merged: _merged,
    holders: _holders,
    aside: _aside,
    ...rest
  } = root;
  const aliasIncs = { ...other.aliasIncs, ...root.aliasIncs };
  const merged = joinMerged(root.merged, other.merged);
  const traits = joinRecords(root.traits, other.traits, newerTrait);
  return {
    profile: {
      ...rest,
      ids: joinIds(root.ids, other.ids),
      createdAt: earliest(root.createdAt, other.createdAt),
      traits,
      ...joinAside(root.aside, other.aside, traits),
      consents: joinRecords<Consent>(root.consents, other.consents, moreCarefulConsent),
      runs,
      held: joinRecords<HeldMessage>(root.held, other.held, (a, b) => (canonicalJson(a) > canonicalJson(b) ? a : b)),
      entered: joinRecords(root.entered, other.entered, joinEntered),
      ...joinHoldouts(root.holdouts, other.holdouts),
      ...joinCompared(root.compared, other.compared),
      ...joinBroadcasts(root.broadcasts, other.broadcasts),
      ...joinDates(root.dates, other.dates),
      ...joinMemberships(root.memberships, other.memberships),
      ...joinLists(root.lists, other.lists),
      seen: joinRecords(root.seen, other.seen, joinOccurrences),
      ...joinComputed(root.computed, other.computed),
      sends: joinSends(root.sends, other.sends),
      ...joinAsIf(root.asIf, other.asIf),
      deadAddresses: joinRecords(root.deadAddresses, other.deadAddresses, (a, b) => (a === 'complaint' ? a : b)),
      ...joinDevices(root.devices, other.devices),
      aliases,
      ...(Object.keys(aliasIncs).length > 0 && { aliasIncs }),
      asked: joinAsked(root.asked, other.asked, [key, ...aliases]),
      declined: joinDeclined([...root.declined, ...other.declined], [key, ...aliases]),
      ...(merged.length > 0 && { merged }),
    },
    ended,
  };
}

function joinRecords<T>(
  a: { readonly [key: string]: T },
  b: { readonly [key: string]: T },
  join: (a: T, b: T) => T,
): { readonly [key: string]: T } {
  const out: { [key: string]: T } = { ...a };
  for (const [key, value] of Object.entries(b)) out[key] = Object.hasOwn(a, key) ? join(a[key]!, value) : value;
  return out;
}

function newerTrait(a: Trait, b: Trait): Trait {
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return canonicalJson(a) > canonicalJson(b) ? a : b;
}

/** 0 is "not known yet". */
const earliest = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));

/** One run per journey and run key: who entered first stays. */
function joinRuns(a: Profile['runs'], b: Profile['runs']) {
  const first = new Map<string, readonly [string, Run]>();
  const ended: (readonly [string, Run])[] = [];
  for (const entry of [...Object.entries(a), ...Object.entries(b)]) {
    const place = canonicalJson([entry[1].journey, entry[1].runKey ?? null]);
    const holder = first.get(place);
    if (holder === undefined) {
      first.set(place, entry);
    } else if (holder[0] !== entry[0]) {
      const [stays, leaves] = isEarlier(holder, entry) ? [holder, entry] : [entry, holder];
      first.set(place, stays);
      ended.push(leaves);
    }
  }
  return { runs: Object.fromEntries(first.values()), ended };
}

function isEarlier(a: readonly [string, Run], b: readonly [string, Run]): boolean {
  return a[1].enteredAt !== b[1].enteredAt ? a[1].enteredAt < b[1].enteredAt : a[0] < b[0];
}

type Entered = Profile['entered'][string];

function joinEntered(a: Entered, b: Entered): Entered {
  const exited = Math.max(a.exited ?? 0, b.exited ?? 0);
  // Of the one that left last; of two that left at once the one that says why.
  const reason = [a, b]
    .filter((one) => one.exited === exited)
    .map((one) => one.reason)
    .sort()
    .at(0);
  const [goal] = [a.goal, b.goal]
    .filter((one) => one !== undefined)
    .sort((x, y) => y.until - x.until || y.version - x.version || (y.path ?? 0) - (x.path ?? 0));
  return {
    last: Math.max(a.last, b.last),
    times: a.times + b.times,
    ...(exited > 0 && { exited, ...(reason !== undefined && { reason }) }),
    ...(goal !== undefined && { goal }),
  };
}

/** Who was let in anywhere has had the messages, and is of no use for comparison. */
function joinHoldouts(a: Profile['holdouts'], b: Profile['holdouts']): Pick<Profile, 'holdouts'> {
  if (a === undefined && b === undefined) return {};
  return { holdouts: joinRecords(a ?? {}, b ?? {}, (x, y) => (x === 'in' ? x : y)) };
}

function joinComputed(a: Profile['computed'], b: Profile['computed']): Pick<Profile, 'computed'> {
  if (a === undefined && b === undefined) return {};
  return { computed: joinRecords(a ?? {}, b ?? {}, joinAccumulators) };
}

/** As holdouts. Of one side, the one whose goal is counted already; else who came first. */
function joinCompared(a: Profile['compared'], b: Profile['compared']): Pick<Profile, 'compared'> {
  if (a === undefined && b === undefined) return {};
  const rank = ({ side, from, until }: Compared) => [
    side === 'in' ? 0 : 1,
    until === undefined ? 0 : 1,
    from,
    until ?? 0,
  ];
  return {
    compared: joinRecords(a ?? {}, b ?? {}, (x, y) => {
      const [of, or] = [rank(x), rank(y)];
      const place = of.findIndex((value, i) => value !== or[i]);
      return place < 0 || of[place]! < or[place]! ? x : y;
    }),
  };
}

type Compared = NonNullable<Profile['compared']>[string];

/** What has been for either has been for both. What is armed goes by the joined traits, so all is looked at again (`saw`). */
function joinDates(a: Profile['dates'], b: Profile['dates']): Pick<Profile, 'dates'> {
  if (a === undefined && b === undefined) return {};
  const next = joinRecords(unarmed(a), unarmed(b), (x, y) => {
    const joined = [...new Set([...(x.joined ?? []), ...(y.joined ?? [])])].sort();
    const done = [x.done, y.done]
      .filter((day) => day !== undefined)
      .sort()
      .at(-1);
    return {
      ...(joined.length > 0 && { joined }),
      ...(done !== undefined && { done }),
      ...(x.unreadable && y.unreadable && { unreadable: true as const }),
    };
  });
  return { dates: { saw: '', next } };
}

const unarmed = (dates: Profile['dates']): { readonly [place: string]: SavedDate } =>
  Object.fromEntries(
    Object.entries(dates?.next ?? {}).map(([place, { on, due: _due, ...rest }]) => [
      place,
      { ...rest, ...(on !== undefined && { joined: [on] }) },
    ]),
  );

function joinSends(a: Profile['sends'], b: Profile['sends']): Profile['sends'] {
  const byId = new Map([...a, ...b].map((send) => [send.id, send]));
  return [...byId.values()].sort((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1));
}

/** A run that gives way here ends without a word: nobody was told that it began. */
function joinAsIf(a: AsIf | undefined, b: AsIf | undefined): Pick<Profile, 'asIf'> {
  if (a === undefined || b === undefined) return a === undefined && b === undefined ? {} : { asIf: { ...a, ...b } };
  const joined: AsIf = {
    runs: joinRuns(a.runs ?? {}, b.runs ?? {}).runs,
    entered: joinRecords(a.entered ?? {}, b.entered ?? {}, joinEntered),
    traits: joinRecords(a.traits ?? {}, b.traits ?? {}, newerTrait),
    sends: joinSends(a.sends ?? [], b.sends ?? []),
    ...joinHoldouts(a.holdouts, b.holdouts),
    ...joinCompared(a.compared, b.compared),
    seen: joinRecords(a.seen ?? {}, b.seen ?? {}, joinOccurrences),
  };
  return { asIf: Object.fromEntries(Object.entries(joined).filter(([, part]) => Object.keys(part).length > 0)) };
}

function joinAsked(a: Profile['asked'], b: Profile['asked'], own: readonly ProfileKey[]): Profile['asked'] {
  const all = joinRecords(a, b, (x, y) => {
    const by = [x.by, y.by]
      .filter((one) => one !== undefined)
      .sort()
      .at(0);
    return {
      since: Math.min(x.since, y.since),
      origin: x.origin === 'alias' ? x.origin : y.origin,
      ...(by !== undefined && { by }),
    };
  });
  return Object.fromEntries(Object.entries(all).filter(([key]) => !own.includes(key)));
}

export function joinMerged(a: Profile['merged'] = [], b: Profile['merged'] = []): readonly Merged[] {
  const all = new Map([...a, ...b].map((one) => [canonicalJson(one), one]));
  return [...all]
    .sort(([x, { at }], [y, { at: than }]) => at - than || (x < y ? -1 : 1))
    .map(([, one]) => one)
    .slice(-MAX_MERGED);
}

function joinDeclined(all: readonly ProfileKey[], own: readonly ProfileKey[]): readonly ProfileKey[] {
  return [...new Set(all)]
    .filter((key) => !own.includes(key))
    .sort()
    .slice(-MAX_DECLINED);
}
