import { describe, expect, it } from 'vitest';
import { Segment } from '../../../../shared/domain/audiences/segment.ts';
import type { Journey } from '../../../../shared/domain/journeys/journey.ts';
import type { Finding, LintCatalog } from '../../../../shared/domain/journeys/lint/finding.ts';
import { lintJourney } from '../../../../shared/domain/journeys/lint/lint-journey.ts';
import { Template } from '../../../../shared/domain/messaging/template.ts';
import { type Changes, journeyWith, small, stepsOnly } from '../a-journey.ts';

const mail = (id: string, more: object = {}, variables: object = {}) =>
  Template.parse({
    schemaVersion: 1,
    id,
    variables,
    variants: [
      {
        channel: 'email',
        content: {
          subject: 'Hi',
          html: '<a href="{{ unsubscribe_url }}">x</a> {{ postal_address }}',
          text: '{{ unsubscribe_url }} {{ postal_address }}',
          ...more,
        },
      },
    ],
  });

const segment = (id: string, said: object): [string, Segment] => [
  id,
  Segment.parse({ schemaVersion: 1, id, name: id, ...said }),
];

function catalogWith(
  templates: readonly Template[] = [],
  senders: LintCatalog['senders'] = [{ id: 'main', channel: 'email', postalAddress: 'Street 1' }],
): LintCatalog {
  const all = new Map([mail('hello'), ...templates].map((template) => [template.id, template]));
  return {
    templates: { get: (id, version = 1) => (version === 1 ? all.get(id) : undefined), ids: () => all.keys() },
    topics: new Map([
      ['onboarding', { id: 'onboarding', kind: 'marketing', consent: { email: 'opt-out' } }],
      ['receipts', { id: 'receipts', kind: 'transactional', consent: { email: 'opt-out' } }],
    ]),
    journeys: new Map([['offers', journeyWith({ id: 'offers' })]]),
    segments: new Map([segment('vip', { where: { ref: 'profile.vip', is: true } }), segment('kept', { list: true })]),
    endpoints: new Map([['crm', { id: 'crm', url: 'https://crm.example/hook' }]]),
    geofences: new Set(['berlin']),
    senders,
    channels: ['email'],
    policy: {},
    now: Date.UTC(2026, 10, 23, 12),
  };
}

const next = 'end';
const said = (journey: Journey, catalog = catalogWith()) =>
  lintJourney(journey, catalog).map(({ severity, pointer, code }) => `${severity} ${pointer} ${code}`);
const hello = (changes: object) => ({ steps: { hello: { ...small.steps.hello, ...changes } } });
const branchIf = (condition: unknown, changes: Changes = {}) => ({
  ...changes,
  steps: { ...changes.steps, check: { type: 'branch', cases: [{ if: condition, next: 'bye' }], else: next } },
});

it('has nothing to say about the small journey', () => {
  expect(lintJourney(journeyWith(), catalogWith())).toEqual([]);
});

const onChange = { on: 'segment', segment: 'kept', change: 'entered', existing: 'ignore' };
const daily = { on: 'schedule', segment: 'vip', zone: 'Europe/Berlin', at: '09:00', every: 'day' };

