import { describe, expect, it } from 'vitest';
import { journey, message, World } from './world.ts';

const steps = {
  day: { type: 'wait', for: 'P1D', next: 'hello' },
  hello: message('note'),
  note: { type: 'update', increment: { touched: 1 }, next: 'second' },
  second: message('week'),
  week: { type: 'wait', for: 'P7D', next: 'last' },
  last: message('end'),
};

/** Ann's first wait ends during a pause of two days; Bob's does not. */
function paused(body: Parameters<typeof journey>[0] = { steps }) {
  const w = new World({ journeys: [journey(body)] });
  w.identify('ann', { email: 'ann@example.com' });
  w.identify('bob', { email: 'bob@example.com' });
  w.track('ann', 'Signed Up');
  w.pass('12h');
  w.set('welcome', 'paused');
  w.pass('2d');
  return w;
}
const stepsSent = (w: World) => w.messages.map(({ origin }) => origin?.step);

describe('a journey that goes on after a pause', () => {
  it('with what was due: the messages go late', () => {
    const w = paused();
    w.set('welcome', 'live');
    w.sweep();
    expect(stepsSent(w)).toEqual(['hello', 'second']);
  });

  it('without what was due: messages are passed over until the run waits again, and everything else is done', () => {
    const w = paused();
    w.set('welcome', 'live', w.now);
    w.sweep();
    expect(stepsSent(w)).toEqual([]);
    expect(w.codes().filter((code) => code === 'message.overdue')).toHaveLength(2);
    expect(w.profile('ann').traits['touched']?.value).toBe(1);
    expect(w.standing('ann')).toMatch(/^week/);
    w.pass('7d');
    expect(stepsSent(w)).toEqual(['last']);
  });

  it('whoever enters after it gets everything', () => {
    const w = paused();
    w.set('welcome', 'live', w.now);
    w.pass('1h');
    w.track('bob', 'Signed Up');
    w.pass('1d');
    expect(stepsSent(w)).toEqual(['hello', 'second']);
  });

  it('by the port that skipped leads to', () => {
    const w = paused({
      steps: {
        day: { type: 'wait', for: 'P1D', next: 'hello' },
        hello: message('end', { skipped: 'missed' }),
        missed: { type: 'exit', reason: 'missed' },
      },
    });
    w.set('welcome', 'live', w.now);
    w.sweep();
    expect(w.codes()).toContain('message.overdue');
    expect(w.counts.filter((one) => one.endsWith('exited/missed'))).toHaveLength(1);
  });

  it('who was moved by an event during the pause passes over the message too', () => {
    const w = new World({
      journeys: [
        journey({
          steps: {
            wait: {
              type: 'wait-for',
              any: [{ on: 'event', event: 'Clicked', next: 'hello' }],
              within: 'P30D',
              timeout: 'end',
            },
            hello: message('end'),
          },
        }),
      ],
    });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.set('welcome', 'paused');
    w.track('ann', 'Clicked');
    w.pass('1d');
    w.set('welcome', 'live', w.now);
    w.sweep();
    expect([stepsSent(w), w.codes().includes('message.overdue')]).toEqual([[], true]);
  });
});
