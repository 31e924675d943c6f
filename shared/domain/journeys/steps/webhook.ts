import { nominalMs } from '../../../kernel/duration.ts';
import { jsonBytes } from '../../profiles/limits.ts';
import { isRecord } from '../../profiles/reserved-traits.ts';
import { answerStand } from '../engine/answer.ts';
import { isAsIf, sayAsIf } from '../engine/as-if.ts';
import { callEndpoint, sayDecided } from '../engine/call-endpoint.ts';
import { messageIdOf } from '../engine/message-id.ts';
import { type Move, type Outcome, reasonAt, type StepHandler, scopeOf, type Visit } from '../engine/step-handler.ts';
import { resolveValues } from '../engine/values.ts';
import type { WebhookStep } from '../journey.ts';

/** All that a run keeps of one answer. */
const MAX_SAVED_BYTES = 2_048;

/** Calls a named endpoint, and may keep its answer. */
export const webhookStep: StepHandler<WebhookStep> = {
  arrive(visit) {
    const { turn, runId, run, stepId, step } = visit;
    if (!turn.catalog.endpoints.has(step.endpoint)) {
      turn.because(
        reasonAt(visit, { code: 'endpoint.missing', saw: { endpoint: step.endpoint }, fix: 'create the endpoint' }),
      );
      return { go: step.failed, port: 'failed' };
    }
    const id = messageIdOf(turn.key, runId, run, stepId);
    const asIf = isAsIf(visit, turn.catalog.endpoints.get(step.endpoint));
    const waits = !asIf && (step.saveAs !== undefined || step.failed !== step.next);
    if (asIf) sayAsIf(visit);
    else
      callEndpoint(visit, {
        id,
        webhook: {
          endpoint: step.endpoint,
          ...(step.body !== undefined && { body: resolveValues(turn, step.body, scopeOf(visit)) }),
          ...(step.timeout !== undefined && { timeoutMs: nominalMs(step.timeout) }),
          ...(step.saveAs !== undefined && { save: true }),
        },
        report: waits ? 'all' : 'non-success',
      });
    sayDecided(visit, id);
    return waits ? answerStand(turn.now) : { go: step.next, port: 'next' };
  },
  wake(visit) {
    visit.turn.because(reasonAt(visit, { code: 'message.no-answer' }));
    return { go: visit.step.failed, port: 'failed' };
  },
  outcome(visit, outcome) {
    if (outcome.outcome !== 'sent') return { go: visit.step.failed, port: 'failed' };
    return { go: visit.step.next, port: 'next', ...saved(visit, outcome) };
  },
};

/** Only the fields that this version refers to: a run that waits is paid for with every put. */
function saved(visit: Visit<WebhookStep>, { answer }: Outcome): Pick<Extract<Move, { go: string }>, 'save'> {
  const { saveAs } = visit.step;
  if (saveAs === undefined || !isRecord(answer)) return {};
  const wanted = visit.journey.refs.fields;
  const fields = Object.fromEntries(Object.entries(answer).filter(([field]) => wanted.has(`${saveAs}.${field}`)));
  const bytes = jsonBytes(fields);
  if (bytes <= MAX_SAVED_BYTES) return { save: { as: saveAs, fields } };
  visit.turn.because(
    reasonAt(visit, { code: 'webhook.answer-too-large', saw: { limitBytes: MAX_SAVED_BYTES, actualBytes: bytes } }),
  );
  return {};
}
