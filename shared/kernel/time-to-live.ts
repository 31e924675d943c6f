import { SECOND_MS } from './time.ts';

/**
 * Its time is over, and DynamoDB has not deleted it yet: that may take days, and until then reads find it (DynamoDB, "Working with expired
 * items"). Whoever shows, counts or exports leaves it out.
 *
 * @param ttl seconds, as it is stored; what has none stays.
 */
export const hasExpired = (ttl: unknown, now: number): boolean => typeof ttl === 'number' && ttl * SECOND_MS <= now;
