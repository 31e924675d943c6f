import type { Deliver, OutgoingSms } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';

type Transport = OutgoingSms['transport'];

/** Loaded with the first message: an environment uses one of them, and functions of other channels neither. */
const load: { readonly [T in Transport]: (now: Clock) => Promise<Deliver<OutgoingSms>> } = {
  'end-user-messaging': async (now) => (await import('./end-user-messaging.ts')).endUserMessaging(now),
  pinpoint: async (now) => (await import('./pinpoint.ts')).pinpointSms(now),
};

/** Text messages, by the transport that the environment has chosen. */
export function sms(now: Clock): Deliver<OutgoingSms> {
  const loaded = new Map<Transport, Promise<Deliver<OutgoingSms>>>();
  return async (message) => {
    const { transport } = message;
    const deliver = loaded.get(transport) ?? load[transport](now);
    loaded.set(transport, deliver);
    return (await deliver)(message);
  };
}
