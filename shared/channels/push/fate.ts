import type { MessageResult } from '@aws-sdk/client-pinpoint';

/** What became of a message at one device, by what happens next. */
export type Fate = 'taken' | 'gone' | 'foreign' | 'credentials' | 'throttled' | 'later' | 'refused' | 'unknown';

/**
 * By DeliveryStatus (Amazon Pinpoint API reference, Messages: MessageResult). A message that has timed out may have
 * arrived; SendMessages looks at no opt-outs, so who answers so has told the service in another way.
 */
const byStatus: { readonly [status: string]: Fate } = {
  SUCCESSFUL: 'taken',
  DUPLICATE: 'taken',
  THROTTLED: 'throttled',
  TEMPORARY_FAILURE: 'later',
  OPT_OUT: 'refused',
  TIMEOUT: 'unknown',
  UNKNOWN_FAILURE: 'unknown',
};

/**
 * What Apple and Google say, which Pinpoint passes on in StatusMessage (Apple, "Handling notification responses from APNs";
 * Firebase, "FCM error codes"). Only what both call final ends a token: BadDeviceToken is also what a token of the other
 * environment gets, and one wrong setting would cost every device.
 */
const permanent: readonly (readonly [says: RegExp, fate: Fate])[] = [
  [/unregistered|not.?registered/i, 'gone'],
  [/credential|certificate|provider.?token|third.?party.?auth|unauthenticated|permission.?denied/i, 'credentials'],
  [/bad.?device.?token|not.?for.?topic|sender.?id.?mismatch|mismatch.?sender|invalid.?registration/i, 'foreign'],
];

export function fateOf(result: MessageResult | undefined): Fate {
  const { DeliveryStatus: status = '', StatusCode: code, StatusMessage: says = '' } = result ?? {};
  if (status !== 'PERMANENT_FAILURE') return byStatus[status] ?? 'unknown';
  // APNs: the token is known no more.
  if (code === 410) return 'gone';
  return (
    permanent.find(([words]) => words.test(says))?.[1] ?? (code === 401 || code === 403 ? 'credentials' : 'refused')
  );
}
