import { describe, expect, it } from 'vitest';
import { Journey } from '../../../../shared/domain/journeys/journey.ts';
import { InvalidInput, type Problem } from '../../../../shared/kernel/errors.ts';
import { parseDocument } from '../../../../shared/kernel/problems.ts';
import { journeyWith, small, stepsOnly, written } from '../a-journey.ts';

function problemsOf(input: unknown): readonly Problem[] {
  try {
    parseDocument(Journey, input, 'journey');
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput);
    return (error as InvalidInput).problems;
  }
  return [];
}

describe('the whole grammar', () => {
  const next = 'end';
  it.each<[string, unknown]>([
    [
      'message',
      {
        type: 'message',
        name: 'N',
        maxVisits: 3,
        template: 'x@7',
        channels: ['push', 'sms', 'email', 'in-app', 'webhook'],
        topic: 't',
        sender: 's',
        vars: { a: [1, { ref: 'event.x' }, { liquid: '{{ x }}' }, null] },
        whenBlocked: 'skip',
        holdAtMost: 'P1D',
        onUnknown: 'resend',
        next,
        skipped: next,
        failed: next,
      },
    ],
    ['wait for', { type: 'wait', for: 'P1Y', next }],
    ['wait until a time', { type: 'wait', until: { time: '09:00', days: ['mon'] }, next }],
    ['wait until windows', { type: 'wait', until: { windows: [{ from: '22:00', to: '06:00' }] }, next }],
    [
      'wait until an instant',
      { type: 'wait', until: { at: '2026-10-30T09:00:00+01:00', offset: '-P7D', past: 'exit' }, next },
    ],
    ['wait until a ref', { type: 'wait', until: { at: { ref: 'profile.renewal_at' } }, next }],
    [
      'wait-for',
      {
        type: 'wait-for',
        any: [
          { on: 'event', event: 'X', where: 'event.a = 1', next },
          { on: 'segment', segment: 's', change: 'left', next },
          { on: 'message', step: 'hello', was: 'clicked', link: 'https://x', next },
          { on: 'becomes-true', if: 'profile.a = 1', next },
        ],
        within: 'PT1H',
        timeout: next,
      },
    ],
    ['branch', { type: 'branch', cases: [{ if: { ref: 'profile.a', is: 1 }, next }], else: next }],
    [
      'split',
      {
        type: 'split',
        arms: [
          { id: 'a', weight: 33.3, next },
          { id: 'b', weight: 66.7, next },
        ],
        sticky: 'run',
      },
    ],
    ['update', { type: 'update', set: { a: 1 }, increment: { b: -1 }, append: { c: 'x' }, unset: ['d'], next }],
    ['emit', { type: 'emit', event: 'X', properties: { a: 1 }, next }],
    [
      'webhook',
      {
        type: 'webhook',
        endpoint: 'crm',
        body: { a: { ref: 'profile.a' } },
        saveAs: 'offer',
        timeout: 'PT5S',
        next,
        failed: next,
      },
    ],
    [
      'task',
      {
        type: 'task',
        queue: 'calls',
        title: { liquid: 'Call {{ profile.name }}' },
        due: 'P2D',
        outcomes: { yes: next, no: next },
        timeout: next,
      },
    ],
    ['enroll', { type: 'enroll', journey: 'other', properties: { a: 1 }, next }],
    ['exit', { type: 'exit', reason: 'done' }],
  ])('has the step %s', (_name, step) => {
    expect(journeyWith({ steps: { it: step } }).steps['it']).toMatchObject({ type: (step as { type: string }).type });
  });

  it.each<[string, Record<string, unknown>]>([
    [
      'all entries',
      {
        entry: [
          { on: 'event', event: 'X', where: 'event.a = 1', maxAge: 'PT2H' },
          { on: 'segment', segment: 's', change: 'entered', existing: 'ignore' },
          { on: 'date', trait: 'profile.birthday', every: 'year', offset: '-P7D', at: '09:00' },
          {
            on: 'schedule',
            segment: 's',
            zone: 'Europe/Berlin',
            at: '09:00',
            every: 'week',
            days: ['mon', 31],
            date: '2026-10-30',
          },
          { on: 'api', properties: { code: { type: 'string', required: true } } },
          { on: 'journey', journey: 'j', reason: 'done' },
        ],
      },
    ],
    ['re-entry', { reentry: { key: 'event.cart_id', again: 'P30D', whileInside: 'restart', max: 3 } }],
    [
      'exit rules',
      {
        exitWhen: [
          {
            on: 'event',
            event: 'Order Completed',
            where: { ref: 'event.cart_id', is: { ref: 'entry.cart_id' } },
            reason: 'bought',
          },
        ],
      },
    ],
    [
      'a goal',
      { goal: { event: 'X', where: 'event.a = 1', within: 'P7D', from: 'message', value: 'event.total', exit: true } },
    ],
    ['a schedule', { schedule: { startAt: '2026-10-30T09:00:00Z', endAt: '2026-12-30T09:00:00Z', atEnd: 'stop' } }],
    [
      'limits',
      {
        limits: {
          entriesPerDay: 1,
          entriesTotal: 2,
          messagesPerMinute: 3,
          messagesPerProfile: [
            { max: 1, per: 'run' },
            { max: 2, per: 'P7D' },
          ],
          budget: { max: 100, currency: 'EUR', per: 'total' },
        },
      },
    ],
    [
      'sending',
      {
        sending: {
          quietHours: [{ from: '22:00', to: '08:00' }],
          windows: [{ days: ['mon'], from: '09:00', to: '18:00' }],
          closedDates: ['2026-12-25'],
          catchUp: 'PT2H',
        },
      },
    ],
    [
      'the rest',
      {
        $schema: 'x.json',
        description: 'd',
        tags: ['a'],
        zone: 'Europe/Berlin',
        where: 'profile.a exists',
        holdout: { percent: 10, group: 'global' },
      },
    ],
  ])('has %s', (_name, changes) => {
    expect(journeyWith(changes)).toMatchObject(
      JSON.parse(
        JSON.stringify(changes, (key, value) =>
          ['where'].includes(key) && typeof value === 'string' ? undefined : value,
        ),
      ),
    );
  });

  it('stores predicates as JSON, also those that were written as text', () => {
    const { where, steps } = journeyWith({ where: { all: ['profile.a = 1', { not: 'profile.b exists' }] } });
    expect(where).toEqual({ all: [{ ref: 'profile.a', is: 1 }, { not: { ref: 'profile.b', exists: true } }] });
    expect(steps['check']).toMatchObject({ cases: [{ if: { ref: 'profile.plan', is: 'pro' } }] });
  });

  it('parses what it has parsed to the same', () => {
    const parsed = journeyWith({ where: 'did "X" ever' });
    expect(parseDocument(Journey, JSON.parse(JSON.stringify(parsed)), 'journey')).toEqual(parsed);
  });
});

