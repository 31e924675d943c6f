import type { Day, Window } from '../../kernel/schema.ts';
import type { Channel } from '../messaging/channel.ts';
import type { Count, HadMessage, Op, Predicate, Scalar, SequenceStep, Span } from './predicate.ts';
import {
  PredicateSyntaxError,
  Reader,
  readCount,
  readDurationText,
  readId,
  readNumber,
  readQuoted,
  readString,
} from './text-reader.ts';

/**
 * The text form of predicates, by recursive descent over the characters: what a word means depends on where it
 * stands (`email` is a channel after `sent`, and may be a topic's id after `topic`), so there are no tokens.
 *
 *     predicate  = unary, or unary { "and" unary }, or unary { "or" unary }     never mixed without parentheses
 *     unary      = "not" unary | "(" predicate ")" | "all" list | "any" list | head
 *     head       = ref operator | did … | sequence … | [not] in segment … | sent … | inside journey … |
 *                  consent … is … | local time is …
 *     where      = unary
 *
 * `all (a)`, `any ()` write what the infix words cannot: groups of one and of none.
 */
const MAX_TEXT = 10_000;
export const DAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const CHANNELS: readonly Channel[] = ['email', 'sms', 'push', 'in-app', 'webhook'];
const OUTCOMES = ['sent', 'delivered', 'opened', 'clicked', 'bounced'] as const;

export function parsePredicate(text: string): Predicate {
  if (text.length > MAX_TEXT) throw new PredicateSyntaxError(MAX_TEXT + 1, `at most ${MAX_TEXT} characters`);
  const reader = new Reader(text);
  const predicate = readPredicate(reader);
  reader.end();
  return predicate;
}

function readPredicate(r: Reader): Predicate {
  return r.nest(() => {
    const first = readUnary(r);
    const word = r.oneWord(['and', 'or']);
    if (word === undefined) return first;
    const parts = [first, readUnary(r)];
    while (r.words(word)) parts.push(readUnary(r));
    const other = word === 'and' ? 'or' : 'and';
    const column = r.here();
    if (r.words(other)) throw new PredicateSyntaxError(column, `parentheses: "and" and "or" do not mix without them`);
    return word === 'and' ? { all: parts } : { any: parts };
  });
}

function readUnary(r: Reader): Predicate {
  if (r.words('not in segment')) return readSegment(r, 'not-member');
  if (r.words('not')) return r.nest(() => ({ not: readUnary(r) }));
  if (r.mark('(')) {
    const inner = readPredicate(r);
    r.need(')');
    return inner;
  }
  if (r.words('all')) return { all: readList(r) };
  if (r.words('any')) return { any: readList(r) };
  const ref = r.ref();
  if (ref !== undefined) return { ref, ...readOperator(r) };
  return readHead(r);
}

function readList(r: Reader): Predicate[] {
  r.need('(');
  if (r.mark(')')) return [];
  const parts = [readPredicate(r)];
  while (r.mark(',')) parts.push(readPredicate(r));
  r.need(')');
  return parts;
}

function readHead(r: Reader): Predicate {
  if (r.words('did')) return readDid(r);
  if (r.words('sequence')) return readSequence(r);
  if (r.words('in segment')) return readSegment(r, 'member');
  if (r.words('consent')) return readConsent(r);
  if (r.words('local time is')) return { clock: 'local', windows: readWindows(r) };
  for (const is of ['inside', 'finished', 'exited', 'never-entered'] as const) {
    if (!r.words(`${is === 'never-entered' ? 'never entered' : is} journey`)) continue;
    const journey = readId(r);
    return { journey, is, ...(r.words('reason') ? { reason: readId(r) } : {}) };
  }
  const was = r.oneWord(OUTCOMES);
  if (was !== undefined) return readMessage(r, was);
  return r.fail(
    'a predicate: a ref (profile.plan = "pro"), did, sequence, in segment, sent, consent, local time, not, (',
  );
}

