import { describe, expect, it } from 'vitest';
import {
  clauseOf,
  didClauses,
  noOccurrences,
  type Occurrences,
  recordOccurrence,
} from '../../../shared/domain/audiences/did-clauses.ts';
import { evaluateSequence } from '../../../shared/domain/audiences/evaluate-sequence.ts';
import type { Facts } from '../../../shared/domain/audiences/facts.ts';
import { missing } from '../../../shared/domain/audiences/found.ts';
import type { Sequence, SequenceStep } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { HOUR_MS, MINUTE_MS, parseInstant } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';

const NOW = parseInstant('2026-06-03T10:00:00Z')!;
/** "120 A 30 B": so many minutes ago. */
type Story = readonly (readonly [minutesAgo: number, event: string])[];

function given(story: Story, now = NOW, since = 0): Facts {
  return {
    now,
    zone: 'UTC',
    lookup: () => missing,
    occurrences: (clause) =>
      story
        .filter(([, name]) => 'event' in clause && name === clause.event)
        .reduce<Occurrences>(
          (all, [minutes]) => recordOccurrence(all, NOW - minutes * MINUTE_MS, 0, clause.keepMs),
          noOccurrences(since),
        ),
    journey: () => ({ inside: false, everEntered: false, ends: [] }),
    segment: () => undefined,
    geofence: () => undefined,
    consent: () => 'none',
  };
}
const sequence = (text: string) => parsePredicate(`sequence ${text}`) as Sequence;
const inMinutes = (minutes: number) => NOW + minutes * MINUTE_MS;

describe('sequences', () => {
  const abandoned = '"Viewed" then "Added" within 1 hour without "Ordered", all in last 3 hours';
  it('says how far it came, and when it is not tracked', () => {
    const p = sequence(abandoned);
    expect(evaluateSequence(p, given([[50, 'Viewed']])).saw).toBe('1 of 2 steps');
    const { value, validUntil, saw } = evaluateSequence(p, { ...given([]), occurrences: () => undefined });
    expect({ value, validUntil, saw }).toEqual({ value: false, validUntil: null, saw: 'not tracked' });
    expect(evaluateSequence(p, given([], NOW, NOW - HOUR_MS)).completeSince).toBe(NOW - HOUR_MS);
    expect(evaluateSequence(p, given([], NOW, NOW - 4 * HOUR_MS)).completeSince).toBeUndefined();
  });

  it('is what the definition says, of every choice of occurrences', () => {
    const event = fc.constantFrom('A', 'B', 'X');
    const step: fc.Arbitrary<SequenceStep> = fc.oneof(
      { weight: 3, arbitrary: event.map((did) => ({ did })) },
      fc.tuple(event, fc.constantFrom('PT5M', 'PT20M')).map(([did, within]) => ({ did, within })),
      event.map((didNot) => ({ didNot })),
    );
    const steps = fc.array(step, { minLength: 1, maxLength: 5 }).map((all) => {
      // The first step has none before it.
      const first = all.findIndex((one) => 'did' in one);
      return all.map((one, i) => (i === first && 'did' in one ? { did: one.did } : one));
    });
    const story = fc.array(fc.tuple(fc.integer({ min: -10, max: 70 }), event), { maxLength: 10 });
    fc.assert(
      fc.property(steps, story, (all, happened) => {
        const p: Sequence = { sequence: all, within: 'PT1H' };
        const now = evaluateSequence(p, given(happened));
        expect(now.value).toBe(byDefinition(all, happened, NOW));
        for (let minute = 1; minute <= 80; minute += 1) {
          const later = inMinutes(minute);
          const isOver = now.validUntil !== null && later >= now.validUntil;
          if (!isOver) expect(byDefinition(all, happened, later), `in ${minute} minutes`).toBe(now.value);
          else {
            expect(byDefinition(all, happened, now.validUntil!)).toBe(!now.value);
            break;
          }
        }
      }),
    );
  });

  it('asks to be counted step by step, together with a did of the same', () => {
    const text = 'sequence "A" where event.a = 1 then "B", all in last 2 hours';
    const clauses = didClauses({ if: parsePredicate(`${text} or did "B" in last 1 day`) });
    expect(clauses.map(({ event, keepMs }) => [event, keepMs])).toEqual([
      ['A', 2 * HOUR_MS],
      ['B', expect.any(Number)],
    ]);
    expect(clauses[1]!.keepMs).toBeGreaterThanOrEqual(24 * HOUR_MS);
    expect(clauses[1]!.id).toBe(clauseOf({ did: 'B' }, 'PT2H').id);
  });
});

/** Tries every choice of one occurrence per step. Recorded is each instant once. */
function byDefinition(steps: readonly SequenceStep[], story: Story, now: number): boolean {
  const times = (event: string) =>
    story
      .filter(([, name]) => name === event)
      .map(([minutes]) => NOW - minutes * MINUTE_MS)
      .filter((at) => at <= now && at + HOUR_MS > now);
  const gaps = { PT5M: 5 * MINUTE_MS, PT20M: 20 * MINUTE_MS } as Record<string, number>;
  const choose = (i: number, before: number | undefined, unwanted: readonly string[]): boolean => {
    const free = (until: number, include = false) =>
      unwanted.every((event) =>
        times(event).every((at) => (before !== undefined && at <= before) || (include ? at > until : at >= until)),
      );
    const step = steps[i];
    if (step === undefined) return free(now, true);
    if ('didNot' in step) return choose(i + 1, before, [...unwanted, step.didNot]);
    return times(step.did).some((at) => {
      if (before !== undefined && at <= before) return false;
      if (before !== undefined && step.within !== undefined && at - before >= gaps[step.within]!) return false;
      return free(at) && choose(i + 1, at, []);
    });
  };
  return choose(0, undefined, []);
}
