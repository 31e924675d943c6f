import type { Deliver } from '../app/delivery.ts';
import type { HandOverPorts } from '../app/hand-over.ts';
import type { InboxStore } from '../app/inbox/inbox.ts';
import type { Clock } from '../app/ports.ts';
import type { CachedSecrets } from '../app/secrets.ts';
import type { DeliveryChannel } from '../resources.ts';
import { sesEmail } from './email/ses-email.ts';
import { inApp } from './in-app/in-app.ts';
import { push } from './push/push.ts';
import { sms } from './sms/sms.ts';
import { webhook } from './webhook/webhook.ts';

export interface AdapterOptions {
  readonly now: Clock;
  readonly secrets: CachedSecrets;
  readonly webhookCapture?: string;
  readonly inbox: () => Pick<InboxStore, 'put'>;
  /** Stands before whoever may refuse, throttle or fail all of us. */
  readonly guarded?: (adapter: Deliver) => Deliver;
}

/** One line per channel. A `send` function makes only the adapter of its own channel. */
const adapters: {
  readonly [C in DeliveryChannel]: (options: AdapterOptions) => NonNullable<HandOverPorts['deliver'][C]>;
} = {
  email: ({ now }) => sesEmail(now),
  'in-app': ({ inbox }) => inApp(inbox()),
  push: ({ now }) => push(now),
  sms: ({ now }) => sms(now),
  webhook: ({ now, secrets, webhookCapture }) =>
    webhook({ now, secrets, ...(webhookCapture !== undefined && { capture: webhookCapture }) }),
};

export function adapterFor(channel: DeliveryChannel, options: AdapterOptions): HandOverPorts['deliver'] {
  const adapter = adapters[channel](options) as Deliver;
  // A table of our own needs no rate, and an outage of it is one of ours.
  return { [channel]: channel === 'in-app' ? adapter : (options.guarded?.(adapter) ?? adapter) };
}
