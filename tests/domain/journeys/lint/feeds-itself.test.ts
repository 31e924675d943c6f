import { expect, it } from 'vitest';
import { Segment } from '../../../../shared/domain/audiences/segment.ts';
import type { Journey } from '../../../../shared/domain/journeys/journey.ts';
import { feedsItself } from '../../../../shared/domain/journeys/lint/feeds-itself.ts';
import type { LintCatalog } from '../../../../shared/domain/journeys/lint/finding.ts';
import { type Changes, stepsOnly } from '../a-journey.ts';

const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
const on = (event: string) => ({ entry: [{ on: 'event', event }] });
const emit = (event: string) => ({ say: { type: 'emit', event, next: 'end' } });
const enroll = (journey: string) => ({ in: { type: 'enroll', journey, next: 'end' } });
const leaving = (journey: string) => ({ on: 'journey', journey });
const one = (id: string, steps: Record<string, unknown>, changes: Changes = {}) =>
  stepsOnly(steps, { id, ...again, ...changes });
const said = (journey: Journey, others: readonly Journey[]) => {
  const journeys = new Map(others.map((other) => [other.id, other]));
  return feedsItself(journey, { journeys, segments } as unknown as LintCatalog).map(
    ({ severity, pointer, detail }) => `${severity} ${pointer} ${detail}`,
  );
};
const onSegment = (segment: string, change = 'entered') => ({
  entry: [{ on: 'segment', segment, change, existing: 'ignore' }],
});
const set = (trait: string) => ({ put: { type: 'update', set: { [trait]: 1 }, next: 'end' } });
const segments = new Map(
  [
    { id: 'gold', where: 'profile.plan = 1', live: true },
    { id: 'new', where: 'in segment gold and not (inside journey a)', live: true },
  ].map((said) => [said.id, Segment.parse({ schemaVersion: 1, name: said.id, ...said })]),
);
const again7 = { reentry: { again: 'P7D', whileInside: 'ignore' } };

it.each<[why: string, journey: Journey, others: Journey[], expected: string | undefined]>([
  ['an event that lets in its own customers', one('a', emit('X'), on('X')), [], '/steps/say/event … a → a'],
  [
    'an event that restarts them',
    one('a', emit('X'), { ...on('X'), reentry: { again: 'never', whileInside: 'restart' } }),
    [],
    '/steps/say/event … a → a',
  ],
  [
    'a wait of nothing before they come again',
    one('a', emit('X'), { ...on('X'), reentry: { again: 'PT0S', whileInside: 'ignore' } }),
    [],
    '/steps/say/event … a → a',
  ],
  ['once a week at most', one('a', emit('X'), { ...on('X'), ...again7 }), [], undefined],
  [
    'never again',
    one('a', emit('X'), { ...on('X'), reentry: { again: 'never', whileInside: 'ignore' } }),
    [],
    undefined,
  ],
  [
    'so many times at most',
    one('a', emit('X'), { ...on('X'), reentry: { again: 'after-exit', whileInside: 'ignore', max: 3 } }),
    [],
    undefined,
  ],
  ['an event that nobody enters on', one('a', emit('X'), on('Y')), [one('b', emit('Z'), on('Y'))], undefined],
  [
    'through another journey',
    one('a', emit('X'), on('Y')),
    [one('b', emit('Y'), on('X'))],
    '/steps/say/event … a → b → a',
  ],
  [
    'through one that waits a week',
    one('a', emit('X'), on('Y')),
    [one('b', emit('Y'), { ...on('X'), ...again7 })],
    undefined,
  ],
  ['an older version of its own is not asked', one('a', emit('X'), on('Y')), [one('a', emit('X'), on('X'))], undefined],
  ['by enrolling', one('a', enroll('b'), on('X')), [one('b', enroll('a'), on('Y'))], '/steps/in/journey … a → b → a'],
  ['a trait that moves them into its segment', one('a', set('plan.name'), onSegment('gold')), [], '/steps/put … a → a'],
  ['a trait that its segment does not ask for', one('a', set('name'), onSegment('gold')), [], undefined],
  ['a segment that asks who is inside', one('a', emit('Z'), onSegment('new', 'left')), [], '/entry … a → a'],
  [
    'through a segment and another journey',
    one('a', set('plan'), on('X')),
    [one('b', emit('X'), onSegment('gold'))],
    '/steps/put … a → b → a',
  ],
  ['by enrolling in one that is unknown', one('a', enroll('b'), on('X')), [], undefined],
  ['following on itself', one('a', emit('Z'), { entry: [leaving('a')] }), [], '/entry … a → a'],
  [
    'others that follow on it',
    one('a', emit('Y'), { entry: [leaving('b')] }),
    [one('b', emit('Z'), { entry: [leaving('a')] })],
    '/entry … a → b → a',
  ],
  [
    'following on one that it enrolls in',
    one('a', enroll('b'), { entry: [leaving('b')] }),
    [one('b', emit('Z'), on('Y'))],
    '/steps/in/journey … a → b → a',
  ],
  ['a circle of others is theirs', one('a', emit('X'), on('Y')), [one('b', emit('X'), on('X'))], undefined],
])('%s', (_why, journey, others, expected) => {
  const [pointer, circle] = expected?.split(' … ') ?? [];
  expect(said(journey, others)).toEqual(
    expected === undefined ? [] : [`warning ${pointer} customers come into this journey again: ${circle}`],
  );
});
