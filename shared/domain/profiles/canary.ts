import { profileKey } from '../../kernel/ids.ts';

/** The customer that nobody is: an event of theirs comes every five minutes (docs/runbooks/canary-silent.md). */
export const CANARY = { userId: 'godwit-canary', event: 'Godwit Canary' } as const;

export const canaryKey = profileKey('user', CANARY.userId);
