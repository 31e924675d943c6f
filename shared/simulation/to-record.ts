import type { CustomerEvent } from '../domain/customer-event.ts';
import type { MailRecord } from '../domain/mail-record.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { formatInstant } from '../kernel/time.ts';
import type { Act } from './acts.ts';

/** What ingest or the API would put into the mailbox, and into whose. */
export function toRecord(
  act: Act,
  keyOf: (kind: 'user' | 'anonymous', id: string) => ProfileKey,
): { readonly key: ProfileKey; readonly record: MailRecord } {
  const { userId, anonymousId, at, id } = act;
  const key = userId === undefined ? keyOf('anonymous', anonymousId ?? '') : keyOf('user', userId);
  const identity = userId === undefined ? { anonymous: anonymousId ?? '' } : { user: userId };
  switch (act.t) {
    case 'consent': {
      const { channel, topic, state } = act;
      return {
        key,
        record: { t: 'consent', id, identity, at, consents: [{ channel, topic, state, at, source: 'api' }] },
      };
    }
    case 'enroll':
      return { key, record: { t: 'enroll', id, identity, at, journey: act.journey, properties: act.properties } };
    default: {
      const event: CustomerEvent = {
        id,
        sent: formatInstant(at),
        at,
        kind: act.t === 'event' ? 'track' : 'identify',
        name: act.t === 'event' ? act.name : 'Identified',
        ...(userId !== undefined && { userId }),
        ...(anonymousId !== undefined && { anonymousId }),
        data: act.t === 'event' ? act.properties : act.traits,
        context: act.context ?? {},
      };
      return { key, record: { t: 'event', event } };
    }
  }
}