function readOperator(r: Reader): Op {
  if (r.mark('!=')) return { isNot: readOperand(r) };
  if (r.mark('=')) return { is: readOperand(r) };
  if (r.mark('>=')) return { gte: readNum(r) };
  if (r.mark('<=')) return { lte: readNum(r) };
  if (r.mark('>')) return { gt: readNum(r) };
  if (r.mark('<')) return { lt: readNum(r) };
  if (r.words('in last')) return { withinLast: readDurationText(r) };
  if (r.words('in next')) return { withinNext: readDurationText(r) };
  if (r.words('not in')) return { notIn: readScalars(r) };
  if (r.words('in')) {
    const ref = r.ref();
    return { in: ref === undefined ? readScalars(r) : { ref } };
  }
  if (r.words('between')) {
    const low = readNum(r);
    r.need('and');
    return { between: [low, readNum(r)] };
  }
  if (r.words('exists')) return { exists: true };
  if (r.words('is missing')) return { exists: false };
  if (r.words('contains')) return { contains: readScalar(r) };
  if (r.words('starts with')) return { startsWith: readString(r) };
  if (r.words('ends with')) return { endsWith: readString(r) };
  if (r.words('inside')) return { inside: readId(r) };
  if (r.words('within')) return { near: readNear(r) };
  return r.fail(
    'an operator: = != > >= < <= in, not in, between, exists, is missing, contains, starts with, ends with, in last, in next, within, inside',
  );
}

function readOperand(r: Reader): Scalar | { ref: string } {
  const ref = r.ref();
  return ref === undefined ? readScalar(r) : { ref };
}

function readScalar(r: Reader): Scalar {
  if (r.words('true')) return true;
  if (r.words('false')) return false;
  if (r.words('null')) return null;
  return readQuoted(r) ?? readNumber(r) ?? r.fail('a value: "text" in double quotes, a number, true, false or null');
}

function readScalars(r: Reader): Scalar[] {
  r.need('(');
  const values = [readScalar(r)];
  while (r.mark(',')) values.push(readScalar(r));
  r.need(')');
  return values;
}

function readNum(r: Reader): number | string {
  return readQuoted(r) ?? readNumber(r) ?? r.fail('a number, or an instant in double quotes');
}

function readEventName(r: Reader): string {
  const column = r.here();
  const name = readString(r);
  if (name === '' || name.length > 200) throw new PredicateSyntaxError(column, 'an event name of 1 to 200 characters');
  return name;
}

function readSpan(r: Reader): Span {
  if (r.words('in last')) return readDurationText(r);
  if (r.words('ever')) return 'ever';
  if (r.words('today')) return 'today';
  if (r.words('in this run')) return 'run';
  return r.fail('a time: in last 30 days, today, ever, in this run');
}

function readTimes(r: Reader): Count | undefined {
  const kind = (['atLeast', 'atMost', 'exactly'] as const).find((name) =>
    r.words({ atLeast: 'at least', atMost: 'at most', exactly: 'exactly' }[name]),
  );
  if (kind === undefined) return undefined;
  const count = readCount(r);
  if (!r.words('times') && !r.words('time')) r.fail('"times"');
  return { [kind]: count } as Count;
}

function readWhere(r: Reader): { where?: Predicate } {
  return r.words('where') ? { where: r.nest(() => readUnary(r)) } : {};
}

function readDid(r: Reader): Predicate {
  const head = { did: readEventName(r), ...readWhere(r) };
  let times = readTimes(r);
  const sum = r.words('sum') ? { of: r.needRef(), ...readOperator(r) } : undefined;
  times ??= readTimes(r);
  return {
    ...head,
    ...(times === undefined ? {} : { times }),
    ...(sum === undefined ? {} : { sum }),
    within: readSpan(r),
  };
}

