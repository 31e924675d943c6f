import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

const client = new DynamoDBClient({});
const machines = new SFNClient({});

/** An event of a customer comes in by HTTP, and an execution begins under the event's id: sent again, it is the same one. */
export async function handler({ body, pathParameters }) {
  const { userId, messageId } = JSON.parse(body);
  const { Item } = await client.send(
    new GetItemCommand({ TableName: process.env.PROFILES, Key: { pk: { S: userId } } }),
  );
  const email = Item?.email?.S ?? `${userId}@mail.shop.example`;
  const stateMachineArn = pathParameters.machine === 'steps' ? process.env.STEPS : process.env.INTERPRETER;
  await machines.send(
    new StartExecutionCommand({ stateMachineArn, name: messageId, input: JSON.stringify({ userId, email }) }),
  );
  return { statusCode: 202 };
}
