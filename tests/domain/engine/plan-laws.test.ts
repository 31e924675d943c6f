import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import type { Moves } from '../../../shared/domain/journeys/plans/moves.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { journey, World } from './world.ts';

const ids = ['a', 'b', 'c', 'd', 'e'] as const;
const names = ['Paid', 'Opened App'] as const;

/** A step that leads on; only waits may lead back, so that a circle takes time. */
const anyStep = (index: number) => {
  const onward = fc.constantFrom(...ids.slice(index + 1), 'end');
  const anywhere = fc.constantFrom(...ids, 'end');
  const maxVisits = 4;
  const one = (shape: object) => fc.record({ ...shape }) as unknown as fc.Arbitrary<Journey['steps'][string]>;
  const is = <T>(value: T) => fc.constant(value);
  return fc.oneof(
    one({ type: is('message'), template: is('hello'), channels: is(['email']), next: onward }),
    one({ type: is('message'), template: is('hello'), channels: is(['email']), next: onward, skipped: is('end') }),
    one({ type: is('wait'), for: fc.constantFrom('PT10M', 'PT5H', 'P2D'), next: anywhere, maxVisits: is(maxVisits) }),
    one({ type: is('wait'), until: fc.constantFrom({ time: '09:00' }, { time: '23:30' }), next: onward }),
    one({
      type: is('wait-for'),
      any: fc
        .constantFrom(...names)
        .chain((event) =>
          fc.tuple(
            fc.record({ on: is('event'), event: is(event), next: anywhere }),
            fc.record({ on: is('message'), step: fc.constantFrom(...ids), was: is('clicked'), next: onward }),
          ),
        ),
      within: fc.constantFrom('PT1H', 'P1D'),
      timeout: onward,
      maxVisits: is(maxVisits),
    }),
    one({ type: is('emit'), event: is('Opened App'), next: onward }),
    one({ type: is('webhook'), endpoint: is('crm'), next: onward, failed: is('end') }),
    one({
      type: is('task'),
      queue: is('crm'),
      title: is('Call'),
      due: fc.constantFrom('PT1H', 'P3D'),
      outcomes: fc.record({ done: anywhere }),
      timeout: onward,
      maxVisits: is(maxVisits),
    }),
    one({ type: is('update'), increment: is({ rounds: 1 }), next: onward }),
  );
};

const anyVersion = fc
  .tuple(
    fc.tuple(...ids.map((_, index) => anyStep(index))),
    fc.constantFrom(...ids),
    fc.constantFrom([], [{ on: 'event', event: 'Paid', reason: 'paid' }]),
  )
  .map(([steps, start, exitWhen]) =>
    journey({
      reentry: { again: 'after-exit', whileInside: 'restart' },
      start,
      exitWhen,
      goal: { event: 'Paid', within: 'P2D', from: 'message' },
      steps: Object.fromEntries(steps.map((step, index) => [ids[index]!, step])),
    }),
  );

const anyChoice = fc.oneof(
  fc.constant('stay' as const),
  fc.constantFrom(...ids, 'end').map((to) => ({ to })),
  fc.constant({ leave: 'gone' }),
);
const anyChoices = fc.dictionary(fc.constantFrom(...ids), anyChoice, { maxKeys: 5 });
const anyMoves: fc.Arbitrary<Moves> = fc.record(
  {
    default: fc.constantFrom('stay' as const, 'same-step' as const),
    steps: anyChoices,
    versions: fc.dictionary(fc.constantFrom('1', '2'), anyChoices),
  },
  { requiredKeys: [] },
);

const anyPublication = fc.record({
  do: fc.constant('publish' as const),
  version: anyVersion,
  moves: anyMoves,
  state: fc.constantFrom('live' as const, 'live' as const, 'paused' as const),
});
const anyAct = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'enter' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'resume' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 60_000, 7_200_000, 90_000_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('event' as const), name: fc.constantFrom(...names) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      of: fc.nat(5),
      was: fc.constantFrom('sent' as const, 'failed' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('click' as const), of: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'wake' as const }) },
);
/** Something happens, and then a new version is published. */
const anyRound = fc
  .tuple(fc.array(anyAct, { maxLength: 3 }), anyPublication)
  .map(([acts, publication]) => [...acts, publication, { do: 'wake' as const }]);
type Act = typeof anyRound extends fc.Arbitrary<(infer T)[]> ? T : never;

function play(first: Journey, acts: readonly Act[]): World {
  const w = new World({ journeys: [first], policy: { quietHours: [{ from: '21:00', to: '07:00' }] } });
  w.identify('ann', { email: 'ann@example.com' });
  w.track('ann', 'Signed Up');
  for (const act of acts) {
    if (act.do === 'enter') w.track('ann', 'Signed Up');
    if (act.do === 'publish') w.publish(act.version, act.state, { moves: act.moves });
    if (act.do === 'resume') {
      w.set('welcome', 'live');
      w.sweep();
    }
    if (act.do === 'pass') w.pass(act.ms);
    if (act.do === 'event') w.track('ann', act.name);
    if (act.do === 'answer' && w.messages[act.of]) w.outcome(w.messages[act.of]!.id, act.was);
    if (act.do === 'click' && w.messages[act.of]) w.receipt(w.messages[act.of]!.id, 'clicked');
    if (act.do === 'wake') w.wake(profileKey('user', 'ann'));
  }
  return w;
}

describe('whatever plans move from whatever version to whatever other one', () => {
  it('G3, G5, G6, G8: nothing throws, no id is used twice, and everybody ends or waits', () => {
    let moved = 0;
    fc.assert(
      fc.property(anyVersion, fc.array(anyRound, { minLength: 1, maxLength: 4 }), (first, rounds) => {
        const acts = rounds.flat();
        const w = play(first, acts);
        const sent = w.messages.map(({ id }) => id);
        expect(new Set(sent).size, 'a message id is used once').toBe(sent.length);
        const told = w.decisions.flatMap(({ decision }) =>
          decision.effects.flatMap((effect) => (effect.e === 'mail' ? effect.id : [])),
        );
        expect(new Set(told).size, 'what a run tells its profile has an id of its own').toBe(told.length);
        const newest = acts.filter((act) => act.do === 'publish').length + 1;
        for (const run of w.runs('ann')) {
          expect(run.due, 'it waits for a time').toBeDefined();
          expect(run.version).toBeLessThanOrEqual(newest);
        }
        w.set('welcome', 'live');
        w.sweep();
        moved += w.codes().filter((code) => code === 'run.moved').length;
        // Circles are bounded by visits, waits by days: in the end everybody has left.
        w.pass('120d');
        expect(w.runs('ann')).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(moved).toBeGreaterThan(50);
  });
});
