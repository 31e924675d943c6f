import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Approval, ApprovalStore } from '../app/access/approvals.ts';
import { digest } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { approvalKey } from './catalog-keys.ts';
import { queryPage } from './pages.ts';

const KEPT_DAYS = 90;
/** More than anybody needs; a draft that many approved is approved. */
const MOST_READ = 50;

/** In the catalog, beside the draft. */
export function approvalStore(client: DynamoDBClient, table: string): ApprovalStore {
  return {
    async approve(approval) {
      const { journey, draftEtag, who, at } = approval;
      const ttl = Math.ceil((at + KEPT_DAYS * DAY_MS) / 1_000);
      const item = { ...approvalKey(journey, draftEtag, digest(who)), ...approval, ttl };
      const Item = marshall(item, { removeUndefinedValues: true });
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
    },

    async list(journey, draftEtag) {
      const { pk: partition, sk: prefix } = approvalKey(journey, draftEtag, '');
      const query = { TableName: table, partition, prefix, ConsistentRead: true };
      const { data } = await queryPage(client, query, { limit: MOST_READ });
      return data.map(({ pk, sk, ttl, ...approval }) => approval as unknown as Approval);
    },
  };
}
