import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { hasExpired } from '../kernel/time-to-live.ts';

/**
 * Of an item as DynamoDB gives it. Two readers do not ask: a claim and a journal entry keep something from being done twice for as
 * long as they are there.
 */
export const isExpired = ({ ttl }: Readonly<Record<string, AttributeValue>>, now: number): boolean =>
  ttl?.N !== undefined && hasExpired(Number(ttl.N), now);
