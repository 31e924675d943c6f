/** Who delivers to the device: APNs, its development environment, or Firebase Cloud Messaging. */
export const platforms = ['apns', 'apns-sandbox', 'fcm'] as const;
export type Platform = (typeof platforms)[number];

/** Key of the payload by which the app says which message it was that it got (docs/push.md). */
export const pushMessageKey = 'godwit_message';

/**
 * By its form, and not by the device's system: an app on iOS may register with Firebase, whose tokens are no hexadecimal
 * digits. Tokens of APNs are bytes, which apps write as digits (Apple, "Registering your app with APNs").
 */
export const platformOf = (token: string): Platform => (/^([0-9a-f]{2}){32,}$/i.test(token) ? 'apns' : 'fcm');

/** As lists of who may get something name a device: any text could be a token. */
export const pushAddress = (token: string): string => `push:${token}`;
