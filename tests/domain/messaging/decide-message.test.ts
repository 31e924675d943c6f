import { describe, expect, it } from 'vitest';
import { checkCaps } from '../../../shared/domain/messaging/policy/check-caps.ts';
import type { Consent } from '../../../shared/domain/profiles/profile.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { instant, journey, message, template, World } from '../engine/world.ts';

const ann = { email: 'Ann@Example.com', phone: '+4915112345678' };
const stay = { type: 'wait', for: 'P9D', next: 'end' } as const;
const news = (step: object = {}) =>
  journey({
    reentry: { again: 'after-exit', whileInside: 'restart' },
    steps: { a: message('x', step), x: stay, s: { type: 'exit', reason: 'skipped' } } as never,
  });
const consent = (state: Consent['state'], channel: Consent['channel'] = 'email', topic = 'news', at = 0): Consent => ({
  channel,
  topic,
  state,
  at,
  source: 'form',
});

describe('G10: what keeps a message from being sent', () => {
  interface Case {
    readonly traits?: object;
    readonly consents?: Consent[];
    readonly step?: object;
    readonly policy?: object;
    readonly templates?: readonly string[];
    readonly channel: string | undefined;
    readonly code?: string;
  }
  it.each<[string, Case]>([
    ['nothing', { channel: 'email' }],
    ['no address', { traits: {}, channel: undefined, code: 'address.missing' }],
    ['no good address', { traits: { email: 'ann at example' }, channel: undefined, code: 'address.invalid' }],
    ['consent withdrawn', { consents: [consent('withdrawn')], channel: undefined, code: 'consent.withdrawn' }],
    ['consent not confirmed yet', { consents: [consent('pending')], channel: undefined, code: 'consent.pending' }],
    [
      'the newest statement counts, not the last one that came',
      {
        consents: [consent('granted', 'email', 'news', 9), consent('withdrawn', 'email', 'news', 5)],
        channel: 'email',
      },
    ],
    ['a topic that must be opted in', { step: { channels: ['sms'] }, channel: undefined, code: 'consent.missing' }],
    ['opted in', { step: { channels: ['sms'] }, consents: [consent('granted', 'sms')], channel: 'sms' }],
    [
      'the first channel may not, the second may',
      { step: { channels: ['sms', 'email'] }, channel: 'email', code: 'consent.missing' },
    ],
    [
      'the first channel may: only that one',
      { step: { channels: ['email', 'sms'] }, consents: [consent('granted', 'sms')], channel: 'email' },
    ],
    ['a transactional topic needs no opt-in', { step: { topic: 'account', channels: ['sms'] }, channel: 'sms' }],
    [
      'a transactional topic that was withdrawn',
      {
        step: { topic: 'account' },
        consents: [consent('withdrawn', 'email', 'account')],
        channel: undefined,
        code: 'consent.withdrawn',
      },
    ],
    ['a topic that is not there', { step: { topic: 'nothing' }, channel: undefined, code: 'topic.unknown' }],
    ['a template that is not there', { step: { template: 'nothing' }, channel: undefined, code: 'template.missing' }],
    ['a template without this channel', { templates: ['push'], channel: undefined, code: 'template.no-variant' }],
    [
      'a webhook, which only a webhook step can address',
      { step: { channels: ['webhook'] }, channel: undefined, code: 'channel.no-endpoint' },
    ],
    [
      'too young',
      {
        traits: { ...ann, birthday: '2010-11-23' },
        policy: { minimumAge: 16 },
        channel: undefined,
        code: 'age.too-young',
      },
    ],
    ['old enough today', { traits: { ...ann, birthday: '2010-11-22' }, policy: { minimumAge: 16 }, channel: 'email' }],
    [
      'too young, says the age',
      { traits: { ...ann, age: 12 }, policy: { minimumAge: 16 }, channel: undefined, code: 'age.too-young' },
    ],
    ['of an age that nobody knows', { policy: { minimumAge: 16 }, channel: 'email' }],
    ['a cap of nothing', { policy: { caps: [{ max: 0, per: 'day' }] }, channel: undefined, code: 'cap.zero' }],
    ['a cap of another channel', { policy: { caps: [{ channel: 'sms', max: 0, per: 'day' }] }, channel: 'email' }],
    [
      'quiet hours that never end',
      { policy: { quietHours: [{ from: '00:00', to: '00:00' }] }, channel: undefined, code: 'quiet-hours.always' },
    ],
  ])('%s', (_title, { traits = ann, consents = [], step = {}, policy = {}, templates, channel, code }) => {
    const w = new World({
      journeys: [news({ skipped: 's', ...step })],
      policy,
      ...(templates && { templates: [template('hello', templates)] }),
    });
    w.identify('ann', traits as never);
    if (consents.length > 0)
      for (const one of consents)
        w.tell('ann', { t: 'consent', id: `c${one.at}${one.state}`, at: one.at, consents: [one] });
    w.track('ann', 'Signed Up');
    expect(w.messages.map((one) => one.channel)).toEqual(channel === undefined ? [] : [channel]);
    if (channel === undefined) expect(w.counts.at(-1)).toBe('welcome exited/skipped');
    if (code !== undefined) {
      const no = w.reasons.find((reason) => reason.code === code)!;
      expect(no.fix, 'every no says what would make it a yes').toMatch(/\w{3,} \w+/);
    }
  });

  it('G7: every channel that may not says why', () => {
    const w = new World({ journeys: [news({ channels: ['sms', 'push', 'email'] })] });
    w.track('ann', 'Signed Up');
    const no = w.reasons.filter((reason) => reason.channel !== undefined);
    expect(no.map((one) => `${one.channel} ${one.code}`)).toEqual([
      'sms consent.missing',
      'push address.missing',
      'email address.missing',
    ]);
    expect(w.codes()).toContain('message.blocked');
  });
});

