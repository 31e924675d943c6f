import { InvalidInput } from '../kernel/errors.ts';
import type { Arrival, Refusal } from './arrival.ts';
import { type Envelope, isFields, judgeEvent } from './segment-event.ts';
import { isDeeperThan, maxDepth } from './segment-faults.ts';
import type { SegmentRoute } from './segment-route.ts';

/**
 * The Segment Spec's HTTP tracking API → canonical events. Measured with analytics-node 1.3, 2.3 and 3.1 and
 * analytics-next 1.84 (tests/fixtures).
 *
 * 1. Each event is judged by itself; a bad one is refused with a reason, its neighbours are accepted (G13).
 * 2. The same bytes always give the same event id and time stamp as sent, hence the same journal key (G2).
 * 3. What is accepted is legal in a queue and in a table.
 */
export interface SegmentRequest {
  readonly accepted: readonly Arrival[];
  readonly refused: readonly Refusal[];
}

export const maxBatchEvents = 2_500;

export function readSegmentRequest(
  route: Extract<SegmentRoute, { to: 'batch' | 'event' }>,
  body: unknown,
  receivedAt: number,
): SegmentRequest {
  if (!isFields(body)) throw new InvalidInput('body.type', 'the body is not a JSON object');
  const accepted: Arrival[] = [];
  const refused: Refusal[] = [];
  const sort = (judged: Arrival | Refusal) => ('event' in judged ? accepted.push(judged) : refused.push(judged));

  if (route.to === 'event') {
    sort(judgeEvent(body, route.kind, '', { receivedAt, sentAt: body['sentAt'], context: {}, contextBytes: 0 }));
    return { accepted, refused };
  }
  const batch = body['batch'];
  if (!Array.isArray(batch)) throw new InvalidInput('batch.type', 'batch is not an array of events');
  const envelope = readEnvelope(body, receivedAt);
  batch.slice(0, maxBatchEvents).forEach((raw, index) => {
    sort(judgeEvent(raw, undefined, `/batch/${index}`, envelope));
  });
  if (batch.length > maxBatchEvents) {
    refused.push({
      code: 'batch.too-many',
      detail: `more than ${maxBatchEvents} events in one request; those beyond are refused`,
      pointer: `/batch/${maxBatchEvents}`,
      limit: maxBatchEvents,
      actual: batch.length,
      fields: [],
      count: batch.length - maxBatchEvents,
    });
  }
  return { accepted, refused };
}

/** A context of the whole batch belongs to each of its events that does not say otherwise. */
function readEnvelope(body: { readonly [name: string]: unknown }, receivedAt: number): Envelope {
  const context = isFields(body['context']) && !isDeeperThan(body['context'], maxDepth) ? body['context'] : {};
  const contextBytes = Object.keys(context).length === 0 ? 0 : Buffer.byteLength(JSON.stringify(context));
  return { receivedAt, sentAt: body['sentAt'], context, contextBytes };
}

/** The write key: from Basic authorization, where its password is empty, else from the body. */
export function readWriteKey(authorization: string | undefined, body: unknown): string | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/_=-]+)$/i.exec(authorization?.trim() ?? '')?.[1];
  const fromHeader = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8').split(':', 1)[0]!;
  if (fromHeader !== '') return fromHeader;
  const fromBody = isFields(body) ? body['writeKey'] : undefined;
  return typeof fromBody === 'string' && fromBody !== '' ? fromBody : undefined;
}
