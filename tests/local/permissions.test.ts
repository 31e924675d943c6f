import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../local/assembly/read-assembly.ts';
import { failedMessageIds } from '../../local/functions/batch-outcome.ts';
import { Statement } from '../../local/iam/statement.ts';

const check = {
  action: 'sqs:SendMessage',
  resource: 'arn:aws:sqs:eu-west-1:1:jobs',
  context: { 'ses:fromaddress': 'a@b.example' },
};

describe('a policy statement', () => {
  it.each<[boolean, JsonObject]>([
    [true, { Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:1:jobs' }],
    [true, { Action: 'SQS:send*', Resource: '*' }],
    [true, { Action: ['sqs:Get*', 'sqs:SendMessage'], Resource: ['x', 'arn:aws:sqs:*:1:jo?s'] }],
    [false, { Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:1:JOBS' }],
    [false, { Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:1:jobs.fifo' }],
    [false, { Action: 'sqs:Receive*', Resource: '*' }],
    [true, { Action: '*', Resource: '*', Condition: { StringEquals: { 'ses:FromAddress': ['x', 'a@b.example'] } } }],
    [false, { Action: '*', Resource: '*', Condition: { StringEquals: { 'ses:FromAddress': 'x' } } }],
    [true, { Action: '*', Resource: '*', Condition: { StringLike: { 'ses:FromAddress': '*@b.example' } } }],
    [false, { Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:SourceArn': 'x' } } }],
    [true, { Action: '*', Resource: '*', Condition: { StringEqualsIfExists: { 'aws:SourceArn': 'x' } } }],
  ])('matches: %s for %j', (expected, source) => {
    expect(new Statement({ Effect: 'Allow', ...source }, 'test').matches(check)).toBe(expected);
  });

  it.each<[string, JsonObject]>([
    ['NotAction', { NotAction: 'sqs:*', Resource: '*' }],
    ['IpAddress', { Action: '*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    ['aws:username', { Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:username': 'x' } } }],
  ])('refuses %s', (name, source) => {
    expect(() => new Statement({ Effect: 'Allow', ...source }, 'test')).toThrow(name);
  });
});

describe('the answer of a function with ReportBatchItemFailures', () => {
  const ids = ['a', 'b', 'c'];
  it.each([
    [undefined, []],
    ['null', []],
    ['{}', []],
    ['""', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', ids],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', ids],
    ['{"batchItemFailures":[{"id":"b"}]}', ids],
    ['{"batchItemFailures":[{"itemIdentifier":"unknown"}]}', ids],
    ['{"batchItemFailures":"b"}', ids],
  ])('%s fails %j', (payload, expected) => {
    expect([...failedMessageIds(payload, ids)]).toEqual(expected);
  });
});
