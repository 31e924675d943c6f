import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, TemplateResource } from '../../local/assembly/read-assembly.ts';
import { resolveAssembly } from '../../local/assembly/resolve-assembly.ts';
import { ResourcePolicies } from '../../local/iam/resource-policies.ts';

const account = '111122223333';
const urls = { gateway: 'http://gateway', api: 'http://api' };
const source = `arn:aws:ses:eu-west-1:${account}:configuration-set/news`;
const ses = { Service: 'ses.amazonaws.com' };
const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'Topic' }, Principal: ses };
const encrypt = { Effect: 'Allow', Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Resource: '*', Principal: ses };
const overTls = {
  Effect: 'Deny',
  Action: 'sns:Publish',
  Resource: { Ref: 'Topic' },
  Principal: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const only = (key: string, value: string): JsonObject => ({ Condition: { StringEquals: { [key]: value } } });

function obstacle(topicPolicy: Json[] | undefined, key: Json | undefined, keyPolicy: Json[] = []): string | undefined {
  const Resources: Record<string, TemplateResource> = {
    Topic: { Type: 'AWS::SNS::Topic', Properties: key === undefined ? {} : { KmsMasterKeyId: key } },
    Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: keyPolicy } } },
    Alias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/topics', TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
  };
  if (topicPolicy !== undefined) {
    const Properties = { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: topicPolicy } };
    Resources['Policy'] = { Type: 'AWS::SNS::TopicPolicy', Properties };
  }
  const stacks = [{ name: 'stack', account, region: 'eu-west-1', template: { Resources } }];
  const assembly = resolveAssembly({ assets: new Map(), stacks }, urls);
  const topic = assembly.ofType('AWS::SNS::Topic')[0]!;
  return new ResourcePolicies(assembly).forbidsPublishing('ses.amazonaws.com', source, topic.arn);
}

const byArn = { 'Fn::GetAtt': ['Key', 'Arn'] };
const theTopic = 'its policy';
const theKey = 'the policy of its key';

describe('a service publishes to a topic', () => {
  it.each<[string, Parameters<typeof obstacle>, string | undefined]>([
    ['when the policy names it', [[publish, overTls], undefined], undefined],
    ['from this account', [[{ ...publish, ...only('aws:SourceAccount', account) }], undefined], undefined],
    ['for this configuration set', [[{ ...publish, ...only('aws:SourceArn', source) }], undefined], undefined],
    ['not without a policy', [undefined, undefined], theTopic],
    ['not when another service is named', [[{ ...publish, Principal: { Service: 'x.com' } }], undefined], theTopic],
    ['not from another account', [[{ ...publish, ...only('aws:SourceAccount', '1') }], undefined], theTopic],
    ['not against a denial', [[publish, { ...publish, Effect: 'Deny' }], undefined], theTopic],
    ['when the key names it too', [[publish], byArn, [encrypt]], undefined],
    ['when the key behind the alias does', [[publish], 'alias/topics', [encrypt]], undefined],
    ['not when the key names nobody', [[publish], byArn], theKey],
    ['not when it may only decrypt', [[publish], byArn, [{ ...encrypt, Action: 'kms:Decrypt' }]], theKey],
    ['not with the key of AWS', [[publish], 'alias/aws/sns', [encrypt]], theKey],
    ['not by the key alone', [undefined, byArn, [encrypt]], theTopic],
  ])('%s', (_title, given, expected) => {
    expect(obstacle(...given)).toBe(expected);
  });
});
