import { nominalMs } from '../../../kernel/duration.ts';
import type { Journey, Step } from '../journey.ts';
import { nextOf } from '../ports.ts';
import { error, type Finding, type Rule } from './finding.ts';
import { cyclicComponents } from './strong-components.ts';

/**
 * Every cycle has a step that really waits, and one with `maxVisits`. Without the steps that wait, whatever cycles
 * are left have none: so all cycles are judged, however many there are, by two searches for strong components.
 */
export const cycles: Rule = ({ steps }) => [
  ...cyclesWithout(steps, waits, 'cycle-without-wait', 'this cycle never waits', 'put a wait into it'),
  ...cyclesWithout(
    steps,
    (step) => step.maxVisits !== undefined,
    'cycle-without-max-visits',
    'this cycle can be gone round without end',
    'give one of its steps maxVisits',
  ),
];

function cyclesWithout(
  steps: Journey['steps'],
  has: (step: Step) => boolean,
  code: string,
  detail: string,
  fix: string,
): Finding[] {
  const left = Object.entries(steps).filter(([, step]) => !has(step));
  const graph = new Map(left.map(([id, step]) => [id, nextOf(step).map(({ next }) => next)]));
  return cyclicComponents(graph).map((members) =>
    error(`/steps/${members[0]}`, code, `${detail}: ${shown(members)}`, { fix, actual: `${members.length} steps` }),
  );
}

/** Waits until an instant or a window do not count: when it is past or open, they go on at once. */
function waits(step: Step): boolean {
  if (step.type === 'task') return nominalMs(step.due) > 0;
  if (step.type === 'wait-for') return nominalMs(step.within) > 0;
  if (step.type !== 'wait') return false;
  return 'for' in step ? nominalMs(step.for) > 0 : 'time' in step.until;
}

const shown = (members: readonly string[]): string =>
  members.length <= 8 ? members.join(', ') : `${members.slice(0, 8).join(', ')} and ${members.length - 8} more`;
