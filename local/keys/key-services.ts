/** KMS, SSM parameters and Secrets Manager: just what functions read at run time. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsCall, AwsService } from '../gateway/aws-service.ts';

/** Keys are derived from the key's ARN, so that stored ciphertext is readable after a restart; nothing here is secret. */
export function kmsService(assembly: ResolvedAssembly): AwsService {
  const keys = new Map(assembly.ofType('AWS::KMS::Key').map((key) => [key.arn, key]));
  const aliases = new Map(
    assembly.ofType('AWS::KMS::Alias').map((alias) => [alias.name, String(alias.properties['TargetKeyId'])]),
  );
  const arnOf = (body: JsonObject): string => {
    const blob = body['CiphertextBlob'];
    const given = String(body['KeyId'] ?? (blob === undefined ? '' : unpack(String(blob)).arn));
    const id = aliases.get(given.slice(given.indexOf('alias/'))) ?? given;
    const found = [...keys.values()].find((key) => key.arn === id || key.name === id);
    if (!found) throw new AwsError('NotFoundException', `Key '${given}' does not exist`);
    return found.arn;
  };
  return {
    protocol: 'awsJson',
    throttleCode: 'ThrottlingException',
    checks: ({ operation, body }) => [{ action: `kms:${operation}`, resource: arnOf(body) }],
    answer: async ({ operation, body }) => ({ body: runKey(operation, body, arnOf(body)) }),
  };
}

function runKey(operation: string, body: JsonObject, arn: string): object {
  const bytes = (name: string): Buffer => Buffer.from(String(body[name] ?? ''), 'base64');
  const context = JSON.stringify(Object.entries((body['EncryptionContext'] ?? {}) as JsonObject).sort());
  switch (operation) {
    case 'Encrypt':
      return {
        KeyId: arn,
        CiphertextBlob: pack(arn, context, bytes('Plaintext')),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    case 'Decrypt':
      return {
        KeyId: arn,
        Plaintext: open(arn, context, unpack(String(body['CiphertextBlob']))).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    case 'GenerateDataKey':
    case 'GenerateDataKeyWithoutPlaintext': {
      const key = randomBytes(Number(body['NumberOfBytes'] ?? (body['KeySpec'] === 'AES_128' ? 16 : 32)));
      return {
        KeyId: arn,
        CiphertextBlob: pack(arn, context, key),
        ...(operation === 'GenerateDataKey' && { Plaintext: key.toString('base64') }),
      };
    }
    case 'GenerateMac':
      return {
        KeyId: arn,
        MacAlgorithm: body['MacAlgorithm'],
        Mac: mac(arn, body, bytes('Message')).toString('base64'),
      };
    case 'VerifyMac': {
      const expected = mac(arn, body, bytes('Message'));
      const given = bytes('Mac');
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new AwsError('KMSInvalidMacException', 'The MAC is not valid');
      return { KeyId: arn, MacAlgorithm: body['MacAlgorithm'], MacValid: true };
    }
    default:
      throw new AwsError('UnsupportedOperationException', `The local cloud does not know KMS ${operation}`);
  }
}

function mac(arn: string, body: JsonObject, message: Buffer): Buffer {
  const hash = String(body['MacAlgorithm']).replace('HMAC_SHA_', 'sha');
  return createHmac(hash, material(arn)).update(message).digest();
}

function material(arn: string): Buffer {
  return createHash('sha256').update(`local key ${arn}`).digest();
}

function pack(arn: string, context: string, plaintext: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material(arn), nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.from(
    JSON.stringify({ arn, sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64') }),
  ).toString('base64');
}

function unpack(blob: string): { arn: string; sealed: string } {
  try {
    return JSON.parse(Buffer.from(blob, 'base64').toString('utf8')) as { arn: string; sealed: string };
  } catch {
    throw new AwsError('InvalidCiphertextException', 'The ciphertext is not one of this local cloud');
  }
}

function open(arn: string, context: string, packed: { sealed: string }): Buffer {
  const sealed = Buffer.from(packed.sealed, 'base64');
  try {
    const cipher = createDecipheriv('aes-256-gcm', material(arn), sealed.subarray(0, 12)).setAAD(Buffer.from(context));
    cipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]);
  } catch {
    throw new AwsError('InvalidCiphertextException', 'The ciphertext or its encryption context is not valid');
  }
}

export function parameterService(assembly: ResolvedAssembly): AwsService {
  const arnOf = (name: string): string =>
    `arn:aws:ssm:${assembly.region}:${assembly.account}:parameter/${name.replace(/^\//, '')}`;
  const namesOf = ({ body }: AwsCall): string[] => (body['Names'] as string[] | undefined) ?? [String(body['Name'])];
  const parameterOf = (name: string): object | undefined => {
    const Value = assembly.parameters.get(name);
    return Value === undefined ? undefined : { Name: name, Type: 'String', Value, Version: 1, ARN: arnOf(name) };
  };
  return {
    protocol: 'awsJson',
    throttleCode: 'ThrottlingException',
    checks: (call) => namesOf(call).map((name) => ({ action: `ssm:${call.operation}`, resource: arnOf(name) })),
    async answer(call) {
      const names = namesOf(call);
      if (call.operation === 'GetParameters') {
        return {
          body: {
            Parameters: names.map(parameterOf).filter(Boolean),
            InvalidParameters: names.filter((name) => !parameterOf(name)),
          },
        };
      }
      if (call.operation !== 'GetParameter')
        throw new AwsError('UnsupportedOperation', `The local cloud does not know SSM ${call.operation}`);
      const parameter = parameterOf(names[0]!);
      if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${names[0]} not found.`);
      return { body: { Parameter: parameter } };
    },
  };
}

export function secretService(assembly: ResolvedAssembly): AwsService {
  const secrets = assembly.ofType('AWS::SecretsManager::Secret');
  const find = (body: JsonObject) => {
    const id = String(body['SecretId']);
    const secret = secrets.find((one) => one.arn === id || one.name === id);
    if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  return {
    protocol: 'awsJson',
    throttleCode: 'ThrottlingException',
    checks: ({ operation, body }) => [{ action: `secretsmanager:${operation}`, resource: find(body).arn }],
    async answer({ operation, body }) {
      if (operation !== 'GetSecretValue')
        throw new AwsError('InvalidRequestException', `The local cloud does not know Secrets Manager ${operation}`);
      const secret = find(body);
      // Generated secrets are the same at every boot, so that what they signed stays valid.
      const SecretString =
        secret.properties['SecretString'] ??
        createHash('sha256').update(`local secret ${secret.arn}`).digest('hex').slice(0, 32);
      return {
        body: { ARN: secret.arn, Name: secret.name, SecretString, VersionId: 'local', VersionStages: ['AWSCURRENT'] },
      };
    },
  };
}
