import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { LocalCloud } from '../../local/cloud.ts';

/** DynamoDB bills each item 100 bytes beyond what it has (its price page, "data storage"). */
const ITEM_OVERHEAD = 100;

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** As DynamoDB counts sizes (developer guide, "Item sizes and formats"); containers have 3 bytes, and 1 for each element. */
function valueBytes({ S, N, B, L, M, SS, NS }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (B !== undefined) return B.byteLength;
  if (SS !== undefined) return sum(SS.map((one) => Buffer.byteLength(one)));
  if (NS !== undefined) return sum(NS.map((one) => Math.ceil(one.length / 2) + 1));
  if (L !== undefined) return 3 + sum(L.map((one) => 1 + valueBytes(one)));
  if (M !== undefined) return 3 + sum(Object.values(M).map(() => 1)) + itemBytes(M);
  return 1;
}

const itemBytes = (item: Record<string, AttributeValue>): number =>
  sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));

/** What all tables hold, by name without the environment: billed bytes. */
export async function storedBytes(cloud: LocalCloud): Promise<Record<string, number>> {
  const client = new DynamoDBClient(cloud.operator);
  const all: Record<string, number> = {};
  for (const { name, logicalId } of cloud.assembly.ofType('AWS::DynamoDB::Table')) {
    const table = logicalId.replace(/^Table|[0-9A-F]{8}$/g, '').toLowerCase();
    all[table] = 0;
    for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) {
      all[table] += sum(Items.map((item) => itemBytes(item) + ITEM_OVERHEAD));
    }
  }
  client.destroy();
  return all;
}
