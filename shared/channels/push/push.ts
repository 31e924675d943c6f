import type { Deliver, OutgoingPush } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';

/** Loaded with the first message: functions of other channels need no client of Pinpoint. */
export function push(now: Clock): Deliver<OutgoingPush> {
  let loaded: Promise<Deliver<OutgoingPush>> | undefined;
  return async (message) => {
    loaded ??= import('./pinpoint-push.ts').then(({ pinpointPush }) => pinpointPush(now));
    return (await loaded)(message);
  };
}
