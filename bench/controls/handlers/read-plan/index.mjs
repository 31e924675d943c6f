import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});

export async function handler({ userId }) {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: process.env.PROFILES, Key: { pk: { S: userId } }, ConsistentRead: true }),
  );
  return { plan: Item?.plan?.S ?? 'free' };
}
