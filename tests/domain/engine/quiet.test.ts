import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { journey, message, World } from './world.ts';

const welcome = (body: object = {}) => journey({ steps: { a: { type: 'wait', for: 'P1D', next: 'end' } }, ...body });

function imported(w: World, part: Partial<CustomerEvent>, quiet: boolean) {
  const event = { id: 'm', sent: null, at: w.now, kind: 'track', name: 'Signed Up', data: {}, context: {}, ...part };
  return w.tell('ann', { t: 'event', event: event as CustomerEvent, ...(quiet && { quiet: true }) });
}

describe('what is imported quietly', () => {
  it.each([
    [true, 'entry.quiet', 0],
    [false, 'entry.entered', 1],
  ])('G7: quiet %s: a new event is %s', (quiet, code, runs) => {
    const w = new World({ journeys: [welcome()] });
    imported(w, { userId: 'ann' }, quiet);
    expect(w.codes()[0]).toBe(code);
    expect(w.runs('ann')).toHaveLength(runs);
  });

  it('teaches traits and counts like any other', () => {
    const filtered = welcome({
      id: 'loyal',
      entry: [{ on: 'event', event: 'Looked' }],
      where: 'profile.plan = "pro" and did "Order Completed" in last 30 days',
    });
    const w = new World({ journeys: [filtered] });
    const at = w.now - 20 * 86_400_000;
    imported(w, { userId: 'ann', kind: 'identify', name: 'Identified', data: { plan: 'pro' }, at }, true);
    imported(w, { userId: 'ann', id: 'o', name: 'Order Completed', at }, true);
    w.track('ann', 'Looked');
    expect(w.codes()).toContain('entry.entered');
  });

  it('does not claim that all is known since the oldest of it', () => {
    const asks = welcome({ where: 'did "Order Completed" in last 90 days' });
    const since = (days: number) => {
      const w = new World({ journeys: [asks] });
      imported(w, { userId: 'ann', name: 'Order Completed', at: w.now - days * 86_400_000 }, true);
      return Object.values(w.profile('ann').seen).map((one) => (w.now - one.since) / 86_400_000);
    };
    expect(since(30)).toEqual([0]);
    // What comes by itself, an hour late perhaps, was counted from then on.
    expect(since(1)).toEqual([1]);
  });

  it('does not claim it of computed traits either, in whatever order it came', () => {
    const orders = { id: 'orders', function: 'count', of: { event: 'Order Completed' }, within: 'ever' };
    const since = (...days: number[]) => {
      const w = new World({ journeys: [], computed: [orders] });
      for (const one of days) {
        const at = w.now - one * 86_400_000;
        imported(w, { userId: 'ann', id: `o${one}`, name: 'Order Completed', at }, true);
      }
      const now = Math.ceil(w.now / 60_000);
      return Object.values(w.profile('ann').computed!).map(([, minutes]) => (now - minutes) / 1_440);
    };
    expect(since(30)).toEqual([0]);
    expect(since(30, 300)).toEqual([0]);
    expect(since(1)).toEqual([1]);
  });

  it('links identities', () => {
    const w = new World({ journeys: [welcome()] });
    imported(w, { kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: 'device' }, true);
    expect(w.profiles.get(profileKey('anonymous', 'device'))?.movedTo).toBe(profileKey('user', 'ann'));
  });

  it('is met by no run: neither its wait, nor its exit, nor its goal', () => {
    const steps = {
      a: { type: 'wait-for', any: [{ on: 'event', event: 'Paid', next: 'm' }], within: 'P2D', timeout: 'end' },
      m: message(),
    };
    const more = { exitWhen: [{ on: 'event', event: 'Left', reason: 'left' }], goal: { event: 'Paid', within: 'P9D' } };
    const w = new World({ journeys: [welcome({ steps, start: 'a', ...more })] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    imported(w, { userId: 'ann', id: 'p', name: 'Paid' }, true);
    imported(w, { userId: 'ann', id: 'l', name: 'Left' }, true);
    expect(w.runs('ann')).toMatchObject([{ step: 'a', stand: 'wait-for' }]);
    expect(w.codes()).not.toContain('goal.reached');
    w.track('ann', 'Paid');
    expect(w.messages).toHaveLength(1);
    expect(w.codes()).toContain('goal.reached');
  });

  it('a condition that a run looks at sees what is true then', () => {
    const exitWhen = [{ on: 'becomes-true', if: 'profile.plan = "none"', reason: 'gone' }];
    const w = new World({ journeys: [welcome({ exitWhen })] });
    w.track('ann', 'Signed Up');
    w.tell('ann', { t: 'patch', id: 'x', at: w.now, traits: { plan: 'none' }, quiet: true });
    expect(w.runs('ann')).toEqual([]);
  });

  it('a day that a trait names is armed', () => {
    const entry = [{ on: 'date', trait: 'profile.renewal', every: 'once', at: '09:00' }];
    const w = new World({ journeys: [welcome({ entry })] });
    w.tell('ann', { t: 'patch', id: 'x', at: w.now, traits: { renewal: '2026-11-24' }, quiet: true });
    expect(w.runs('ann')).toEqual([]);
    w.pass('2d');
    expect(w.runs('ann')).toHaveLength(1);
  });

  it('a signpost sends it on as it is', () => {
    const w = new World({ journeys: [welcome()] });
    w.event({ kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: 'device', data: {} });
    const event = { id: 'm', sent: null, at: w.now, kind: 'track', name: 'Signed Up', data: {}, context: {} } as const;
    w.deliver(profileKey('anonymous', 'device'), { t: 'event', event, quiet: true });
    expect(w.codes().at(-1)).toBe('entry.quiet');
    expect(w.runs('ann')).toEqual([]);
  });
});
