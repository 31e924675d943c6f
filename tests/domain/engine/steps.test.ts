import { describe, expect, it } from 'vitest';
import type { MessageRequest } from '../../../shared/domain/decision.ts';
import { MAX_STEPS_PER_PASS } from '../../../shared/domain/journeys/engine/advance.ts';
import { journey, message, World } from './world.ts';

const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
/** Who would enter at 10:00 UTC on Sunday, 22 November 2026. */
const mail = { email: 'ann@example.com' };

describe('branch', () => {
  const branching = journey({
    steps: {
      tier: {
        type: 'branch',
        cases: [
          { if: 'profile.tier = "gold"', next: 'gold' },
          { if: 'entry.total >= 50', next: 'big' },
        ],
        else: 'rest',
      },
      gold: exit('gold'),
      big: exit('big'),
      rest: exit('rest'),
    },
  });
  it.each([
    [{ tier: 'gold' }, { total: 80 }, 'gold'],
    [{ tier: 'tin' }, { total: 50 }, 'big'],
    [{ tier: 'tin' }, { total: 49 }, 'rest'],
    [{}, {}, 'rest'],
  ])('G7: %j %j leaves as %s, and says what was looked at', (traits, properties, reason) => {
    const w = new World({ journeys: [branching] });
    w.identify('ann', traits);
    w.track('ann', 'Signed Up', properties);
    expect(w.counts).toContain(`welcome exited/${reason}`);
    const because = w.reasons.find((one) => one.code === 'step.branch')!.saw as { because: { part: string }[][] };
    expect(because.because[0]![0]!.part).toBe('profile.tier = "gold"');
  });
});

describe('split', () => {
  const arms = [
    { id: 'a', weight: 20, next: 'a' },
    { id: 'b', weight: 80, next: 'b' },
    { id: 'never', weight: 0, next: 'end' },
  ] as const;
  const splitting = (sticky: 'profile' | 'run') =>
    journey({
      reentry: { again: 'after-exit', whileInside: 'ignore' },
      steps: { which: { type: 'split', arms: [...arms], sticky }, a: exit('a'), b: exit('b') },
    });
  const play = (w: World, user: string) => {
    w.track(user, 'Signed Up');
    return w.counts.at(-1)!;
  };

  it('shares customers by weight, and nobody by a weight of nothing', () => {
    const w = new World({ journeys: [splitting('profile')] });
    const got = Array.from({ length: 600 }, (_, i) => play(w, `user-${i}`));
    const inA = got.filter((one) => one === 'welcome exited/a').length;
    expect(inA).toBeGreaterThan(80);
    expect(inA).toBeLessThan(170);
    expect(new Set(got)).toEqual(new Set(['welcome exited/a', 'welcome exited/b']));
  });

  it.each([
    ['profile', 1],
    ['run', 2],
  ] as const)('sticky by %s', (sticky, kinds) => {
    const w = new World({ journeys: [splitting(sticky)] });
    expect(new Set(Array.from({ length: 60 }, () => play(w, 'ann'))).size).toBe(kinds);
  });
});

