import type { Json } from '../../../kernel/canonical-json.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { Reason } from '../../decision.ts';
import type { Channel } from '../../messaging/channel.ts';
import { channelsByPolicy } from '../../messaging/channel-order.ts';
import { decideMessage, reserve, type Wish } from '../../messaging/decide-message.ts';
import { isTransactional, LATER } from '../../messaging/policy/check.ts';
import { isHeldByHours } from '../../messaging/policy/check-hours.ts';
import { parseTemplateName } from '../../messaging/template-name.ts';
import { rememberMessage } from '../../profiles/remember.ts';
import { answerStand } from '../engine/answer.ts';
import { roundDue } from '../engine/due.ts';
import { messageIdOf } from '../engine/message-id.ts';
import { zoneOf } from '../engine/scope.ts';
import { type Room, roomToSend } from '../engine/shared-limits.ts';
import { type Move, originOf, reasonAt, type StepHandler, scopeOf, type Visit } from '../engine/step-handler.ts';
import { resolveValues } from '../engine/values.ts';
import type { MessageStep } from '../journey.ts';

const DEFAULT_HOLD = 'P1D';
const NOT_HELD = { code: 'message.not-held', fix: 'write whenBlocked: hold' };

/**
 * Sends one message on the first channel that may take it. The run goes on at once, unless it is held, or `skipped`
 * or `failed` lead elsewhere than `next`: then it stands here until it is known what became of the message.
 */
export const messageStep: StepHandler<MessageStep> = {
  arrive(visit) {
    const { turn, journey, runId, run, stepId, step } = visit;
    const zone = zoneOf(turn, journey.document);
    const id = messageIdOf(turn.key, runId, run, stepId);
    if (visit.overdue) {
      const fix = 'the journey was resumed without what was due during its pause';
      return skip(visit, id, 'journey.overdue', { code: 'message.overdue', fix });
    }
    const template = parseTemplateName(step.template);
    const wish: Wish = {
      messageId: id,
      channels: channelsOf(visit, template.id),
      topic: step.topic ?? journey.document.topic,
      template,
      zone,
      journey: journey.document,
      at: { journey: journey.id, version: journey.version, run: runId, step: stepId },
    };
    const answer = decideMessage(turn, wish);
    if ('blocked' in answer) return skip(visit, id, answer.blocked, { code: 'message.blocked' });
    if ('hold' in answer) {
      if ((step.whenBlocked ?? (answer.drops ? 'skip' : 'hold')) === 'skip') {
        return skip(visit, id, answer.hold, NOT_HELD);
      }
      const late = heldTooLong(visit, answer, zone);
      if (late !== undefined) return skip(visit, id, answer.hold, late);
      return { stand: 'held', due: roundDue(answer.until, turn.now) };
    }
    const { send: channel, topic } = answer;
    const latest =
      step.whenBlocked === 'skip' ? turn.now : addDuration(run.since, step.holdAtMost ?? DEFAULT_HOLD, zone);
    const room = roomToSend(turn, journey, run, channel, latest);
    if (!('permits' in room)) return withoutRoom(visit, room, { message: id, topic: topic.id, channel }, latest);
    for (const permit of room.permits) turn.spend(permit);
    // Nothing comes back of what a dry run did not send.
    const waits = leadsElsewhere(step) && !turn.isDry;
    reserve(turn, wish, channel, topic);
    rememberMessage(turn, { was: 'sent', at: turn.now, channel, topic: topic.id, journey: journey.id, step: stepId });
    turn.effect({
      e: 'message',
      message: {
        id,
        key: turn.key,
        channel,
        decidedAt: turn.now,
        topic: topic.id,
        transactional: isTransactional(topic),
        origin: originOf(visit),
        template,
        ...(step.sender !== undefined && { sender: step.sender }),
        values: valuesOf(visit),
        onUnknown: step.onUnknown ?? 'count',
        report: waits ? 'all' : 'non-success',
      },
    });
    const saw = room.saw === undefined ? {} : { saw: room.saw };
    turn.because(reasonAt(visit, { code: 'message.decided', message: id, channel, topic: topic.id, ...saw }));
    turn.count(journey.id, journey.version, journey.messageCounter(stepId, 'decided'));
    return waits ? { ...answerStand(turn.now), sent: true } : { go: step.next, port: 'next', sent: true };
  },
  wake(visit) {
    visit.turn.because(reasonAt(visit, { code: 'message.no-answer' }));
    return { go: visit.step.failed ?? visit.step.next, port: 'failed' };
  },
  outcome({ step }, { outcome }) {
    switch (outcome) {
      case 'sent':
      case 'unknown':
        return { go: step.next, port: 'next' };
      case 'not-sent':
        return { go: step.skipped ?? step.next, port: 'skipped' };
      case 'failed':
        return { go: step.failed ?? step.next, port: 'failed' };
    }
  },
};

