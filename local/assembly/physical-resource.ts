import { createHash } from 'node:crypto';
import type { Json, JsonObject } from './read-assembly.ts';
import { ignoredTypes } from './resource-types.ts';

/** What Ref and Fn::GetAtt need to know of a resource; properties are resolved one by one, when asked. */
export interface PhysicalContext {
  type: string;
  logicalId: string;
  stack: string;
  account: string;
  region: string;
  /** Base URL of the gateway: queue URLs point there. */
  gateway: string;
  /** Base URL of the HTTP API listener. */
  api: string;
  property(name: string): Json | undefined;
}

/** The property that holds the name somebody chose, and the longest name CloudFormation would generate. */
const named: Record<string, { property: string; limit: number }> = {
  'AWS::DynamoDB::GlobalTable': { property: 'TableName', limit: 255 },
  'AWS::DynamoDB::Table': { property: 'TableName', limit: 255 },
  'AWS::Events::Rule': { property: 'Name', limit: 64 },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', limit: 128 },
  'AWS::IAM::Role': { property: 'RoleName', limit: 64 },
  'AWS::Lambda::Function': { property: 'FunctionName', limit: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', limit: 512 },
  'AWS::S3::Bucket': { property: 'BucketName', limit: 63 },
  'AWS::SES::ConfigurationSet': { property: 'Name', limit: 64 },
  'AWS::SES::EmailIdentity': { property: 'EmailIdentity', limit: 320 },
  'AWS::SMSVOICE::ConfigurationSet': { property: 'ConfigurationSetName', limit: 64 },
  'AWS::SNS::Topic': { property: 'TopicName', limit: 256 },
  'AWS::SQS::Queue': { property: 'QueueName', limit: 80 },
  'AWS::SSM::Parameter': { property: 'Name', limit: 2048 },
  'AWS::Scheduler::Schedule': { property: 'Name', limit: 64 },
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', limit: 64 },
  'AWS::SecretsManager::Secret': { property: 'Name', limit: 512 },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', limit: 80 },
  'AWS::Pinpoint::App': { property: 'Name', limit: 64 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', limit: 255 },
  'AWS::KMS::Alias': { property: 'AliasName', limit: 256 },
};

/** The name a resource has on AWS; generated ones are the same at every boot, so that stored data is found again. */
export function physicalName(context: PhysicalContext): string {
  const rule = named[context.type];
  const chosen = rule && context.property(rule.property);
  if (typeof chosen === 'string') return chosen;
  if (context.type === 'AWS::KMS::Key') return uuidOf(context);
  if (context.type === 'AWS::ApiGatewayV2::Api' || context.type === 'AWS::Pinpoint::App') return digest(context, 10);
  const fifo = context.type === 'AWS::SQS::Queue' && context.property('FifoQueue') === true;
  const ending = `-${digest(context, 8)}${fifo ? '.fifo' : ''}`;
  const limit = (rule?.limit ?? 64) - ending.length;
  const name = `${`${context.stack}-${context.logicalId}`.slice(0, limit)}${ending}`;
  return context.type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}

/** What `Ref` gives, by type (the "Return values" section of each type in the CloudFormation reference). */
export function refOf(context: PhysicalContext): string {
  const name = physicalName(context);
  switch (context.type) {
    case 'AWS::SQS::Queue':
      return `${context.gateway}/${context.account}/${name}`;
    case 'AWS::SNS::Topic':
    case 'AWS::StepFunctions::StateMachine':
    case 'AWS::SecretsManager::Secret':
    case 'AWS::IAM::ManagedPolicy':
      return arnOf(context);
    case 'AWS::Lambda::Version':
      return `${arnOfFunction(context)}:1`;
    case 'AWS::Lambda::Alias':
      return `${arnOfFunction(context)}:${String(context.property('Name'))}`;
    case 'AWS::ApiGatewayV2::Stage':
      return String(context.property('StageName') ?? '$default');
    default:
      return name;
  }
}

export function arnOf(context: PhysicalContext): string {
  const name = physicalName(context);
  const { account, region } = context;
  switch (context.type) {
    case 'AWS::DynamoDB::GlobalTable':
    case 'AWS::DynamoDB::Table':
      return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
    case 'AWS::Events::Rule':
      return `arn:aws:events:${region}:${account}:rule/${name}`;
    case 'AWS::IAM::ManagedPolicy':
      return `arn:aws:iam::${account}:policy/${name}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${account}:role/${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${region}:${account}:key/${name}`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${region}:${account}:function:${name}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
    case 'AWS::Pinpoint::App':
      return `arn:aws:mobiletargeting:${region}:${account}:apps/${name}`;
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::SES::ConfigurationSet':
      return `arn:aws:ses:${region}:${account}:configuration-set/${name}`;
    case 'AWS::SES::EmailIdentity':
      return `arn:aws:ses:${region}:${account}:identity/${name}`;
    case 'AWS::SMSVOICE::ConfigurationSet':
      return `arn:aws:sms-voice:${region}:${account}:configuration-set/${name}`;
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${region}:${account}:${name}`;
    case 'AWS::SQS::Queue':
      return `arn:aws:sqs:${region}:${account}:${name}`;
    case 'AWS::Scheduler::Schedule':
      return `arn:aws:scheduler:${region}:${account}:schedule/${String(context.property('GroupName') ?? 'default')}/${name}`;
    case 'AWS::Scheduler::ScheduleGroup':
      return `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;
    case 'AWS::SecretsManager::Secret':
      return `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
    case 'AWS::StepFunctions::StateMachine':
      return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
    case 'AWS::CloudWatch::Alarm':
      return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
    default:
      return `arn:aws:${context.type.split('::')[1]!.toLowerCase()}:${region}:${account}:${name}`;
  }
}

/** What `Fn::GetAtt` gives; an attribute nobody foresaw stops the boot, except on types that are ignored anyway. */
export function attributeOf(context: PhysicalContext, attribute: string): Json {
  const name = physicalName(context);
  if (attribute === 'Arn' || attribute === 'TopicArn' || attribute === 'StateMachineArn') return arnOf(context);
  const key = `${context.type}.${attribute}`;
  switch (key) {
    case 'AWS::SQS::Queue.QueueName':
    case 'AWS::SNS::Topic.TopicName':
    case 'AWS::StepFunctions::StateMachine.Name':
    case 'AWS::ApiGatewayV2::Api.ApiId':
    case 'AWS::KMS::Key.KeyId':
    case 'AWS::DynamoDB::GlobalTable.TableId':
    case 'AWS::ApiGatewayV2::Authorizer.AuthorizerId':
      return name;
    case 'AWS::SQS::Queue.QueueUrl':
      return refOf(context);
    case 'AWS::ApiGatewayV2::Api.ApiEndpoint':
      return context.api;
    case 'AWS::DynamoDB::GlobalTable.StreamArn':
    case 'AWS::DynamoDB::Table.StreamArn':
      return `${arnOf(context)}/stream/local`;
    case 'AWS::IAM::Role.RoleId':
      return `AROA${digest(context, 16).toUpperCase()}`;
    case 'AWS::Lambda::Version.Version':
      return '1';
    case 'AWS::Lambda::Version.FunctionArn':
    case 'AWS::Lambda::Alias.AliasArn':
      return refOf(context);
    case 'AWS::Lambda::EventSourceMapping.Id':
      return uuidOf(context);
    case 'AWS::SSM::Parameter.Value':
      return context.property('Value') ?? '';
    case 'AWS::SSM::Parameter.Type':
      return context.property('Type') ?? 'String';
  }
  if (ignoredTypes.has(context.type) || context.type === 'AWS::SES::EmailIdentity') return `${name}.${attribute}`;
  throw new Error(`Fn::GetAtt ${attribute} of ${context.type} (${context.logicalId}) is not known to the local cloud`);
}

function arnOfFunction(context: PhysicalContext): string {
  const given = String(context.property('FunctionName'));
  return given.startsWith('arn:') ? given : `arn:aws:lambda:${context.region}:${context.account}:function:${given}`;
}

function digest(context: PhysicalContext, length: number): string {
  return createHash('sha256').update(`${context.stack}/${context.logicalId}`).digest('hex').slice(0, length);
}

function uuidOf(context: PhysicalContext): string {
  const hex = digest(context, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
