import { digest, type ProfileKey } from '../../kernel/ids.ts';

/** 46 characters: the profile's key, a hyphen, and a hash of what the message stems from (run, step, visit). */
export const messageId = (key: ProfileKey, ...origin: string[]): string => `${key}-${digest(...origin)}`;

/** Of a message without a journey (POST /v1/messages); `recordId` is the id of its record in the mailbox. */
export const directMessageId = (key: ProfileKey, recordId: string): string => messageId(key, 'message', recordId);

const form = /^([uat][A-Za-z0-9_-]{22})-([A-Za-z0-9_-]{22})$/;

/** undefined: not an id of ours. */
export function readMessageId(id: string): { readonly key: ProfileKey; readonly hash: string } | undefined {
  const match = form.exec(id);
  return match === null ? undefined : { key: match[1]!, hash: match[2]! };
}