function readSequence(r: Reader): Predicate {
  const sequence: SequenceStep[] = [];
  for (;;) {
    if (r.words('without')) {
      sequence.push({ didNot: readEventName(r), ...readWhere(r) });
    } else if (sequence.length === 0 || r.words('then')) {
      const step = { did: readEventName(r), ...readWhere(r) };
      sequence.push(r.words('within') ? { ...step, within: readDurationText(r) } : step);
    } else {
      if (!r.mark(',')) r.fail('"then", "without", or ", all in last" and a duration');
      r.need('all in last');
      return { sequence, within: readDurationText(r) };
    }
  }
}

function readSegment(r: Reader, is: 'member' | 'not-member'): Predicate {
  const segment = readId(r);
  return r.words('for at least') ? { segment, is, since: { atLeast: readDurationText(r) } } : { segment, is };
}

function readMessage(r: Reader, was: HadMessage['was']): Predicate {
  const message: HadMessage['message'] = {};
  for (;;) {
    const key = r.oneWord(['journey', 'step', 'topic']);
    const channel = key === undefined ? r.oneWord(CHANNELS) : undefined;
    if (key === undefined && channel === undefined) break;
    if (message[key ?? 'channel'] !== undefined) r.fail(`${key ?? 'a channel'} only once`);
    if (key !== undefined) message[key] = readId(r);
    else message.channel = channel!;
  }
  let by: HadMessage['by'];
  if (r.words('by')) by = r.oneWord(['human', 'anyone']) ?? r.fail('human or anyone');
  const times = readTimes(r);
  return {
    message,
    was,
    ...(by === undefined ? {} : { by }),
    ...(times === undefined ? {} : { times }),
    within: readSpan(r),
  };
}

function readConsent(r: Reader): Predicate {
  const channel = r.oneWord(CHANNELS) ?? r.fail(`a channel: ${CHANNELS.join(', ')}`);
  r.need('/');
  const topic = readId(r);
  r.need('is');
  const is = r.oneWord(['granted', 'pending', 'withdrawn', 'none']) ?? r.fail('granted, pending, withdrawn or none');
  return { consent: { channel, topic }, is };
}

function readWindows(r: Reader): Window[] {
  if (!r.mark('(')) return [readWindow(r)];
  const windows = [readWindow(r)];
  while (r.mark(',')) windows.push(readWindow(r));
  r.need(')');
  return windows;
}

function readWindow(r: Reader): Window {
  const days: Day[] = [];
  for (;;) {
    const column = r.here();
    const range = r.take(/(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?(?![\w-])/y);
    if (range === undefined) break;
    const [first, last = first] = range.split('-') as [Day, Day?];
    const length = ((DAYS.indexOf(last) - DAYS.indexOf(first) + 7) % 7) + 1;
    const added = Array.from({ length }, (_, i) => DAYS[(DAYS.indexOf(first) + i) % 7]!);
    if (added.some((day) => days.includes(day))) throw new PredicateSyntaxError(column, 'each day only once');
    days.push(...added);
  }
  const from = readTime(r);
  r.need('-');
  const to = readTime(r);
  return days.length === 0 ? { from, to } : { days, from, to };
}

function readTime(r: Reader): string {
  return r.take(/(?:[01]\d|2[0-3]):[0-5]\d(?!\d)/y) ?? r.fail('a time such as 09:00');
}

function readNear(r: Reader): { lat: number; lon: number; km: number } {
  const needed = (what: string, low: number, high: number): number => {
    const column = r.here();
    const n = readNumber(r) ?? r.fail(what);
    if (n < low || n > high) throw new PredicateSyntaxError(column, `${what} from ${low} to ${high}`);
    return n;
  };
  const km = needed('kilometres', Number.MIN_VALUE, 20_040);
  r.need('km of');
  r.need('(');
  const lat = needed('a latitude', -90, 90);
  r.need(',');
  const lon = needed('a longitude', -180, 180);
  r.need(')');
  return { lat, lon, km };
}
