import { describe, expect, it } from 'vitest';
import type { MessageRequest } from '../../../shared/domain/decision.ts';
import { journey, World } from './world.ts';

const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const task = {
  type: 'task',
  queue: 'crm',
  title: { liquid: 'Call {{ profile.name }} about {{ entry.cart }}' },
  due: 'P2D',
  outcomes: { called: 'called', refused: 'refused' },
  timeout: 'late',
} as const;
const calling = (changes: object = {}, more: object = {}) =>
  journey({
    steps: { call: { ...task, ...changes }, called: exit('called'), refused: exit('refused'), late: exit('late') },
    ...more,
  });
const answer = ({ id, origin }: MessageRequest, outcome: string) =>
  ({ t: 'task', id: `task-${id}`, at: 0, task: id, outcome, origin: origin! }) as const;

function started(changes: object = {}, more: object = {}): World {
  const w = new World({ journeys: [calling(changes, more)] });
  w.identify('ann', { name: 'Ann' });
  w.track('ann', 'Signed Up', { cart: 'c1' });
  return w;
}

describe('task', () => {
  it('goes to the endpoint of its queue and stands until it is due, whatever consent and quiet hours say', () => {
    const w = started();
    expect(w.messages).toMatchObject([
      {
        channel: 'webhook',
        report: 'non-success',
        expiresAt: w.now + 2 * 86_400_000,
        webhook: {
          endpoint: 'crm',
          task: true,
          body: {
            title: 'Call Ann about c1',
            due: '2026-11-24T10:00:00.000Z',
            journey: 'welcome',
            step: 'call',
            outcomes: ['called', 'refused'],
          },
        },
      },
    ]);
    expect(JSON.stringify(w.messages), 'G12: whom it is about is read at hand-over').not.toContain('"ann"');
    expect(w.standing('ann')).toBe('call answer 2026-11-24T10:00');
  });

  it.each(['called', 'refused'])('%s leaves by that outcome, and the next answer is too late', (outcome) => {
    const w = started();
    w.tell('ann', answer(w.messages[0]!, outcome));
    expect(w.counts).toContain(`welcome step/call/port/outcome-${outcome}`);
    expect(w.counts.at(-1)).toBe(`welcome exited/${outcome}`);
    expect(w.tell('ann', answer(w.messages[0]!, 'called')).changed).toBe(false);
    expect(w.reasons.at(-1)).toMatchObject({
      code: 'task.over',
      journey: 'welcome',
      step: 'call',
      saw: { outcome: 'called' },
    });
  });

  it('without an answer it leaves by timeout when it is due', () => {
    const w = started();
    w.pass('2d');
    expect(w.counts.at(-1)).toBe('welcome exited/late');
    expect(w.codes()).toContain('task.overdue');
    expect(w.tell('ann', answer(w.messages[0]!, 'called')).changed).toBe(false);
  });

  it.each([
    ['failed', 'webhook.status-400', true],
    ['not-sent', 'delivery.not-allowed', true],
    ['unknown', 'webhook.no-answer', false],
    ['sent', undefined, false],
  ] as const)('G7: delivery %s (%s): it leaves by timeout at once: %s', (outcome, reason, leaves) => {
    const w = started();
    w.outcome(w.messages[0]!.id, outcome, reason === undefined ? {} : { reason });
    if (leaves) {
      expect(w.counts.at(-1)).toBe('welcome exited/late');
      expect(w.reasons).toContainEqual(
        expect.objectContaining({ code: 'task.not-delivered', step: 'call', saw: { reason } }),
      );
    } else expect(w.standing('ann')).toMatch(/^call answer/);
  });

  it.each([
    ['a queue that is not there', { queue: 'gone' }, 'endpoint.missing'],
    ['a task that is due at once', { due: 'PT0S' }, 'exit.late'],
  ])('%s leaves by timeout without bothering anybody', (_title, changes, code) => {
    const w = started(changes);
    expect(w.messages).toEqual([]);
    expect(w.codes()).toContain(code);
    expect(w.counts.at(-1)).toBe('welcome exited/late');
  });

  it('an outcome that the step does not have moves nothing', () => {
    const w = started();
    for (const outcome of ['slept', 'constructor']) {
      expect(w.tell('ann', answer(w.messages[0]!, outcome)).changed).toBe(false);
      expect(w.codes().at(-1)).toBe('task.unknown-outcome');
    }
    expect(w.standing('ann')).toMatch(/^call/);
  });

  it('G3: an answer is for its own visit to the step', () => {
    const steps = {
      call: { ...task, outcomes: { again: 'w' }, timeout: 'end', maxVisits: 3 },
      w: { type: 'wait', for: 'PT1H', next: 'call' },
    } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.track('ann', 'Signed Up');
    w.tell('ann', answer(w.messages[0]!, 'again'));
    w.pass('1h');
    expect(w.messages).toHaveLength(2);
    expect(w.tell('ann', answer(w.messages[0]!, 'again')).changed).toBe(false);
    expect(w.tell('ann', answer(w.messages[1]!, 'again')).changed).toBe(true);
  });

  it('G8: a run stays with the outcomes of its version', () => {
    const w = started();
    w.publish(calling({ outcomes: { other: 'called' } }));
    w.tell('ann', answer(w.messages[0]!, 'refused'));
    expect(w.counts.at(-1)).toBe('welcome exited/refused');
  });

  it('G9: who is in a stopped journey leaves it; in a paused one the answer is kept', () => {
    const stopped = started();
    stopped.set('welcome', 'stopped');
    stopped.tell('ann', answer(stopped.messages[0]!, 'called'));
    expect(stopped.codes().at(-1)).toBe('exit.stopped');
    const paused = started();
    paused.set('welcome', 'paused');
    paused.tell('ann', answer(paused.messages[0]!, 'called'));
    expect(paused.standing('ann')).toMatch(/^called held/);
    paused.set('welcome', 'live');
    paused.sweep();
    expect(paused.counts.at(-1)).toBe('welcome exited/called');
  });

  it('held at hand-over it is brought later, and is due so much later', () => {
    const w = started();
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.journey.paused' });
    expect(w.standing('ann')).toBe('call held 2026-11-22T10:01');
    w.pass('1h');
    expect(w.messages.map(({ id }) => id)).toEqual([w.messages[0]!.id, w.messages[0]!.id]);
    expect(w.standing('ann')).toBe('call answer 2026-11-24T10:01');
  });

  it('held at hand-over while the run has left already, it is brought to nobody', () => {
    const steps = {
      call: { ...task, outcomes: { called: 'stay' }, timeout: 'stay' },
      stay: { type: 'wait', for: 'P9D', next: 'end' },
    } as const;
    const w = started({}, { steps });
    w.pass('2d');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.journey.paused' });
    w.pass('1d');
    expect(w.messages).toHaveLength(1);
    expect(w.codes().at(-1)).toBe('task.over');
    expect(w.standing('ann')).toMatch(/^stay/);
  });

  it('an answer for who was merged into somebody else reaches the run there', () => {
    const w = new World({ journeys: [calling()] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    w.identify('ann', {}, { anonymousId: 'phone' });
    const request = w.messages[0]!;
    w.deliver(request.key, answer(request, 'called'));
    expect(w.counts.at(-1)).toBe('welcome exited/called');
  });
});
