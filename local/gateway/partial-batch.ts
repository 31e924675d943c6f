import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { AwsAnswer, AwsCall } from './aws-service.ts';

type Entry = JsonObject & { Id: string };

/**
 * Batch calls can succeed in part: SQS answers 200 with `Failed` entries [Q13], DynamoDB with `UnprocessedItems` [D7].
 * Takes the last `count` entries out of the call, and says so in the answer.
 */
export function holdBack(call: AwsCall, count: number): { call: AwsCall; complete: (answer: AwsAnswer) => AwsAnswer } {
  if (call.operation === 'BatchWriteItem') {
    const items = { ...(call.body['RequestItems'] as Record<string, Json[]>) };
    const unprocessed: Record<string, Json[]> = {};
    let left = count;
    for (const table of Object.keys(items).reverse()) {
      const held = left > 0 ? items[table]!.slice(-left) : [];
      left -= held.length;
      if (held.length === 0) continue;
      unprocessed[table] = held;
      items[table] = items[table]!.slice(0, items[table]!.length - held.length);
      if (items[table].length === 0) delete items[table];
    }
    const remains = Object.keys(items).length > 0;
    return {
      call: withBody(call, { ...call.body, RequestItems: items }),
      complete: (answer) => ({ body: { ...(remains ? parsed(answer) : {}), UnprocessedItems: unprocessed } }),
    };
  }
  const entries = (call.body['Entries'] ?? []) as Entry[];
  const held = count > 0 ? entries.slice(-count) : [];
  const Failed = held.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'Told to fail' }));
  return {
    call: withBody(call, { ...call.body, Entries: entries.slice(0, entries.length - held.length) }),
    complete: (answer) => {
      const body = parsed(answer);
      return {
        body: { Successful: body['Successful'] ?? [], Failed: [...((body['Failed'] ?? []) as Json[]), ...Failed] },
      };
    },
  };
}

/** Any other call does all of its work or none. */
export function isBatch({ operation, body }: AwsCall): boolean {
  return operation === 'BatchWriteItem' || Array.isArray(body['Entries']);
}

/** Nothing is left to do when every entry is held back. */
export function isEmptyBatch({ operation, body }: AwsCall): boolean {
  if (operation === 'BatchWriteItem') return Object.keys((body['RequestItems'] ?? {}) as JsonObject).length === 0;
  return ((body['Entries'] ?? []) as Json[]).length === 0;
}

function withBody(call: AwsCall, body: JsonObject): AwsCall {
  return { ...call, body, raw: Buffer.from(JSON.stringify(body)) };
}

function parsed({ body }: AwsAnswer): Record<string, unknown> {
  return (typeof body === 'string' ? JSON.parse(body) : body) as Record<string, unknown>;
}
