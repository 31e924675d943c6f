import { formatInstant } from '../../../kernel/time.ts';
import { addDuration } from '../../../kernel/zone.ts';
import { isAsIf, sayAsIf } from '../engine/as-if.ts';
import { callEndpoint, sayDecided } from '../engine/call-endpoint.ts';
import { roundDue } from '../engine/due.ts';
import { messageIdOf } from '../engine/message-id.ts';
import { zoneOf } from '../engine/scope.ts';
import { type Move, reasonAt, type StepHandler, scopeOf, type Visit } from '../engine/step-handler.ts';
import { resolveValue } from '../engine/values.ts';
import type { TaskStep } from '../journey.ts';

/**
 * Something that people do for the customer: a call, a ticket. It is brought to its queue by a webhook; the run stands
 * until an outcome is told by the link in it, or it is due.
 *
 * A task that surely did not reach its queue is done by nobody, so the run does not wait for it and leaves by `timeout`
 * at once. Of one whose delivery is `unknown` there may be somebody at work: the run waits.
 */
export const taskStep: StepHandler<TaskStep> = {
  arrive(visit) {
    const { turn, journey, runId, run, stepId, step } = visit;
    const due = roundDue(addDuration(turn.now, step.due, zoneOf(turn, journey.document)), turn.now);
    if (due <= turn.now) return timeOut(visit);
    if (!turn.catalog.endpoints.has(step.queue)) {
      const fix = 'create an endpoint of this id';
      turn.because(reasonAt(visit, { code: 'endpoint.missing', saw: { endpoint: step.queue }, fix }));
      return timeOut(visit);
    }
    const id = messageIdOf(turn.key, runId, run, stepId);
    if (isAsIf(visit, turn.catalog.endpoints.get(step.queue))) {
      sayDecided(visit, id);
      sayAsIf(visit);
      return firstOutcome(visit);
    }
    callEndpoint(visit, {
      id,
      webhook: {
        endpoint: step.queue,
        task: true,
        body: {
          title: resolveValue(turn, step.title, scopeOf(visit)) ?? null,
          due: formatInstant(due),
          journey: journey.id,
          step: stepId,
          outcomes: Object.keys(step.outcomes),
        },
      },
      // After that nobody waits for it.
      expiresAt: due,
      report: 'non-success',
    });
    sayDecided(visit, id);
    return { stand: 'answer', due };
  },
  remain(visit) {
    const { turn, journey, run, step } = visit;
    const due = roundDue(addDuration(run.since, step.due, zoneOf(turn, journey.document)), run.since);
    return due <= turn.now ? overdue(visit) : { stand: 'answer', due };
  },
  wake: overdue,
  outcome(visit, { outcome, reason, message }) {
    if (outcome === 'sent' || outcome === 'unknown') return undefined;
    const saw = { reason: reason ?? outcome };
    visit.turn.because(reasonAt(visit, { code: 'task.not-delivered', message, saw }));
    return timeOut(visit);
  },
  task(visit, outcome) {
    const { outcomes } = visit.step;
    const next = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined;
    const code = next === undefined ? 'task.unknown-outcome' : 'task.outcome';
    visit.turn.because(reasonAt(visit, { code, saw: { outcome } }));
    return next === undefined ? undefined : { go: next, port: `outcome-${outcome}` };
  },
};

function overdue(visit: Visit<TaskStep>): Move {
  visit.turn.because(reasonAt(visit, { code: 'task.overdue' }));
  return timeOut(visit);
}

/** Where nobody is asked: the outcome that is written first, at once. */
function firstOutcome(visit: Visit<TaskStep>): Move {
  const outcome = Object.keys(visit.step.outcomes)[0]!;
  visit.turn.because(reasonAt(visit, { code: 'task.outcome', saw: { outcome } }));
  return { go: visit.step.outcomes[outcome]!, port: `outcome-${outcome}` };
}

const timeOut = ({ step }: Visit<TaskStep>): Move => ({ go: step.timeout, port: 'timeout' });