describe('what is refused', () => {
  const wait = (step: object) => ({ steps: { it: { type: 'wait', next: 'end', ...step } } });
  it.each<[pointer: string, code: string, changes: Record<string, unknown>, more?: Partial<Problem>]>([
    ['/reentry', 'missing', { reentry: undefined }, { limit: 'object' }],
    ['/topik', 'unknown-key', { topik: 'x' }, {}],
    ['/exitwhen', 'unknown-key', { exitwhen: [] }, { fix: 'did you mean "exitWhen"?' }],
    [
      '/steps/it/wihtin',
      'unknown-key',
      { steps: { it: { type: 'wait-for', any: [], wihtin: 'PT1H', timeout: 'end' } } },
      { fix: 'did you mean "within"?' },
    ],
    [
      '/steps/it/any',
      'too-short',
      { steps: { it: { type: 'wait-for', any: [], within: 'PT1H', timeout: 'end' } } },
      { limit: 'at least 1', actual: 0 },
    ],
    ['/steps/it/type', 'value', { steps: { it: { type: 'mesage' } } }, { fix: 'did you mean "message"?' }],
    [
      '/steps/it/type',
      'value',
      { steps: { it: { ...small.steps.hello, type: 'mail' } } },
      { limit: expect.stringContaining('wait-for') as never },
    ],
    ['/steps/it', 'missing', { steps: { it: {} } }, { limit: 'one of type' }],
    ['/steps/it', 'type', { steps: { it: 'wait' } }, { limit: 'object', actual: 'string' }],
    [
      '/steps/It',
      'key',
      { steps: { It: { type: 'exit', reason: 'x' } } },
      { limit: 'a-z, 0-9 and hyphens, at most 64 characters' },
    ],
    ['/steps/it/for', 'duration-too-long', wait({ for: 'P2Y' }), { limit: 'P1Y', actual: 'P2Y' }],
    ['/steps/it/for', 'duration', wait({ for: '-P1D' }), { limit: 'PT0S or longer' }],
    ['/steps/it/for', 'duration', wait({ for: '1 day' }), {}],
    ['/steps/it/for', 'missing', wait({}), {}],
    ['/steps/it/until', 'unknown-key', wait({ for: 'P1D', until: { time: '09:00' } }), {}],
    ['/steps/it/until', 'missing', wait({ until: {} }), { limit: 'one of time, windows, at' }],
    ['/steps/it/until/time', 'format', wait({ until: { time: '9:00' } }), { actual: 4 }],
    ['/steps/it/until/days/1', 'duplicate', wait({ until: { time: '09:00', days: ['mon', 'mon'] } }), {}],
    [
      '/steps/it/until/at',
      'instant',
      wait({ until: { at: '2026-10-30T09:00:00' } }),
      { limit: 'RFC 3339 with offset' },
    ],
    ['/steps/hello/channels/0', 'value', { steps: { hello: { ...small.steps.hello, channels: ['fax'] } } }, {}],
    ['/steps/hello/channels/0', 'missing', { steps: { hello: { ...small.steps.hello, channels: [] } } }, {}],
    [
      '/steps/hello/channels/1',
      'duplicate',
      { steps: { hello: { ...small.steps.hello, channels: ['email', 'email'] } } },
      {},
    ],
    ['/steps/hello/template', 'format', { steps: { hello: { ...small.steps.hello, template: 'x@0' } } }, {}],
    [
      '/steps/hello/vars/a',
      'missing',
      { steps: { hello: { ...small.steps.hello, vars: { a: { rref: 'profile.a' } } } } },
      { limit: 'one of ref, liquid' },
    ],
    ['/zone', 'zone', { zone: '+02:00' }, {}],
    ['/id', 'format', { id: 'Welcome!' }, { actual: 8 }],
    ['/id', 'type', { id: 5 }, { limit: 'string', actual: 'number' }],
    ['/schemaVersion', 'value', { schemaVersion: 2 }, { limit: '1', actual: 'number' }],
    [
      '/steps',
      'steps',
      { steps: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`s${i}`, { type: 'exit', reason: 'x' }])) },
      { limit: '1 to 200 steps', actual: 205 },
    ],
    ['/where', 'predicate-syntax', { where: 'profile.a = 1 or' }, { actual: 'column 17' }],
    ['/where/all/1', 'predicate-syntax', { where: { all: ['profile.a = 1', 'x'] } }, { actual: 'column 1' }],
    ['/where/lt', 'unknown-key', { where: { ref: 'profile.a', gt: 1, lt: 2 } }, { fix: 'remove it' }],
    [
      '/where/is',
      'missing',
      { where: { ref: 'profile.a' } },
      { limit: 'string or number or boolean or null or object' },
    ],
    ['/where/ref', 'ref', { where: { ref: 'customer.a', is: 1 } }, {}],
    ['/where/ref', 'ref', { where: { ref: 'profile.constructor.a', is: 1 } }, {}],
    ['/where/within', 'missing', { where: { did: 'X' } }, {}],
    ['/where/within', 'duration', { where: { did: 'X', within: 'yesterday' } }, {}],
    ['/where', 'missing', { where: {} }, {}],
    ['/where', 'type', { where: 5 }, { limit: 'string or object', actual: 'number' }],
    ['/where/gt', 'type', { where: { ref: 'profile.a', gt: true } }, { limit: 'number or string', actual: 'boolean' }],
    ['/name', 'forbidden-characters', { name: 'a\u0000b' }, {}],
    ['/name', 'forbidden-characters', { name: 'a\ud800b' }, {}],
    ['/steps/constructor', 'forbidden-key', { steps: { constructor: { type: 'exit', reason: 'x' } } }, {}],
  ])('%s: %s', (pointer, code, changes, more = {}) => {
    const input = JSON.parse(JSON.stringify(written(changes)));
    expect(problemsOf(input)).toContainEqual(expect.objectContaining({ pointer, code: `journey.${code}`, ...more }));
  });

  it('says everything at once', () => {
    expect(problemsOf({ ...small, id: 'X', name: '', topic: 5 }).map(({ pointer }) => pointer)).toEqual([
      '/id',
      '/name',
      '/topic',
    ]);
  });

  it('a text predicate whose JSON is too deep', () => {
    const deep = `${'not ('.repeat(9)}profile.a = 1${')'.repeat(9)}`;
    expect(problemsOf(written({ where: deep }))).toEqual([]);
    const steps = {
      b: { type: 'branch', cases: [{ if: `${'not '.repeat(17)}profile.a = 1`, next: 'end' }], else: 'end' },
    };
    expect(problemsOf(written({ steps }))).toEqual([expect.objectContaining({ code: 'journey.too-deep' })]);
  });

  it.each([null, undefined, 5, 'x', [], new Date(0), () => 0])('%s is no journey', (input) => {
    expect(problemsOf(input)).not.toEqual([]);
  });

  it('keeps the rest when one step alone is the journey', () => {
    expect(Object.keys(stepsOnly({ a: { type: 'exit', reason: 'x' } }).steps)).toEqual(['a']);
  });
});
