import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';

const ses = new SESv2Client({});
const client = new DynamoDBClient({});
const DAY_SECONDS = 86_400;
/** The reference journey, which a real interpreter would read from a table. */
const waits = [1, 3, 7];

/** Does what comes next; the machine sleeps as long as this says and calls again. */
export async function handler({ state }) {
  const { userId, email, at = 0 } = state;
  if (at < waits.length) {
    await ses.send(
      new SendEmailCommand({
        FromEmailAddress: 'Shop <hello@mail.shop.example>',
        Destination: { ToAddresses: [email] },
        Content: { Simple: { Subject: { Data: 'Hello' }, Body: { Html: { Data: '<p>Hello</p>' } } } },
      }),
    );
    return { userId, email, at: at + 1, isOver: false, seconds: waits[at] * DAY_SECONDS };
  }
  const { Item } = await client.send(
    new GetItemCommand({ TableName: process.env.PROFILES, Key: { pk: { S: userId } }, ConsistentRead: true }),
  );
  return { isOver: true, reason: Item?.plan?.S === 'gold' ? 'gold' : 'finished' };
}
