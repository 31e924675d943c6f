import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { OutgoingInApp } from '../../shared/app/delivery.ts';
import { inApp } from '../../shared/channels/in-app/in-app.ts';
import { inboxStore, oneCall } from '../../shared/data/inbox-store.ts';
import { adapterContract } from './adapter-contract.ts';
import { answer, type Behaviour } from './provider.ts';

const message: OutgoingInApp = {
  channel: 'in-app',
  id: 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB',
  key: 'uAAAAAAAAAAAAAAAAAAAAAA',
  customer: 'ada@example.org',
  topic: 'offers',
  origin: { journey: 'onboarding', step: 'hello' },
  content: { title: 'For ada', body: '<p>Hi</p>' },
  at: 1_000,
  expiresAt: 2_000,
};

/** As `functions/edge/send-ports.ts` makes it, but for patience and place. */
const storeAt = (port: number) =>
  inboxStore(
    new DynamoDBClient({
      ...oneCall,
      endpoint: `http://127.0.0.1:${port}`,
      requestHandler: { ...oneCall.requestHandler, requestTimeout: 400 },
    }),
    'inbox',
  );
const error = (status: number, name: string): Behaviour =>
  answer(status, JSON.stringify({ __type: `com.amazonaws.dynamodb#${name}`, message: 'for ada@example.org' }));
const mend = { throttled: 'inbox.not-permitted', retryAfterSeconds: 900, alarm: true as const };

// Its provider is a table. What the contract says of what is unknown stands; `send` may try it again.
adapterContract({
  name: 'in-app',
  deliver: (port, id) => inApp(storeAt(port))({ ...message, id }),
  idOf: ({ body }) => JSON.parse(body).Item.id.S,
  accepts: answer(200, '{}'),
  personal: ['ada'],
  says: [
    ['it is stored', answer(200, '{}'), { handed: '' }],
    ['it was stored before', error(400, 'ConditionalCheckFailedException'), { handed: '' }],
    [
      'the partition is too busy',
      error(400, 'ProvisionedThroughputExceededException'),
      { throttled: 'inbox.throttled' },
    ],
    ['the account is', error(400, 'RequestLimitExceeded'), { throttled: 'inbox.throttled' }],
    ['requests are', error(400, 'ThrottlingException'), { throttled: 'inbox.throttled' }],
    ['the item is no good', error(400, 'ValidationException'), { refused: 'inbox.bad-request' }],
    ['no right to the table', error(400, 'AccessDeniedException'), mend],
    ['there is no table', error(400, 'ResourceNotFoundException'), mend],
    ['the key is switched off', error(400, 'KMSDisabledException'), mend],
    ['a fault of the service', error(500, 'InternalServerError'), { unknown: 'inbox.server-error' }],
    ['the service is away', error(503, 'ServiceUnavailable'), { unknown: 'inbox.server-error' }],
  ],
});
