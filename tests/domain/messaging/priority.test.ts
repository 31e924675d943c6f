import { describe, expect, it } from 'vitest';
import fc from '../../property.ts';
import { journey, message, World } from '../engine/world.ts';

const ann = { email: 'ann@example.com' };
const first = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], time: '12:00' };

interface Contestant {
  readonly priority?: number;
  /** Before its message; absent: it goes at once. */
  readonly wait?: string | object;
  readonly event?: string;
  readonly step?: object;
}

const contestant = (id: string, { priority, wait, event = 'Signed Up', step = {} }: Contestant) =>
  journey({
    id,
    ...(priority !== undefined && { priority }),
    entry: [{ on: 'event', event }],
    reentry: { again: 'after-exit', whileInside: 'restart' },
    steps: {
      ...(wait !== undefined && {
        w: { type: 'wait', ...(typeof wait === 'string' ? { for: wait } : wait), next: 'a' },
      }),
      a: message('end', { skipped: 's', ...step }),
      s: { type: 'exit', reason: 'skipped' },
    },
  });

const race = (contestants: { readonly [id: string]: Contestant }, policy: object = {}) => {
  const journeys = Object.entries(contestants).map(([id, one]) => contestant(id, one));
  const w = new World({ journeys, policy: { caps: [{ max: 1, per: 'day' }], ...policy }, at: '2026-11-24T10:00:00Z' });
  w.identify('ann', ann);
  w.track('ann', 'Signed Up');
  return w;
};

const winners = (w: World) =>
  w.messages.map(({ origin, decidedAt }) => `${origin!.journey} ${new Date(decidedAt).toISOString().slice(8, 16)}`);

describe('G10: a cap that leaves room for one', () => {
  it.each<[string, { readonly [id: string]: Contestant }, object, string[]]>([
    ['of one event, the higher number first', { a: { priority: 10 }, b: { priority: 90 }, c: {} }, {}, ['b 24T10:00']],
    ['no number is 50', { a: { priority: 49 }, b: {}, c: { priority: 50 } }, {}, ['b 24T10:00']],
    [
      'two waits that end together',
      { a: { wait: 'PT2H', priority: 10 }, b: { wait: { until: first } } },
      {},
      ['b 24T12:00'],
    ],
    ['what comes ten minutes later is waited for', { a: { priority: 10 }, b: { wait: 'PT10M' } }, {}, ['b 24T10:10']],
    ['what comes an hour later is not', { a: { priority: 10 }, b: { wait: 'PT1H' } }, {}, ['a 24T10:00']],
    [
      'unless the policy reserves for longer',
      { a: { priority: 10 }, b: { wait: 'PT1H' } },
      { reserve: 'PT6H' },
      ['b 24T11:00'],
    ],
    ['a lower one is waited for by nobody', { a: {}, b: { wait: 'PT10M', priority: 10 } }, {}, ['a 24T10:00']],
    ['nor one of the same', { a: {}, b: { wait: 'PT10M' } }, {}, ['a 24T10:00']],
    [
      'room for two',
      { a: { priority: 10 }, b: { wait: 'PT10M' } },
      { caps: [{ max: 2, per: 'day' }] },
      ['a 24T10:00', 'b 24T10:10'],
    ],
    [
      'three for two places',
      { a: { priority: 10 }, b: { wait: 'PT10M' }, c: { wait: 'PT5M', priority: 60 } },
      { caps: [{ max: 2, per: 'day' }] },
      ['c 24T10:05', 'b 24T10:10'],
    ],
    [
      'what consent stops takes no place',
      { a: { priority: 10 }, b: { wait: 'PT10M', step: { channels: ['sms'] } } },
      {},
      ['a 24T10:00'],
    ],
    [
      'nor does what is transactional',
      { a: { priority: 10 }, b: { wait: 'PT10M', step: { topic: 'account' } } },
      {},
      ['a 24T10:00', 'b 24T10:10'],
    ],
    [
      'nor what another cap counts',
      { a: { priority: 10 }, b: { wait: 'PT10M' } },
      { caps: [{ max: 1, per: 'day', topic: 'account' }] },
      ['a 24T10:00', 'b 24T10:10'],
    ],
  ])('%s', (_title, contestants, policy, expected) => {
    const w = race(contestants, policy);
    w.pass('13h');
    expect(winners(w)).toEqual(expected);
  });

  it('a place of another day is kept by nobody', () => {
    const w = race({ a: { priority: 10 }, b: { wait: 'PT14H' } }, { reserve: 'P1D' });
    w.pass('14h');
    expect(winners(w)).toEqual(['a 24T10:00', 'b 25T00:00']);
  });

  it('says for which journey the place is kept, and what would change it', () => {
    const w = race({ a: { priority: 10 }, b: { wait: 'PT10M' } }, { caps: [{ id: 'daily', max: 1, per: 'day' }] });
    const reason = w.reasons.find(({ code }) => code === 'cap.reserved-for')!;
    expect(reason).toMatchObject({ journey: 'a', saw: { cap: 'daily', for: 'b', step: 'a', priority: 50 } });
    expect(reason.fix).toContain('priority of 50');
  });

  it('a place that was kept for nothing is taken after all', () => {
    const w = race({ a: { priority: 10 }, b: { wait: 'PT10M' } });
    w.tell('ann', { t: 'unenroll', id: 'u', at: w.now, journey: 'b' });
    w.pass('11m');
    expect(winners(w)).toEqual(['a 24T10:10']);
  });

  it('a paused journey keeps no place', () => {
    const w = race({ a: { priority: 10, event: 'Later' }, b: { wait: 'PT10M' } });
    w.set('b', 'paused');
    w.track('ann', 'Later');
    expect(winners(w)).toEqual(['a 24T10:00']);
  });

  it('what quiet hours held is released by priority, however it is spread', () => {
    const policy = { quietHours: [{ from: '09:00', to: '11:00' }] };
    for (const user of ['ann', 'bob', 'cem', 'dora', 'eve', 'fay']) {
      const journeys = [contestant('a', { priority: 10 }), contestant('b', {})];
      const w = new World({
        journeys,
        policy: { caps: [{ max: 1, per: 'day' }], ...policy },
        at: '2026-11-24T10:00:00Z',
      });
      w.identify(user, ann);
      w.track(user, 'Signed Up');
      w.pass('3h');
      expect(
        w.messages.map(({ origin }) => origin!.journey),
        user,
      ).toEqual(['b']);
    }
  });

  it('never is one told that the cap is reached because of a lower one that could have waited', () => {
    const wait = fc.constantFrom(undefined, 'PT1M', 'PT10M', 'PT40M', 'PT3H', 'P1D');
    const one = fc.record({ priority: fc.integer({ min: 0, max: 100 }), wait });
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (all, max) => {
        const contestants = Object.fromEntries(all.map((each, i) => [`j${i}`, each as Contestant]));
        const w = race(contestants, { reserve: 'P2D', caps: [{ max, per: 'P7D', whenReached: 'skip' }] });
        w.pass('3d');
        // Everybody is known from the start, so the places go to the highest.
        const sent = w.messages.map(({ origin }) => contestants[origin!.journey]!.priority!);
        const best = all.map(({ priority }) => priority).sort((a, b) => b - a);
        expect(sent.sort((a, b) => b - a)).toEqual(best.slice(0, max));
      }),
      { numRuns: 60 },
    );
  });
});
