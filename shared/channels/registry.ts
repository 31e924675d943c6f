import type { Deliver } from '../app/delivery.ts';
import type { HandOverPorts } from '../app/hand-over.ts';
import type { InboxStore } from '../app/inbox/inbox.ts';
import type { Clock } from '../app/ports.ts';
import type { CachedSecrets } from '../app/secrets.ts';
import type { DeliveryChannel } from '../resources.ts';
import { inApp } from './in-app/in-app.ts';
import { push } from './push/push.ts';
import { sms } from './sms/sms.ts';

export interface AdapterOptions {
  readonly now: Clock;
  readonly secrets: CachedSecrets;
  readonly webhookCapture?: string;
  readonly inbox: () => Pick<InboxStore, 'put'>;
  /** Stands before whoever may refuse, throttle or fail all of us. */
  readonly guarded?: (adapter: Deliver) => Deliver;
}

/** One line per channel. A `send` function loads and makes only the adapter of its own channel. */
const adapters: {
  readonly [C in DeliveryChannel]: (options: AdapterOptions) => Promise<NonNullable<HandOverPorts['deliver'][C]>>;
} = {
  email,
  'in-app': async ({ inbox }) => inApp(inbox()),
  push: async ({ now }) => push(now),
  sms: async ({ now }) => sms(now),
  webhook: async ({ now, secrets, webhookCapture: capture }) =>
    (await import('./webhook/webhook.ts')).webhook({ now, secrets, ...(capture !== undefined && { capture }) }),
};

/** With what makes text of HTML, for which the first message would wait otherwise. */
async function email({ now }: AdapterOptions) {
  const textOfHtml = import('../domain/messaging/render/text-of-html.ts');
  const [{ sesEmail }] = await Promise.all([import('./email/ses-email.ts'), textOfHtml]);
  return sesEmail(now);
}

export async function adapterFor(channel: DeliveryChannel, options: AdapterOptions): Promise<HandOverPorts['deliver']> {
  const adapter = (await adapters[channel](options)) as Deliver;
  // A table of our own needs no rate, and an outage of it is one of ours.
  return { [channel]: channel === 'in-app' ? adapter : (options.guarded?.(adapter) ?? adapter) };
}
