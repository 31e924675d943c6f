import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { FoundEvent, JournalSearch } from '../app/find-event.ts';
import type { Clock } from '../app/ports.ts';
import type { Reason } from '../domain/decision.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';

/** A page is 1 MB of entries, about a thousand events: beyond these many a question is better asked with more in it. */
const maxPages = 30;

/**
 * Finds entries by the end of their key. No index serves that: the part of one profile is read, newest time stamp
 * first, and a filter cannot stand on a key (DynamoDB, Filter expressions for the Query operation).
 */
export function journalSearch(client: DynamoDBClient, table: string, clock: Clock): JournalSearch {
  return {
    async findBySuffix(key, suffix) {
      const found: FoundEvent[] = [];
      let from: Record<string, AttributeValue> | undefined;
      for (let page = 0; page < maxPages && found.length === 0; page++) {
        const query = new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: key } },
          ProjectionExpression: 'jk, st, #at, why, #ttl',
          ExpressionAttributeNames: { '#at': 'at', '#ttl': 'ttl' },
          ScanIndexForward: false,
          ExclusiveStartKey: from,
        });
        const answer = await awsCall(client.send(query));
        for (const item of answer.Items ?? []) {
          const { jk, st, at, why } = item;
          if (!jk!.S!.endsWith(suffix) || isExpired(item, clock())) continue;
          const reasons = why?.S === undefined ? [] : (JSON.parse(why.S) as Reason[]);
          found.push({ key, jk: jk!.S!, st: st!.S as FoundEvent['st'], at: Number(at!.N), why: reasons });
        }
        from = answer.LastEvaluatedKey;
        if (from === undefined) break;
      }
      return found;
    },
  };
}
