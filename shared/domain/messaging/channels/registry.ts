import type { Channel } from '../channel.ts';
import { email } from './email.ts';
import { inApp } from './in-app.ts';
import { push } from './push.ts';
import { sms } from './sms.ts';
import type { ChannelSpec } from './spec.ts';
import { webhook } from './webhook.ts';

/** One line per channel. */
export const channelSpecs: { readonly [C in Channel]: ChannelSpec } = { email, sms, push, 'in-app': inApp, webhook };
