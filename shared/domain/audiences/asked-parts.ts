import { consentKey } from '../messaging/consent.ts';
import { clauseOf, didClause } from './did-clauses.ts';
import { messageClause } from './message-clauses.ts';
import type { InSegment, Predicate } from './predicate.ts';
import { parseRef } from './ref.ts';
import type { Segment } from './segment.ts';
import { whereOf } from './segment-kind.ts';

/**
 * What a predicate looks at in a profile, by name: as long as none of these parts changes, and no time passes, its value stays.
 * A segment that is asked for is looked through: its parts are parts of whoever asks.
 */
export interface AskedParts {
  /** `trait plan` (top level) · `seen <clause id>` · `computed <feed id>` · `journey welcome` · `consent email/news` · `list vip` · `since regulars` */
  readonly parts: ReadonlySet<string>;
  /** Segments that are looked through, each once. */
  readonly segments: ReadonlySet<string>;
  /** Time alone may change the value. */
  readonly isTemporal: boolean;
  /** A named area is asked, which the policy says. */
  readonly asksPolicy: boolean;
}

export const part = {
  trait: (name: string) => `trait ${name}`,
  seen: (clause: string) => `seen ${clause}`,
  computed: (feed: string) => `computed ${feed}`,
  journey: (id: string) => `journey ${id}`,
  consent: (key: string) => `consent ${key}`,
  list: (id: string) => `list ${id}`,
  since: (segment: string) => `since ${segment}`,
} as const;

/** By these the customer's zone is found, which days and clocks go by. */
const zoneTraits = ['timezone', 'address', 'country'];

/** What a computed trait is made of, as far as predicates that ask for it go. */
export interface ComputedPart {
  /** Of what is remembered (computed-traits/feed.ts). */
  readonly feeds: readonly string[];
  /** Time alone may change its value. */
  readonly isTemporal: boolean;
  /** When it was defined as it is now: an epoch of the catalog. */
  readonly epoch: number;
  /** Of figures of the base by which it goes; an epoch too. */
  readonly figures?: number;
}

/** @param computed computed traits, by name */
export function askedParts(
  predicate: Predicate,
  segments: ReadonlyMap<string, Segment>,
  computed: ReadonlyMap<string, ComputedPart> = new Map(),
): AskedParts {
  const parts = new Set<string>();
  const through = new Set<string>();
  let isTemporal = false;
  let asksPolicy = false;
  const ask = (ref: string) => {
    const parsed = parseRef(ref);
    const name = parsed?.root === 'profile' ? parsed.path[0] : undefined;
    if (name === undefined) return;
    parts.add(part.trait(name));
    const made = computed.get(name);
    for (const feed of made?.feeds ?? []) parts.add(part.computed(feed));
    isTemporal ||= made?.isTemporal === true;
  };
  const askBeside = (operands: object) => {
    for (const value of Object.values(operands)) {
      if (typeof value === 'object' && value !== null && 'ref' in value) ask(String(value.ref));
    }
  };
  const askSegment = ({ segment: id, since }: InSegment) => {
    const found = segments.get(id);
    if (found === undefined) return;
    if (since !== undefined) {
      parts.add(part.since(id));
      isTemporal = true;
    }
    if ('list' in found) parts.add(part.list(id));
    if (through.has(id)) return;
    through.add(id);
    const where = whereOf(found);
    if (where !== undefined) visit(where);
  };
  const visit = (one: Predicate): void => {
    if ('all' in one) one.all.forEach(visit);
    else if ('any' in one) one.any.forEach(visit);
    else if ('not' in one) visit(one.not);
    else if ('ref' in one) {
      ask(one.ref);
      askBeside(one);
      isTemporal ||= 'withinLast' in one || 'withinNext' in one;
      asksPolicy ||= 'inside' in one;
    } else if ('did' in one) {
      parts.add(part.seen(didClause(one).id));
      if (one.sum !== undefined) askBeside(one.sum);
      // Also `ever`: an event may be dated in the future.
      isTemporal = true;
    } else if ('sequence' in one) {
      for (const step of one.sequence) parts.add(part.seen(clauseOf(step, one.within).id));
      isTemporal = true;
    } else if ('message' in one) {
      parts.add(part.seen(messageClause(one).id));
      isTemporal = true;
    } else if ('consent' in one) parts.add(part.consent(consentKey(one.consent.channel, one.consent.topic)));
    else if ('journey' in one) parts.add(part.journey(one.journey));
    else if ('segment' in one) askSegment(one);
    else isTemporal = true;
  };
  visit(predicate);
  if (isTemporal) for (const name of zoneTraits) parts.add(part.trait(name));
  return { parts, segments: through, isTemporal, asksPolicy };
}

/**
 * Whether it may be true of somebody of whom nothing is known, at any time. Found without asking the evaluator, because
 * an answer must hold for all times; tests compare the two.
 */
export function mayHoldOfNobody(predicate: Predicate, segments: ReadonlyMap<string, Segment>): boolean {
  return possible(predicate, segments, []).yes;
}

interface Possible {
  readonly yes: boolean;
  readonly no: boolean;
}

const yes: Possible = { yes: true, no: false };
const no: Possible = { yes: false, no: true };
const either: Possible = { yes: true, no: true };

function possible(one: Predicate, segments: ReadonlyMap<string, Segment>, within: readonly string[]): Possible {
  const visit = (below: Predicate) => possible(below, segments, within);
  if ('all' in one || 'any' in one) {
    const isAll = 'all' in one;
    const parts = (isAll ? one.all : one.any).map(visit);
    return isAll
      ? { yes: parts.every((all) => all.yes), no: parts.some((all) => all.no) }
      : { yes: parts.some((any) => any.yes), no: parts.every((any) => any.no) };
  }
  if ('not' in one) {
    const { yes: can, no: cannot } = visit(one.not);
    return { yes: cannot, no: can };
  }
  // Computed traits have values of their own, also of nobody.
  if ('ref' in one) return 'exists' in one || isNumber(one) ? either : no;
  if ('did' in one || 'message' in one) {
    const { times = { atLeast: 1 } } = one;
    return 'atLeast' in times && times.atLeast > 0 ? no : either;
  }
  if ('sequence' in one) return no;
  if ('journey' in one) return one.is === 'never-entered' ? yes : no;
  if ('consent' in one) return one.is === 'none' ? yes : no;
  if (!('segment' in one)) return either;
  const found = segments.get(one.segment);
  const where = found && whereOf(found);
  if (where === undefined) return found !== undefined && one.is === 'not-member' ? yes : no;
  if (within.includes(one.segment)) return either;
  const inside = possible(where, segments, [...within, one.segment]);
  if (one.since !== undefined) return no;
  return one.is === 'member' ? inside : { yes: inside.no, no: inside.yes };
}

/** What a count or a sum of nothing may be: 0, which is less than, other than, or the same as something. */
const isNumber = (one: object): boolean =>
  ['lt', 'lte', 'gt', 'gte', 'between', 'isNot', 'notIn'].some((op) => op in one) ||
  ('is' in one && (one.is === 0 || (typeof one.is === 'object' && one.is !== null))) ||
  ('in' in one && (!Array.isArray(one.in) || one.in.includes(0)));
