import type { Window } from '../../kernel/schema.ts';
import type { Count, Op, Predicate, Scalar, SequenceStep, Span } from './predicate.ts';
import { DAYS } from './predicate-text.ts';

/** A predicate as people read it. Law: `parsePredicate(printPredicate(p))` is p. */
export function printPredicate(p: Predicate): string {
  if ('all' in p) return printGroup('all', 'and', p.all);
  if ('any' in p) return printGroup('any', 'or', p.any);
  if ('not' in p) return `not ${printUnary(p.not, true)}`;
  if ('ref' in p) return `${p.ref} ${printOp(p)}`;
  if ('did' in p) {
    const sum = p.sum === undefined ? '' : ` sum ${p.sum.of} ${printOp(p.sum)}`;
    return `did ${quote(p.did)}${printWhere(p.where)}${printTimes(p.times)}${sum} ${printSpan(p.within)}`;
  }
  if ('sequence' in p) {
    const steps = p.sequence.map((step, index) => printSequenceStep(step, index === 0));
    return `sequence ${steps.join(' ')}, all in last ${printDuration(p.within)}`;
  }
  if ('segment' in p) {
    const since = p.since === undefined ? '' : ` for at least ${printDuration(p.since.atLeast)}`;
    return `${p.is === 'member' ? '' : 'not '}in segment ${p.segment}${since}`;
  }
  if ('message' in p) {
    const { channel, journey, step, topic } = p.message;
    const filters = [
      channel,
      journey && `journey ${journey}`,
      step && `step ${step}`,
      topic && `topic ${topic}`,
      p.by && `by ${p.by}`,
    ];
    const filter = filters.flatMap((words) => (words === undefined ? [] : ` ${words}`)).join('');
    return `${p.was}${filter}${printTimes(p.times)} ${printSpan(p.within)}`;
  }
  if ('consent' in p) return `consent ${p.consent.channel}/${p.consent.topic} is ${p.is}`;
  if ('clock' in p) return `local time is ${printWindows(p.windows)}`;
  const reason = p.reason === undefined ? '' : ` reason ${p.reason}`;
  return `${p.is === 'never-entered' ? 'never entered' : p.is} journey ${p.journey}${reason}`;
}

export function printDuration(duration: string): string {
  const match = /^P(?:([1-9]\d*)([YMWD])|T([1-9]\d*)([HMS]))$/.exec(duration);
  if (match === null) return duration;
  const [, dates, dateUnit, times, timeUnit] = match;
  const count = dates ?? times!;
  const unit =
    dateUnit === undefined
      ? { H: 'hour', M: 'minute', S: 'second' }[timeUnit as 'H' | 'M' | 'S']
      : { Y: 'year', M: 'month', W: 'week', D: 'day' }[dateUnit as 'Y' | 'M' | 'W' | 'D'];
  return `${count} ${unit}${count === '1' ? '' : 's'}`;
}

function printGroup(name: 'all' | 'any', word: 'and' | 'or', parts: readonly Predicate[]): string {
  if (parts.length < 2) return `${name} (${parts.map(printPredicate).join('')})`;
  return parts.map((part) => printUnary(part, 'all' in part || 'any' in part)).join(` ${word} `);
}

const printUnary = (p: Predicate, parentheses: boolean): string =>
  parentheses && !isSmallGroup(p) ? `(${printPredicate(p)})` : printPredicate(p);

/** Prints with parentheses of its own. */
const isSmallGroup = (p: Predicate): boolean => ('all' in p && p.all.length < 2) || ('any' in p && p.any.length < 2);

const printWhere = (where: Predicate | undefined): string =>
  where === undefined ? '' : ` where ${printUnary(where, !('ref' in where))}`;

function printSequenceStep(step: SequenceStep, isFirst: boolean): string {
  if ('didNot' in step) return `without ${quote(step.didNot)}${printWhere(step.where)}`;
  const within = step.within === undefined ? '' : ` within ${printDuration(step.within)}`;
  return `${isFirst ? '' : 'then '}${quote(step.did)}${printWhere(step.where)}${within}`;
}

export function printOp(op: Op): string {
  if ('is' in op) return `= ${printOperand(op.is)}`;
  if ('isNot' in op) return `!= ${printOperand(op.isNot)}`;
  if ('in' in op) return `in ${Array.isArray(op.in) ? printList(op.in) : op.in.ref}`;
  if ('notIn' in op) return `not in ${printList(op.notIn)}`;
  if ('gt' in op) return `> ${printScalar(op.gt)}`;
  if ('gte' in op) return `>= ${printScalar(op.gte)}`;
  if ('lt' in op) return `< ${printScalar(op.lt)}`;
  if ('lte' in op) return `<= ${printScalar(op.lte)}`;
  if ('between' in op) return `between ${printScalar(op.between[0])} and ${printScalar(op.between[1])}`;
  if ('exists' in op) return op.exists ? 'exists' : 'is missing';
  if ('contains' in op) return `contains ${printScalar(op.contains)}`;
  if ('startsWith' in op) return `starts with ${quote(op.startsWith)}`;
  if ('endsWith' in op) return `ends with ${quote(op.endsWith)}`;
  if ('withinLast' in op) return `in last ${printDuration(op.withinLast)}`;
  if ('withinNext' in op) return `in next ${printDuration(op.withinNext)}`;
  if ('near' in op) return `within ${op.near.km} km of (${op.near.lat}, ${op.near.lon})`;
  return `inside ${op.inside}`;
}

const quote = (text: string): string => JSON.stringify(text);
const printScalar = (value: Scalar): string => JSON.stringify(value);
const printOperand = (value: Scalar | { ref: string }): string =>
  typeof value === 'object' && value !== null ? value.ref : printScalar(value);
const printList = (values: readonly Scalar[]): string => `(${values.map(printScalar).join(', ')})`;

function printTimes(times: Count | undefined): string {
  if (times === undefined) return '';
  const [words, count] =
    'atLeast' in times
      ? ['at least', times.atLeast]
      : 'atMost' in times
        ? ['at most', times.atMost]
        : ['exactly', times.exactly];
  return ` ${words} ${count} ${count === 1 ? 'time' : 'times'}`;
}

function printSpan(span: Span): string {
  if (span === 'run') return 'in this run';
  if (span === 'ever' || span === 'today') return span;
  return `in last ${printDuration(span)}`;
}

const printWindows = (windows: readonly Window[]): string =>
  windows.length === 1 ? printWindow(windows[0]!) : `(${windows.map(printWindow).join(', ')})`;

/** Days in the order given; three or more that follow each other become a range. */
function printWindow({ days = [], from, to }: Window): string {
  const words: string[] = [];
  for (let i = 0; i < days.length; ) {
    let last = i;
    while (last + 1 < days.length && DAYS.indexOf(days[last + 1]!) === DAYS.indexOf(days[last]!) + 1) last += 1;
    if (last - i >= 2) words.push(`${days[i]}-${days[last]}`);
    else words.push(...days.slice(i, last + 1));
    i = last + 1;
  }
  return [...words, `${from}-${to}`].join(' ');
}
