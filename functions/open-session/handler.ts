import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accessStore } from '../../shared/data/access-store.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import type { Ports } from '../../shared/http/ports.ts';
import { sessionRoutes } from '../../shared/http/routes/sessions.ts';
import { variables } from '../../shared/resources.ts';
import { accessSettings, required } from '../edge/environment.ts';
import { httpEdge } from '../edge/http.ts';
import { onAuditLost } from '../edge/observe.ts';

const client = new DynamoDBClient({});
const { roles, auditRetentionDays } = accessSettings();

/** Its one route needs these. */
const ports: Pick<Ports, 'now' | 'audit' | 'sessions'> = {
  now: () => Date.now(),
  audit: {
    store: auditStore(client, required(variables.auditTable), auditRetentionDays),
    onLost: onAuditLost,
  },
  sessions: { store: accessStore(client, required(variables.accessTable)), roles },
};

/** `POST /v1/sessions`, behind the IAM authorizer: HTTP API, payload 2.0. */
export const handler = httpEdge(sessionRoutes, () => ports as Ports);
