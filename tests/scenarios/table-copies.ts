import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { tables } from '../../shared/resources.ts';
import type { Environment } from './environment.ts';

type Item = Record<string, AttributeValue>;
type TableName = keyof typeof tables;

/** Contents of tables at an instant, by which they can be brought back: what recovery to a point in time does on AWS. */
export class TableCopies {
  readonly #env: Environment;
  readonly #client: DynamoDBClient;
  readonly #copies = new Map<TableName, readonly Item[]>();

  private constructor(env: Environment) {
    this.#env = env;
    this.#client = new DynamoDBClient(env.cloud.operator);
  }

  static async of(env: Environment, ...names: TableName[]): Promise<TableCopies> {
    const copies = new TableCopies(env);
    for (const name of names) copies.#copies.set(name, await copies.#items(name));
    return copies;
  }

  async restore(...names: TableName[]): Promise<void> {
    for (const name of names) {
      const TableName = this.#physical(name);
      for (const item of await this.#items(name)) {
        await this.#client.send(new DeleteItemCommand({ TableName, Key: keyOf(name, item) }));
      }
      for (const Item of this.#copies.get(name)!) await this.#client.send(new PutItemCommand({ TableName, Item }));
    }
  }

  #physical(name: TableName): string {
    const logicalId = `Table${name[0]!.toUpperCase()}${name.slice(1)}`;
    return this.#env.cloud.assembly.ofType('AWS::DynamoDB::Table').find((one) => one.logicalId.startsWith(logicalId))!
      .name;
  }

  async #items(name: TableName): Promise<Item[]> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new ScanCommand({ TableName: this.#physical(name), ConsistentRead: true }),
    );
    if (LastEvaluatedKey !== undefined) throw new Error(`${name} has more than a megabyte`);
    return Items;
  }
}

function keyOf(name: TableName, item: Item): Item {
  const { partition, sort } = tables[name] as { partition: string; sort?: string };
  return Object.fromEntries([partition, ...(sort === undefined ? [] : [sort])].map((key) => [key, item[key]!]));
}
