import { describe, expect, it } from 'vitest';
import { fullConfig, type Properties, synthesize } from './synthesize.ts';

/** What can be encrypted with a customer's key, and where its template says so. */
const places: Record<string, (properties: Properties) => unknown> = {
  'AWS::DynamoDB::Table': ({ SSESpecification }) => SSESpecification?.KMSMasterKeyId,
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::S3::Bucket': ({ BucketEncryption }) =>
    BucketEncryption?.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
};
/** Whatever else keeps something; there is none of them, and the day there is one it belongs above. */
const others =
  /::(SecretsManager::Secret|RDS|Kinesis|EFS|Backup|Cognito|DAX|ElastiCache|MSK|Firehose|OpenSearch|Timestream)/;

describe.each([
  ['the least configuration', {}],
  ['the fullest', fullConfig],
])('%s: what keeps something', (_, config) => {
  const environment = synthesize(config);
  const [key] = environment.ofType('AWS::KMS::Key');
  const parameter = environment
    .ofType('AWS::SSM::Parameter')
    .find(({ properties }) => properties['Name'] === '/godwit/test/key')!;
  /** In the stack of the key it is a reference, in others the parameter that has its ARN. */
  const isTheKey = (stack: string, value: unknown): boolean => {
    if (JSON.stringify(value) === JSON.stringify({ 'Fn::GetAtt': [key!.id, 'Arn'] })) return stack === key!.stack;
    const ref = (value as { Ref?: string } | undefined)?.Ref;
    const declared = environment.templates[stack]!['Parameters']?.[ref ?? ''];
    return declared?.Default === parameter.properties['Name'];
  };

  it.each(Object.entries(places))('%s is encrypted with the key of the environment', (type, keyOf) => {
    const found = environment.ofType(type);
    expect(found.length).toBeGreaterThan(0);
    const open = found.filter(({ stack, properties }) => !isTheKey(stack, keyOf(properties)));
    expect(open.map(({ stack, id }) => `${stack} ${id}`)).toEqual([]);
  });

  // CloudFormation makes no SecureString.
  it('parameters, which cannot be, hold names and identifiers alone', () => {
    const told = environment.ofType('AWS::SSM::Parameter').map(({ properties }) => properties['Name'] as string);
    const known =
      /^\/godwit\/test\/(key|tables\/.+|queues\/.+|buckets\/.+|topics\/.+|api\/api|ingest\/api|links\/url)$/;
    expect(told.filter((name) => !known.test(name))).toEqual([]);
  });

  it('and there is nothing else that keeps something', () => {
    expect(environment.resources.filter(({ type }) => others.test(type)).map(({ id }) => id)).toEqual([]);
  });
});

it('logs of this environment, and of no other, may use the key', () => {
  const [key] = synthesize().ofType('AWS::KMS::Key');
  const statements = key!.properties['KeyPolicy'].Statement as Properties[];
  const logs = statements.find(({ Sid }) => Sid === 'EncryptLogs')!;
  const context = JSON.stringify(logs['Condition'].ArnLike['kms:EncryptionContext:aws:logs:arn']);
  expect(context).toContain('/aws/lambda/godwit-test*');
  expect(context).toContain('/aws/vendedlogs/godwit-test*');
  expect(JSON.stringify(logs['Principal'])).toContain('logs.');
});
