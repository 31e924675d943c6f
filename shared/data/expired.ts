import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SECOND_MS } from '../kernel/time.ts';

/**
 * Its time is over, and DynamoDB has not deleted it yet: that may take days, and until then reads find it (DynamoDB, "Working with expired
 * items"). Whoever shows, counts or exports leaves it out. Two readers do not: a claim and a journal entry keep something from being done
 * twice for as long as they are there.
 */
export const isExpired = (item: Readonly<Record<string, AttributeValue>>, now: number): boolean =>
  item['ttl']?.N !== undefined && Number(item['ttl'].N) * SECOND_MS <= now;
