import { nominalMs } from '../../../kernel/duration.ts';
import { askedParts, part } from '../../audiences/asked-parts.ts';
import { whereOf } from '../../audiences/segment-kind.ts';
import type { Journey, UpdateStep } from '../journey.ts';
import { type Finding, type LintCatalog, type Rule, warning } from './finding.ts';

/** One way by which whoever is in a journey comes into another one, or into the same again. */
interface Way {
  readonly to: string;
  /** Where this journey writes it; what others write is about its entries. */
  readonly pointer: string;
}

/**
 * Journeys that let their customers into each other without end, at once: each of them takes its customers again as
 * soon as they are out. The actor gives up after a number of hops; nobody should rely on that.
 */
export const feedsItself: Rule = (journey, catalog) => {
  const all: Among = { journeys: new Map([...catalog.journeys, [journey.id, journey]]), segments: catalog.segments };
  if (!takesAgainAtOnce(journey)) return [];
  const found = new Map<string, Finding>();
  for (const { to, pointer } of waysOut(journey, all)) {
    const circle = wayBack(to, journey.id, all);
    if (circle === undefined || found.has(pointer)) continue;
    found.set(
      pointer,
      warning(
        pointer,
        'feeds-itself',
        `customers come into this journey again: ${[journey.id, ...circle].join(' → ')}`,
        {
          fix: 'set reentry.again to a duration, reentry.max, or whileInside to ignore',
        },
      ),
    );
  }
  return [...found.values()];
};

function takesAgainAtOnce({ reentry: { again, whileInside, max } }: Journey): boolean {
  if (max !== undefined) return false;
  return whileInside === 'restart' || again === 'after-exit' || (again !== 'never' && nominalMs(again) === 0);
}

type Among = Pick<LintCatalog, 'journeys' | 'segments'>;

function waysOut(journey: Journey, all: Among): Way[] {
  const followers = [...all.journeys.values()].filter(({ entry }) =>
    entry.some((one) => one.on === 'journey' && one.journey === journey.id),
  );
  const ways = Object.entries(journey.steps).flatMap(([id, step]): Way[] => {
    if (step.type === 'enroll') return [{ to: step.journey, pointer: `/steps/${id}/journey` }];
    if (step.type === 'update') return moved(writtenBy(step), all, `/steps/${id}`);
    if (step.type !== 'emit') return [];
    return [...all.journeys.values()]
      .filter(({ entry }) => entry.some((one) => one.on === 'event' && one.event === step.event))
      .map((other) => ({ to: other.id, pointer: `/steps/${id}/event` }));
  });
  const byBeingInside = moved([part.journey(journey.id)], all, '/entry');
  return [...ways, ...byBeingInside, ...followers.map(({ id }) => ({ to: id, pointer: '/entry' }))];
}

/** Journeys that somebody may come into by moving into a segment, or out of it, that asks for one of these parts. */
function moved(parts: readonly string[], { journeys, segments }: Among, pointer: string): Way[] {
  const asks = (id: string) => {
    const found = segments.get(id);
    const where = found && whereOf(found);
    if (where === undefined) return false;
    const asked = askedParts(where, segments);
    return parts.some((one) => asked.parts.has(one));
  };
  return [...journeys.values()]
    .filter(({ entry }) => entry.some((one) => one.on === 'segment' && asks(one.segment)))
    .map(({ id }) => ({ to: id, pointer }));
}

const writtenBy = ({ set = {}, increment = {}, append = {}, unset = [] }: UpdateStep): string[] =>
  [...Object.keys(set), ...Object.keys(increment), ...Object.keys(append), ...unset].map((name) =>
    part.trait(name.split('.')[0]!),
  );

/** The shortest way from one journey to another, through those that take their customers again at once. */
function wayBack(from: string, to: string, all: Among): string[] | undefined {
  const ways = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    const at = way.at(-1)!;
    if (at === to) return way;
    const journey = all.journeys.get(at);
    if (journey === undefined || !takesAgainAtOnce(journey)) continue;
    for (const { to: next } of waysOut(journey, all)) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
