import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { issueKey } from '../../shared/app/access/keys.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { KeyRequest } from '../../shared/http/routes/keys.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import { variables } from '../../shared/resources.ts';
import { required } from '../edge/environment.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';

const store = accessStore(new DynamoDBClient({}), required(variables.accessTable));
/** Who may invoke this function is IAM's to say; there is nobody above them to ask for scopes. */
const operator = { id: 'operator', scopes: ['*'] as const };

/** For the first key, by `aws lambda invoke`: `{ name, kind, scopes? }` → the key, once. */
export const handler = withPrivateErrors(async (payload: unknown) => {
  const { name, kind, scopes = [] } = parseDocument(KeyRequest, payload, 'key');
  const { key, secret } = await issueKey(store, { name, kind, scopes }, operator, Date.now());
  return { id: key.id, kind, name, scopes, secret };
});
