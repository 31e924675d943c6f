/** Five journeys that want the same customers at the same time, and a policy that has something to say about all of it. */

const policy = {
  schemaVersion: 1,
  zone: 'Europe/Berlin',
  locale: 'en',
  quietHours: [
    { from: '21:00', to: '08:00' },
    { from: '20:00', to: '10:00', channels: ['sms'] },
    { days: ['sun'], from: '00:00', to: '00:00', channels: ['sms'], countries: ['FR'] },
  ],
  closedDates: [{ dates: ['2026-10-31'], countries: ['FR'], channels: ['sms', 'email'] }],
  caps: [
    { id: 'daily', max: 2, per: 'day' },
    { id: 'weekly', max: 5, per: 'week' },
    { id: 'sliding', max: 3, per: 'P2D' },
    { id: 'texts', channel: 'sms', max: 3, per: 'month' },
    { id: 'reviews', topic: 'reviews', max: 1, per: 'P7D', whenReached: 'skip' },
  ],
  gap: { between: 'PT2H' },
  reserve: 'PT3H',
  channelOrder: [
    { windows: [{ from: '17:00', to: '20:00' }], order: ['push', 'email'] },
    { if: 'profile.country = "FR"', order: ['sms', 'email'] },
    { order: ['email', 'sms'] },
  ],
  holdout: { percent: 10, group: 'no-marketing' },
};

const topics = [
  { id: 'offers', kind: 'marketing', consent: { email: 'opt-out', sms: 'opt-in', push: 'opt-out' } },
  { id: 'reviews', kind: 'marketing', consent: { email: 'opt-out', sms: 'opt-in' } },
  { id: 'orders', kind: 'transactional', consent: {} },
];

const journey = (id: string, priority: number, event: string, steps: object, more: object = {}) => ({
  schemaVersion: 1,
  id,
  name: id,
  priority,
  topic: 'offers',
  entry: [{ on: 'event', event }],
  reentry: { again: 'after-exit', whileInside: 'ignore' },
  start: Object.keys(steps)[0],
  steps,
  ...more,
});

const message = (next: string, channels: unknown, more: object = {}) => ({
  type: 'message',
  template: 'hello',
  channels,
  holdAtMost: 'P3D',
  next,
  ...more,
});

const journeys = [
  journey('cart', 90, 'Cart Left', {
    wait: { type: 'wait', for: 'PT1H', next: 'remind' },
    remind: message('later', ['email', 'sms']),
    later: { type: 'wait', for: 'P1D', next: 'again' },
    again: message('end', ['sms', 'email']),
  }),
  journey('welcome', 70, 'Signed Up', {
    hello: message('days', ['email']),
    days: { type: 'wait', for: 'P1D', next: 'more' },
    more: message('rest', 'by-policy'),
    rest: { type: 'wait', until: { time: '12:00' }, next: 'last' },
    last: message('end', ['push', 'email']),
  }),
  journey(
    'orders',
    50,
    'Ordered',
    {
      receipt: message('days', ['email'], { topic: 'orders' }),
      days: { type: 'wait', for: 'P2D', next: 'review' },
      review: message('end', ['email', 'sms'], { topic: 'reviews' }),
    },
    { reentry: { again: 'after-exit', whileInside: 'restart' } },
  ),
  journey(
    'win-back',
    40,
    'Product Viewed',
    {
      wait: { type: 'wait', for: 'PT30M', next: 'seen' },
      seen: message('on', 'by-policy'),
      on: { type: 'wait', for: 'PT4H', next: 'again' },
      again: message('end', ['push', 'email'], { whenBlocked: 'skip' }),
    },
    {
      sending: { windows: [{ from: '09:00', to: '19:30' }], closedDates: ['2026-10-28'] },
      limits: { messagesPerProfile: [{ max: 3, per: 'P7D' }] },
    },
  ),
  journey('newsletter', 10, 'News', { news: message('end', ['email', 'push'], { whenBlocked: 'hold' }) }),
];

const texts = {
  email: { subject: 'Hello', text: 'Hello {{ unsubscribe_url }} {{ postal_address }}' },
  sms: { text: 'Hello' },
  push: { body: 'Hello' },
};

/** @param channels those that are there; what names others of them does without. */
export function competing(channels: readonly (keyof typeof texts)[] = ['email', 'sms', 'push']) {
  const only = <T>(all: readonly T[]) => all.filter((one) => (channels as readonly unknown[]).includes(one));
  const steps = (all: object) =>
    Object.fromEntries(
      Object.entries(all).map(([id, step]) => {
        if (step.type !== 'message' || typeof step.channels === 'string') return [id, step];
        const left = only(step.channels);
        return [id, { ...step, channels: left.length === 0 ? [...channels] : left }];
      }),
    );
  return {
    policy: {
      ...policy,
      channelOrder: policy.channelOrder.map((rule) => ({ ...rule, order: only([...rule.order, ...channels]) })),
    },
    topics,
    journeys: journeys.map((one) => ({ ...one, steps: steps(one.steps) })),
    templates: [
      {
        schemaVersion: 1,
        id: 'hello',
        variables: {},
        variants: channels.map((channel) => ({ channel, content: texts[channel] })),
      },
    ],
  };
}

/** Three weeks in which Berlin and New York put their clocks back, and Sydney has put them forward. */
export const weeks = { from: '2026-10-16T00:00:00Z', days: 21 };

export const population = (customers: number) => ({
  customers,
  traits: {
    phone: { oneOf: ['+33612345678', '+4915112345678', '+14155550100'] },
    pushToken: 'token-{n}',
    timezone: {
      oneOf: [
        'Europe/Berlin',
        'Europe/Paris',
        'America/New_York',
        'Asia/Kolkata',
        'Australia/Sydney',
        'Australia/Lord_Howe',
      ],
    },
    country: { FR: 0.3, DE: 0.3, US: 0.2 },
  },
  consents: [
    { topic: 'offers', channel: 'sms' as const, state: 'granted' as const, probability: 0.6 },
    { topic: 'reviews', channel: 'sms' as const, state: 'granted' as const, probability: 0.4 },
    { topic: 'offers', channel: 'email' as const, state: 'withdrawn' as const, probability: 0.08 },
    { topic: 'offers', channel: 'push' as const, state: 'withdrawn' as const, probability: 0.2 },
  ],
  events: [
    { name: 'Signed Up', day: [0, 6] as [number, number] },
    { name: 'Product Viewed', times: [1, 8] as [number, number], day: [0, 18] as [number, number] },
    { name: 'Cart Left', times: [0, 4] as [number, number], day: [0, 18] as [number, number] },
    { name: 'Ordered', times: [0, 3] as [number, number], day: [0, 16] as [number, number] },
    { name: 'News', times: [2, 4] as [number, number], day: [0, 20] as [number, number] },
  ],
});

export const behaviour = {
  messages: [{ bounces: 0.005, unsubscribes: 0.01, complains: 0.002, opens: 0.3, clicks: 0.2 }],
};
