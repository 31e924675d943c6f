import { expect, it } from 'vitest';
import type { AwsCall } from '../../local/gateway/aws-service.ts';
import { holdBack, isBatch, isEmptyBatch } from '../../local/gateway/partial-batch.ts';

const callOf = (operation: string, body: AwsCall['body']): AwsCall => ({
  operation,
  body,
  raw: Buffer.from(JSON.stringify(body)),
  method: 'POST',
  path: [],
  headers: {},
  query: new URLSearchParams(),
  caller: { functionName: 'f', role: undefined, requestId: undefined, chain: {} },
});

it('a held-back SQS batch succeeds for the first entries and fails for the last', () => {
  const part = holdBack(callOf('SendMessageBatch', { Entries: [{ Id: 'a' }, { Id: 'b' }, { Id: 'c' }] }), 2);
  expect(part.call.body['Entries']).toEqual([{ Id: 'a' }]);
  expect(part.complete({ body: { Successful: [{ Id: 'a' }], Failed: [] } }).body).toMatchObject({
    Successful: [{ Id: 'a' }],
    Failed: [{ Id: 'b' }, { Id: 'c' }],
  });
});

it('a held-back BatchWriteItem names what is unprocessed, across tables', () => {
  const part = holdBack(callOf('BatchWriteItem', { RequestItems: { t1: ['p', 'q'], t2: ['r'] } }), 2);
  expect(part.call.body['RequestItems']).toEqual({ t1: ['p'] });
  expect(part.complete({ body: '{"UnprocessedItems":{}}' }).body).toEqual({
    UnprocessedItems: { t1: ['q'], t2: ['r'] },
  });
  expect(isEmptyBatch(holdBack(callOf('BatchWriteItem', { RequestItems: { t1: ['p'] } }), 5).call)).toBe(true);
});

it.each([
  ['SendMessageBatch', { Entries: [{ Id: 'a' }] }, true],
  ['BatchWriteItem', { RequestItems: { t1: ['p'] } }, true],
  ['PutItem', { Item: {} }, false],
  ['SendMessage', { MessageBody: 'a' }, false],
] as const)('%s of %j can be held back: %s', (operation, body, expected) => {
  expect(isBatch(callOf(operation, body as never))).toBe(expected);
});