describe('one finding for one fault', () => {
  it.each<[finding: string, changes: Changes, fix?: string]>([
    [
      'error /where/message/topic journey.topic-unknown',
      { where: 'clicked topic onbording ever' },
      'did you mean "onboarding"?',
    ],
    [
      'warning /where/not/message/journey journey.journey-unknown',
      { where: 'not (sent journey ofers ever)' },
      'did you mean "offers"?',
    ],
    [
      'warning /where/message/step journey.message-step',
      { where: 'opened journey offers step helo in last 7 days' },
      'did you mean "hello"?',
    ],
    ['warning /where/message/step journey.message-step', { where: 'opened step bye ever' }],
    ['warning /where/message journey.message-not-told', { where: 'opened sms ever' }],
    ['warning /where/message journey.message-not-told', { where: 'bounced webhook today' }],
    [
      'warning /where/message/topic journey.message-untracked',
      { where: 'opened topic receipts ever' },
      'ask for delivered',
    ],
    ['error /start journey.start-unknown', { start: 'helo', steps: { other: undefined } }, 'did you mean "hello"?'],
    [
      'error /steps/hello/next journey.next-dangling',
      hello({ next: 'pasue', failed: 'pause' }),
      'did you mean "pause"?',
    ],
    [
      'error /steps/check/else journey.next-dangling',
      { steps: { check: { ...small.steps.check, else: 'nowhere', cases: [{ if: 'profile.a = 1', next: 'bye' }] } } },
    ],
    [
      'error /steps/check/cases/0/next journey.next-dangling',
      { steps: { check: { ...small.steps.check, cases: [{ if: 'profile.a = 1', next: 'bey' }] } } },
      'did you mean "bye"?',
    ],
    ['error /where/segment journey.segment-unknown', { where: 'in segment vipp' }, 'did you mean "vip"?'],
    [
      'error /exitWhen/0/segment journey.segment-unknown',
      { exitWhen: [{ on: 'segment', segment: 'wip', change: 'left', reason: 'left' }] },
      'did you mean "vip"?',
    ],
    [
      'error /entry/0/trait journey.date-trait',
      { entry: [{ on: 'date', trait: 'event.birthday', every: 'year', at: '09:00' }] },
      'write profile.<trait>',
    ],
    [
      'error /entry/1/at journey.date-twice',
      {
        entry: [
          { on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00' },
          { on: 'date', trait: 'profile.birthday', every: 'year', at: '18:00' },
          { on: 'date', trait: 'profile.birthday', every: 'year', offset: '-P7D', at: '18:00' },
        ],
      },
    ],
    [
      'error /entry/0/segment journey.segment-unknown',
      { entry: [{ ...daily, segment: 'vipp' }] },
      'did you mean "vip"?',
    ],
    [
      'error /entry/0/segment journey.segment-unknown',
      { entry: [{ ...onChange, segment: 'vipp' }] },
      'did you mean "vip"?',
    ],
    [
      'error /entry/0/segment journey.segment-on-demand',
      { entry: [{ ...onChange, segment: 'vip' }] },
      'make that segment live: true',
    ],
    [
      'error /entry/0/existing journey.segment-existing',
      { entry: [{ ...onChange, change: 'left', existing: 'enroll' }] },
      'write ignore',
    ],
    [
      'error /where/since journey.segment-since-on-demand',
      { where: 'in segment vip for at least 30 days' },
      'make that segment live: true',
    ],
    ['error /entry/0 journey.schedule-date', { entry: [{ ...daily, every: 'once' }] }, 'write date: 2026-12-24'],
    ['error /entry/0/date journey.schedule-date', { entry: [{ ...daily, date: '2026-12-24' }] }],
    [
      'warning /entry/0/date journey.schedule-past',
      { entry: [{ ...daily, every: 'once', date: '2026-11-22' }] },
      'give a later date, or remove the entry',
    ],
    ['error /entry/0 journey.schedule-days', { entry: [{ ...daily, every: 'week' }] }, 'write days: [mon]'],
    ['error /entry/0/days/1 journey.schedule-days', { entry: [{ ...daily, every: 'week', days: ['mon', 3] }] }],
    ['error /entry/0/days/0 journey.schedule-days', { entry: [{ ...daily, every: 'month', days: ['mon', 3] }] }],
    ['error /entry/0/days journey.schedule-days', { entry: [{ ...daily, days: ['mon'] }] }, 'remove them'],
    [
      'error /entry journey.schedule-entries',
      { entry: Array.from({ length: 11 }, (_, hour) => ({ ...daily, at: `${10 + hour}:00` })) },
    ],
    [
      'error /entry/0/journey journey.journey-unknown',
      { entry: [{ on: 'journey', journey: 'ofers' }] },
      'did you mean "offers"?',
    ],
    [
      'warning /entry/0/reason journey.reason-unknown',
      { entry: [{ on: 'journey', journey: 'offers', reason: 'doen' }] },
      'did you mean "done"?',
    ],
    [
      'warning /steps/check/cases/0/if/ref journey.ref-undeclared',
      branchIf('entry.n = 5', { entry: [{ on: 'journey', journey: 'offers', reason: 'finished' }] }),
    ],
    ['error /id journey.id-reserved', { id: 'end' }],
    ['error /topic journey.topic-unknown', { topic: 'onbording' }, 'did you mean "onboarding"?'],
    ['error /steps/hello/topic journey.topic-unknown', hello({ topic: 'news' })],
    ['error /where/inside journey.geofence-unknown', { where: 'profile.p inside berln' }, 'did you mean "berlin"?'],
    ['error /steps/hello/template journey.template-unknown', hello({ template: 'helo' }), 'did you mean "hello"?'],
    [
      'error /steps/hello/template journey.template-version-unknown',
      hello({ template: 'hello@7' }),
      'write "hello" for the live version',
    ],
    [
      'error /steps/hello/sender journey.sender-unknown',
      hello({ sender: 'mian', topic: 'receipts' }),
      'did you mean "main"?',
    ],
    ['error /sending/quietHours journey.quiet-hours-none', { sending: { quietHours: 'none' } }],
    [
      'error /sending/quietHours journey.sending-never',
      { sending: { quietHours: [{ from: '20:00', to: '08:00' }], windows: [{ from: '06:00', to: '08:00' }] } },
    ],
    [
      'error /schedule/endAt journey.schedule-order',
      { schedule: { startAt: '2026-10-30T09:00:00+01:00', endAt: '2026-10-30T08:00:00Z' } },
    ],
    ['error /schedule/atEnd journey.schedule-no-end', { schedule: { atEnd: 'stop' } }],
    [
      'error /limits/budget/currency journey.budget-no-price',
      { limits: { budget: { max: 9, currency: 'EUR', per: 'day' } } },
    ],
    [
      'error /limits/budget/max journey.budget-too-small',
      { limits: { budget: { max: 0.00009, currency: 'USD', per: 'day' } } },
    ],
    [
      'warning /limits/messagesPerMinute journey.limit-too-slow',
      { limits: { messagesPerMinute: 2, entriesPerDay: 2_881 } },
    ],
    [
      'error /limits/messagesPerProfile/1/max journey.limit-too-large',
      {
        limits: {
          messagesPerProfile: [
            { max: 50, per: 'day' },
            { max: 51, per: 'run' },
          ],
        },
      },
    ],
    [
      'error /exitWhen/0/step journey.trigger-step',
      { exitWhen: [{ on: 'message', step: 'helo', was: 'bounced', reason: 'r' }] },
      'did you mean "hello"?',
    ],
    [
      'error /exitWhen/0/link journey.trigger-link',
      { exitWhen: [{ on: 'message', step: 'hello', was: 'opened', link: 'https://a.example', reason: 'r' }] },
    ],
    [
      'warning /exitWhen/0/if/ref journey.ref-event',
      { exitWhen: [{ on: 'becomes-true', if: 'event.total > 1', reason: 'r' }] },
    ],
    [
      'error /where/reason journey.predicate-reason',
      { where: { journey: 'welcome', is: 'finished', reason: 'bought' } },
    ],
    ['warning /holdout/percent journey.holdout-everybody', { holdout: { percent: 100 } }],
    [
      'warning /goal/where journey.holdout-goal',
      {
        holdout: { percent: 10 },
        goal: { event: 'Y', where: 'event.cart_id = entry.cart_id', within: 'P7D' },
      },
      'compare with event.* or profile.*',
    ],
    ['warning /steps/lost journey.step-unreachable', { steps: { lost: { type: 'exit', reason: 'x' } } }],
    [
      'warning /steps/check/cases/1/if journey.case-duplicate',
      {
        steps: {
          check: {
            ...small.steps.check,
            cases: [
              { if: 'profile.a = 1', next },
              { if: { is: 1, ref: 'profile.a' }, next },
            ],
          },
        },
      },
    ],
    [
      'warning /steps/check/cases/0/if journey.missing-value',
      branchIf('profile.plan != "pro"'),
      'add: or profile.plan is missing (or: and profile.plan exists)',
    ],
    [
      'warning /steps/check/cases/0/if/all/1 journey.missing-value',
      branchIf('profile.a = 1 and profile.plan not in ("pro")'),
    ],
    [
      'warning /steps/check/cases/0/if/any/0 journey.missing-value',
      branchIf('profile.plan != "pro" or profile.a is missing'),
    ],
    ['warning /steps/check/cases/0/if journey.types-mixed', branchIf('profile.a in ("1", 1)')],
    ['warning /steps/check/cases/0/if journey.types-mixed', branchIf('profile.a between 1 and "2"')],
    ['warning /steps/check/cases/0/if journey.comparison-unordered', branchIf('profile.a > "b"')],
    ['warning /steps/check/cases/0/if/sum journey.types-mixed', branchIf('did "X" sum event.total = "5" ever')],
    [
      'warning /steps/check/cases/0/if journey.types-mixed',
      branchIf('entry.n = "5"', { entry: [{ on: 'api', properties: { n: { type: 'number' } } }] }),
    ],
    ['warning /steps/check/cases/0/if/ref journey.ref-event', branchIf('event.total = 5')],
    ['warning /steps/check/cases/0/if/is journey.ref-event', branchIf('profile.total = event.total')],
    [
      'warning /steps/check/cases/0/if/ref journey.ref-unknown',
      branchIf('entry.cod = "x"', { entry: [{ on: 'api', properties: { code: { type: 'string' } } }] }),
      'did you mean "code"?',
    ],
    ['error /steps/check/cases/0/if/ref journey.ref-unknown', branchIf('steps.offer.code = "x"')],
    [
      'error /reentry/key journey.ref-unknown',
      { entry: [{ on: 'api' }], reentry: { key: 'entry.cart', again: 'never', whileInside: 'ignore' } },
    ],
    [
      'error /steps/hello/vars/a~1b journey.ref-event',
      { ...hello({ vars: { 'a/b': [{ ref: 'event.x' }] } }), entry: [{ on: 'api' }] },
    ],
    [
      'error /steps/hello/vars/a journey.ref-event',
      { ...hello({ vars: { a: { liquid: 'x {{ event.total | times: 2 }}' } } }), entry: [{ on: 'api' }] },
    ],
    [
      'error /steps/pause/until/at journey.ref-event',
      { steps: { pause: { type: 'wait', until: { at: { ref: 'event.at' } }, next: 'check' } } },
    ],
  ])('%s', (finding, changes, fix) => {
    const findings = lintJourney(journeyWith(changes), catalogWith()).filter(
      ({ code }) => !(finding.includes('start-unknown') && code.endsWith('unreachable')),
    );
    expect(findings.map(({ severity, pointer, code }: Finding) => `${severity} ${pointer} ${code}`)).toEqual([finding]);
    if (fix !== undefined) expect(findings[0]).toMatchObject({ fix });
  });

  it.each<[finding: string, steps: Record<string, unknown>]>([
    [
      'error /steps/end journey.id-reserved',
      { a: { type: 'wait', for: 'P1D', next: 'end' }, end: { type: 'exit', reason: 'x' } },
    ],
    [
      'error /steps/a/arms journey.split-weights',
      {
        a: {
          type: 'split',
          arms: [
            { id: 'x', weight: 50, next },
            { id: 'y', weight: 49, next },
          ],
        },
      },
    ],
    [
      'error /steps/a/arms/1/id journey.arm-duplicate',
      {
        a: {
          type: 'split',
          arms: [
            { id: 'x', weight: 50, next },
            { id: 'x', weight: 50, next },
          ],
        },
      },
    ],
    [
      'error /steps/a/endpoint journey.endpoint-unknown',
      { a: { type: 'webhook', endpoint: 'crn', next, failed: next } },
    ],
    ['error /steps/a/journey journey.journey-unknown', { a: { type: 'enroll', journey: 'offer', next } }],
    [
      'error /steps/a/queue journey.endpoint-unknown',
      { a: { type: 'task', queue: 'cmr', title: 'T', due: 'P1D', outcomes: { done: next }, timeout: next } },
    ],
    [
      'error /steps/a/title journey.ref-unknown',
      {
        a: {
          type: 'task',
          queue: 'crm',
          title: { ref: 'steps.no.x' },
          due: 'P1D',
          outcomes: { done: next },
          timeout: next,
        },
      },
    ],
    ['error /steps/a/journey journey.enroll-itself', { a: { type: 'enroll', journey: 'welcome', next } }],
    [
      'error /steps/a/properties/x journey.ref-unknown',
      { a: { type: 'enroll', journey: 'offers', properties: { x: { ref: 'steps.no.x' } }, next } },
    ],
    [
      'error /steps/a/properties/x journey.ref-unknown',
      { a: { type: 'emit', event: 'X', properties: { x: { liquid: '{{ steps.no.x }}' } }, next } },
    ],
    [
      'error /steps/a/channels/0 journey.channel-unavailable',
      { a: { type: 'message', template: 'hook', channels: ['webhook'], next } },
    ],
    [
      'error /steps/a/channels/1 journey.template-channel',
      { a: { type: 'message', template: 'only-hook', channels: ['webhook', 'email'], next } },
    ],
  ])('%s', (finding, steps) => {
    const hook = (id: string) =>
      Template.parse({
        schemaVersion: 1,
        id,
        variables: {},
        variants: [{ channel: 'webhook', content: { body: '{}' } }],
      });
    const catalog = catalogWith([hook('hook'), hook('only-hook')]);
    const channels = finding.includes('unavailable') ? catalog.channels : (['email', 'webhook'] as const);
    expect(said(stepsOnly(steps), { ...catalog, channels })).toEqual([finding]);
  });
});

describe('Liquid in values', () => {
  it.each([
    ['does not parse', '{{ oops', ['error /steps/hello/vars/a journey.template-syntax']],
    ['never ends', '{% for i in (1..100000000) %}x{% endfor %}', ['error /steps/hello/vars/a journey.template-limit']],
    ['has an unknown filter', '{{ profile.name | nope }}', ['error /steps/hello/vars/a journey.template-syntax']],
    ['may lack a value', '{{ profile.name | upcase }}', []],
  ])('that %s', (_what, liquid, findings) => {
    expect(said(journeyWith(hello({ vars: { a: { liquid } } })))).toEqual(findings);
  });

  it('in a list of an update is looked at as well', () => {
    const note = { type: 'update', set: { all: ['x', { liquid: '{{ y' }] }, next: small.steps.hello.next };
    const steps = { note, hello: { ...small.steps.hello, next: 'note' } };
    expect(said(journeyWith({ steps }))).toEqual(['error /steps/note/set/all/1 journey.template-syntax']);
  });
});

describe('cycles', () => {
  const wait = { type: 'wait', for: 'P1D' };
  const goOn = { type: 'update', set: { a: 1 } };
  const noWait = 'journey.cycle-without-wait';
  const noMax = 'journey.cycle-without-max-visits';
  it.each<[why: string, steps: Record<string, unknown>, expected: string[]]>([
    ['a wait and maxVisits', { a: { ...wait, maxVisits: 3, next: 'b' }, b: { ...goOn, next: 'a' } }, []],
    ['both on different steps', { a: { ...wait, next: 'b' }, b: { ...goOn, maxVisits: 3, next: 'a' } }, []],
    ['no maxVisits', { a: { ...wait, next: 'b' }, b: { ...goOn, next: 'a' } }, [noMax]],
    ['no wait', { a: { ...goOn, maxVisits: 3, next: 'b' }, b: { ...goOn, next: 'a' } }, [noWait]],
    ['neither', { a: { ...goOn, next: 'a' } }, [noWait, noMax]],
    ['a wait of nothing', { a: { type: 'wait', for: 'PT0S', maxVisits: 2, next: 'a' } }, [noWait]],
    [
      'a wait until an instant, which may be past',
      { a: { type: 'wait', until: { at: '2026-01-01T00:00:00Z' }, maxVisits: 2, next: 'a' } },
      [noWait],
    ],
    [
      'a wait until a window, which may be open',
      { a: { type: 'wait', until: { windows: [{ from: '09:00', to: '18:00' }] }, maxVisits: 2, next: 'a' } },
      [noWait],
    ],
    ['a wait until a time', { a: { type: 'wait', until: { time: '09:00' }, maxVisits: 2, next: 'a' } }, []],
    [
      'a wait-for',
      {
        a: {
          type: 'wait-for',
          any: [{ on: 'event', event: 'X', next: 'a' }],
          within: 'P1D',
          timeout: 'end',
          maxVisits: 2,
        },
      },
      [],
    ],
    [
      'a task',
      {
        a: {
          type: 'task',
          queue: 'crm',
          title: 'T',
          due: 'P1D',
          outcomes: { again: 'a' },
          timeout: 'end',
          maxVisits: 2,
        },
      },
      [],
    ],
    [
      'an inner cycle without a wait beside one with',
      {
        a: { ...wait, maxVisits: 9, next: 'b' },
        b: { type: 'branch', cases: [{ if: 'profile.a = 1', next: 'c' }], else: 'a' },
        c: { ...goOn, maxVisits: 9, next: 'b' },
      },
      [noWait],
    ],
    [
      'two cycles',
      {
        a: { type: 'branch', cases: [{ if: 'profile.a = 1', next: 'b' }], else: 'c' },
        b: { ...goOn, maxVisits: 2, next: 'b' },
        c: { ...goOn, maxVisits: 2, next: 'c' },
      },
      [noWait, noWait],
    ],
    [
      'a way that only crosses itself',
      {
        a: { type: 'branch', cases: [{ if: 'profile.a = 1', next: 'b' }], else: 'c' },
        b: { ...goOn, next: 'c' },
        c: { ...goOn, next: 'end' },
      },
      [],
    ],
    [
      'a message whose failure leads back',
      { a: { type: 'message', template: 'hello', channels: ['email'], next, failed: 'a' } },
      [noWait, noMax],
    ],
  ])('with %s', (_why, steps, expected) => {
    expect(lintJourney(stepsOnly(steps), catalogWith()).map(({ code }) => code)).toEqual(expected);
  });

  it('names the steps', () => {
    const [finding] = lintJourney(
      stepsOnly({ a: { ...goOn, maxVisits: 1, next: 'b' }, b: { ...goOn, next: 'a' } }),
      catalogWith(),
    );
    expect(finding).toMatchObject({ pointer: '/steps/a', detail: 'this cycle never waits: a, b', actual: '2 steps' });
  });
});

describe('event.*', () => {
  const vars = { vars: { total: { ref: 'event.total' } } };
  const message = { type: 'message', template: 'hello', channels: ['email'], next: 'end', ...vars };
  const waitFor = (to: string, timeout = 'end') => ({
    type: 'wait-for',
    any: [{ on: 'event', event: 'X', next: to }],
    within: 'P1D',
    timeout,
  });
  it.each<[why: string, steps: Record<string, unknown>, expected: number]>([
    ['at the first step', { a: message }, 0],
    ['behind a trigger', { a: waitFor('b'), b: message }, 0],
    ['behind the timeout', { a: waitFor('end', 'b'), b: message }, 1],
    ['behind both', { a: waitFor('b', 'b'), b: message }, 1],
    [
      'through a branch',
      {
        a: waitFor('b'),
        b: { type: 'branch', cases: [{ if: 'event.total > 5', next: 'c' }], else: 'end' },
        c: message,
      },
      0,
    ],
    ['behind a wait', { a: { type: 'wait', for: 'PT1M', next: 'b' }, b: message }, 1],
    ['behind a message, which may be held', { a: { ...message, next: 'b', vars: {} }, b: message }, 1],
  ])('%s', (_why, steps, errors) => {
    expect(said(stepsOnly(steps)).filter((finding) => finding.endsWith('ref-event'))).toHaveLength(errors);
  });

  it('is not there at the first step when one entry is through the API', () => {
    const entry = [{ on: 'event', event: 'X' }, { on: 'api' }];
    expect(said(stepsOnly({ a: message }, { entry }))).toContain('error /steps/a/vars/total journey.ref-event');
  });
});

describe('variables of templates', () => {
  const variables = (required: boolean) => ({
    'profile.name': { type: 'string', example: 'Ann', required },
    'entry.code': { type: 'string', example: 'X', required },
    'steps.offer.code': { type: 'string', example: 'X' },
  });
  const hook = { type: 'webhook', endpoint: 'crm', saveAs: 'offer', next: 'b', failed: 'b' };
  const message = { type: 'message', template: 'offer', channels: ['email'], next: 'end' };
  it.each<[why: string, required: boolean, entry: object, steps: Record<string, unknown>, expected: string[]]>([
    ['all there', true, { on: 'api', properties: { code: { type: 'string' } } }, { a: hook, b: message }, []],
    [
      'nobody saves',
      true,
      { on: 'api', properties: { code: { type: 'string' } } },
      { b: message },
      ['error /steps/b/template journey.ref-unknown'],
    ],
    ['nobody declares', true, { on: 'api' }, { a: hook, b: message }, ['error /steps/b/template journey.ref-unknown']],
    [
      'nobody declares what is not required',
      false,
      { on: 'api' },
      { a: hook, b: message },
      ['warning /steps/b/template journey.ref-unknown'],
    ],
    ['an event may have it', true, { on: 'event', event: 'X' }, { a: hook, b: message }, []],
  ])('%s', (_why, required, entry, steps, expected) => {
    expect(said(stepsOnly(steps, { entry: [entry] }), catalogWith([mail('offer', {}, variables(required))]))).toEqual(
      expected,
    );
  });
});

describe('conditions that are never true', () => {
  const branch = (...cases: string[]) => ({
    a: { type: 'branch', cases: cases.map((one) => ({ if: one, next: 'end' })), else: 'end' },
  });
  it.each<[why: string, steps: Record<string, unknown>, more: Changes, expected: string[]]>([
    ['nothing', branch('profile.a = 1', 'profile.a = 2'), {}, []],
    ['a case', branch('profile.a = 1 and profile.a = 2'), {}, ['warning /steps/a/cases/0/if journey.never-true']],
    [
      'the smallest part',
      branch('profile.b = 1 or (profile.a > 3 and profile.a < 2 and profile.c = 1)'),
      {},
      ['warning /steps/a/cases/0/if/any/1 journey.never-true'],
    ],
    [
      'what is counted',
      branch('did "X" where (event.n > 5 and event.n < 3) in last 3 days'),
      {},
      ['warning /steps/a/cases/0/if/where journey.never-true'],
    ],
    [
      'a case that the one before takes',
      branch('profile.n > 10', 'profile.n > 20', 'profile.n > 5'),
      {},
      ['warning /steps/a/cases/1/if journey.case-never-taken'],
    ],
    [
      'a case that two before take together',
      branch('profile.n = 1', 'profile.n = 2', 'profile.n in (1, 2)'),
      {},
      ['warning /steps/a/cases/2/if journey.case-never-taken'],
    ],
    [
      'an entry that the journey does not let in',
      branch('profile.a = 1'),
      { entry: [{ on: 'event', event: 'X', where: 'profile.plan = "pro"' }], where: 'profile.plan is missing' },
      ['warning /entry/0/where journey.entry-never-used'],
    ],
  ])('%s', (_why, steps, more, expected) => {
    expect(said(stepsOnly(steps, more))).toEqual(expected);
  });
});

describe('what steps save', () => {
  const hook = { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'b', failed: 'c' };
  const ask = (next: string) => ({ type: 'branch', cases: [{ if: 'steps.crm.n > 1', next }], else: 'end' });
  const send = {
    type: 'message',
    template: 'hello',
    channels: ['email'],
    next: 'end',
    vars: { n: { ref: 'steps.crm.n' } },
  };
  it.each<[why: string, steps: Record<string, unknown>, expected: string[]]>([
    ['is there after it', { a: hook, b: ask('c'), c: send }, []],
    [
      'is not there before it',
      { z: ask('a'), a: { ...hook, next: 'end', failed: 'end' } },
      ['warning /steps/z/cases/0/if/ref journey.ref-too-early'],
    ],
    [
      'is not there where it only fails',
      { a: { ...hook, next: 'end' }, c: send },
      ['error /steps/c/vars/n journey.ref-too-early'],
    ],
    [
      'may be there the second time round',
      {
        z: { ...ask('end'), else: 'a', maxVisits: 2 },
        a: { ...hook, next: 'w', failed: 'w' },
        w: { type: 'wait', for: 'P1D', next: 'z' },
      },
      [],
    ],
  ])('%s', (_why, steps, expected) => {
    expect(said(stepsOnly(steps))).toEqual(expected);
  });
});

describe('events', () => {
  const shape = (...names: string[]) => new Set(names);
  const catalog = (eventTypes?: [string, Set<string> | undefined][], ...others: Journey[]): LintCatalog => ({
    ...catalogWith(),
    journeys: new Map(others.map((one) => [one.id, one])),
    ...(eventTypes !== undefined && { eventTypes: new Map(eventTypes) }),
  });
  const stop = { a: { type: 'exit', reason: 'done' } };
  const on = (event: string, more: object = {}) => stepsOnly(stop, { entry: [{ on: 'event', event, ...more }] });
  const elsewhere = (id: string, event: string) => journeyWith({ id, entry: [{ on: 'event', event }] });
  const never = 'warning /entry/0/event journey.event-never-seen';

  it.each<[why: string, journey: Journey, catalog: LintCatalog, expected: string[]]>([
    ['came in', on('Order Completed'), catalog([['Order Completed', shape()]]), []],
    ['never came in', on('Order Complete'), catalog([['Order Completed', shape()]]), [never]],
    ['nothing has come in yet', on('Order Completed'), catalog([]), []],
    [
      'a journey makes it',
      on('Lead Warm'),
      catalog(
        [['X', shape()]],
        journeyWith({ id: 'm', start: 'e', steps: { e: { type: 'emit', event: 'Lead Warm', next: 'end' } } }),
      ),
      [],
    ],
    [
      'counted',
      stepsOnly(
        { a: { type: 'branch', cases: [{ if: 'did "Ordr" ever', next: 'end' }], else: 'end' } },
        { entry: [{ on: 'event', event: 'Order' }] },
      ),
      catalog([['Order', shape()]]),
      ['warning /steps/a/cases/0/if/did journey.event-never-seen'],
    ],
    [
      'a property never carried',
      on('Order', { where: 'event.totl > 5' }),
      catalog([['Order', shape('total')]]),
      ['warning /entry/0/where/ref journey.property-never-seen'],
    ],
    [
      'a property that may be missing from the list',
      on('Order', { where: 'event.totl > 5' }),
      catalog([['Order', undefined]]),
      [],
    ],
    [
      'of what is counted',
      on('Order', { where: 'did "Seen" where (event.sku = "a" and event.total > 1) in last 3 days' }),
      catalog([
        ['Order', shape('total')],
        ['Seen', shape('sku')],
      ]),
      ['warning /entry/0/where/where/all/1/ref journey.property-never-seen'],
    ],
    [
      'a key',
      stepsOnly(stop, {
        entry: [{ on: 'event', event: 'Order' }],
        reentry: { key: 'entry.crt', again: 'never', whileInside: 'ignore' },
      }),
      catalog([['Order', shape('cart')]]),
      ['warning /reentry/key journey.property-never-seen'],
    ],
    [
      'unlike all others, and nobody knows what comes in',
      on('Order Complete'),
      catalog(undefined, elsewhere('o', 'Order Completed'), elsewhere('p', 'Order Completed')),
      [never],
    ],
    [
      'in another spelling',
      on('order_completed'),
      catalog(undefined, elsewhere('o', 'Order Completed'), elsewhere('p', 'Order Completed')),
      [never],
    ],
    [
      'another name',
      on('Order Refunded'),
      catalog(undefined, elsewhere('o', 'Order Completed'), elsewhere('p', 'Order Completed')),
      [],
    ],
  ])('%s', (_why, journey, known, expected) => {
    expect(said(journey, known)).toEqual(expected);
  });

  it('says what was probably meant', () => {
    const [name, property] = lintJourney(
      on('Order', { where: 'did "Sen" ever and event.totl > 1' }),
      catalog([
        ['Order', shape('total')],
        ['Seen', shape()],
      ]),
    );
    expect([name?.fix, property?.fix]).toEqual(['did you mean "Seen"?', 'did you mean "total"?']);
  });
});

describe('marketing mail', () => {
  const bare = [{ id: 'main', channel: 'email' }] as const;
  it.each<
    [why: string, content: object, senders: LintCatalog['senders'] | undefined, topic: string, expected: string[]]
  >([
    ['all there', {}, undefined, 'onboarding', []],
    ['no link in html', { html: '{{ postal_address }}' }, undefined, 'onboarding', ['journey.unsubscribe-missing']],
    ['no link in text', { text: '{{ postal_address }}' }, undefined, 'onboarding', ['journey.unsubscribe-missing']],
    [
      'the word without braces is no link',
      { text: 'unsubscribe_url {{ postal_address }}' },
      undefined,
      'onboarding',
      ['journey.unsubscribe-missing'],
    ],
    ['a sender without a postal address', {}, bare, 'onboarding', ['journey.postal-address-missing']],
    [
      'a sender with an empty postal address',
      {},
      [{ ...bare[0], postalAddress: '' }],
      'onboarding',
      ['journey.postal-address-missing'],
    ],
    [
      'no address in text',
      { text: '{{ unsubscribe_url }}' },
      undefined,
      'onboarding',
      ['journey.postal-address-missing'],
    ],
    ['transactional', { html: 'x', text: 'x' }, bare, 'receipts', []],
    [
      'mjml beside html',
      { html: 'x', mjml: '<mjml>{{ unsubscribe_url }}{{ postal_address }}</mjml>' },
      undefined,
      'onboarding',
      [],
    ],
  ])('%s', (_why, content, senders, topic, expected) => {
    const journey = journeyWith(hello({ template: 'offer', topic }));
    expect(lintJourney(journey, catalogWith([mail('offer', content)], senders)).map(({ code }) => code)).toEqual(
      expected,
    );
  });

  it("asks the step's own sender", () => {
    const senders = [...bare, { id: 'shop', channel: 'email', postalAddress: 'Street 2' } as const];
    expect(said(journeyWith(hello({ sender: 'shop' })), catalogWith([], senders))).toEqual([]);
  });
});

it.each([
  'profile.plan != "pro" or profile.plan is missing',
  'profile.plan exists and profile.plan != "pro"',
  'profile.a in (1, null)',
  'profile.a > "2026-10-30"',
  'did "X" where event.total > 5 ever',
  'opened in-app topic receipts ever',
])('does not warn about %s', (condition) => expect(said(journeyWith(branchIf(condition)))).toEqual([]));

it('says errors first', () => {
  const findings = lintJourney(
    journeyWith({
      ...branchIf('profile.a != 1'),
      topic: 'news',
      goal: { event: 'X', within: 'P1D' },
      schedule: { atEnd: 'stop' },
    }),
    catalogWith(),
  );
  expect(findings.map(({ severity }) => severity)).toEqual(['error', 'error', 'warning']);
});

it('judges 200 steps in a circle without trouble', () => {
  const ring = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`s${i}`, { type: 'update', set: { a: 1 }, next: `s${(i + 1) % 200}` }]),
  );
  const found = lintJourney(stepsOnly(ring), catalogWith());
  expect(found.map(({ actual }) => actual)).toEqual(['200 steps', '200 steps']);
  expect(found[0]!.detail).toContain('and 192 more');
});
