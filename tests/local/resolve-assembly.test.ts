// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub uses the same syntax
import { describe, expect, it } from 'vitest';
import type { Json, Template } from '../../local/assembly/read-assembly.ts';
import { resolveAssembly } from '../../local/assembly/resolve-assembly.ts';

const urls = { gateway: 'http://gateway', api: 'http://api' };
const resolve = (...templates: Template[]) =>
  resolveAssembly(
    {
      assets: new Map(),
      stacks: templates.map((template, index) => ({
        name: `stack${index}`,
        account: '111122223333',
        region: 'eu-west-1',
        template,
      })),
    },
    urls,
  );

const base: Template = {
  Parameters: {
    Mode: { Type: 'String', Default: 'test' },
    List: { Type: 'CommaDelimitedList', Default: 'a,b' },
    FromSsm: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shared/name' },
  },
  Mappings: { Sizes: { 'eu-west-1': { small: 'one' } } },
  Conditions: {
    IsTest: { 'Fn::Equals': [{ Ref: 'Mode' }, 'test'] },
    IsLive: { 'Fn::Not': [{ Condition: 'IsTest' }] },
  },
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    Shared: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: '/shared/name', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } },
    },
    Absent: { Type: 'AWS::No::Such', Condition: 'IsLive' },
  },
};

describe('intrinsic functions', () => {
  it.each<[string, Json, unknown]>([
    ['Ref of a queue', { Ref: 'Queue' }, 'http://gateway/111122223333/jobs'],
    ['Ref of a parameter', { Ref: 'Mode' }, 'test'],
    ['Ref of an SSM parameter', { Ref: 'FromSsm' }, 'jobs'],
    [
      'pseudo parameters',
      { 'Fn::Sub': '${AWS::Partition}/${AWS::Region}/${AWS::AccountId}/${AWS::URLSuffix}' },
      'aws/eu-west-1/111122223333/amazonaws.com',
    ],
    ['GetAtt', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:eu-west-1:111122223333:jobs'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Queue.QueueName' }, 'jobs'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Mode' }]] }, 'a-test'],
    ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['Select from a list parameter', { 'Fn::Select': [1, { Ref: 'List' }] }, 'b'],
    [
      'Sub with its own values',
      { 'Fn::Sub': ['${A}-${Queue.QueueName}-${!Literal}', { A: { Ref: 'Mode' } }] },
      'test-jobs-${Literal}',
    ],
    ['If', { 'Fn::If': ['IsTest', 'yes', 'no'] }, 'yes'],
    ['NoValue', { a: 1, b: { 'Fn::If': ['IsLive', 2, { Ref: 'AWS::NoValue' }] } }, { a: 1 }],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'one'],
    ['dynamic references', 'is {{resolve:ssm:/shared/name:1}}', 'is jobs'],
    ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['public hosts of queues', 'https://sqs.eu-west-1.amazonaws.com/1/q', 'http://gateway/1/q'],
    [
      'public hosts of the API',
      { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1' },
      'http://api/v1',
    ],
  ])('%s', (_, value, expected) => {
    const assembly = resolve({
      ...base,
      Resources: { ...base.Resources, Probe: { Type: 'AWS::CDK::Metadata', Properties: { value } } },
    });
    expect(assembly.ofType('AWS::CDK::Metadata')[0]!.properties['value']).toEqual(expected);
  });

  it('reads exports of other stacks, in whatever order the stacks come', () => {
    const importing: Template = {
      Outputs: { Seen: { Value: { 'Fn::ImportValue': { 'Fn::Join': ['', ['jobs-', 'arn']] } } } },
    };
    const exporting: Template = {
      ...base,
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Queue', 'Arn'] }, Export: { Name: 'jobs-arn' } } },
    };
    expect(resolve(importing, exporting).outputs).toMatchObject({
      Seen: 'arn:aws:sqs:eu-west-1:111122223333:jobs',
      'stack0.Seen': 'arn:aws:sqs:eu-west-1:111122223333:jobs',
    });
  });
});

it.each<[string, Template]>([
  ['AWS::EFS::FileSystem', { Resources: { Store: { Type: 'AWS::EFS::FileSystem' } } }],
  ['Fn::Cidr', { Resources: { Bad: { Type: 'AWS::SQS::Queue', Properties: { X: { 'Fn::Cidr': ['a', 1, 2] } } } } }],
  ['exports missing', { Outputs: { Bad: { Value: { 'Fn::ImportValue': 'missing' } } } }],
  ['Nobody', { Outputs: { Bad: { Value: { Ref: 'Nobody' } } } }],
  [
    'Depth',
    {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Bad: { Value: { 'Fn::GetAtt': ['Queue', 'Depth'] } } },
    },
  ],
])('refuses what it does not know, by name: %s', (name, template) => {
  expect(() => resolve(template)).toThrow(name);
});

it('generates the same physical names at every boot', () => {
  const template: Template = { Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } } };
  const [first, second] = [resolve(template), resolve(template)].map((assembly) => assembly.resources[0]!.name);
  expect(first).toBe(second);
  expect(first).toMatch(/^stack0-Jobs-[0-9a-f]{8}\.fifo$/);
});
