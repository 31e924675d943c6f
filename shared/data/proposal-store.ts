import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Proposal, ProposalApproval, ProposalStore, Proposed } from '../app/access/proposals.ts';
import { digest } from '../kernel/ids.ts';
import { awsCall } from './aws-call.ts';
import { proposalKey } from './catalog-keys.ts';
import { type Item, queryAll, queryPage } from './pages.ts';

/** A proposal and the first of its approvals; one of somebody else is enough. */
const MOST_READ = 50;

/** In the catalog, in a partition of their own: there are as many as a team changes documents in two weeks. */
export function proposalStore(client: DynamoDBClient, table: string): ProposalStore {
  const put = async (key: ReturnType<typeof proposalKey>, item: Item, expiresAt: number) => {
    const Item = marshall({ ...key, ...item, ttl: Math.ceil(expiresAt / 1_000) }, { removeUndefinedValues: true });
    await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
  };
  const partition = proposalKey('').pk;

  return {
    async propose({ body, ...proposal }) {
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      await put(proposalKey(proposal.id), { ...proposal, ...text }, proposal.expiresAt);
    },

    async approve(approval) {
      const { proposal, who, expiresAt } = approval;
      await put(proposalKey(proposal, digest(who)), { ...approval }, expiresAt);
    },

    async list(now) {
      const items = await queryAll(client, { TableName: table, partition, ConsistentRead: true });
      return proposed(items, now).sort((a, b) => b.proposal.at - a.proposal.at);
    },

    async find(id, now) {
      const query = { TableName: table, partition, prefix: id, ConsistentRead: true };
      const { data } = await queryPage(client, query, { limit: MOST_READ });
      return proposed(data, now)[0];
    },
  };
}

/** The table deletes late (DynamoDB, "Time to Live"). */
function proposed(items: readonly Item[], now: number): Proposed[] {
  const open = items.filter(({ expiresAt }) => Number(expiresAt) > now).map(({ pk, sk, ttl, ...rest }) => rest);
  const approvals = open.filter((one) => one['proposal'] !== undefined) as unknown as ProposalApproval[];
  return open
    .filter((one) => one['proposal'] === undefined)
    .map(({ body, ...one }) => {
      const proposal = { ...one, ...(body !== undefined && { body: JSON.parse(String(body)) }) } as unknown as Proposal;
      return { proposal, approvals: approvals.filter((approval) => approval.proposal === proposal.id) };
    });
}