/**
 * `holdAtMost` counts for every hold, `sending.catchUp` for those of the journey's hours and closed dates: both from
 * when the run came to the step, and the shorter one wins. Where neither is written, a day.
 */
function heldTooLong(
  { run, step, journey }: Visit<MessageStep>,
  { hold, until }: { readonly hold: string; readonly until: number },
  zone: string,
): Reason | undefined {
  const catchUp = isHeldByHours(hold) ? journey.document.sending?.catchUp : undefined;
  const deadlineOf = (span: string) => addDuration(run.since, span, zone);
  const atMost = step.holdAtMost ?? (catchUp === undefined ? DEFAULT_HOLD : undefined);
  if (catchUp !== undefined && until > deadlineOf(catchUp)) {
    const saw = { until, deadline: deadlineOf(catchUp), for: hold };
    return { code: 'message.too-late', saw, fix: 'raise sending.catchUp' };
  }
  if (atMost === undefined || until <= deadlineOf(atMost)) return undefined;
  return {
    code: 'message.held-too-long',
    saw: { until, deadline: deadlineOf(atMost), for: hold },
    fix: 'raise holdAtMost',
  };
}

/** The journey's own limits are against it: it waits for its turn, or is skipped. */
function withoutRoom(
  visit: Visit<MessageStep>,
  room: Exclude<Room, { readonly permits: unknown }>,
  about: { readonly message: string; readonly topic: string; readonly channel: Channel },
  latest: number,
): Move {
  const { turn, step, journey } = visit;
  if ('no' in room) {
    turn.because(reasonAt(visit, { code: room.no, ...about, saw: room.saw, fix: room.fix }));
    return skip(visit, about.message, room.no, { code: 'message.blocked' });
  }
  const { slot, permit } = room;
  const code = 'pace.later';
  const messagesPerMinute = journey.document.limits!.messagesPerMinute!;
  const saw = { until: slot, messagesPerMinute, ...(permit && { slot: permit.at }) };
  turn.because(
    reasonAt(visit, { code, ...about, saw, fix: `${LATER}; raise limits.messagesPerMinute to send it now` }),
  );
  if (permit !== undefined) {
    turn.spend(permit);
    return { stand: 'held', due: roundDue(slot, turn.now), slot };
  }
  if (step.whenBlocked === 'skip') return skip(visit, about.message, code, NOT_HELD);
  const tooLong = { until: slot, deadline: latest, for: code };
  return skip(visit, about.message, code, { code: 'message.held-too-long', saw: tooLong, fix: 'raise holdAtMost' });
}

function leadsElsewhere({ next, skipped, failed }: MessageStep): boolean {
  return (skipped ?? next) !== next || (failed ?? next) !== next;
}

function channelsOf(visit: Visit<MessageStep>, template: string): readonly Channel[] {
  const { turn, step } = visit;
  if (step.channels !== 'by-policy') return step.channels;
  const { channels, rule } = channelsByPolicy(turn, template, scopeOf(visit));
  const saw = { order: [...channels], ...(rule !== undefined && { rule }) };
  turn.because(reasonAt(visit, { code: 'channels.by-policy', saw }));
  return channels;
}

/** @param no what stood against it, by which the skipped are counted. */
function skip(visit: Visit<MessageStep>, message: string, no: string, reason: Reason): Move {
  const { turn, journey, stepId, step } = visit;
  turn.because(reasonAt(visit, { ...reason, message }));
  turn.count(journey.id, journey.version, `message/${stepId}/no/${no}`);
  turn.count(journey.id, journey.version, journey.messageCounter(stepId, 'skipped'));
  return { go: step.skipped ?? step.next, port: 'skipped' };
}

/** What only the run knows. Of the event, what the template asks for: the message lies in the profile until it is queued. */
function valuesOf(visit: Visit<MessageStep>): { readonly [name: string]: Json } {
  const { turn, journey, run, step, event } = visit;
  const wanted = journey.refs.event;
  const ofEvent = Object.entries(event?.data ?? {}).filter(([name]) => wanted.has(name));
  return {
    ...(run.entry !== undefined && { entry: run.entry }),
    ...(run.fields !== undefined && { steps: run.fields }),
    ...(ofEvent.length > 0 && { event: Object.fromEntries(ofEvent) }),
    ...(step.vars !== undefined && { vars: resolveValues(turn, step.vars, scopeOf(visit)) }),
  };
}
