import { describe, expect, it } from 'vitest';
import type { Outgoing, OutgoingWebhook, ProviderResult } from '../../shared/app/delivery.ts';
import { isAllowedTarget } from '../../shared/app/delivery-mode.ts';
import { type HandOverPorts, handOver } from '../../shared/app/hand-over.ts';
import { killSwitchWatch } from '../../shared/app/kill-switch-watch.ts';
import { Leases } from '../../shared/app/leases.ts';
import type { HandResult, MetricName } from '../../shared/app/ports.ts';
import { warmUp } from '../../shared/app/sending/warm-up.ts';
import { readLink, signedLinks } from '../../shared/app/signed-links.ts';
import type { CatalogSnapshot, JourneyState } from '../../shared/domain/catalog.ts';
import { compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import type { MessageRequest } from '../../shared/domain/decision.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { addressHash, asHashed } from '../../shared/domain/messaging/address.ts';
import { consentFor } from '../../shared/domain/messaging/consent.ts';
import type { KillSwitch } from '../../shared/domain/messaging/kill-switch.ts';
import { type Suppression, type SuppressionReason, suppressedBy } from '../../shared/domain/messaging/suppression.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import type { Topic } from '../../shared/domain/messaging/topic.ts';
import { type ConsentState, emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { HOUR_MS } from '../../shared/kernel/time.ts';
import type { Sender, Settings, WarmUpPlan } from '../../shared/settings.ts';
import { memoryCounters } from '../protocol/memory-stores.ts';

const now = Date.UTC(2026, 10, 22, 12);
const key = 'uAAAAAAAAAAAAAAAAAAAAAA';
const address = 'ada@example.org';
const hash = addressHash('email', address);
const topics: Topic[] = [
  { id: 'offers', name: 'Offers', kind: 'marketing', consent: { email: 'opt-out' } },
  { id: 'letters', kind: 'marketing', consent: { email: 'opt-in' } },
  { id: 'receipts', kind: 'transactional', consent: {} },
];
const template = (id: string, text: string, more: Partial<Template> = {}): Template => ({
  schemaVersion: 1,
  id,
  variables: {},
  variants: [{ channel: 'email', content: { subject: `${id} for {{ profile.name }}`, text } }],
  ...more,
});
const templates = [
  {
    id: 'welcome',
    version: 7,
    document: template('welcome', 'Hi {{ profile.name }}, {{ event.total }} {{ vars.x }} {{ unsubscribe_url }}'),
  },
  { id: 'broken', version: 1, document: template('broken', '{{ profile.email | append }}') },
  {
    id: 'needy',
    version: 1,
    document: template('needy', '{{ event.total }}', {
      variables: { 'event.total': { type: 'number', example: 1, required: true } },
    }),
  },
  {
    id: 'seen',
    version: 1,
    document: template('seen', '{{ lookups.product.name }}', {
      lookups: { product: { collection: 'products', key: 'boots', onMissing: 'skip' } },
    }),
  },
  {
    id: 'tiered',
    version: 2,
    document: {
      ...template('tiered', ''),
      variants: [
        { channel: 'email', content: { subject: 'plain', text: 'plain' } },
        { channel: 'email', if: { ref: 'event.total', gte: 100 }, content: { subject: 'gold', text: 'gold' } },
        { channel: 'email', locale: 'de', content: { subject: 'deutsch', text: 'deutsch' } },
      ],
    } satisfies Template,
  },
];
const journey = (over: object = {}) =>
  Journey.parse({
    schemaVersion: 1,
    id: 'onboarding',
    name: 'Onboarding',
    topic: 'offers',
    entry: [{ on: 'api' }],
    reentry: { again: 'never', whileInside: 'ignore' },
    start: 'hello',
    steps: { hello: { type: 'message', template: 'welcome', channels: ['email'], next: 'end' } },
    ...over,
  });
const settings: Settings = {
  environment: 'test',
  delivery: { mode: 'live', allow: [] },
  senders: [
    { id: 'main', from: 'Shop <hello@shop.example>', replyTo: 'help@shop.example', postalAddress: '1 Way, Town' },
    { id: 'other', from: 'other@shop.example', postalAddress: '1 Way, Town' },
  ],
  configurationSets: { marketing: 'set-marketing', transactional: 'set-transactional' },
  linksBaseUrl: 'https://links.example',
  inbox: { origins: [], keptDays: 90 },
  retention: { logDays: 30, backupDays: 35 },
  journalRetentionDays: 60,
  messageRetentionDays: 60,
  zone: 'UTC',
  locale: 'en',
};
const ada: Profile = {
  ...emptyProfile,
  ids: { user: 'ada' },
  traits: {
    email: { value: address, at: 0, source: 'identify' },
    name: { value: 'Ada', at: 0, source: 'identify' },
  },
};
const withTrait = (name: string, value: string | number | null): Profile => ({
  ...ada,
  traits: { ...ada.traits, [name]: { value, at: 0, source: 'identify' } },
});
const request: MessageRequest = {
  id: `${key}-CCCCCCCCCCCCCCCCCCCCCC`,
  key,
  channel: 'email',
  decidedAt: now - 1_000,
  topic: 'offers',
  transactional: false,
  origin: { journey: 'onboarding', version: 3, step: 'hello', run: 'r' },
  template: { id: 'welcome' },
  values: { event: { total: 42 }, vars: { x: 'y' } },
  onUnknown: 'count',
  report: 'non-success',
};

interface World {
  request?: Partial<MessageRequest>;
  profile?: Profile;
  epoch?: number;
  switches?: readonly KillSwitch[] | 'unreadable';
  journey?: { state?: JourneyState; document?: object };
  suppressions?: readonly Suppression[];
  policy?: Partial<CatalogSnapshot['policy']>;
  settings?: Partial<Settings>;
  provider?: ProviderResult;
  ports?: Partial<HandOverPorts>;
}

/** Everything real but storage and the provider. */
async function hand(world: World = {}): Promise<{ result: HandResult; sent: Outgoing[]; metrics: MetricName[] }> {
  const sent: Outgoing[] = [];
  const metrics: MetricName[] = [];
  const snapshot: CatalogSnapshot = {
    epoch: 1,
    journeys: [
      {
        id: 'onboarding',
        state: world.journey?.state ?? 'live',
        version: 3,
        document: journey(world.journey?.document),
      },
    ],
    templates,
    topics,
    endpoints: [{ id: 'crm', url: 'https://crm.example/hook' }],
    policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [], ...world.policy },
  };
  const deliver = async (message: Outgoing) => {
    sent.push(message);
    return world.provider ?? { handed: 'provider-1' };
  };
  const ports: HandOverPorts = {
    now: () => now,
    settings: { ...settings, ...world.settings },
    killSwitches: killSwitchWatch(
      async () => {
        if (world.switches === 'unreadable') throw new Error('no table');
        return world.switches ?? [];
      },
      () => now,
    ),
    catalogs: { current: async () => compileCatalog(snapshot) },
    templateVersion: async (id, version) =>
      id === 'welcome' && version === 2 ? template('welcome', 'old') : undefined,
    suppressions: {
      ofAddress: async (channel, of, hashed) =>
        (world.suppressions ?? []).filter((one) => one.channel === channel && [of, hashed].includes(one.addressHash)),
    },
    items: async () => [],
    links: signedLinks({ keys: async () => secret, reload: async () => secret }, 'https://links.example'),
    deliver: { email: deliver, push: deliver, webhook: deliver },
    metrics: { count: (name) => metrics.push(name) },
    ...world.ports,
  };
  const made = await handOver(ports)(
    { ...request, ...world.request },
    { key: request.key, version: 1, at: now, epoch: world.epoch ?? 1, profile: world.profile ?? ada },
  );
  expect(sent, 'nobody is called before it is claimed').toEqual([]);
  const result: HandResult = 'call' in made ? { renderedAt: made.renderedAt, ...(await made.call()) } : made;
  return { result, sent, metrics };
}
const secret = { current: 'k', keys: { k: new Uint8Array(32).fill(7) } };
const suppression = (reason: SuppressionReason, topic: string | null = null, at = 0): Suppression => ({
  channel: 'email',
  addressHash: hash,
  topic,
  reason,
  at,
});
const withConsent = (topic: string, state: ConsentState, at = 1): Profile => ({
  ...ada,
  consents: { [`email/${topic}`]: { channel: 'email', topic, state, at, source: 'test' } },
});
const on = (target: string): KillSwitch => ({ target, on: true, at: 0, by: 'ops' });

it('makes the message of the canary of what is in no catalog, and gives it to nobody', async () => {
  const canary: Partial<MessageRequest> = {
    ...{ canary: true, channel: 'in-app', topic: 'godwit-canary', template: { id: 'godwit-canary' } },
    ...{ values: { entry: { sent: '2026-11-26T09:00:00.000Z' } }, origin: undefined as never },
  };
  const { result, sent } = await hand({ request: canary });
  expect(result).toMatchObject({
    ...{ refused: 'canary.arrived', as: 'not-sent' },
    detail: { template: 'godwit-canary@1', title: 'Canary' },
  });
  expect(sent).toEqual([]);
  const without = await hand({ request: { ...canary, values: {} } });
  expect(without.result, 'a content that cannot be made is not taken for a message that arrived').toMatchObject({
    ...{ refused: 'template.variable-missing', as: 'failed' },
  });
});

it('G10: what cannot be read stops the message for now; it never goes without its items', async () => {
  const broken = { items: async () => Promise.reject(new Transient('aws.Throttling', 'later')) };
  const seen = { template: { id: 'seen' } };
  await expect(hand({ ports: broken, request: seen })).rejects.toMatchObject({ code: 'aws.Throttling' });
  const items = async () => [{ collection: 'products', id: 'boots', values: { name: 'Boots' }, savedAt: 1 }];
  const { sent } = await hand({ ports: { items }, request: seen });
  expect(sent).toMatchObject([{ text: 'Boots' }]);
});

describe('handing over', () => {
  it('renders what the template says now, for this customer, with the values that the message carries', async () => {
    const { result, sent } = await hand();
    expect(result).toEqual({
      handed: 'provider-1',
      renderedAt: now,
      detail: { template: 'welcome@7', bytes: { subject: 15, html: 0, text: expect.any(Number) } },
    });
    expect(sent).toEqual([
      {
        channel: 'email',
        id: request.id,
        to: address,
        sender: 'main',
        transactional: false,
        from: 'Shop <hello@shop.example>',
        replyTo: 'help@shop.example',
        subject: 'welcome for Ada',
        text: expect.stringMatching(/^Hi Ada, 42 y https:\/\/links\.example\/u\/k\./),
        configurationSet: 'set-marketing',
        unsubscribeUrl: expect.stringMatching(/^https:\/\/links\.example\/u\/k\./),
        origin: { journey: 'onboarding', step: 'hello' },
      },
    ]);
  });

  it.each([
    ['offers', { request: { topic: 'receipts' }, profile: withConsent('offers', 'pending') }],
    ['a topic that the step names', { request: { topic: 'receipts', values: { vars: { confirm_topic: 'offers' } } } }],
  ] as const)('links to the preference page, and to what confirms %s, when the template asks', async (_what, world) => {
    const ports = { templateVersion: async () => template('welcome', '{{ confirm_url }} {{ preferences_url }}') };
    const { sent } = await hand({
      ...world,
      request: { template: { id: 'welcome', version: 2 }, ...world.request },
      ports,
    });
    expect(sent[0]).toMatchObject({
      text: expect.stringMatching(
        /^https:\/\/links\.example\/confirm\/k\.\S+ https:\/\/links\.example\/preferences\/k\.\S+$/,
      ),
    });
  });

  it('a mail that asks to confirm is not sent when nothing is pending any more', async () => {
    const ports = { templateVersion: async () => template('welcome', '{{ confirm_url }}') };
    const { result, sent } = await hand({
      request: { topic: 'receipts', template: { id: 'welcome', version: 2 } },
      ports,
    });
    expect(result).toMatchObject({ refused: 'confirm.nothing-pending', as: 'failed' });
    expect(sent).toEqual([]);
  });

  it('a transactional mail has its own configuration set and no unsubscribe link', async () => {
    const { sent } = await hand({ request: { topic: 'receipts' } });
    expect(sent[0]).toMatchObject({ configurationSet: 'set-transactional' });
    expect(sent[0]).not.toHaveProperty('unsubscribeUrl');
  });

  it.each([
    ['the given address instead of the profile’s', { to: 'Other@Example.org' }, { to: 'other@example.org' }],
    ['the sender of the step', { sender: 'other' }, { from: 'other@shop.example' }],
    ['a pinned version that is live', { template: { id: 'welcome', version: 7 } }, { subject: 'welcome for Ada' }],
    ['a pinned version that is not', { template: { id: 'welcome', version: 2 } }, { text: 'old' }],
    [
      'the variant whose condition holds',
      { template: { id: 'tiered' }, values: { event: { total: 100 } } },
      { subject: 'gold' },
    ],
    ['else the plain one', { template: { id: 'tiered' }, values: { event: { total: 99 } } }, { subject: 'plain' }],
  ])('uses %s', async (_what, given, expected) => {
    expect((await hand({ request: given as Partial<MessageRequest> })).sent[0]).toMatchObject(expected);
  });

  it('speaks the customer’s language', async () => {
    const { sent } = await hand({ request: { template: { id: 'tiered' } }, profile: withTrait('locale', 'de_AT') });
    expect(sent[0]).toMatchObject({ subject: 'deutsch' });
  });

  it.each<[string, World, HandResult]>([
    ['G9 everything is switched off', { switches: [on('all')] }, no('kill-switch.on', { target: 'all' })],
    ['G9 the channel is', { switches: [on('channel:email')] }, no('kill-switch.on', { target: 'channel:email' })],
    [
      'G9 the journey is',
      { switches: [on('journey:onboarding')] },
      no('kill-switch.on', { target: 'journey:onboarding' }),
    ],
    [
      'G9 the switches cannot be read',
      { switches: 'unreadable' },
      { throttled: 'kill-switch.unreadable', retryAfterSeconds: 30 },
    ],
    ['it has expired', { request: { expiresAt: now } }, no('message.expired', { lateSeconds: 0 })],
    ['G9 the journey is paused', { journey: { state: 'paused' } }, { holdUntil: now + 900_000, why: 'journey.paused' }],
    ['the journey was stopped', { journey: { state: 'stopped' } }, no('journey.stopped')],
    ['the topic is gone', { request: { topic: 'gone' } }, no('topic.unknown', { topic: 'gone' })],
    [
      'G10 consent was withdrawn',
      { profile: withConsent('offers', 'withdrawn') },
      no('consent.withdrawn', { at: 1, source: 'test' }),
    ],
    ['G10 consent is missing', { request: { topic: 'letters' } }, no('consent.missing')],
    ['there is no address', { profile: withTrait('email', null) }, no('address.missing')],
    ['the address is none', { profile: withTrait('email', 'ada') }, no('address.invalid', { characters: 3 })],
    ['G10 the address bounced', { profile: { ...ada, deadAddresses: { [hash]: 'bounce' } } }, no('suppressed.bounce')],
    [
      'G10 the address is suppressed',
      { suppressions: [suppression('complaint')] },
      no('suppressed.complaint', { topic: null }),
    ],
    [
      'the customer is too young',
      { policy: { minimumAge: 16 }, profile: withTrait('age', 15) },
      no('age.too-young', { limit: 16 }),
    ],
    ['the sender is unknown', { request: { sender: 'nobody' } }, failed('sender.unknown', { sender: 'nobody' })],
    ['nobody may send at all', { settings: { senders: [] } }, failed('sender.unknown', { sender: null })],
    [
      'the template is gone',
      { request: { template: { id: 'gone' } } },
      failed('template.missing', { template: 'gone' }),
    ],
    [
      'the template fails on this customer',
      { request: { template: { id: 'broken' } } },
      failed('template.failed', { template: 'broken@1', part: 'text', line: 1, column: 1, detail: expect.any(String) }),
    ],
    [
      'a required value is missing',
      { request: { template: { id: 'needy' }, values: {} } },
      failed('template.variable-missing', { template: 'needy@1', variable: 'event.total' }),
    ],
    [
      'what the template looks up is not there',
      { request: { template: { id: 'seen' } } },
      no('lookup.missing', {
        ...{ template: 'seen@1', lookup: 'product', collection: 'products', key: 'fixed', missing: 'item' },
      }),
    ],
    [
      'a name would break a header',
      { profile: withTrait('name', 'Ada\r\nBcc: all@example.org') },
      failed('template.header-newline', {
        template: 'welcome@7',
        part: 'subject',
        line: 0,
        column: 0,
        detail: expect.any(String),
      }),
    ],
    [
      'nothing may leave this environment',
      { settings: { delivery: { mode: 'sink', allow: [address] } } },
      no('delivery.not-allowed', {
        mode: 'sink',
        template: 'welcome@7',
        bytes: expect.any(Object),
        subject: 'welcome for Ada',
      }),
    ],
    [
      'there is no adapter',
      { request: { channel: 'push', topic: 'receipts', to: 'token' } },
      failed('push.not-set-up'),
    ],
  ])('sends nothing when %s', async (_what, world, expected) => {
    const { result, sent } = await hand(world);
    expect(result).toEqual(expected);
    expect(sent).toEqual([]);
  });

  it('G10 looks again at the holdout, and at quiet hours of one channel or country', async () => {
    const policy = { holdout: { percent: 1, group: 'all' } };
    const out = await hand({ policy, profile: { ...ada, holdouts: { all: 'out' } } });
    expect(out.result).toMatchObject({ refused: 'holdout.out', as: 'not-sent' });
    expect(out.sent).toEqual([]);
    const within = { policy, profile: { ...ada, holdouts: { all: 'in' as const } } };
    expect((await hand(within)).sent).toHaveLength(1);
    expect(
      (await hand({ policy, profile: { ...ada, holdouts: { all: 'out' } }, request: { topic: 'receipts' } })).sent,
    ).toHaveLength(1);
    const noon = { from: '11:00', to: '14:00' };
    const quiet = (about: object) => ({ policy: { quietHours: [{ ...noon, ...about }] } });
    expect((await hand(quiet({ channels: ['sms'] }))).sent).toHaveLength(1);
    expect((await hand(quiet({ channels: ['email'] }))).result).toMatchObject({ why: 'quiet-hours' });
    expect((await hand(quiet({ countries: ['FR'] }))).sent).toHaveLength(1);
    const french = { ...quiet({ countries: ['FR'] }), profile: withTrait('country', 'FR') };
    expect((await hand(french)).result).toMatchObject({ why: 'quiet-hours' });
  });

  it('G10 holds during quiet hours, and gives a "no" before it holds', async () => {
    const quiet = { policy: { quietHours: [{ from: '11:00', to: '13:00' }] } };
    const { result, sent } = await hand(quiet);
    expect(result).toMatchObject({ why: 'quiet-hours' });
    expect((result as { holdUntil: number }).holdUntil).toBeGreaterThanOrEqual(now + 3_600_000);
    expect((await hand({ ...quiet, suppressions: [suppression('manual')] })).result).toMatchObject({
      refused: 'suppressed.manual',
    });
    expect(sent).toEqual([]);
    expect((await hand({ ...quiet, request: { topic: 'receipts' } })).sent).toHaveLength(1);
  });

  it.each([
    ['outside its windows', { windows: [{ from: '15:00', to: '16:00' }] }, 'sending.windows'],
    ['on a closed date', { closedDates: [new Date(now).toISOString().slice(0, 10)] }, 'sending.closed-date'],
    ['in quiet hours of its own', { quietHours: [{ from: '11:00', to: '13:00' }] }, 'quiet-hours'],
  ])('G10: gives a message back that its journey may not send now: %s', async (_when, sending, why) => {
    const { result, sent } = await hand({ journey: { document: { sending } } });
    expect(result).toMatchObject({ why });
    expect(sent).toEqual([]);
  });

  it.each([
    ['stop', 0, 0],
    ['stop', 1, 1],
    ['drain', 0, 1],
  ])('of a journey that ended (%s) %d ms from now it sends %d', async (atEnd, inMs, count) => {
    const schedule = { endAt: new Date(now + inMs).toISOString(), atEnd };
    const { result, sent } = await hand({ journey: { document: { schedule } } });
    expect(sent).toHaveLength(count);
    if (count === 0) expect(result).toEqual(no('journey.ended'));
  });

  it('G8 asks for a catalog that is not older than the one that the profile was decided with', async () => {
    const asked: number[] = [];
    const catalogs: HandOverPorts['catalogs'] = {
      current: (epoch) => {
        asked.push(epoch);
        return Promise.reject(new Transient('catalog.behind', 'not yet'));
      },
    };
    await expect(hand({ ports: { catalogs }, epoch: 7 })).rejects.toBeInstanceOf(Transient);
    expect(asked).toEqual([7]);
  });

  it.each(['catalogs', 'suppressions', 'links', 'templateVersion'] as const)(
    'G3 what breaks before the call leaves nothing unknown: %s',
    async (broken) => {
      const fails = () =>
        Promise.reject(Object.assign(new Error('AccessDenied for ada@example.org'), { name: 'AccessDenied' }));
      const port = { current: fails, ofAddress: fails, unsubscribeUrl: fails, read: fails };
      const ports = { [broken]: broken === 'templateVersion' ? fails : port };
      const pinned = { template: { id: 'welcome', version: 2 } };
      await expect(hand({ ports: ports as Partial<HandOverPorts>, request: pinned })).rejects.toSatisfy(
        (error) => error instanceof Transient && !error.message.includes('@'),
      );
    },
  );

  it('no address of a customer is in any result', async () => {
    const worlds: World[] = [
      { profile: withTrait('email', 'ada@@example.org') },
      { settings: { delivery: { mode: 'sink', allow: [] } } },
      { request: { template: { id: 'broken' } } },
      { suppressions: [suppression('bounce')] },
      {},
    ];
    for (const world of worlds) expect(JSON.stringify((await hand(world)).result)).not.toContain('example.org');
  });

  it.each<[ProviderResult, HandResult, MetricName[]]>([
    [{ throttled: 'email.throttled' }, { throttled: 'email.throttled' }, []],
    [
      { throttled: 'email.sending-paused', retryAfterSeconds: 900, alarm: true },
      { throttled: 'email.sending-paused', retryAfterSeconds: 900 },
      ['ProviderMisconfigured'],
    ],
    [{ unknown: 'email.no-answer' }, { unknown: 'email.no-answer' }, []],
    [{ refused: 'email.rejected' }, failed('email.rejected'), []],
  ])('passes on what the provider said: %j', async (provider, expected, metrics) => {
    expect(await hand({ provider })).toMatchObject({ result: expected, metrics });
  });

  it.each<[who: string, ids: Profile['ids'], named: object]>([
    ['a user', { user: 'ada', anonymous: ['a1'] }, { userId: 'ada' }],
    ['somebody anonymous', { anonymous: ['a1', 'a2'] }, { anonymousId: 'a1' }],
    ['somebody unnamed', {}, {}],
  ])('a task about %s says so, with its id and the link for its outcome', async (_who, ids, named) => {
    const { sent } = await hand({
      profile: { ...ada, ids },
      request: {
        channel: 'webhook',
        template: undefined as never,
        webhook: { endpoint: 'crm', task: true, body: { title: 'Call' } },
      },
    });
    const { body } = sent[0] as OutgoingWebhook;
    const { outcomeUrl, ...rest } = JSON.parse(body);
    expect(rest).toEqual({ task: request.id, title: 'Call', profile: named });
    const token = /^https:\/\/links\.example\/v1\/tasks\/(.+)\/outcome$/.exec(outcomeUrl)![1]!;
    expect(readLink(secret, 'task', token)).toEqual({
      profile: key,
      message: request.id,
      journey: 'onboarding',
      version: 3,
      step: 'hello',
      run: 'r',
      visit: 1,
    });
  });

  it('a webhook step goes to its endpoint, at night too, and with the answer that is wanted', async () => {
    const { result, sent } = await hand({
      request: {
        channel: 'webhook',
        template: undefined as never,
        webhook: { endpoint: 'crm', body: { a: 1 }, timeoutMs: 60_000, save: true },
      },
      policy: { quietHours: [{ from: '00:00', to: '23:59' }] },
      provider: { handed: '', answer: { ok: true } },
    });
    expect(sent).toMatchObject([
      { channel: 'webhook', body: '{"a":1}', timeoutMs: 10_000, save: true, endpoint: { id: 'crm' } },
    ]);
    expect(result).toEqual({
      handed: '',
      renderedAt: now,
      answer: { ok: true },
      detail: { endpoint: 'crm', bytes: 7 },
    });
  });

  it.each<[string, World, HandResult]>([
    [
      'the endpoint is gone',
      { request: { webhook: { endpoint: 'gone' } } },
      failed('endpoint.missing', { endpoint: 'gone' }),
    ],
    [
      'the environment is a sink',
      { settings: { delivery: { mode: 'sink', allow: [] } } },
      no('delivery.not-allowed', { mode: 'sink', endpoint: 'crm', bytes: 2 }),
    ],
    [
      'its host is not in the list',
      { settings: { delivery: { mode: 'allowlist', allow: ['example'] } } },
      no('delivery.not-allowed', { mode: 'allowlist', endpoint: 'crm', bytes: 2 }),
    ],
    [
      'G9 the channel is switched off',
      { switches: [on('channel:webhook')] },
      no('kill-switch.on', { target: 'channel:webhook' }),
    ],
  ])('calls no webhook when %s', async (_what, world, expected) => {
    const webhook = {
      channel: 'webhook',
      template: undefined as never,
      webhook: { endpoint: 'crm' },
      ...world.request,
    } as const;
    const { result, sent } = await hand({ ...world, request: webhook });
    expect(result).toEqual(expected);
    expect(sent).toEqual([]);
  });
});

describe('a message of a test run', () => {
  const test = { journey: 'onboarding', version: 3, sendTo: 'me@team.example', speed: 60, startedAt: 0 };
  const policy = { testRecipients: ['@team.example'] };
  const ofTest = (world: World = {}) => hand({ policy, ...world, profile: { ...(world.profile ?? ada), test } });
  const endpoint = { channel: 'webhook', template: undefined as never, webhook: { endpoint: 'crm' } } as const;

  it('is the customer’s, says that it is a test, and goes to its author', async () => {
    const { result, sent } = await ofTest();
    expect(result).toHaveProperty('handed');
    expect(sent).toMatchObject([{ to: 'me@team.example', subject: '[test] welcome for Ada' }]);
    expect(JSON.stringify(sent)).not.toContain(address);
    const url = (sent[0] as { unsubscribeUrl: string }).unsubscribeUrl;
    expect(readLink(secret, 'unsubscribe', url.split('/u/')[1]!)).toMatchObject({
      addressHash: addressHash('email', 'me@team.example'),
    });
  });

  it.each<[string, World, HandResult]>([
    ['the policy does not name its author any more', { policy: {} }, no('test.recipient-not-allowed')],
    [
      'the customer’s address is suppressed',
      { suppressions: [suppression('bounce')] },
      no('suppressed.bounce', { topic: null }),
    ],
    [
      'its author’s address bounced',
      { suppressions: [{ ...suppression('bounce'), addressHash: addressHash('email', 'me@team.example') }] },
      no('test.recipient-suppressed'),
    ],
    [
      'its author stands on a list of hashes',
      { suppressions: [{ ...suppression('bounce'), addressHash: asHashed('email', 'me@team.example')! }] },
      no('test.recipient-suppressed'),
    ],
    [
      'the journey is switched off',
      { switches: [on('journey:onboarding')] },
      no('kill-switch.on', { target: 'journey:onboarding' }),
    ],
    [
      'the environment is a sink',
      { settings: { delivery: { mode: 'sink', allow: [] } } },
      no('delivery.not-allowed', {
        mode: 'sink',
        template: 'welcome@7',
        bytes: expect.anything(),
        subject: '[test] welcome for Ada',
      } as never),
    ],
    [
      'nothing is called without an address for tests',
      { request: endpoint },
      failed('endpoint.missing', { endpoint: 'crm' }),
    ],
  ])('does not go when %s', async (_what, world, expected) => {
    const { result, sent } = await ofTest(world);
    expect(result).toEqual(expected);
    expect(sent).toEqual([]);
  });

  it('goes while the journey is paused or stopped: the test is of its version', async () => {
    for (const state of ['paused', 'stopped'] as const)
      expect((await ofTest({ journey: { state } })).sent).toHaveLength(1);
  });

  it('an allow list of the environment holds for it, too, and allows it', async () => {
    const only = (allow: string) =>
      ({ policy: {}, settings: { delivery: { mode: 'allowlist', allow: [allow] } } }) as const;
    expect((await ofTest(only('@team.example'))).sent).toHaveLength(1);
    expect((await ofTest({ ...only('@other.example'), policy })).sent).toEqual([]);
  });
});

describe('G10 what suppresses what', () => {
  // reason, of the topic (null: all), message's topic, transactional, consent granted at → stopped
  it.each<[SuppressionReason, string | null, string, boolean, number | undefined, boolean]>([
    ['bounce', null, 'offers', false, undefined, true],
    ['bounce', null, 'receipts', true, undefined, true],
    ['complaint', null, 'offers', false, undefined, true],
    ['complaint', null, 'receipts', true, undefined, true],
    ['bounce', null, 'offers', false, 999, true],
    ['complaint', null, 'offers', false, 999, true],
    ['unsubscribe', 'offers', 'offers', false, undefined, true],
    ['unsubscribe', 'offers', 'letters', false, undefined, false],
    ['unsubscribe', 'offers', 'receipts', true, undefined, false],
    ['unsubscribe', null, 'offers', false, undefined, true],
    ['unsubscribe', null, 'receipts', true, undefined, false],
    ['unsubscribe', 'offers', 'offers', false, 499, true],
    ['unsubscribe', 'offers', 'offers', false, 500, true],
    ['unsubscribe', 'offers', 'offers', false, 501, false],
    ['unsubscribe', null, 'offers', false, 501, true],
    ['manual', null, 'offers', false, undefined, true],
    ['manual', null, 'receipts', true, undefined, false],
    ['manual', 'offers', 'offers', false, 501, true],
    ['manual', 'offers', 'letters', false, undefined, false],
  ])(
    '%s of %s: topic %s, transactional %s, granted at %s → stopped %s',
    (reason, of, topic, transactional, grantedAt, stopped) => {
      const found = suppressedBy([suppression(reason, of, 500)], { topic, transactional, grantedAt });
      expect(found !== undefined).toBe(stopped);
    },
  );

  it('one of several is enough', () => {
    const several = [suppression('unsubscribe', 'letters'), suppression('manual', 'offers')];
    expect(suppressedBy(several, { topic: 'offers', transactional: false })?.reason).toBe('manual');
  });
});

describe('G10 what consent allows', () => {
  const topic = (kind: Topic['kind'], email?: 'opt-in' | 'opt-out'): Topic => ({
    id: 't',
    kind,
    consent: email === undefined ? {} : { email },
  });
  it.each<[Topic['kind'], 'opt-in' | 'opt-out' | undefined, ConsentState | undefined, boolean, string]>([
    ['marketing', 'opt-out', undefined, true, 'consent.not-needed'],
    ['marketing', 'opt-in', undefined, false, 'consent.missing'],
    ['marketing', undefined, undefined, false, 'consent.missing'],
    ['transactional', undefined, undefined, true, 'consent.not-needed'],
    ['transactional', 'opt-in', undefined, false, 'consent.missing'],
    ['marketing', 'opt-in', 'granted', true, 'consent.granted'],
    ['marketing', 'opt-out', 'granted', true, 'consent.granted'],
    ['marketing', 'opt-out', 'pending', false, 'consent.pending'],
    ['marketing', 'opt-out', 'withdrawn', false, 'consent.withdrawn'],
    ['transactional', undefined, 'withdrawn', false, 'consent.withdrawn'],
  ])('%s, %s, record %s → %s', (kind, email, state, allowed, code) => {
    const consents = state === undefined ? {} : withConsent('t', state).consents;
    expect(consentFor(consents, 'email', topic(kind, email))).toMatchObject({ allowed, code });
  });

  it('one of another channel or topic says nothing', () => {
    const { consents } = withConsent('t', 'withdrawn');
    expect(consentFor(consents, 'push', { id: 't', kind: 'marketing', consent: { push: 'opt-out' } }).allowed).toBe(
      true,
    );
    expect(consentFor(consents, 'email', { id: 'u', kind: 'marketing', consent: { email: 'opt-out' } }).allowed).toBe(
      true,
    );
  });
});

describe('the delivery mode', () => {
  it.each([
    ['live', [], 'ada@example.org', true],
    ['sink', ['ada@example.org', '@example.org'], 'ada@example.org', false],
    ['allowlist', [], 'ada@example.org', false],
    ['allowlist', ['Ada@Example.org '], 'ada@example.org', true],
    ['allowlist', ['@example.org'], 'ada@example.org', true],
    ['allowlist', ['@example.org'], 'ada@sub.example.org', false],
    ['allowlist', ['@example.org'], 'ada@badexample.org', false],
    ['allowlist', ['example.org'], 'ada@example.org', false],
    ['allowlist', ['@'], 'ada@example.org', false],
    ['allowlist', [''], 'ada@example.org', false],
    ['allowlist', ['hooks.example.org'], 'hooks.example.org', true],
  ] as const)('%s with %j lets %s through: %s', (mode, allow, target, allowed) => {
    expect(isAllowedTarget({ mode, allow }, target)).toBe(allowed);
  });
});

describe('a sender that nobody knows yet', () => {
  const [main, other] = settings.senders as [Sender, Sender];
  const elsewhere = { ...other, postalAddress: '2 Way, Town' };
  const plan = (perDay: number, overflow?: string): WarmUpPlan => ({
    ...{ from: '2026-11-22', perDay: [perDay] },
    ...(overflow !== undefined && { overflow }),
  });
  const ports = { templateVersion: async () => template('welcome', '{{ postal_address }}') };
  const pinned = { template: { id: 'welcome', version: 2 } };

  /** Messages one after the other, within one day of the plan; all of a container's places are its own. */
  async function inOrder(senders: readonly Sender[], worlds: readonly World[]) {
    const places = warmUp(new Leases(memoryCounters(), () => now), 'UTC', () => now);
    const results: Awaited<ReturnType<typeof hand>>[] = [];
    for (const world of worlds) {
      const given = { ...ports, warmUp: places, ...world.ports };
      results.push(
        await hand({ ...world, request: { ...pinned, ...world.request }, settings: { senders }, ports: given }),
      );
    }
    return results;
  }
  const from = ({ sent: [message] }: { sent: Outgoing[] }) =>
    message?.channel === 'email' ? [message.sender, message.from, message.text] : [];

  it('G10: marketing beyond the day goes back until the first hour of the next one', async () => {
    const [first, second] = await inOrder([{ ...main, warmUp: plan(1) }], [{}, {}]);
    expect(first!.result).not.toHaveProperty('detail.sender');
    expect(from(first!)).toEqual(['main', main.from, main.postalAddress]);
    expect(second!.sent).toEqual([]);
    const midnight = Date.UTC(2026, 10, 23);
    const { holdUntil, ...rest } = second!.result as Extract<HandResult, { holdUntil: number }>;
    expect(holdUntil).toBeGreaterThanOrEqual(midnight);
    expect(holdUntil).toBeLessThan(midnight + HOUR_MS);
    expect(rest).toEqual({ notBefore: holdUntil, why: 'sender.warm-up' });
  });

  it('what is beyond goes in the name of another one, with that one’s postal address, and says so', async () => {
    const senders = [{ ...main, warmUp: plan(1, 'other') }, elsewhere];
    const [, second] = await inOrder(senders, [{}, {}]);
    expect(from(second!)).toEqual(['other', elsewhere.from, elsewhere.postalAddress]);
    expect(second!.sent[0]).not.toHaveProperty('replyTo');
    expect(second!.result).toMatchObject({ handed: 'provider-1', detail: { template: 'welcome@2', sender: 'other' } });
  });

  it('what another one cannot send has failed, as its own message would have', async () => {
    const gone = { ...main, warmUp: plan(1, 'gone') };
    const [, unknown] = await inOrder([gone, elsewhere], [{}, {}]);
    expect(unknown).toMatchObject({ result: failed('sender.unknown', { sender: 'gone' }), sent: [] });
    const once = { ...main, warmUp: plan(1, 'other') };
    const broken = {
      ports: {
        templateVersion: async () =>
          template('welcome', "{% if postal_address == '2 Way, Town' %}{{ 1 | append }}{% endif %}"),
      },
    };
    const [, unrendered] = await inOrder([once, elsewhere], [{}, broken]);
    expect(unrendered).toMatchObject({ result: { refused: 'template.failed', as: 'failed' }, sent: [] });
  });

  // A configuration cannot say it (tests/stacks/sending-config.test.ts).
  it('nobody passes on what was passed on: a circle ends with the second one', async () => {
    const senders = [
      { ...main, warmUp: plan(1, 'other') },
      { ...other, warmUp: plan(1, 'main') },
    ];
    const all = await inOrder(senders, [{}, {}, {}]);
    expect(all.map((one) => from(one)[0])).toEqual(['main', 'other', 'other']);
  });

  it.each<[what: string, first: World, senders: string[]]>([
    ['the provider took it', {}, ['main', 'other']],
    ['nobody can tell whether it did', { provider: { unknown: 'email.no-answer' } }, ['main', 'other']],
    ['it is refused', { provider: { refused: 'email.rejected' } }, ['main', 'main']],
    ['it goes later', { provider: { throttled: 'email.throttled' } }, ['main', 'main']],
    ['it is refused before the call', { profile: withConsent('offers', 'withdrawn') }, ['main']],
    ['the environment is a sink', { settings: { delivery: { mode: 'sink', allow: [] } } }, ['main']],
    ['it is transactional', { request: { topic: 'receipts', transactional: true } }, ['main', 'other']],
    ['its author tries it out', { request: { testSend: true } }, ['main', 'main']],
  ])('a place is used, or given back: %s', async (_what, first, senders) => {
    const places = warmUp(new Leases(memoryCounters(), () => now), 'UTC', () => now);
    const all = [{ ...main, warmUp: plan(1, 'other') }, elsewhere];
    const sent: Outgoing[] = [];
    for (const world of [first, {}]) {
      const given = { ...ports, warmUp: places };
      const request = { ...pinned, ...world.request };
      sent.push(
        ...(await hand({ ...world, request, settings: { ...world.settings, senders: all }, ports: given })).sent,
      );
    }
    expect(sent.map((message) => from({ sent: [message] })[0])).toEqual(senders);
  });

  it('a place is given back when it cannot be told whether a rate has room', async () => {
    const unreadable = async (): Promise<never> => {
      throw new Transient('sending.broken', 'the table does not answer');
    };
    const places = warmUp(new Leases(memoryCounters(), () => now), 'UTC', () => now);
    const settings = { senders: [{ ...main, warmUp: plan(1, 'other') }, elsewhere] };
    const given = { ...ports, warmUp: places };
    const first = hand({ request: pinned, settings, ports: { ...given, deliver: { email: unreadable } } });
    await expect(first).rejects.toMatchObject({ code: 'sending.broken' });
    expect(from(await hand({ request: pinned, settings, ports: given }))[0]).toBe('main');
  });
});

describe('G9 the kill switch', () => {
  const email = { channel: 'email', journey: 'onboarding' };
  it('counts within ten seconds, and is asked for once in that time', async () => {
    let at = 0;
    let reads = 0;
    let switches: KillSwitch[] = [];
    const watch = killSwitchWatch(
      async () => {
        reads += 1;
        return switches;
      },
      () => at,
    );
    expect(await watch(email)).toEqual({ go: true });
    switches = [on('all')];
    at = 9_999;
    expect(await watch(email)).toEqual({ go: true });
    expect(reads).toBe(1);
    at = 10_000;
    expect(await watch(email)).toEqual({ stoppedBy: on('all') });
  });

  it('unread for 30 seconds stops everything, and a switch that was on stays on meanwhile', async () => {
    let at = 0;
    let broken = false;
    const watch = killSwitchWatch(
      async () => {
        if (broken) throw new Error('throttled');
        return [on('journey:other')];
      },
      () => at,
    );
    expect(await watch(email)).toEqual({ go: true });
    broken = true;
    at = 29_999;
    expect(await watch(email)).toEqual({ go: true });
    expect(await watch({ channel: 'email', journey: 'other' })).toHaveProperty('stoppedBy');
    at = 30_000;
    expect(await watch(email)).toEqual({ unreadable: true });
    broken = false;
    expect(await watch(email)).toEqual({ go: true });
  });

  it('never read at all stops everything', async () => {
    const watch = killSwitchWatch(
      () => Promise.reject(new Error('no table')),
      () => 0,
    );
    expect(await watch(email)).toEqual({ unreadable: true });
  });
});

function no(code: string, detail?: unknown): HandResult {
  return { refused: code, as: 'not-sent', ...(detail !== undefined && { detail }) } as HandResult;
}

function failed(code: string, detail?: unknown): HandResult {
  return { refused: code, as: 'failed', ...(detail !== undefined && { detail }) } as HandResult;
}

describe('a message to devices', () => {
  const devices = Object.fromEntries(
    ['one', 'two', 'off'].map((token) => [
      token,
      { platform: 'fcm' as const, at: 1, ...(token === 'off' && { off: true as const }) },
    ]),
  );
  const template = {
    schemaVersion: 1,
    id: 'nudge',
    variables: {},
    variants: [{ channel: 'push', content: { body: 'Nudge' } }],
  } satisfies Template;
  const push = (world: World = {}) =>
    hand({
      ...world,
      request: { channel: 'push', topic: 'receipts', template: { id: 'welcome', version: 9 } },
      profile: { ...ada, devices, ...world.profile },
      settings: { push: { apns: 'production' }, ...world.settings },
      ports: { templateVersion: async () => template },
    });
  const tokensOf = ([message]: Outgoing[]) =>
    message?.channel === 'push' ? message.devices.map(({ token }) => token) : [];
  const off = (token: string): Suppression => ({
    ...suppression('bounce'),
    channel: 'push',
    addressHash: addressHash('push', token),
  });
  const list = (...allow: string[]) => ({ settings: { delivery: { mode: 'allowlist' as const, allow } } });

  it.each<[string, World, string[]]>([
    ['goes to all that have not ended', {}, ['one', 'two']],
    ['leaves out one that is suppressed', { suppressions: [off('two')] }, ['one']],
    [
      'leaves out one that is dead',
      { profile: { ...ada, deadAddresses: { [addressHash('push', 'one')]: 'bounce' } } },
      ['two'],
    ],
    ['goes where the list names all of them', list('push:one', 'push:two'), ['one', 'two']],
    ['goes where the list names the customer', list('user:ada'), ['one', 'two']],
    ['goes nowhere where the list names one of them only', list('push:one'), []],
    ['goes nowhere where the list names somebody else', list('user:bob'), []],
    ['goes nowhere when all are suppressed', { suppressions: [off('one'), off('two')] }, []],
  ])('%s', async (_what, world, tokens) => {
    const { sent } = await push(world);
    expect(tokensOf(sent)).toEqual(tokens);
  });

  it('keeps what each device said, names those that are gone, and counts keys that were refused', async () => {
    const provider = {
      handed: 'p',
      detail: { results: { taken: 1 } },
      gone: ['h'],
      alarm: 'PushCredentialsRefused',
    } as const;
    const { result, metrics } = await push({ provider });
    expect(result).toEqual({
      handed: 'p',
      renderedAt: now,
      gone: ['h'],
      detail: { template: 'nudge@9', bytes: expect.any(Number), devices: 2, results: { taken: 1 } },
    });
    expect(metrics).toEqual(['ProviderMisconfigured', 'PushCredentialsRefused']);
    const refused = await push({ provider: { refused: 'push.no-device', gone: ['h'] } });
    expect(refused.result).toEqual({ refused: 'push.no-device', renderedAt: now, as: 'failed', gone: ['h'] });
  });
});
