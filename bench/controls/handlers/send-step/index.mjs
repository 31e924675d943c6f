import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';

const ses = new SESv2Client({});

/** One step of the machine that has a state for each: the message. */
export async function handler({ to }) {
  const { MessageId } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'Shop <hello@mail.shop.example>',
      Destination: { ToAddresses: [to] },
      Content: { Simple: { Subject: { Data: 'Hello' }, Body: { Html: { Data: '<p>Hello</p>' } } } },
    }),
  );
  return { id: MessageId };
}
