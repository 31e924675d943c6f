import { DecryptCommand, EncryptCommand, GenerateMacCommand, KMSClient, VerifyMacCommand } from '@aws-sdk/client-kms';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootFixture, DAY, type FixtureCloud, HOUR, MINUTE, removeFixture } from './fixture/fixture-cloud.ts';

let cloud: FixtureCloud;
beforeAll(async () => {
  cloud = await bootFixture();
}, 60_000);
afterAll(async () => {
  await cloud.stop();
  removeFixture();
});

type ApiEvent = Record<string, unknown> & { requestContext: { http: Record<string, string>; authorizer?: unknown } };
const call = async (
  path: string,
  init?: RequestInit,
): Promise<{ status: number; headers: Headers; event: ApiEvent }> => {
  const response = await fetch(cloud.api + path, init);
  return { status: response.status, headers: response.headers, event: (await response.json()) as ApiEvent };
};

describe('HTTP API', () => {
  it.each([
    ['GET', '/things', 'ANY /things'],
    ['POST', '/things', 'POST /things'],
    ['GET', '/things/special', 'ANY /things/special'],
    ['GET', '/things/7', 'ANY /things/{id}'],
    ['GET', '/things/7/parts', 'ANY /{proxy+}'],
  ])('%s %s goes to %s', async (method, path, routeKey) => {
    expect((await call(path, { method })).event['routeKey']).toBe(routeKey);
  });

  it('hands over payload format 2.0', async () => {
    const { event, headers } = await call('/things/caf%C3%A9?a=1&a=2&b=%20', {
      method: 'PUT',
      headers: { Cookie: 'x=1; y=2', 'X-Mixed': 'Case' },
    });
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/things/café',
      rawQueryString: 'a=1&a=2&b=%20',
      queryStringParameters: { a: '1,2', b: ' ' },
      cookies: ['x=1', 'y=2'],
      pathParameters: { id: 'café' },
      isBase64Encoded: false,
      headers: { 'x-mixed': 'Case' },
      requestContext: { http: { method: 'PUT', path: '/things/café' }, stage: '$default' },
    });
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it.each([
    ['application/json', '{"a":1}', false],
    ['text/plain', 'a', false],
    ['application/x-www-form-urlencoded', 'a=1', true],
    ['application/octet-stream', 'a', true],
  ])('a body of type %s arrives as text or base64', async (type, body, isBase64Encoded) => {
    const { event } = await call('/things', { method: 'POST', headers: { 'content-type': type }, body });
    expect(event).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    });
  });

  it('decodes base64 answers, wraps bare ones, and turns errors into 500', async () => {
    const binary = await fetch(`${cloud.api}/binary`);
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([1, 2, 255]);
    expect(await (await fetch(`${cloud.api}/plain`)).json()).toEqual({ hello: 'plain' });
    const broken = await fetch(`${cloud.api}/broken`);
    expect([broken.status, await broken.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('answers preflights itself', async () => {
    const response = await fetch(`${cloud.api}/things`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect([
      response.status,
      response.headers.get('access-control-allow-headers'),
      response.headers.get('access-control-max-age'),
    ]).toEqual([204, 'authorization', '86400']);
  });

  it.each([
    [undefined, 401],
    ['Bearer bad', 403],
    ['Bearer good', 200],
  ])('a guarded route with %s answers %i', async (authorization, status) => {
    const answer = await call('/guarded', { headers: authorization ? { authorization } : {} });
    expect(answer.status).toBe(status);
    if (status === 200)
      expect(answer.event.requestContext.authorizer).toEqual({ lambda: { tenant: 'acme', calls: 1 } });
  });
});

describe('e-mail', () => {
  const receipts = (): { eventType: string; mail: { tags: Record<string, string[]>; sourceArn: string } }[] => {
    const queue = cloud.queue('Receipts');
    const bodies = queue.messages().map((message) => JSON.parse(message.body));
    queue.purge();
    return bodies;
  };

  it('is captured with its tags, and its events reach the queue behind the topic', async () => {
    const providerMessageId = await cloud.invoke('Mailer', { to: 'Ann@shop.example', id: 'msg-1' });
    await cloud.settle();
    expect(cloud.messages({ to: 'ann@shop.example' })).toMatchObject([
      { channel: 'email', messageId: 'msg-1', providerMessageId, subject: 'Hello' },
    ]);
    const events = receipts();
    expect(events.map((event) => event.eventType)).toEqual(['Send', 'Delivery']);
    expect(events[0]!.mail).toMatchObject({
      messageId: providerMessageId,
      tags: { godwit_message: ['msg-1'], other: ['x'] },
    });
  });

  it.each([
    ['bounce@simulator.amazonses.com', ['Send', 'Bounce']],
    ['complaint+label@simulator.amazonses.com', ['Send', 'Delivery', 'Complaint']],
    ['suppressionlist@simulator.amazonses.com', ['Send', 'Bounce']],
    ['success@simulator.amazonses.com', ['Send', 'Delivery']],
  ])('to %s plays %j', async (to, types) => {
    await cloud.invoke('Mailer', { to, id: 'sim' });
    await cloud.settle();
    expect(receipts().map((event) => event.eventType)).toEqual(types);
  });

  it.each([
    [{ to: 'ann@shop.example', id: 'has space' }, 'BadRequestException'],
    [{ to: 'nobody', id: 'x' }, 'BadRequestException'],
  ])('refuses %j', async (payload, name) => {
    await expect(cloud.invoke('Mailer', payload)).rejects.toMatchObject({ name });
  });

  it('sends from subdomains of a verified domain, and from no other domain', async () => {
    const send = (from: string) => cloud.invoke('Mailer', { to: 'sub@shop.example', id: 'sub', from });
    await expect(send('hello@news.mail.example.com')).resolves.toBeTypeOf('string');
    await cloud.settle();
    expect(receipts()[0]!.mail.sourceArn).toMatch(/:identity\/example\.com$/);
    await expect(send('hello@notexample.com')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('sends from an identity that the account has already, and from none that it has not', async () => {
    const send = (from: string) => cloud.invoke('Mailer', { to: 'old@shop.example', id: 'old', from });
    await expect(send('hello@before.example')).resolves.toBeTypeOf('string');
    await cloud.settle();
    receipts();
    await expect(send('hello@never.example')).rejects.toMatchObject({ name: 'MessageRejected' });
  });

  it.each([
    ['throttle', 'TooManyRequestsException'],
    ['paused', 'SendingPausedException'],
  ] as const)('can be told to %s', async (behaviour, name) => {
    cloud.ses.behave(behaviour, 1);
    await expect(cloud.invoke('Mailer', { to: 'ann@shop.example', id: 'x' })).rejects.toMatchObject({ name });
    await expect(cloud.invoke('Mailer', { to: 'ann@shop.example', id: 'x' })).resolves.toBeTypeOf('string');
  });

  it('shows the inbox, and plays opens, clicks and one-click unsubscribes from it', async () => {
    await cloud.settle();
    receipts();
    await cloud.invoke('Mailer', { to: 'page@shop.example', id: 'page', subject: '<b>Tom & Jerry</b>' });
    await cloud.settle();
    const [message] = (await (await fetch(`${cloud.inbox}/messages?to=page@shop.example`)).json()) as { id: string }[];
    expect(await (await fetch(`${cloud.inbox}/`)).text()).toContain('&#60;b&#62;Tom &#38; Jerry');
    const one = `${cloud.inbox}/messages/${message!.id}`;
    expect(await (await fetch(one)).text()).toContain('One-click unsubscribe');
    await fetch(`${one}/events`, { method: 'POST', body: '{"type":"open"}' });
    const click = await fetch(`${one}/click?link=${encodeURIComponent('https://shop.example/offer?a=1&b=2')}`, {
      redirect: 'manual',
    });
    expect([click.status, click.headers.get('location')]).toEqual([303, 'https://shop.example/offer?a=1&b=2']);
    const foreign = await fetch(`${one}/click?link=https://evil.example/`, { redirect: 'manual' });
    expect(foreign.status).toBe(400);
    expect(await (await fetch(`${one}/unsubscribe`, { method: 'POST' })).json()).toEqual({ status: 200 });
    await cloud.settle();
    expect(receipts().map((event) => event.eventType)).toEqual(['Send', 'Delivery', 'Open', 'Click']);
  });

  it('an address that bounced is on the suppression list', async () => {
    await cloud.invoke('Mailer', { to: 'gone@shop.example', id: 'first' });
    await cloud.settle();
    cloud.provider('email').play(cloud.messages({ to: 'gone@shop.example' })[0]!, { type: 'bounce' });
    await cloud.invoke('Mailer', { to: 'gone@shop.example', id: 'second' });
    await cloud.settle();
    expect(receipts().map((event) => event.eventType)).toEqual(['Send', 'Delivery', 'Bounce', 'Send', 'Bounce']);
  });
});

it('runs inline code, in virtual time', async () => {
  expect(await cloud.invoke('Inline', { a: 1 })).toEqual([{ a: 1 }, '128', new Date(cloud.now()).toISOString()]);
});

it('captures webhooks and answers what it was told to', async () => {
  const url = `${cloud.inbox}/hooks/crm.example.com/in`;
  expect((await fetch(url, { method: 'POST', headers: { 'webhook-id': 'h1' }, body: '{"a":1}' })).status).toBe(200);
  const told = { status: 409, body: { code: 'taken' } };
  const answers = `${cloud.inbox}/hooks/crm.example.com`;
  expect((await fetch(answers, { method: 'PUT', body: JSON.stringify(told) })).status).toBe(200);
  const refused = await fetch(url, { method: 'POST', body: '{}' });
  expect([refused.status, await refused.json()]).toEqual([409, { code: 'taken' }]);
  expect((await fetch(answers, { method: 'PUT', body: '{"status":99}' })).status).toBe(400);
  expect(cloud.messages({ channel: 'webhook' })).toMatchObject([
    { to: 'crm.example.com/in', text: '{"a":1}', messageId: 'h1' },
    { text: '{}' },
  ]);
});

it('fires schedules at their virtual times', async () => {
  await cloud.advance(2 * DAY);
  const ticks = await cloud.notes('ticks');
  expect(ticks).toEqual(['2026-11-02T03:30:00Z', '2026-11-03T03:30:00Z']);
  expect(await cloud.notes('rates')).toHaveLength(8);
});

it('moves the clock over HTTP', async () => {
  const before = ((await (await fetch(cloud.clock)).json()) as { now: number }).now;
  const after = (
    (await (await fetch(`${cloud.clock}/advance`, { method: 'POST', body: '{"by":"PT1H"}' })).json()) as { now: number }
  ).now;
  expect(after - before).toBe(HOUR);
  expect((await fetch(`${cloud.clock}/advance`, { method: 'POST', body: '{"by":"soon"}' })).status).toBe(400);
});

it('deduplicates for five virtual minutes, within a message group only', async () => {
  const queues = new SQSClient(cloud.operator);
  const target = cloud.queue('MailboxDead');
  const send = async (group: string): Promise<void> => {
    await queues.send(
      new SendMessageCommand({
        QueueUrl: target.settings.url,
        MessageBody: 'x',
        MessageGroupId: group,
        MessageDeduplicationId: 'same',
      }),
    );
  };
  await send('g1');
  await cloud.advance(5 * MINUTE - 1);
  await send('g1');
  await send('g2');
  expect(target.counts().visible).toBe(2);
  await cloud.advance(1);
  await send('g1');
  expect(target.counts().visible).toBe(3);
});

describe('SQS over the wire', () => {
  const queues = (): SQSClient => new SQSClient({ ...cloud.operator, maxAttempts: 1 });

  it.each([
    [{ MessageBody: 'a\u0001b' }, 'InvalidMessageContents'],
    [{ MessageBody: 'a', DelaySeconds: 901 }, 'InvalidParameterValue'],
    [{ MessageBody: 'a', MessageDeduplicationId: 'x' }, 'InvalidParameterValue'],
    [{ MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    [{ MessageBody: 'a', MessageGroupId: 'has space' }, 'InvalidParameterValue'],
  ])('refuses %.60j', async (entry, name) => {
    const QueueUrl = cloud.queue('Soon').settings.url;
    await expect(queues().send(new SendMessageCommand({ QueueUrl, ...entry }))).rejects.toMatchObject({ name });
  });

  it('answers a batch entry by entry', async () => {
    const QueueUrl = cloud.queue('MailboxDead').settings.url;
    const Entries = [
      { Id: 'good', MessageBody: 'a', MessageGroupId: 'g', MessageDeduplicationId: 'batch-1' },
      { Id: 'bad', MessageBody: 'a' },
    ];
    const answer = await queues().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(answer.Successful).toMatchObject([{ Id: 'good' }]);
    expect(answer.Failed).toMatchObject([{ Id: 'bad', Code: 'MissingParameter', SenderFault: true }]);
  });

  it('receives with system attributes, and counts', async () => {
    const queue = cloud.queue('Receipts');
    queue.purge();
    queue.send({ body: 'hello' });
    const { Messages } = await queues().send(
      new ReceiveMessageCommand({ QueueUrl: queue.settings.url, MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toMatchObject([
      { Body: 'hello', Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(cloud.now()) } },
    ]);
    const { Attributes } = await queues().send(
      new GetQueueAttributesCommand({ QueueUrl: queue.settings.url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
      VisibilityTimeout: '60',
    });
  });

  it('moves dead letters to the queue it is told', async () => {
    const dead = cloud.queue('LoopDead');
    const target = cloud.queue('Receipts');
    target.purge();
    dead.send({ body: 'again' });
    await queues().send(
      new StartMessageMoveTaskCommand({ SourceArn: dead.settings.arn, DestinationArn: target.settings.arn }),
    );
    expect([dead.messages().length, target.messages().map((message) => message.body)]).toEqual([0, ['again']]);
  });
});

it('encrypts and signs with the keys of the template', async () => {
  const keys = new KMSClient({ ...cloud.operator, maxAttempts: 1 });
  const KeyId = cloud.assembly.ofType('AWS::KMS::Key')[0]!.arn;
  const Plaintext = Buffer.from('secret');
  const { CiphertextBlob } = await keys.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: '1' } }));
  const opened = await keys.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: '1' } }));
  expect(Buffer.from(opened.Plaintext!)).toEqual(Plaintext);
  await expect(keys.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
    name: 'InvalidCiphertextException',
  });
  const mac = { KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: Plaintext } as const;
  const { Mac } = await keys.send(new GenerateMacCommand(mac));
  expect(await keys.send(new VerifyMacCommand({ ...mac, Mac }))).toMatchObject({ MacValid: true });
  await expect(keys.send(new VerifyMacCommand({ ...mac, Message: Buffer.from('x'), Mac }))).rejects.toMatchObject({
    name: 'KMSInvalidMacException',
  });
});
