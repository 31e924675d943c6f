import { describe, expect, it } from 'vitest';
import { maxHops } from '../../../shared/domain/mail-record.ts';
import { journey, World } from './world.ts';

const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
const enroll = (more: object = {}) => ({ type: 'enroll', journey: 'other', next: 'stay', ...more }) as const;
const never = [{ on: 'event', event: 'Never' }] as const;
const enrolling = (more: object = {}) => journey({ steps: { in: enroll(more), stay } });
const other = (more: object = {}) =>
  journey({ id: 'other', entry: never, steps: { a: { ...stay, name: '{{ entry.plan }}' } }, ...more });
const inOther = (w: World) => w.runs('ann').filter((run) => run.journey === 'other');

describe('enroll', () => {
  it('lets the customer enter, without an entry for it, and goes on at once', () => {
    const w = new World({ journeys: [enrolling({ properties: { plan: { ref: 'entry.plan' }, unused: 1 } }), other()] });
    const first = w.track('ann', 'Signed Up', { plan: 'pro' });
    expect(Object.values(first.profile.runs)).toMatchObject([{ journey: 'welcome', step: 'stay' }]);
    expect(inOther(w)).toMatchObject([{ step: 'a', entry: { plan: 'pro' } }]);
    expect(w.reasons).toContainEqual(
      expect.objectContaining({ code: 'step.enroll', step: 'in', saw: { journey: 'other' } }),
    );
  });

  const api = (properties: object) => ({ entry: [{ on: 'api', properties }] });
  it.each<[code: string, target: object, properties: object]>([
    ['entry.filtered', { where: 'profile.plan = "gold"' }, {}],
    ['entry.property-missing', api({ plan: { type: 'string', required: true } }), {}],
    ['entry.property-type', api({ plan: { type: 'string' } }), { plan: 7 }],
    ['entry.no-key', { reentry: { key: 'entry.cart', again: 'never', whileInside: 'ignore' } }, {}],
    ['entry.too-large', {}, { plan: 'x'.repeat(5_000) }],
    ['enroll.too-large', {}, { plan: 'x'.repeat(9_000) }],
  ])('G7: %s', (code, target, properties) => {
    const w = new World({ journeys: [enrolling({ properties }), other(target)] });
    w.track('ann', 'Signed Up');
    expect(inOther(w)).toEqual([]);
    expect(w.codes()).toContain(code);
    expect(w.standing('ann')).toMatch(/^stay/);
  });

  it.each(['paused', 'draining', 'stopped'] as const)('G7, G9: nobody is enrolled in a journey that is %s', (state) => {
    const w = new World({ journeys: [enrolling(), other()] });
    w.set('other', state);
    w.track('ann', 'Signed Up');
    expect(inOther(w)).toEqual([]);
    expect(w.codes()).toContain(`journey.${state}`);
  });

  it.each(['draft', 'archived', undefined] as const)('G7: %s: there is no such journey', (state) => {
    const w = new World({ journeys: [enrolling(), ...(state === undefined ? [] : [other()])] });
    if (state !== undefined) w.set('other', state);
    w.track('ann', 'Signed Up');
    expect(w.codes()).toContain('journey.unknown');
  });

  it('a journey without an API entry still takes nobody through the API', () => {
    const w = new World({ journeys: [other()] });
    w.enroll('ann', 'other');
    expect(w.codes()).toEqual(['entry.no-api']);
  });

  it('re-entry rules apply, and each visit enrolls anew', () => {
    const steps = {
      in: { ...enroll(), next: 'w', maxVisits: 3 },
      w: { type: 'wait', for: 'P1D', next: 'in' },
    } as const;
    const target = other({
      reentry: { again: 'after-exit', whileInside: 'ignore', max: 2 },
      steps: { a: { type: 'wait', for: 'PT1H', next: 'end' } },
    });
    const w = new World({ journeys: [journey({ steps }), target] });
    w.track('ann', 'Signed Up');
    w.pass('9d');
    expect(w.counts.filter((one) => one.startsWith('other '))).toEqual(
      [
        ...['entered', 'step/a/visited', 'step/a/port/next', 'exited/finished'],
        ...['entered', 'step/a/visited', 'step/a/port/next', 'exited/finished'],
        'not-entered/reentry.max',
      ].map((what) => `other ${what}`),
    );
  });

  it('circles end, because machine-made steps are counted', () => {
    const again = {
      entry: [{ on: 'event', event: 'Signed Up' }],
      reentry: { again: 'after-exit', whileInside: 'ignore' },
    };
    const one = journey({ id: 'one', ...again, steps: { a: enroll({ journey: 'two', next: 'end' }) } });
    const two = journey({ id: 'two', ...again, entry: never, steps: { a: enroll({ journey: 'one', next: 'end' }) } });
    const w = new World({ journeys: [one, two] });
    w.track('ann', 'Signed Up');
    expect(w.codes().at(-1)).toBe('record.too-many-hops');
    expect(w.decisions).toHaveLength(maxHops);
  });
});
