import { describe, expect, it } from 'vitest';
import type { EnvironmentInput } from '../../infra/config.ts';
import { readEnvironmentConfig } from '../../infra/read-config.ts';
import { fullConfig, synthesize } from './synthesize.ts';

type Sender = NonNullable<EnvironmentInput['senders']>[number];
const [shop, news] = fullConfig.senders as [Sender, Sender];
const pool = 'pool-0123456789abcdef0123456789abcdef';
const plan = { from: '2026-12-01', perDay: [200, 500] };
const planned = (warmUp: object, ...others: object[]) => ({ senders: [{ ...shop, warmUp }, news, ...others] });

describe('rates and warm-ups', () => {
  it.each<[what: string, config: object]>([
    ['the slowest and the fastest rate', { channels: { email: { perSecond: 0.1 }, push: { perSecond: 10_000 } } }],
    ['a rate of one sender only', { ...planned(plan), channels: { email: { senders: { news: 5 } } } }],
    ['a rate of an identity', { sms: fullConfig.sms, channels: { sms: { perSecond: 20, senders: { [pool]: 10 } } } }],
    ['a plan with another sender for what is beyond', planned({ ...plan, overflow: 'news' })],
    [
      'plans that share one for what is beyond',
      planned(plan, { ...shop, id: 'b', warmUp: { ...plan, overflow: 'news' } }),
    ],
    ['a plan of 90 days', planned({ ...plan, perDay: Array.from({ length: 90 }, (_, day) => day + 1) })],
  ])('may be %s', (_what, config) => {
    expect(readEnvironmentConfig(config)).toMatchObject(config);
  });

  it.each<[what: string, config: object, line: string]>([
    [
      'no messages at all',
      { channels: { email: { perSecond: 0 } } },
      'channels.email.perSecond: Too small: expected number to be >=0.1 (value: 0)',
    ],
    [
      'more than may be counted',
      { channels: { webhook: { perSecond: 10_001 } } },
      'channels.webhook.perSecond: Too big: expected number to be <=10000 (value: 10001)',
    ],
    ['what says nothing', { channels: { email: {} } }, 'channels.email: needs perSecond or senders (value: {})'],
    [
      'senders that are none',
      { channels: { sms: { senders: {} } } },
      'channels.sms: needs perSecond or senders (value: {"senders":{}})',
    ],
    // Apps fetch their messages: nobody is called.
    ['a rate of a table', { channels: { 'in-app': { perSecond: 5 } } }, 'channels: Unrecognized key: "in-app"'],
    [
      'a rate of a sender that is not there',
      { senders: [shop, news], channels: { email: { senders: { old: 5 } } } },
      'channels.email.senders.old: must be one of shop, news (value: "old")',
    ],
    [
      'a rate of a sender of an environment without',
      { channels: { sms: { senders: { [pool]: 5 } } } },
      `channels.sms.senders.${pool}: has no sender to name (value: "${pool}")`,
    ],
    [
      'a rate of an endpoint, which is a document',
      { channels: { webhook: { senders: { crm: 5 } } } },
      'channels.webhook.senders.crm: has no sender to name (value: "crm")',
    ],
    [
      'a rate of a sender below the least',
      { senders: [shop], channels: { email: { senders: { shop: 0.01 } } } },
      'channels.email.senders.shop: Too small: expected number to be >=0.1 (value: 0.01)',
    ],
    [
      'a first day that no calendar has',
      planned({ ...plan, from: '2026-02-30' }),
      'senders.0.warmUp.from: must be a day like 2026-12-01 (value: "2026-02-30")',
    ],
    [
      'no days',
      planned({ ...plan, perDay: [] }),
      'senders.0.warmUp.perDay: Too small: expected array to have >=1 items',
    ],
    [
      'a day of none',
      planned({ ...plan, perDay: [5, 0] }),
      'senders.0.warmUp.perDay.1: Too small: expected number to be >=1 (value: 0)',
    ],
    [
      'a quarter and a day',
      planned({ ...plan, perDay: Array.from({ length: 91 }, () => 1) }),
      'senders.0.warmUp.perDay: Too big: expected array to have <=90 items',
    ],
    [
      'itself for what is beyond',
      planned({ ...plan, overflow: 'shop' }),
      'senders.0.warmUp.overflow: must be the id of another sender (value: "shop")',
    ],
    [
      'somebody unknown for what is beyond',
      planned({ ...plan, overflow: 'old' }),
      'senders.0.warmUp.overflow: must be the id of another sender (value: "old")',
    ],
    // So there are no chains, and no circles either.
    [
      'a sender for what is beyond that is new itself',
      planned({ ...plan, overflow: 'b' }, { ...shop, id: 'b', warmUp: { ...plan, overflow: 'shop' } }),
      'senders.0.warmUp.overflow: must be a sender that has no warmUp itself (value: "b")',
    ],
  ])('G13 are refused with %s, and the field, the limit and the value are named', (_what, config, line) => {
    expect(() => readEnvironmentConfig(config)).toThrow(line);
  });
});

describe('G11: only what counts has the right to', () => {
  const sends = ['email', 'in-app', 'push', 'sms', 'webhook'];
  const counting = (config: EnvironmentInput): string[] => {
    const { resources } = synthesize(config);
    return sends.filter((channel) => {
      const role = `Send${channel.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Role`;
      const policy = resources.find(({ id, type }) => type === 'AWS::IAM::Policy' && id.startsWith(role))!;
      const statements = policy.properties['PolicyDocument'].Statement as { Sid: string; Action: string | string[] }[];
      const limits = statements.find(({ Sid }) => Sid === 'TableLimits');
      return [limits?.Action ?? []].flat().includes('dynamodb:UpdateItem');
    });
  };

  it.each<[what: string, config: EnvironmentInput, channels: string[]]>([
    ['no rate and no warm-up', {}, []],
    ['rates', { channels: { push: { perSecond: 5 }, webhook: { perSecond: 5 } } }, ['push', 'webhook']],
    ['a rate of a sender', { channels: { sms: { senders: { [pool]: 5 } } } }, ['sms']],
    ['a warm-up', { senders: [shop, { ...news, warmUp: plan }] }, ['email']],
  ])('%s', (_what, config, channels) => {
    expect(counting({ ...fullConfig, ...config })).toEqual(channels);
  });
});
