import type { CustomerEvent } from '../domain/customer-event.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { digest } from '../kernel/ids.ts';
import type { ProviderReceipt } from './receipt.ts';
import { type Fields, isMessageId, isTime } from './sns.ts';

/** Key of the payload by which the app says which message it was that it got (docs/push.md). */
const messageProperty = 'godwit_message';

/** What an app says of a push message of ours, as it lies in the queue of receipts. */
export interface AppReceipt {
  readonly schema: 1;
  readonly app: 'push';
  readonly message: string;
  readonly was: 'delivered' | 'opened' | 'clicked' | 'bounced';
  /** Epoch milliseconds. */
  readonly at: number;
  readonly link?: string;
}

/** Segment Spec, "Native mobile": the life of a push notification. Tapped is what newer SDKs call Opened. */
const meanings: { readonly [event: string]: AppReceipt['was'] } = {
  'Push Notification Received': 'delivered',
  'Push Notification Opened': 'opened',
  'Push Notification Tapped': 'opened',
  'Push Notification Bounced': 'bounced',
};

const MAX_LINK = 2_000;

/** Nothing else tells what became of a push message: services answer for themselves, and not for the phone. */
export function receiptsIn({ kind, name, data, at }: CustomerEvent): AppReceipt[] {
  const was = kind === 'track' && Object.hasOwn(meanings, name) ? meanings[name] : undefined;
  const message = data[messageProperty];
  if (was === undefined || !isMessageId(message)) return [];
  const receipt = { schema: 1, app: 'push', message, was, at } as const;
  const { link } = data;
  // Whoever opened it by its link has clicked that.
  const clicked = was === 'opened' && typeof link === 'string' && link !== '' && link.length <= MAX_LINK;
  return clicked ? [receipt, { ...receipt, was: 'clicked', link }] : [receipt];
}

/** Several devices of a customer may say the same: the first counts, so all of them share an id. */
export function readAppReceipt(fields: Fields): ProviderReceipt {
  const { message, was, at, link } = fields;
  if (
    !isMessageId(message) ||
    !isTime(at) ||
    !Object.values(meanings)
      .concat('clicked')
      .includes(was as never)
  ) {
    throw new InvalidInput('receipt.app', 'a receipt of an app has a message, what it was, and a time');
  }
  return {
    ...{ id: digest('app', message, String(was)), channel: 'push', message, at: Math.trunc(at), byApp: true },
    was: was as AppReceipt['was'],
    ...(was === 'bounced' && { permanent: false }),
    ...(typeof link === 'string' && { link }),
    recipients: [],
  };
}