describe('G10: what providers say of an address', () => {
  const receipt = (w: World, was: string, more: object = {}) =>
    w.tell('ann', {
      t: 'receipt',
      id: `r-${was}`,
      at: w.now,
      message: w.messages[0]!.id,
      channel: 'email',
      was,
      ...more,
    } as never);

  it.each<[string, object, string[]]>([
    ['bounced', { permanent: true }, ['email bounce']],
    ['complained', {}, ['email complaint']],
    ['bounced', { permanent: false }, []],
    ['delivered', {}, []],
    ['delayed', {}, []],
    ['opened', {}, []],
    ['clicked', { link: 'https://x' }, []],
    ['delivered', { suppress: 'complaint' }, ['email complaint']],
  ])('%s %j', (was, more, suppressed) => {
    const w = new World({ journeys: [news({ topic: 'account', skipped: 's' })] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    const decision = receipt(w, was, more);
    expect(w.suppressed).toEqual(suppressed);
    expect(w.codes()).toContain(`receipt.${was}`);
    expect(decision.changed).toBe(suppressed.length > 0);
    expect(receipt(w, was, more).effects).toEqual([]);
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(suppressed.length > 0 ? 1 : 2);
    if (suppressed.length === 0) return;
    // Another address is another matter.
    w.identify('ann', { email: 'new@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(2);
  });

  it('an address that the request gave is the one that bounced', () => {
    const w = new World({ journeys: [news()] });
    w.identify('ann', ann);
    w.tell('ann', { t: 'message', id: 'r', at: w.now, template: 'hello', properties: {}, to: 'other@example.com' });
    receipt(w, 'bounced', { permanent: true });
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(2);
    w.tell('ann', { t: 'message', id: 's', at: w.now, template: 'hello', properties: {}, to: 'other@example.com' });
    expect(w.messages).toHaveLength(2);
  });

  it('a bounce of before the address was changed is not the new address’s', () => {
    const w = new World({ journeys: [news()] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    const bouncedAt = w.now;
    w.pass('1h');
    w.identify('ann', { email: 'new@example.com' });
    receipt(w, 'bounced', { permanent: true, at: bouncedAt });
    expect(w.suppressed).toEqual([]);
  });

  it('unsubscribing withdraws every marketing topic of the channel, and nothing else', () => {
    const w = new World({ journeys: [news()] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    receipt(w, 'delivered', { suppress: 'unsubscribe' });
    expect(Object.values(w.profile('ann').consents).map((one) => `${one.channel}/${one.topic} ${one.state}`)).toEqual([
      'email/news withdrawn',
    ]);
    expect(w.suppressed).toEqual(['email unsubscribe']);
  });
});

describe('G10: frequency caps', () => {
  const capped = (cap: object, traits: object = ann, step: object = {}) => {
    const w = new World({ journeys: [news(step)], policy: { caps: [cap as never] } });
    w.identify('ann', traits as never);
    return w;
  };

  it.each<[string, object, object, string[]]>([
    [
      'two in a calendar day of the customer’s zone',
      { max: 2, per: 'day' },
      { ...ann, timezone: 'America/New_York' },
      ['10:00', '11:00', '2026-11-23T05:00'],
    ],
    ['two in a sliding day', { max: 2, per: 'PT24H' }, ann, ['10:00', '11:00', '2026-11-23T10:00']],
    ['one in a sliding hour', { max: 1, per: 'PT1H' }, ann, ['10:00', '11:00', '12:00']],
  ])('%s: what is too much is held until a place is free', (_title, cap, traits, expected) => {
    const w = capped(cap, traits, { holdAtMost: 'P2D' });
    for (let i = 0; i < 3; i += 1) {
      w.track('ann', 'Signed Up');
      w.pass('1h');
    }
    w.pass('2d');
    expect(w.messages.map((one) => new Date(one.decidedAt).toISOString().slice(0, 16))).toEqual(
      expected.map((time) => (time.length > 5 ? time : `2026-11-22T${time}`)),
    );
  });

  it.each([
    [3, undefined],
    [2, '2026-11-22T10:00'],
    [1, '2026-11-22T11:00'],
  ])('with two sends in the last hours a cap of %i holds until %s', (max, until) => {
    const w = new World({ policy: { caps: [{ max, per: 'PT2H' }] } });
    const sends = [1, 2].map((n) => ({
      id: `m${n}`,
      at: instant(`2026-11-22T0${7 + n}:00:00Z`),
      channel: 'email' as const,
      topic: 'news',
    }));
    const topic = w.catalog.topics.get('news')!;
    const at = { now: instant('2026-11-22T09:30:00Z'), zone: 'UTC', seed: '' };
    const verdict = checkCaps({
      profile: { ...emptyProfile, sends },
      catalog: w.catalog,
      channel: 'email',
      topic,
      ...at,
    });
    expect(
      verdict === undefined ? undefined : 'until' in verdict && new Date(verdict.until).toISOString().slice(0, 16),
    ).toBe(until);
  });

  it('what is held longer than holdAtMost is skipped at once', () => {
    const w = capped({ max: 1, per: 'P7D' }, ann, { skipped: 's' });
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'sent');
    w.track('ann', 'Signed Up');
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
    expect(w.codes()).toContain('message.held-too-long');
  });

  it('G6: what a cap holds is due at a whole minute, like every long wait', () => {
    const w = new World({
      journeys: [news()],
      policy: { caps: [{ max: 1, per: 'PT6H' }] },
      at: '2026-11-22T10:00:07Z',
    });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(w.standing('ann')).toBe('a held 2026-11-22T16:01');
  });

  it('of a cap and quiet hours the one that ends last counts', () => {
    const policy = { caps: [{ max: 1, per: 'PT1H' }], quietHours: [{ from: '10:05', to: '20:00' }] };
    const w = new World({ journeys: [news({ skipped: 's', holdAtMost: 'PT5H' })], policy });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'sent');
    w.pass('10m');
    w.track('ann', 'Signed Up');
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
  });

  it('whenBlocked: skip does not hold', () => {
    const w = capped({ max: 1, per: 'PT1H' }, ann, { skipped: 's', whenBlocked: 'skip' });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
    expect(w.codes()).toContain('message.not-held');
  });

  it.each([
    ['not-sent', 2],
    ['failed', 2],
    ['unknown', 1],
  ] as const)('a message that came to %s: %s messages', (outcome, messages) => {
    const w = capped({ max: 1, per: 'P7D' });
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, outcome);
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(messages);
  });

  it('transactional messages neither count nor are counted', () => {
    const w = new World({
      journeys: [
        news(),
        journey({
          id: 'receipt',
          entry: [{ on: 'event', event: 'Paid' }],
          reentry: { again: 'after-exit', whileInside: 'ignore' },
          steps: { a: message('end', { topic: 'account' }) },
        }),
      ],
      policy: { caps: [{ max: 1, per: 'P7D' }] },
    });
    w.identify('ann', ann);
    w.track('ann', 'Paid');
    w.tell('ann', { t: 'message', id: 'r', at: w.now, template: 'hello', properties: {} });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Paid');
    expect(w.messages.map((one) => one.topic)).toEqual(['account', 'account', 'news', 'account']);
  });

  it('of two branches of customers’ journeys at the same time only one wins', () => {
    const both = ['one', 'two'].map((id) => journey({ id, steps: { a: message('end', { whenBlocked: 'skip' }) } }));
    const w = new World({ journeys: both, policy: { caps: [{ channel: 'email', max: 1, per: 'day' }] } });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    expect(w.messages.map((one) => one.origin!.journey)).toEqual(['one']);
  });

  it('what no cap can ask for any more is forgotten', () => {
    const w = capped({ max: 9, per: 'PT1H' });
    for (let i = 0; i < 10; i += 1) {
      w.track('ann', 'Signed Up');
      w.pass('1d');
    }
    expect(w.messages).toHaveLength(10);
    expect(w.profile('ann').sends.length).toBeLessThanOrEqual(2);
  });
});

describe('a message without a journey', () => {
  const direct = (w: World, more: object = {}) =>
    w.tell('ann', {
      t: 'message',
      id: 'req-1.0',
      at: w.now,
      template: 'hello',
      properties: { code: '1234' },
      ...more,
    } as never);

  it.each<[string, object, string | undefined, string]>([
    ['goes at once, also at night', {}, 'email', 'message.decided'],
    ['on the channel asked for', { channels: ['sms'] }, 'sms', 'message.decided'],
    [
      'to an address given, on the channel it fits',
      { to: '+15555550100', channels: ['email', 'sms'] },
      'sms',
      'message.decided',
    ],
    ['not on a marketing topic', { topic: 'news' }, undefined, 'topic.not-transactional'],
    ['not on a topic that is not there', { topic: 'nothing' }, undefined, 'topic.unknown'],
    ['not when it is too late', { expiresAt: 5 }, undefined, 'message.expired'],
    ['not without a channel', { template: 'gone' }, undefined, 'message.blocked'],
  ])('%s', (_title, more, channel, code) => {
    const w = new World({
      at: '2026-11-22T23:00:00Z',
      policy: { quietHours: [{ from: '22:00', to: '08:00' }], caps: [{ max: 0, per: 'day' }] },
    });
    w.identify('ann', ann);
    const decision = direct(w, more);
    expect(w.messages.map((one) => one.channel)).toEqual(channel === undefined ? [] : [channel]);
    expect(w.codes()).toContain(code);
    expect(decision.changed, 'what is sent moves the profile, so that a retry is looked up').toBe(
      channel !== undefined,
    );
    if (channel !== undefined)
      expect(w.messages[0]).toMatchObject({
        transactional: true,
        topic: 'account',
        values: { entry: { code: '1234' } },
      });
  });

  it('G2: the same request makes the same message', () => {
    const w = new World();
    w.identify('ann', ann);
    direct(w);
    direct(w);
    expect(w.messages[0]!.id).toBe(w.messages[1]!.id);
    expect(w.profile('ann').sends).toHaveLength(1);
  });
});
