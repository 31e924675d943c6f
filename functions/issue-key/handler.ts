import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { issueKey } from '../../shared/app/access/keys.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import { askedKey, KeyRequest, notedOf } from '../../shared/http/routes/keys.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import { variables } from '../../shared/resources.ts';
import { accessSettings, required } from '../edge/environment.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';

const client = new DynamoDBClient({});
const store = accessStore(client, required(variables.accessTable));
const audit = auditStore(client, required(variables.auditTable), accessSettings().auditRetentionDays);
/** Who may invoke this function is IAM's to say; there is nobody above them to ask for scopes. */
const operator = { id: 'operator', scopes: ['*'] as const };

/** For the first key, by `aws lambda invoke`: `{ name, kind, scopes?, expiresAt? }` → the key, once. */
export const handler = withPrivateErrors(async (payload: unknown) => {
  const asked = askedKey(parseDocument(KeyRequest, payload, 'key'));
  const at = Date.now();
  const intent = { id: randomUUID(), at, who: operator.id, method: 'INVOKE', route: 'issue-key', resource: '/v1/keys' };
  await audit.intend(intent);
  const { key, secret } = await issueKey(store, asked, operator, at);
  await audit.conclude(intent, { status: 201, noted: notedOf(key) });
  const { id, kind, name, scopes } = key;
  return { id, kind, name, scopes, secret };
});
