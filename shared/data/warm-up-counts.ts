import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { placesName, WARM_UP } from '../app/sending/warm-up.ts';
import { awsCall } from './aws-call.ts';

/** How many places of a sender's day are given out; what containers have leased and not used yet is among them. */
export type WarmUpCounts = (sender: string, day: string) => Promise<number>;

export function warmUpCounts(client: DynamoDBClient, table: string): WarmUpCounts {
  return async (sender, day) => {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk = :sk',
      ExpressionAttributeValues: { ':pk': { S: WARM_UP }, ':sk': { S: placesName(sender, day) } },
    });
    const { Items: [found] = [] } = await awsCall(client.send(query));
    return Number(found?.['n']?.N ?? 0);
  };
}
