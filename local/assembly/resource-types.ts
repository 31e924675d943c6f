/**
 * Every CloudFormation type the local cloud knows. A type in none of these lists stops the boot by name, because a
 * resource that is silently missing makes everything above it look healthy.
 */

/** Types that run here. */
export const runningTypes = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Version',
  'AWS::S3::Bucket',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SES::EmailIdentity',
  'AWS::SMSVOICE::ConfigurationSet',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
]);

/** Types that are read to decide who may do what. */
export const grantTypes = new Set([
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::Permission',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);

/** Accepted and ignored: they watch, log, name or protect, and nothing runs through them. */
export const ignoredTypes = new Set([
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::CertificateManager::Certificate',
  'AWS::CloudFormation::WaitConditionHandle',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::Logs::LogGroup',
  'AWS::Logs::LogStream',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::Logs::SubscriptionFilter',
  'AWS::Pinpoint::App',
  'AWS::Pinpoint::APNSChannel',
  'AWS::Pinpoint::APNSSandboxChannel',
  'AWS::Pinpoint::GCMChannel',
  'AWS::Pinpoint::SMSChannel',
  'AWS::ResourceGroups::Group',
  'AWS::Route53::HostedZone',
  'AWS::Route53::RecordSet',
  'AWS::SES::ContactList',
  'AWS::SES::VdmAttributes',
  'AWS::SMSVOICE::OptOutList',
]);

export function isKnownType(type: string): boolean {
  return runningTypes.has(type) || grantTypes.has(type) || ignoredTypes.has(type);
}
