import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { files, tables } from '../../shared/resources.ts';
import { synthesize } from './synthesize.ts';

const frozen = JSON.parse(readFileSync(new URL('./frozen-ids.json', import.meta.url), 'utf8'));
const retained = synthesize();
const stateful = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::KMS::Key', 'AWS::S3::Bucket'];
const names = ['TableName', 'QueueName', 'KeyName', 'AliasName', 'BucketName'];

describe('what remembers', () => {
  it('is all in the data stack', () => {
    const stacks = retained.resources.filter(({ type }) => stateful.includes(type)).map(({ stack }) => stack);
    expect(new Set(stacks)).toEqual(new Set(['godwit-test-data']));
  });

  it.each(stateful)(
    '%s: kept when its stack is deleted or replaces it, and without a name that would collide then',
    (type) => {
      const found = retained.ofType(type);
      expect(found.length).toBeGreaterThan(0);
      for (const { id, deletionPolicy, updateReplacePolicy, properties } of found) {
        expect([id, deletionPolicy, updateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
        expect(names.filter((name) => name in properties)).toEqual([]);
      }
    },
  );

  it('keeps its logical ids: another id is another, empty table', () => {
    const ids = Object.fromEntries(
      stateful.map((type) => [
        type,
        retained
          .ofType(type)
          .map(({ id }) => id)
          .sort(),
      ]),
    );
    expect(ids).toEqual(frozen.data);
  });

  it('goes with its stack where a team says so', () => {
    const destroyed = synthesize({ removalPolicy: 'destroy' });
    for (const { id, deletionPolicy } of destroyed.resources.filter(({ type }) => stateful.includes(type))) {
      expect([id, deletionPolicy]).toEqual([id, 'Delete']);
    }
    for (const { properties } of destroyed.ofType('AWS::DynamoDB::Table')) {
      expect(properties['DeletionProtectionEnabled']).toBe(false);
    }
  });
});

describe('tables', () => {
  const found = new Map(retained.ofType('AWS::DynamoDB::Table').map((table) => [table.id, table.properties]));

  it.each(Object.entries(tables))('%s: keys as the stores expect, protected, encrypted, restorable', (name, keys) => {
    const parameter = retained
      .ofType('AWS::SSM::Parameter')
      .find(({ properties }) => properties['Name'] === `/godwit/test/tables/${name}`)!;
    const { partition, sort, ttl } = keys as { partition: string; sort?: string; ttl?: string };
    const keySchema = [{ AttributeName: partition, KeyType: 'HASH' }];
    if (sort !== undefined) keySchema.push({ AttributeName: sort, KeyType: 'RANGE' });
    const table = found.get(parameter.properties['Value'].Ref)!;
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      KeySchema: keySchema,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    expect(table['TimeToLiveSpecification']?.AttributeName).toBe(ttl);
  });

  it('have one key, which is rotated', () => {
    const [key, ...more] = retained.ofType('AWS::KMS::Key');
    expect(more).toEqual([]);
    expect(key!.properties['EnableKeyRotation']).toBe(true);
  });
});

describe('the bucket', () => {
  const [bucket, ...more] = retained.ofType('AWS::S3::Bucket');

  it('is one, not public, and encrypted with the key of all', () => {
    expect(more).toEqual([]);
    const [key] = retained.ofType('AWS::KMS::Key');
    expect(bucket!.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [key!.id, 'Arn'] },
            },
          },
        ],
      },
    });
  });

  it('takes no call without TLS', () => {
    const [policy] = retained.ofType('AWS::S3::BucketPolicy');
    expect(policy!.properties['PolicyDocument'].Statement).toMatchObject([
      {
        Effect: 'Deny',
        Action: 's3:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('forgets every folder after a week', () => {
    const rules: { Prefix?: string; ExpirationInDays?: number; Status: string }[] =
      bucket!.properties['LifecycleConfiguration'].Rules;
    const kept = rules.flatMap(({ Prefix, ExpirationInDays, Status }) =>
      Status === 'Enabled' && ExpirationInDays !== undefined ? [[Prefix, ExpirationInDays]] : [],
    );
    const { keptDays, ...folders } = files;
    expect(keptDays).toBeLessThanOrEqual(7);
    expect(kept).toEqual(Object.values(folders).map((folder) => [folder, keptDays]));
  });
});
