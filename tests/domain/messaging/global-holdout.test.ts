import { describe, expect, it } from 'vitest';
import { checkHoldout } from '../../../shared/domain/messaging/policy/check-holdout.ts';
import { journey, message, World } from '../engine/world.ts';

const address = { email: 'ann@example.com' };
const goal = { event: 'Ordered', within: 'P2D' };
const plain = journey({ goal, steps: { a: message() } });
const mixed = journey({
  id: 'mixed',
  steps: { a: message('b', { skipped: 's' }), b: message('end', { topic: 'account' }), s: { ...message('b') } },
});
const everybody = { holdout: { percent: 100, group: 'no-marketing' } };
const nobody = { holdout: { percent: 0, group: 'no-marketing' } };

function livesOf(users: number, policy: object, journeys = [plain, mixed]) {
  const w = new World({ journeys, policy });
  for (let user = 0; user < users; user += 1) {
    w.identify(`u${user}`, address);
    w.track(`u${user}`, 'Signed Up');
    w.track(`u${user}`, 'Ordered');
  }
  return w;
}

describe('the holdout of the environment', () => {
  it('no marketing, whichever way; what is transactional goes', () => {
    const w = livesOf(1, everybody);
    expect(w.messages.map(({ topic }) => topic)).toEqual(['account']);
    expect(w.reasons.find(({ code }) => code === 'entry.holdout')).toMatchObject({
      journey: 'welcome',
      saw: everybody.holdout,
      fix: expect.any(String),
    });
    expect(w.reasons.find(({ code }) => code === 'holdout.out')).toMatchObject({ journey: 'mixed', step: 'a' });
  });

  it('is drawn once, about as many as it says, and stays when the share changes', () => {
    const w = livesOf(400, { holdout: { percent: 20, group: 'no-marketing' } }, [plain]);
    const out = [...w.profiles.values()].filter(({ holdouts }) => holdouts?.['no-marketing'] === 'out');
    expect(out.length).toBeGreaterThan(50);
    expect(out.length).toBeLessThan(110);
    expect(w.messages).toHaveLength(400 - out.length);
    const before = out[0]!;
    const now = new World({ journeys: [plain], policy: nobody });
    const topic = now.catalog.topics.get('news')!;
    const proposal = { catalog: now.catalog, now: now.now, zone: 'UTC', channel: 'email', topic, seed: '' } as const;
    expect(checkHoldout({ ...proposal, profile: before })).toMatchObject({ no: 'holdout.out' });
    const without = new World({ journeys: [plain] });
    expect(checkHoldout({ ...proposal, catalog: without.catalog, profile: before })).toBeUndefined();
  });

  it('both sides are compared by the goal, each customer once', () => {
    const count = (w: World, what: string) => w.counts.filter((one) => one === `welcome holdout/${what}`).length;
    const out = livesOf(3, everybody, [plain]);
    expect(['out/people', 'out/goal', 'in/people', 'in/goal'].map((what) => count(out, what))).toEqual([3, 3, 0, 0]);
    const within = livesOf(3, nobody, [plain]);
    expect(['out/people', 'out/goal', 'in/people', 'in/goal'].map((what) => count(within, what))).toEqual([0, 0, 3, 3]);
  });

  it('a journey with a holdout of its own: who is in neither gets it', () => {
    const own = journey({ holdout: { percent: 100 }, steps: { a: message() } });
    expect(livesOf(1, nobody, [own]).messages).toEqual([]);
    const same = journey({ holdout: { percent: 0, group: 'no-marketing' }, steps: { a: message() } });
    expect(livesOf(1, everybody, [same]).messages).toEqual([]);
  });

  it('a profile remembers nothing without it', () => {
    expect(livesOf(1, {}, [plain]).profile('u0').holdouts).toBeUndefined();
  });
});
