import { digest } from '../../kernel/ids.ts';
import { zoneOf } from '../journeys/engine/scope.ts';
import type { ToldRecord } from '../mail-record.ts';
import { rememberMessage } from '../profiles/remember.ts';
import type { Turn } from '../turn.ts';
import { addressHash, normaliseAddress } from './address.ts';
import type { Channel } from './channel.ts';
import { decideMessage, rememberSend } from './decide-message.ts';
import { parseTemplateName } from './template-name.ts';
import type { Topic } from './topic.ts';

type DirectMessage = Extract<ToldRecord, { readonly t: 'message' }>;

/** One message without a journey (POST /v1/messages). Only transactional topics: nothing else may skip caps and quiet hours. */
export function decideDirectMessage(turn: Turn, record: DirectMessage): void {
  const { id, template: name, to, expiresAt } = record;
  const messageId = `${turn.key}-${digest('message', id)}`;
  if (expiresAt !== undefined && expiresAt <= turn.now) {
    turn.because({ code: 'message.expired', message: messageId, saw: { expiresAt }, fix: 'send it again' });
    return;
  }
  const topic = topicOf(turn, record);
  if (topic?.kind !== 'transactional') {
    turn.because({
      code: topic === undefined ? 'topic.unknown' : 'topic.not-transactional',
      message: messageId,
      ...(record.topic !== undefined && { topic: record.topic }),
      fix: 'name a transactional topic; marketing goes through journeys',
    });
    return;
  }
  const template = parseTemplateName(name);
  const answer = decideMessage(turn, {
    messageId,
    channels: channelsOf(turn, record, template.id),
    topic: topic.id,
    template,
    ...(to !== undefined && { to }),
    zone: zoneOf(turn, undefined),
    at: {},
  });
  if (!('send' in answer)) {
    turn.because({ code: 'message.blocked', message: messageId, topic: topic.id });
    return;
  }
  const { send: channel } = answer;
  // Also what no cap counts: the decision must leave a trace, so that a retry of it is looked up in the journal.
  rememberSend(turn, {
    id: messageId,
    at: turn.now,
    channel,
    topic: topic.id,
    ...(to !== undefined && { to: addressHash(channel, to) }),
  });
  rememberMessage(turn, { was: 'sent', at: turn.now, channel, topic: topic.id });
  turn.effect({
    e: 'message',
    message: {
      id: messageId,
      key: turn.key,
      channel,
      decidedAt: turn.now,
      ...(record.at < turn.now && { requestedAt: record.at }),
      topic: topic.id,
      transactional: true,
      template,
      values: { entry: record.properties },
      ...(to !== undefined && { to }),
      ...(expiresAt !== undefined && { expiresAt }),
      onUnknown: 'count',
      report: 'non-success',
    },
  });
  turn.because({ code: 'message.decided', message: messageId, channel, topic: topic.id });
}

function topicOf({ catalog }: Turn, { topic }: DirectMessage): Topic | undefined {
  if (topic !== undefined) return catalog.topics.get(topic);
  const transactional = [...catalog.topics.values()].filter((one) => one.kind === 'transactional');
  return transactional.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

/** Those that were asked for, else the template's own; with an address given, only the kind that it is. */
function channelsOf({ catalog }: Turn, { channels, to }: DirectMessage, template: string): Channel[] {
  const own = catalog.templates.get(template)?.document.variants.map((variant) => variant.channel) ?? [];
  const wanted = [...new Set(channels ?? own)];
  if (to === undefined) return wanted;
  const kinds = (['email', 'sms'] as const).filter((channel) => normaliseAddress(channel, to) !== undefined);
  return wanted.filter((channel) => (kinds.length > 0 ? kinds.some((kind) => kind === channel) : channel === 'push'));
}
