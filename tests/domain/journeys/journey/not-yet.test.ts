import { expect, it } from 'vitest';
import { notYet } from '../../../../shared/domain/journeys/not-yet.ts';
import { journeyWith, small } from '../a-journey.ts';

const next = 'end';
const step = (it: object) => ({ steps: { it } });
const waitFor = (trigger: object) =>
  step({ type: 'wait-for', any: [{ ...trigger, next }], within: 'P1D', timeout: next });

it.each<[pointer: string, changes: Record<string, unknown>]>([
  ['/where/where/message', { where: 'did "X" where (sent email ever) ever' }],
  ['/where/where/journey', { where: 'did "X" where inside journey j ever' }],
  ['/where/where/sequence', { where: 'did "X" where (sequence "A", all in last 1 day) ever' }],
  ['/where/sequence/1/where/did', { where: 'sequence "A" then "B" where did "C" ever, all in last 1 day' }],
  ['/where/sequence/0/where/ref', { where: 'sequence "A" where event.a = entry.a, all in last 1 day' }],
  ['/where/where/did', { where: 'did "X" where did "Y" ever ever' }],
  ['/where/where/not/clock', { where: 'did "X" where not local time is 09:00-10:00 ever' }],
  ['/where/where/consent', { where: 'did "X" where consent email/a is granted ever' }],
  ['/where/where/ref', { where: 'did "X" where event.cart_id = entry.cart_id ever' }],
  ['/where/where/ref', { where: 'did "X" where steps.offer.code = "x" ever' }],
  ['/where/where/segment', { where: 'did "X" where (in segment vip) ever' }],
  ['/steps/it/any/0/where/where/did', waitFor({ on: 'event', event: 'X', where: 'did "X" where did "Y" ever ever' })],
  ['/entry/0/where/where/did', { entry: [{ on: 'event', event: 'X', where: 'did "X" where did "Y" ever ever' }] }],
  [
    '/exitWhen/0/where/where/did',
    { exitWhen: [{ on: 'event', event: 'X', where: 'did "X" where did "Y" ever ever', reason: 'r' }] },
  ],
  ['/goal/where/where/did', { goal: { event: 'X', where: 'did "X" where did "Y" ever ever', within: 'P1D' } }],
])('not yet: %s in %j', (pointer, changes) => {
  const found = notYet(journeyWith(changes));
  expect(found).toEqual([
    expect.objectContaining({ pointer, code: 'journey.not-yet', detail: expect.stringMatching(/: not yet$/) }),
  ]);
});

it('lets everything through that the engine does', () => {
  const any = [
    { on: 'event', event: 'X', next },
    { on: 'message', step: 'hello', was: 'clicked', link: 'https://example.com', next },
    { on: 'becomes-true', if: 'profile.a = 1 and in segment vip for at least 30 days', next },
    { on: 'segment', segment: 'vip', change: 'left', next },
  ];
  const journey = journeyWith({
    entry: [
      { on: 'event', event: 'X', where: 'event.a = 1', maxAge: 'PT2H' },
      { on: 'date', trait: 'profile.birthday', every: 'year', offset: '-P7D', at: '09:00' },
      { on: 'schedule', segment: 'vip', zone: 'UTC', at: '09:00', every: 'month', days: [31] },
      { on: 'segment', segment: 'vip', change: 'entered', existing: 'enroll' },
      { on: 'api', properties: { a: { type: 'string' } } },
      { on: 'journey', journey: 'j', reason: 'bought' },
    ],
    where:
      'did "X" where event.a = profile.a at least 2 times sum event.b > 3 in last 1 day and consent email/t is granted and not local time is 09:00-10:00 and not inside journey j and (sequence "A" where event.a = 1 then "B", all in last 1 day) and profile.p inside berlin and (clicked topic t by anyone today or not (sent email at least 3 times in last 7 days))',
    reentry: { key: 'entry.cart_id', again: 'P1D', whileInside: 'restart', max: 3 },
    exitWhen: [
      { on: 'event', event: 'Y', where: 'event.cart_id = entry.cart_id', reason: 'bought' },
      { on: 'message', step: 'hello', was: 'bounced', reason: 'bounced' },
      { on: 'becomes-true', if: 'profile.a = 1', reason: 'done' },
    ],
    goal: { event: 'Y', within: 'P7D', from: 'message', value: 'event.total', exit: true },
    schedule: { startAt: '2026-10-30T09:00:00Z', endAt: '2026-12-30T09:00:00Z', atEnd: 'stop' },
    limits: {
      entriesPerDay: 100,
      entriesTotal: 1_000,
      messagesPerMinute: 10,
      messagesPerProfile: [{ max: 1, per: 'day' }],
      budget: { max: 1, currency: 'EUR', per: 'day' },
    },
    holdout: { percent: 10, group: 'all-news' },
    sending: {
      quietHours: [{ from: '22:00', to: '06:00' }],
      windows: [{ from: '09:00', to: '18:00' }],
      closedDates: ['2026-12-25'],
      catchUp: 'PT1H',
    },
    steps: {
      wait: { type: 'wait', until: { windows: [{ from: '09:00', to: '18:00' }] }, next },
      at: { type: 'wait', until: { at: { ref: 'profile.renewal_at' }, offset: '-P7D', past: 'exit' }, next },
      time: { type: 'wait', until: { time: '09:00' }, next },
      wf: { type: 'wait-for', any, within: 'P1D', timeout: next },
      split: { type: 'split', arms: [{ id: 'a', weight: 100, next }] },
      update: { type: 'update', set: { a: 1 }, increment: { b: 1 }, append: { c: 1 }, unset: ['d'], next },
      hook: { type: 'webhook', endpoint: 'crm', saveAs: 'offer', next, failed: next },
      out: { ...small.steps.hello, channels: ['email', 'webhook'] },
    },
  });
  expect(notYet(journey)).toEqual([]);
});
