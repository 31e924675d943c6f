import type { Journey, StepType } from '../journey.ts';
import { nextOf } from '../ports.ts';

type Graph = ReadonlyMap<string, readonly string[]>;

/** The step itself, and every step that a run may pass on its way to it. */
export const stepsBefore = ({ steps }: Journey, step: string): ReadonlySet<string> => {
  const before = new Map<string, string[]>(Object.keys(steps).map((id) => [id, []]));
  for (const [id, one] of Object.entries(steps)) for (const { next } of nextOf(one)) before.get(next)?.push(id);
  return reached(before, step);
};

/** The step itself, and every step that a run may come to from it. */
export const stepsBehind = ({ steps }: Journey, step: string): ReadonlySet<string> =>
  reached(new Map(Object.entries(steps).map(([id, one]) => [id, nextOf(one).map(({ next }) => next)])), step);

function reached(graph: Graph, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const next = graph.get(id);
    if (next === undefined || found.has(id)) continue;
    found.add(id);
    open.push(...next);
  }
  return found;
}

/** They send something whose id is made of the visit: to come to one again without knowing it would send it under a used id. */
export const sends: ReadonlySet<StepType> = new Set(['message', 'webhook', 'task', 'emit', 'enroll']);
