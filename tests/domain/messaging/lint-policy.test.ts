import { describe, expect, it } from 'vitest';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import { lintPolicy } from '../../../shared/domain/messaging/lint-policy.ts';
import { Policy } from '../../../shared/domain/messaging/policy.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';

const topics = [
  { id: 'news', kind: 'marketing', consent: {} },
  { id: 'account', kind: 'transactional', consent: {} },
].map((topic) => [topic.id, Topic.parse(topic)] as const);
const gold = Segment.parse({ schemaVersion: 1, id: 'gold', name: 'Gold', where: 'profile.plan = "gold"' });
const neighbours = { topics: new Map(topics), segments: new Map([['gold', gold]]) };

const base = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
const lint = (part: object) =>
  lintPolicy(Policy.parse({ ...base, ...part }), neighbours).map(({ severity, code, pointer, fix }) => {
    expect(fix).toMatch(/\w{3,} \w+/);
    return `${severity} ${code} ${pointer}`;
  });

describe('what a policy cannot mean', () => {
  it.each<[string, object, string[]]>([
    [
      'a cap of 0 that holds',
      { caps: [{ max: 0, per: 'day', whenReached: 'hold' }] },
      ['error policy.cap-zero-hold /caps/0/whenReached'],
    ],
    ['a cap of 0 forbids', { caps: [{ max: 0, per: 'day' }] }, []],
    [
      'a topic that is not there',
      { caps: [{ topic: 'newz', max: 1, per: 'day' }] },
      ['warning policy.topic-unknown /caps/0/topic'],
    ],
    [
      'a cap of what no cap counts',
      { caps: [{ topic: 'account', max: 1, per: 'day' }] },
      ['warning policy.cap-transactional /caps/0/topic'],
    ],
    [
      'a gap that keeps the cap already',
      {
        gap: { between: 'PT12H' },
        caps: [
          { max: 2, per: 'day' },
          { max: 14, per: 'week' },
          { max: 1, per: 'P1D' },
        ],
      },
      ['warning policy.cap-never-reached /caps/0', 'warning policy.cap-never-reached /caps/1'],
    ],
    [
      'a gap of other channels',
      {
        gap: { between: 'P1D', channels: ['sms'] },
        caps: [
          { max: 1, per: 'day' },
          { channel: 'sms', max: 1, per: 'day' },
        ],
      },
      ['warning policy.cap-never-reached /caps/1'],
    ],
    [
      'a gap between different channels',
      { gap: { between: 'P1D', onlyDifferent: true }, caps: [{ max: 1, per: 'day' }] },
      [],
    ],
    ['always quiet', { quietHours: [{ from: '00:00', to: '00:00' }] }, ['warning policy.quiet-always /quietHours']],
    ['always quiet in one country', { quietHours: [{ from: '00:00', to: '00:00', countries: ['FR'] }] }, []],
    [
      'a rule behind one that always holds',
      { channelOrder: [{ order: ['email'] }, { if: 'profile.a = 1', order: ['sms'] }] },
      ['warning policy.rule-unreachable /channelOrder/1'],
    ],
    [
      'what only a run knows',
      { channelOrder: [{ if: 'entry.a = 1', order: [{ ref: 'event.b' }] }] },
      ['error policy.ref /channelOrder/0/order/0/ref', 'error policy.ref /channelOrder/0/if/ref'],
    ],
    [
      'a segment that is not there',
      { channelOrder: [{ if: { segment: 'golf', is: 'member' }, order: ['sms'] }] },
      ['warning policy.segment-unknown /channelOrder/0/if/segment'],
    ],
    ['a segment that is', { channelOrder: [{ if: { segment: 'gold', is: 'member' }, order: ['sms'] }] }, []],
    ['nobody left', { holdout: { percent: 100, group: 'all' } }, ['warning policy.holdout-everybody /holdout/percent']],
  ])('%s', (_title, part, expected) => {
    expect(lint(part)).toEqual(expected);
  });

  it.each([
    [
      'two caps of one id',
      {
        caps: [
          { id: 'a', max: 1, per: 'day' },
          { id: 'a', max: 1, per: 'week' },
        ],
      },
    ],
    ['a country that is none', { quietHours: [{ from: '20:00', to: '08:00', countries: ['France'] }] }],
    ['a channel twice', { gap: { between: 'PT1H', channels: ['sms', 'sms'] } }],
    ['a span that is none', { caps: [{ max: 1, per: 'fortnight' }] }],
    ['an order of nothing', { channelOrder: [{ order: [] }] }],
  ])('its form: %s', (_title, part) => {
    expect(Policy.safeParse({ ...base, ...part }).success).toBe(false);
  });
});