describe('update', () => {
  const updating = (step: object) => journey({ steps: { set: { type: 'update', next: 'end', ...step } as never } });
  it.each<[string, object, object, string, unknown]>([
    ['a literal', { set: { seen: true } }, {}, 'seen', true],
    ['a ref', { set: { code: { ref: 'entry.code' } } }, {}, 'code', 'X1'],
    [
      'Liquid',
      { set: { hello: { liquid: 'Hi {{ profile.name | upcase }}, {{ entry.code }}' } } },
      { name: 'Ann' },
      'hello',
      'Hi ANN, X1',
    ],
    [
      'Liquid knows only the given time',
      { set: { day: { liquid: '{{ "now" | date: "%Y-%m-%d" }}' } } },
      {},
      'day',
      '2026-11-22',
    ],
    [
      'a ref that leads nowhere changes nothing',
      { set: { plan: { ref: 'entry.none' } } },
      { plan: 'pro' },
      'plan',
      'pro',
    ],
    ['increment', { increment: { points: 5 } }, { points: 10 }, 'points', 15],
    ['increment from nothing', { increment: { points: -5 } }, {}, 'points', -5],
    ['increment of a text changes nothing', { increment: { points: 5 } }, { points: 'many' }, 'points', 'many'],
    ['append', { append: { codes: { ref: 'entry.code' } } }, { codes: ['A'] }, 'codes', ['A', 'X1']],
    ['append to nothing', { append: { codes: 'B' } }, {}, 'codes', ['B']],
    ['append to no list changes nothing', { append: { codes: 'B' } }, { codes: 7 }, 'codes', 7],
    ['unset', { unset: ['plan'] }, { plan: 'pro' }, 'plan', null],
  ])('%s', (_title, step, traits, trait, expected) => {
    const w = new World({ journeys: [updating(step)] });
    w.identify('ann', traits as never);
    w.track('ann', 'Signed Up', { code: 'X1' });
    expect(w.trait('ann', trait)).toEqual(expected);
    expect(w.counts.at(-1)).toBe('welcome exited/finished');
  });

  it('a list keeps its newest hundred', () => {
    const w = new World({ journeys: [updating({ append: { codes: 'new' } })] });
    w.identify('ann', { codes: Array.from({ length: 100 }, (_, i) => i) });
    w.track('ann', 'Signed Up');
    expect(w.trait('ann', 'codes')).toEqual([...Array.from({ length: 99 }, (_, i) => i + 1), 'new']);
  });
});

