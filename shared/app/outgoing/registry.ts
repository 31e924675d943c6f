import type { DeliveryChannel } from '../../resources.ts';
import type { Outgoing } from '../delivery.ts';
import { email } from './email.ts';
import { inApp } from './in-app.ts';
import type { Making } from './making.ts';
import { push } from './push.ts';
import { sms } from './sms.ts';
import { webhook } from './webhook.ts';

/** One line per channel. */
const makings: { readonly [C in DeliveryChannel]: Making<Extract<Outgoing, { readonly channel: C }>> } = {
  email,
  'in-app': inApp,
  push,
  sms,
  webhook,
};

/** Of a channel that nothing is sent on, none. What a making makes, it alone is given back. */
export const makingOf = (channel: string): Making<Outgoing> | undefined =>
  Object.hasOwn(makings, channel) ? (makings[channel as DeliveryChannel] as Making<Outgoing>) : undefined;
