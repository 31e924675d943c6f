import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  dayOf,
  type EventType,
  type IntakeStore,
  maxEventTypes,
  maxShapesPerType,
  type RejectedEvent,
  rejectedRetentionDays,
  type Sighting,
} from '../app/intake.ts';
import type { Clock } from '../app/ports.ts';
import { digest } from '../kernel/ids.ts';
import { DAY_MS, formatInstant, SECOND_MS } from '../kernel/time.ts';
import { hasExpired } from '../kernel/time-to-live.ts';
import { type Item, queryAll, queryPage } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * The intake table. Personal data: none; names of fields, sizes and reasons, kept for a week, and names of events.
 *
 *   pk                    sk                   what
 *   rejected#2026-11-22   <instant>#<nonce>    an event that was refused
 *   event#<digest>        <instant>#<nonce>    the same, found by the event's id
 *   event-types           name#<name>          a name of events, with the names and types of its properties
 *   event-types           count                how many names there are
 */
const rejectedKey = (day: string) => `rejected#${day}`;
const eventKey = (eventId: string) => `event#${digest(eventId)}`;
const typesKey = 'event-types';
const typePrefix = 'name#';

/** @param writeTimeoutMs ingest waits for these writes before it answers; they must not hold a request up. */
export function intakeStore(client: DynamoDBClient, table: string, clock: Clock, writeTimeoutMs = 1_000): IntakeStore {
  const isKept = ({ ttl }: Item): boolean => !hasExpired(ttl, clock());
  const patience = () => ({ abortSignal: AbortSignal.timeout(writeTimeoutMs) });

  async function update(
    key: Item,
    expression: string,
    condition: string | undefined,
    values: Item,
  ): Promise<'done' | 'lost'> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall(key),
          UpdateExpression: expression,
          ...(condition !== undefined && { ConditionExpression: condition }),
          ExpressionAttributeValues: marshall(values),
        }),
        patience(),
      );
      return 'done';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'lost';
      throw error;
    }
  }

  return {
    async keepRejected(events) {
      const puts = events
        .flatMap(toItems)
        .map((item) => client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }), patience()));
      await Promise.all(puts);
    },

    async listRejected(day, page) {
      const query = { TableName: table, partition: rejectedKey(day), ScanIndexForward: false };
      const { data, ...rest } = await queryPage(client, query, page);
      return { ...rest, data: data.filter(isKept).map(toRejected) };
    },

    async findRejected(eventId) {
      const query = { TableName: table, partition: eventKey(eventId), ScanIndexForward: false };
      const { data } = await queryPage(client, query, { limit: 20 });
      return data
        .filter(isKept)
        .map(toRejected)
        .filter((one) => one.eventId === eventId);
    },

    async see(sighting) {
      const key = { pk: typesKey, sk: typePrefix + sighting.name };
      if ((await sight(key, sighting, 'attribute_exists(pk)')) !== 'lost') return 'seen';
      const counted = await update(
        { pk: typesKey, sk: 'count' },
        'ADD howMany :one',
        'attribute_not_exists(howMany) OR howMany < :cap',
        { ':one': 1, ':cap': maxEventTypes },
      );
      if (counted === 'lost') return 'full';
      await sight(key, sighting, undefined);
      return 'seen';
    },

    async listEventTypes() {
      const items = await queryAll(client, { TableName: table, partition: typesKey });
      return items.filter((item) => (item['sk'] as string).startsWith(typePrefix)).map(toEventType);
    },
  };

  /** Shapes are a set, so that adding one again changes nothing, whichever container does it. */
  async function sight(key: Item, sighting: Sighting, exists: string | undefined): Promise<'done' | 'lost'> {
    const set = 'SET lastSeen = :hour, firstSeen = if_not_exists(firstSeen, :hour), kind = :kind';
    const values = { ':hour': sighting.hour, ':kind': sighting.kind };
    if (sighting.shapes.length > 0) {
      const hasRoom = '(attribute_not_exists(shapes) OR size(shapes) < :cap)';
      const withShapes = await update(
        key,
        `${set} ADD shapes :shapes`,
        exists === undefined ? hasRoom : `${exists} AND ${hasRoom}`,
        { ...values, ':shapes': new Set(sighting.shapes), ':cap': maxShapesPerType },
      );
      if (withShapes !== 'lost') return withShapes;
    }
    return update(key, set, exists, values);
  }
}

function toItems(event: RejectedEvent): Item[] {
  const sk = `${formatInstant(event.at)}#${randomBytes(6).toString('base64url')}`;
  const ttl = Math.ceil((event.at + rejectedRetentionDays * DAY_MS) / SECOND_MS);
  const item = { ...event, fields: [...event.fields], sk, ttl };
  return [
    { ...item, pk: rejectedKey(dayOf(event.at)) },
    ...(event.eventId === undefined ? [] : [{ ...item, pk: eventKey(event.eventId) }]),
  ];
}

function toRejected({ pk: _pk, sk: _sk, ttl: _ttl, ...event }: Item): RejectedEvent {
  return event as unknown as RejectedEvent;
}

function toEventType(item: Item): EventType {
  const properties: Record<string, string[]> = {};
  for (const shape of [...((item['shapes'] as Set<string> | undefined) ?? [])].sort()) {
    const colon = shape.lastIndexOf(':');
    const name = shape.slice(0, colon);
    properties[name] = [...(properties[name] ?? []), shape.slice(colon + 1)];
  }
  return {
    name: (item['sk'] as string).slice(typePrefix.length),
    kind: item['kind'] as EventType['kind'],
    properties,
    firstSeen: item['firstSeen'] as number,
    lastSeen: item['lastSeen'] as number,
  };
}

const byInstant = /^\d{4}-[^#]+Z#[\w-]+$/;

export const intakeKinds: readonly StoredKind[] = [
  {
    kind: 'rejected-event',
    table: 'intake',
    key: { partition: /^rejected#\d{4}-\d\d-\d\d$/, sort: byInstant },
    what: 'That an event was refused, and why: names of fields and sizes, and none of its values but the event’s own id',
    personalData: 'none',
    kept: { for: `${rejectedRetentionDays} days` },
  },
  {
    kind: 'rejected-event-by-id',
    table: 'intake',
    key: { partition: /^event#[\w-]{22}$/, sort: byInstant },
    what: 'The same, found by the event’s id',
    personalData: 'none',
    kept: { for: `${rejectedRetentionDays} days` },
  },
  {
    kind: 'event-type',
    table: 'intake',
    key: { partition: /^event-types$/, sort: /^(count$|name#)/ },
    what: 'Names of events, with the names and types of their properties',
    personalData: 'none',
    kept: 'until deleted',
  },
];