describe('message', () => {
  it('carries what only the run knew, and nothing that the template does not ask for', () => {
    const asks = message('end', {
      vars: { hello: { liquid: 'Hi {{ entry.name }}' } },
      sender: 'shop',
      onUnknown: 'resend',
    });
    const w = new World({
      journeys: [journey({ steps: { a: asks } })],
      templates: [template(['entry.order', 'event.total'])],
    });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up', { order: 'o1', name: 'Ann', total: 9, secret: 'x' });
    expect(w.messages).toMatchObject([
      {
        channel: 'email',
        topic: 'news',
        transactional: false,
        template: { id: 'hello' },
        sender: 'shop',
        onUnknown: 'resend',
        report: 'non-success',
        values: { entry: { order: 'o1', name: 'Ann' }, event: { total: 9 }, vars: { hello: 'Hi Ann' } },
        origin: { journey: 'welcome', version: 1, step: 'a' },
      },
    ]);
  });

  it('a pinned template keeps its version, and the step may name its own topic', () => {
    const w = new World({
      journeys: [journey({ steps: { a: message('end', { template: 'hello@7', topic: 'account' }) } })],
    });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    expect(w.messages).toMatchObject([
      { template: { id: 'hello', version: 7 }, topic: 'account', transactional: true },
    ]);
  });

  it.each([
    ['sent', 'next'],
    ['unknown', 'next'],
    ['not-sent', 'skipped'],
    ['failed', 'failed'],
  ] as const)('G3: with ports of their own the run waits for the answer: %s leaves by %s', (outcome, port) => {
    const steps = {
      a: message('n', { skipped: 's', failed: 'f' }),
      n: exit('next'),
      s: exit('skipped'),
      f: exit('failed'),
    };
    const w = new World({ journeys: [journey({ steps })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    expect(w.messages[0]!.report).toBe('all');
    expect(w.standing('ann')).toBe('a answer 2026-11-24T10:00');
    w.outcome(w.messages[0]!.id, outcome);
    expect(w.counts.at(-1)).toBe(`welcome exited/${port}`);
    expect(w.outcome(w.messages[0]!.id, outcome).changed).toBe(false);
  });

  it('an answer moves the run it is for, and no other', () => {
    const steps = { a: message('n', { failed: 'f' }), n: exit('next'), f: exit('failed') };
    const w = new World({ journeys: ['one', 'two'].map((id) => journey({ id, steps })) });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[1]!.id, 'failed');
    expect(w.counts.at(-1)).toBe('two exited/failed');
    expect(w.run('ann').journey).toBe('one');
    w.outcome(w.messages[0]!.id.replace(/.$/, '_'), 'failed');
    expect(w.run('ann').journey).toBe('one');
  });

  it('an answer that never comes: after two days the run goes on by `failed`', () => {
    const w = new World({
      journeys: [journey({ steps: { a: message('n', { failed: 'f' }), n: exit('next'), f: exit('failed') } })],
    });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.pass('3d');
    expect(w.counts.at(-1)).toBe('welcome exited/failed');
    expect(w.codes()).toContain('message.no-answer');
  });

  it('wake, message and next wait are one decision', () => {
    const steps = {
      a: message('w'),
      w: { type: 'wait', for: 'P1D', next: 'b' },
      b: message('x'),
      x: { type: 'wait', for: 'P3D', next: 'end' },
    } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.pass('1d');
    expect(w.decisions.at(-1)!.decision.effects.map((effect) => effect.e)).toEqual(['message', 'wake']);
    expect(w.standing('ann')).toBe('x wait 2026-11-26T10:00');
  });

  it.each([
    ['held at hand-over, the run comes back and the message goes later, with the same id', 'live'],
    ['held because the journey is paused, it goes after the resumption', 'paused'],
  ] as const)('G9: %s', (_title, state) => {
    const w = new World({ journeys: [journey({ steps: { a: message('w'), w: stay } })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    const { id } = w.messages[0]!;
    w.set('welcome', state);
    w.pass('10m');
    w.outcome(id, 'not-sent', { reason: state === 'paused' ? 'held.journey.paused' : 'held.quiet-hours' });
    expect(w.standing('ann')).toBe('a held 2026-11-22T10:11');
    expect(w.messages).toHaveLength(1);
    w.pass('1m');
    if (state === 'paused') {
      w.pass('2d');
      expect(w.messages).toHaveLength(1);
      w.set('welcome', 'live');
      w.sweep();
    }
    expect(w.messages.map((one) => one.id)).toEqual([id, id]);
    expect(w.standing('ann')).toMatch(state === 'paused' ? 'w wait 2026-11-25T10:11' : 'w wait 2026-11-23T10:11');
  });

  it('G9: held at hand-over after its run has ended, the run comes back with what the message carried', () => {
    const asks = message('end', { vars: { order: { ref: 'entry.order' } } });
    const w = new World({ journeys: [journey({ steps: { a: asks } })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up', { order: 'o1' });
    const [{ id, origin, values }] = w.messages as [MessageRequest];
    w.set('welcome', 'paused');
    w.outcome(id, 'not-sent', { reason: 'held.journey.paused', origin, values });
    w.pass('1h');
    expect(w.messages).toHaveLength(1);
    w.set('welcome', 'live');
    w.sweep();
    expect(w.messages.map((one) => one.id)).toEqual([id, id]);
    expect(w.messages[1]!.values).toEqual(values);
    expect(w.runs('ann')).toEqual([]);
  });

  it.each(['not-sent', 'failed', 'unknown'] as const)(
    '%s is counted where the message comes from, also after the run',
    (outcome) => {
      const w = new World({ journeys: [journey({ steps: { a: message('w'), w: stay } })] });
      w.identify('ann', mail);
      w.track('ann', 'Signed Up');
      w.outcome(w.messages[0]!.id, outcome);
      expect(w.counts.at(-1)).toBe(`welcome message/a/${outcome}`);
      w.pass('2d');
      w.outcome(w.messages[0]!.id, outcome, { origin: w.messages[0]!.origin });
      expect(w.counts.at(-1)).toBe(`welcome message/a/${outcome}`);
    },
  );

  it('G7: what was skipped or not sent is counted by its reason', () => {
    const w = new World({ journeys: [journey({ steps: { a: message('w'), w: stay } })] });
    w.track('bob', 'Signed Up');
    expect(w.counts).toContain('welcome message/a/no/address.missing');
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'consent.withdrawn' });
    expect(w.counts).toContain('welcome message/a/no/consent.withdrawn');
  });

  it('G7: held at hand-over after its run has ended, and nobody knows whose it was: lost, and that is recorded', () => {
    const w = new World({ journeys: [journey({ steps: { a: message() } })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours', origin: undefined });
    expect(w.codes().at(-1)).toBe('message.lost-its-run');
  });
});

function template(variables: readonly string[]) {
  const text = variables.map((ref) => `{{ ${ref} }}`).join(' ');
  return {
    schemaVersion: 1,
    id: 'hello',
    variables: Object.fromEntries(variables.map((ref) => [ref, { type: 'string', example: 'x' }])),
    variants: [{ channel: 'email', content: { text } }],
  } as const as never;
}

describe('webhook', () => {
  const hook = {
    type: 'webhook',
    endpoint: 'crm',
    body: { who: { ref: 'profile.name' }, order: { ref: 'entry.order' } },
    next: 'n',
    failed: 'n',
  } as const;

  it('goes on at once when nobody needs the answer, whatever consent and quiet hours say', () => {
    const w = new World({
      journeys: [journey({ steps: { a: hook, n: stay } })],
      policy: { quietHours: [{ from: '00:00', to: '23:59' }] },
    });
    w.identify('ann', { name: 'Ann' });
    w.track('ann', 'Signed Up', { order: 'o1' });
    expect(w.messages).toMatchObject([
      { channel: 'webhook', report: 'non-success', webhook: { endpoint: 'crm', body: { who: 'Ann', order: 'o1' } } },
    ]);
    expect(w.standing('ann')).toBe('n wait 2026-11-23T10:00');
  });

  it.each<[string, 'sent' | 'failed', unknown, string]>([
    ['a good score', 'sent', { score: 9, name: 'long' }, 'high'],
    ['a bad score', 'sent', { score: 1 }, 'low'],
    ['an answer that is no object', 'sent', 'ok', 'low'],
    ['an answer that is too large', 'sent', { score: 'x'.repeat(3_000) }, 'low'],
    ['no answer', 'failed', undefined, 'failed'],
  ])('saves what later steps ask for: %s', (_title, outcome, answer, reason) => {
    const steps = {
      a: { ...hook, saveAs: 'crm', failed: 'f' },
      n: { type: 'wait', for: 'PT1H', next: 'b' },
      b: { type: 'branch', cases: [{ if: 'steps.crm.score > 5', next: 'high' }], else: 'low' },
      high: exit('high'),
      low: exit('low'),
      f: exit('failed'),
    } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.track('ann', 'Signed Up', { order: 'o1' });
    expect(w.messages[0]!.webhook!.save).toBe(true);
    w.outcome(w.messages[0]!.id, outcome, answer === undefined ? {} : { answer });
    if (reason === 'high') expect(w.run('ann').fields).toEqual({ crm: { score: 9 } });
    w.pass('1h');
    expect(w.counts).toContain(`welcome exited/${reason}`);
  });

  it('G7: an endpoint that is not there leaves by failed', () => {
    const w = new World({
      journeys: [journey({ steps: { a: { ...hook, endpoint: 'gone', failed: 'f' }, n: stay, f: exit('failed') } })],
    });
    w.track('ann', 'Signed Up');
    expect(w.codes()).toContain('endpoint.missing');
    expect(w.counts.at(-1)).toBe('welcome exited/failed');
  });
});

describe('circles', () => {
  it('a step is visited as often as maxVisits says, each visit with a message of its own', () => {
    const steps = { a: message('w', { maxVisits: 3 }), w: { type: 'wait', for: 'P1D', next: 'a' } } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.pass('10d');
    expect(w.sent()).toEqual(['a email 2026-11-22T10:00', 'a email 2026-11-23T10:00', 'a email 2026-11-24T10:00']);
    expect(new Set(w.messages.map((one) => one.id)).size).toBe(3);
    expect(w.codes().at(-1)).toBe('exit.max-visits');
  });

  it('a circle without a wait ends the run after a hundred steps', () => {
    const steps = {
      a: { type: 'update', increment: { n: 1 }, next: 'b' },
      b: { type: 'update', unset: [], next: 'a' },
    } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.track('ann', 'Signed Up');
    expect(w.trait('ann', 'n')).toBe(MAX_STEPS_PER_PASS / 2);
    expect(w.counts.at(-1)).toBe('welcome exited/runaway');
  });
});
