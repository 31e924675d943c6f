import type { MessageRequest } from '../../decision.ts';
import { originOf, reasonAt, type Visit } from './step-handler.ts';

type Call = Pick<MessageRequest, 'id' | 'report' | 'expiresAt'> & {
  readonly webhook: MessageRequest['webhook'] & object;
};

/** Hands a body to a named endpoint. It reaches a system, not a person, so consent, caps and quiet hours do not apply. */
export function callEndpoint(visit: Visit, call: Call): void {
  const { turn, journey } = visit;
  turn.effect({
    e: 'message',
    message: {
      ...call,
      key: turn.key,
      channel: 'webhook',
      decidedAt: turn.now,
      topic: journey.document.topic,
      transactional: true,
      origin: originOf(visit),
      values: {},
      onUnknown: 'count',
    },
  });
}

/** That it was decided, for real or as if. */
export function sayDecided(visit: Visit, message: string): void {
  const { turn, journey, stepId } = visit;
  turn.because(reasonAt(visit, { code: 'message.decided', message, channel: 'webhook' }));
  turn.count(journey.id, journey.version, journey.messageCounter(stepId, 'decided'));
}
