import type { Journey, StepType } from '../../shared/domain/journeys/journey.ts';
import { END, nextOf } from '../../shared/domain/journeys/ports.ts';
import type { JourneyFigures } from '../../shared/simulation/index.ts';
import { entryWords, portWords, stepWords } from './words.ts';

/** A journey as a picture shows it: what stands where, and how many took which way. */
export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

export interface FlowNode {
  readonly id: string;
  readonly kind: StepType | 'start' | 'end';
  readonly title: string;
  readonly words: string;
  readonly visits: number;
  /** Left in the middle of the journey while they stood here, by reason. */
  readonly left: Readonly<Record<string, number>>;
  readonly stillInside: number;
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** All ports of one step that lead to the same place. */
  readonly ports: readonly { readonly words: string; readonly count: number }[];
  readonly count: number;
  /** Of those who came to the step, in percent. */
  readonly percent: number;
}

const START = 'start';
/** No step can have these ids: an id begins with a letter or a digit. */
const nodeIds = { start: ' start', end: ' end' };

export function flowOf(journey: Journey, { entered, exits, steps }: JourneyFigures): Flow {
  const none: JourneyFigures['steps'][string] = { visits: 0, ports: {}, exits: {}, stillInside: 0 };
  const nodes: FlowNode[] = [
    {
      id: nodeIds.start,
      kind: START,
      title: 'Enters',
      words: journey.entry.map(entryWords).join(', or '),
      visits: entered,
      left: {},
      stillInside: 0,
    },
  ];
  const edges: FlowEdge[] = [];
  const add = (from: string, next: string, ports: FlowEdge['ports'], of: number) => {
    const count = ports.reduce((sum, one) => sum + one.count, 0);
    edges.push({ from, to: next === END ? nodeIds.end : next, ports, count, percent: percentOf(count, of) });
  };
  add(nodeIds.start, journey.start, [{ words: '', count: entered }], entered);
  for (const [id, step] of Object.entries(journey.steps)) {
    const { visits, ports, exits: left, stillInside } = steps[id] ?? none;
    const { finished: _arrived, ...inTheMiddle } = left;
    nodes.push({
      id,
      kind: step.type,
      title: step.name ?? id,
      words: stepWords(step),
      visits,
      left: step.type === 'exit' ? {} : inTheMiddle,
      stillInside,
    });
    for (const [next, ways] of Map.groupBy(nextOf(step), (one) => one.next)) {
      const counted = ways.map(({ port }) => ({ words: portWords(step, port), count: ports[port] ?? 0 }));
      add(id, next, counted, visits);
    }
  }
  if (edges.some(({ to }) => to === nodeIds.end)) {
    const visits = exits['finished'] ?? 0;
    nodes.push({ id: nodeIds.end, kind: 'end', title: 'End', words: '', visits, left: {}, stillInside: 0 });
  }
  return { nodes, edges };
}

export const percentOf = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);
