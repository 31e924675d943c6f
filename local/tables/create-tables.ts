import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly, ResolvedResource } from '../assembly/resolve-assembly.ts';
import type { DynamodbBackend } from './dynamodb-backend.ts';

export interface Table {
  name: string;
  arn: string;
  /** ARN of the customer managed key, if the table names one. */
  keyArn: string | undefined;
}

/** Creates what the templates declare and is not there yet. Always on demand: throughput is not imitated. */
export async function createTables(assembly: ResolvedAssembly, backend: DynamodbBackend): Promise<Table[]> {
  const tables: Table[] = [];
  for (const resource of assembly.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable')) {
    const { properties } = resource;
    const indexes = (name: string): JsonObject => {
      const declared = properties[name] as JsonObject[] | undefined;
      if (!declared?.length) return {};
      const plain = declared.map(
        ({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }) as JsonObject,
      );
      return { [name]: plain };
    };
    const answer = await backend.call(
      'CreateTable',
      JSON.stringify({
        TableName: resource.name,
        KeySchema: properties['KeySchema'],
        AttributeDefinitions: properties['AttributeDefinitions'],
        BillingMode: 'PAY_PER_REQUEST',
        ...indexes('GlobalSecondaryIndexes'),
        ...indexes('LocalSecondaryIndexes'),
      }),
    );
    if (answer.status !== 200 && !answer.body.includes('ResourceInUseException')) {
      throw new Error(`Table ${resource.logicalId} could not be created: ${answer.body}`);
    }
    tables.push({ name: resource.name, arn: resource.arn, keyArn: keyOf(resource) });
  }
  return tables;
}

function keyOf(resource: ResolvedResource): string | undefined {
  const replicas = (resource.properties['Replicas'] ?? []) as JsonObject[];
  const own = replicas.find((replica) => replica['Region'] === resource.region) ?? {};
  const specification: Json | undefined = own['SSESpecification'] ?? resource.properties['SSESpecification'];
  const key = (specification as JsonObject | undefined)?.['KMSMasterKeyId'];
  return typeof key === 'string' ? key : undefined;
}
