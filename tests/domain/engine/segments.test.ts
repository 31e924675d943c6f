import { describe, expect, it } from 'vitest';
import { evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { checkSegment, Segment } from '../../../shared/domain/audiences/segment.ts';
import { factsOf } from '../../../shared/domain/journeys/engine/facts.ts';
import { formatInstant } from '../../../shared/kernel/time.ts';
import { instant, journey, message, World } from './world.ts';

const segments = {
  gold: 'profile.plan = "gold"',
  buyers: 'did "Order Completed" where event.total >= 50 at least 2 times in last 7 days',
  best: 'in segment gold and in segment buyers',
};
const segment = (where: string, id = 'it') => Segment.parse({ schemaVersion: 1, id, name: 'It', where });

describe('a segment', () => {
  it.each<[where: string, codes: string[]]>([
    ['profile.plan = "gold" and local time is 09:00-18:00', []],
    ['did "Order" where (event.total > 5 and profile.a = 1) in last 3 days', []],
    ['sequence "A" where event.x = 1 then "B", all in last 3 days', []],
    ['in segment gold', []],
    ['event.total > 5', ['/where/ref segment.ref']],
    [
      'not (entry.plan = "gold") and steps.crm.x = 1',
      ['/where/all/0/not/ref segment.ref', '/where/all/1/ref segment.ref'],
    ],
    ['profile.plan = entry.plan', ['/where/ref segment.ref']],
    ['did "Order" in this run', ['/where/within segment.within-run']],
    ['in segment gald', ['/where/segment segment.unknown']],
    ['in segment gold for at least 30 days', ['/where/since segment.since-on-demand']],
    ['in segment kept for at least 30 days', []],
    ['in segment listed for at least 30 days', []],
    ['not in segment kept for at least 30 days', ['/where/since segment.since-when-out']],
    ['in segment it', ['/where segment.circle']],
    ['not (in segment around)', ['/where segment.circle']],
    ['sent ever', []],
  ])('%s: %j', (where, codes) => {
    const others = new Map([
      ['gold', segment(segments.gold, 'gold')],
      ['kept', Segment.parse({ ...segment(segments.gold, 'kept'), live: true })],
      ['listed', Segment.parse({ schemaVersion: 1, id: 'listed', name: 'Listed', list: true })],
      ['around', segment('in segment gold or in segment it', 'around')],
    ]);
    const found = checkSegment(segment(where), others);
    expect(found.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(codes);
  });

  const inside = (w: World, text: string) =>
    evaluatePredicate(
      parsePredicate(text),
      factsOf({ profile: w.profile('ann'), now: w.now, catalog: w.catalog }, { entry: {}, fields: {} }),
    );

  it('counts for itself, says until when, and why', () => {
    const w = new World({ segments });
    w.identify('ann', { plan: 'gold' });
    w.track('ann', 'Order Completed', { total: 60 });
    expect(inside(w, 'in segment best').value).toBe(false);
    w.pass('1d');
    w.track('ann', 'Order Completed', { total: 70 });
    w.track('ann', 'Order Completed', { total: 10 });
    const { value, validUntil, because } = inside(w, 'in segment best');
    expect([value, formatInstant(validUntil!)]).toEqual([true, '2026-11-29T10:00:00.000Z']);
    expect(because.map((one) => `${one.part}: ${one.value}`)).toEqual([
      'in segment best: true',
      'in segment gold: true',
      'profile.plan = "gold": true',
      'in segment buyers: true',
      `${segments.buyers}: true`,
    ]);
    expect(inside(w, 'not in segment best').value).toBe(false);
    w.now = validUntil!;
    expect(inside(w, 'not in segment best').value).toBe(true);
  });

  it('that is gone or leads back to itself has no members', () => {
    const w = new World({ segments: { a: 'not (in segment b)', b: 'not (in segment a)' } });
    for (const text of ['in segment gone', 'not in segment gone']) {
      expect(inside(w, text)).toMatchObject({ value: false, because: [{ saw: 'no such segment' }] });
    }
    expect(() => inside(w, 'in segment a')).not.toThrow();
  });

  it('is asked by filters, and by its own words: values of the run are not seen, nor is the zone of the journey', () => {
    const w = new World({
      segments: { ...segments, early: 'local time is 09:30-10:30' },
      journeys: [
        journey({ id: 'in', where: 'in segment gold', steps: { m: message() } } as never),
        journey({ id: 'zone', zone: 'Asia/Tokyo', where: 'in segment early', steps: { m: message() } } as never),
      ],
    });
    w.identify('ann', { email: 'ann@example.com', plan: 'gold' });
    w.identify('bob', { email: 'bob@example.com', plan: 'free' });
    w.track('ann', 'Signed Up');
    w.track('bob', 'Signed Up');
    expect(w.counts.filter((one) => one.includes('entered'))).toEqual([
      'in entered',
      'zone entered',
      'in not-entered/entry.filtered',
      'zone entered',
    ]);
  });
});

describe('triggers on segments', () => {
  const waiting = (change: 'entered' | 'left', more: object = {}) =>
    journey({
      steps: {
        w: {
          type: 'wait-for',
          any: [{ on: 'segment', segment: 'gold', change, next: 'out' }],
          within: 'P30D',
          timeout: 'late',
        },
        out: { type: 'exit', reason: 'crossed' },
        late: { type: 'exit', reason: 'late' },
      },
      ...more,
    } as never);
  const world = (change: 'entered' | 'left', plan: string) => {
    const w = new World({ segments, journeys: [waiting(change)] });
    w.identify('ann', { plan });
    w.track('ann', 'Signed Up');
    return w;
  };

  it.each<[change: 'entered' | 'left', plans: string[], end: string | undefined]>([
    ['entered', ['free', 'gold'], 'exit.crossed'],
    ['entered', ['gold'], undefined],
    ['entered', ['gold', 'free'], undefined],
    ['entered', ['gold', 'free', 'gold'], 'exit.crossed'],
    ['left', ['gold', 'free'], 'exit.crossed'],
    ['left', ['free'], undefined],
    ['left', ['free', 'gold', 'free'], 'exit.crossed'],
  ])('%s: %j ends with %s', (change, [first, ...plans], end) => {
    const w = world(change, first!);
    for (const plan of plans) w.identify('ann', { plan });
    expect(w.codes().find((code) => code.startsWith('exit.'))).toBe(end);
    if (end !== undefined) return;
    expect(w.run('ann').step).toBe('w');
    w.pass('31d');
    expect(w.codes()).toContain('exit.late');
  });

  it('writes nothing for a record that leaves the customer on the same side', () => {
    const w = world('entered', 'free');
    expect(w.track('ann', 'Page Viewed').changed).toBe(false);
    expect(w.run('ann').apart).toEqual([0]);
  });

  it('sees a membership end by time alone, in a wait-for and in an exit rule', () => {
    const left = { on: 'segment', segment: 'buyers', change: 'left' };
    const w = new World({
      segments,
      journeys: [
        journey({
          id: 'a',
          exitWhen: [{ ...left, reason: 'cold' }],
          steps: { w: { type: 'wait', for: 'P30D', next: 'end' } },
        } as never),
        journey({
          id: 'b',
          steps: {
            w: { type: 'wait-for', any: [{ ...left, next: 'x' }], within: 'P30D', timeout: 'end' },
            x: { type: 'exit', reason: 'cold' },
          },
        } as never),
      ],
    });
    w.track('ann', 'Order Completed', { total: 60 });
    w.track('ann', 'Order Completed', { total: 60 });
    w.track('ann', 'Signed Up');
    w.until('2026-11-29T09:59:59Z');
    expect(w.runs('ann')).toHaveLength(2);
    w.until('2026-11-29T10:00:00Z');
    expect(w.codes().filter((code) => code === 'exit.cold')).toHaveLength(2);
    expect(w.now).toBe(instant('2026-11-29T10:00:00Z'));
  });

  it('begins anew when the run comes to the step again', () => {
    const w = new World({
      segments,
      journeys: [
        journey({
          steps: {
            w: {
              type: 'wait-for',
              any: [{ on: 'segment', segment: 'gold', change: 'entered', next: 'again' }],
              within: 'P30D',
              timeout: 'end',
              maxVisits: 3,
            },
            again: { type: 'wait', for: 'PT1H', next: 'w' },
          },
        } as never),
      ],
    });
    w.identify('ann', { plan: 'free' });
    w.track('ann', 'Signed Up');
    w.identify('ann', { plan: 'gold' });
    expect(w.run('ann').step).toBe('again');
    w.pass('1h');
    expect(w.run('ann')).toMatchObject({ step: 'w' });
    expect(w.run('ann').apart).toBeUndefined();
  });
});
