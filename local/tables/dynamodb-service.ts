import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { Written } from '../inbox/stored-messages.ts';
import type { Meter } from '../meter.ts';
import type { Table } from './create-tables.ts';
import type { DynamodbBackend } from './dynamodb-backend.ts';

interface Capacity {
  TableName: string;
  CapacityUnits?: number;
}

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const metered = new Set([...writes, 'GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);
const UNIT_BYTES = 1024;

/** Checks and meters DynamoDB calls; the emulator behind it answers them. */
export class DynamodbService implements AwsService {
  readonly protocol = 'awsJson';
  readonly throttleCode = 'ProvisionedThroughputExceededException';
  readonly #backend: DynamodbBackend;
  readonly #tables: Map<string, Table>;
  readonly #meter: Meter;
  readonly #region: string;
  readonly #onWritten: (written: Written) => void;

  constructor(
    backend: DynamodbBackend,
    tables: Table[],
    meter: Meter,
    region: string,
    onWritten: (written: Written) => void,
  ) {
    this.#onWritten = onWritten;
    this.#region = region;
    this.#backend = backend;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#meter = meter;
  }

  checks({ operation, body }: AwsCall): Check[] {
    if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }];
    const checks: Check[] = [];
    const keys = new Set<string>();
    const add = (action: string, tableName: string, index?: string): void => {
      const table = this.#tables.get(nameOf(tableName));
      const arn = table?.arn ?? `arn:aws:dynamodb:::table/${nameOf(tableName)}`;
      checks.push({ action: `dynamodb:${action}`, resource: index === undefined ? arn : `${arn}/index/${index}` });
      if (table?.keyArn) keys.add(table.keyArn);
    };
    if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
      for (const table of Object.keys((body['RequestItems'] ?? {}) as JsonObject)) add(operation, table);
    } else if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
      // Transactions are governed by the actions they are made of [D6].
      for (const item of (body['TransactItems'] ?? []) as Record<string, { TableName: string }>[]) {
        const [kind, request] = Object.entries(item)[0]!;
        add(kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`, request.TableName);
      }
    } else {
      add(operation, String(body['TableName']), body['IndexName'] as string | undefined);
    }
    // With a customer managed key the caller needs the key as well [D12].
    for (const key of keys) {
      checks.push({
        action: 'kms:Decrypt',
        resource: key,
        context: { 'kms:viaservice': `dynamodb.${this.#region}.amazonaws.com` },
      });
    }
    return checks;
  }

  async answer({ operation, body, raw, caller }: AwsCall): Promise<AwsAnswer> {
    if (!metered.has(operation)) return this.#backend.call(operation, raw);
    const wanted = body['ReturnConsumedCapacity'];
    const asked = wanted === 'TOTAL' || wanted === 'INDEXES';
    const outgoing = asked ? raw : JSON.stringify({ ...body, ReturnConsumedCapacity: 'TOTAL' });
    const answer = await this.#backend.call(operation, outgoing);
    if (answer.status !== 200) {
      this.#chargeFailedCondition(operation, body, answer.body, caller.functionName);
      return answer;
    }
    if (writes.has(operation)) this.#onWritten({ operation, table: nameOf(String(body['TableName'])), body });
    const result = JSON.parse(answer.body) as JsonObject;
    const consumed = (result['ConsumedCapacity'] ?? []) as Json as unknown as Capacity | Capacity[];
    for (const capacity of Array.isArray(consumed) ? consumed : [consumed]) {
      const units = capacity.CapacityUnits ?? 0;
      const reading = writes.has(operation) ? { writeUnits: units } : { readUnits: units };
      this.#meter.capacity(caller.functionName, capacity.TableName, reading);
    }
    if (asked) return answer;
    const { ConsumedCapacity: _, ...rest } = result;
    return { body: rest };
  }

  /** A failed condition is charged like the write it prevented [D1]; the emulators do not say how much that is. */
  #chargeFailedCondition(operation: string, body: JsonObject, answer: string, functionName: string): void {
    if (!answer.includes('ConditionalCheckFailed') && !answer.includes('TransactionCanceled')) return;
    const requests =
      operation === 'TransactWriteItems'
        ? ((body['TransactItems'] ?? []) as Record<string, JsonObject>[]).map((item) => Object.values(item)[0]!)
        : [body];
    for (const request of requests) {
      const bytes = Buffer.byteLength(JSON.stringify(request['Item'] ?? request['Key'] ?? {}));
      const units = Math.max(1, Math.ceil(bytes / UNIT_BYTES)) * (operation === 'TransactWriteItems' ? 2 : 1);
      this.#meter.capacity(functionName, nameOf(String(request['TableName'])), { writeUnits: units });
    }
  }
}

function nameOf(tableNameOrArn: string): string {
  return tableNameOrArn.slice(tableNameOrArn.lastIndexOf('/') + 1);
}
