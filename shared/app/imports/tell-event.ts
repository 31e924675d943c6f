import { parseClientInstant } from '../../kernel/time.ts';
import { judgeEvent } from '../../wire/segment-event.ts';
import { sentAsWritten } from '../../wire/segment-time.ts';
import { faultOf } from './row-fields.ts';
import type { Tell } from './told.ts';

/**
 * As a client sends it (Segment Spec); `type` is track where it is absent. Its time is the row's own: a history without
 * times is none. An event without a messageId has its content for an id, so that the same row twice is one event.
 */
export const tellEvent: Tell = ({ sentAt: _, ...written }, _line, context) => {
  const raw = 'type' in written ? written : { ...written, type: 'track' };
  const judged = judgeEvent(raw, undefined, '', { receivedAt: context.at, sentAt: null, context: {}, contextBytes: 0 });
  if (!('event' in judged)) return [faultOf(judged)];
  const sent = sentAsWritten(raw);
  const at = sent === null ? undefined : parseClientInstant(sent);
  if (at === undefined || at < 0) {
    const limit = 'ISO 8601, from 1970 on';
    const detail = sent === null ? 'an imported event says when it was' : 'not a time';
    return [{ code: 'event.time', detail, pointer: '/timestamp', limit, actual: sent === null ? 'absent' : 'text' }];
  }
  const record = { t: 'event', event: judged.event, ...(context.quiet && ({ quiet: true } as const)) } as const;
  return { to: judged.key, records: [record] };
};
