import { Transient } from '../kernel/errors.ts';

/**
 * Bodies of our queues are JSON with `schema: 1`. SQS refuses U+FFFE and U+FFFF (SendMessage, "InvalidMessageContents"),
 * which customers' text may hold: they are escaped. JSON.stringify escapes lone surrogates and control characters.
 */
export function writeBody(value: object): string {
  return JSON.stringify(value).replace(/[\uFFFE\uFFFF]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}

/** A body of a newer schema stays in the queue until the newer code is here: a deployment that was rolled back. */
export function readBody<T extends { readonly schema: 1 }>(text: string): T {
  const body = JSON.parse(text) as { readonly schema?: unknown };
  if (body?.schema === 1) return body as T;
  // A number, or somebody else's message.
  const schema = typeof body?.schema === 'number' ? body.schema : typeof body?.schema;
  throw new Transient('queue.schema', `body of schema ${schema}; this code reads schema 1`);
}
