import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall as marshallValue } from '@aws-sdk/util-dynamodb';
import type { Actor, CatalogChange, DocumentKind, Head } from '../app/catalog/ports.ts';
import type { JourneyState } from '../domain/catalog.ts';
import { Conflict, Transient } from '../kernel/errors.ts';
import { formatInstant } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { auditMonthKey, epochKey, headKey, versionKey } from './catalog-keys.ts';
import type { Item } from './pages.ts';

/** A change that loses against other changes tries again this often, each time a little later. */
export const MAX_TRIES = 8;

export const marshall = (item: Item) => marshallValue(item, { removeUndefinedValues: true });

export const precondition = () =>
  new Conflict('catalog.changed', 'somebody else changed it in the meantime', 'precondition-failed');

/** The parts that a change of the catalog is made of, and how it is written: all of it, or nothing. */
export function catalogChanges(client: DynamoDBClient, table: string, readEpoch: () => Promise<number>) {
  const put = (item: Item, condition?: string, values?: Item): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: marshall(item),
      ...(condition !== undefined && { ConditionExpression: condition }),
      ...(values !== undefined && { ExpressionAttributeValues: marshall(values) }),
    },
  });
  const remove = (key: Item): TransactWriteItem => ({ Delete: { TableName: table, Key: marshall(key) } });

  /** Guard 3. The head is put whole: what it was is known from `before`. */
  const putHead = (kind: DocumentKind, head: Head, before: Head | undefined): TransactWriteItem =>
    before === undefined
      ? put({ ...headKey(kind, head.id), ...head }, 'attribute_not_exists(pk)')
      : {
          Put: {
            TableName: table,
            Item: marshall({ ...headKey(kind, head.id), ...head }),
            ...unchanged(before),
          },
        };
  const removeHead = (kind: DocumentKind, before: Head): TransactWriteItem => ({
    Delete: { TableName: table, Key: marshall(headKey(kind, before.id)), ...unchanged(before) },
  });

  const putVersion = (kind: DocumentKind, head: Head, document: string, actor: Actor, more: Item = {}) =>
    put(
      { ...versionKey(kind, head.id, head.latest), version: head.latest, document, etag: head.etag, ...actor, ...more },
      'attribute_not_exists(pk)',
    );
  const putChange = (entry: CatalogChange) =>
    put({
      pk: auditMonthKey(formatInstant(entry.at).slice(0, 7)),
      sk: `${formatInstant(entry.at)}#${randomBytes(6).toString('base64url')}`,
      ...entry,
    });

  /** `visible`: evaluation sees it, so the epoch grows with it, and items may name it. The first item carries the guard on the head. */
  async function change(
    made: readonly TransactWriteItem[] | ((epoch: number) => readonly TransactWriteItem[]),
    entry: CatalogChange,
    visible: boolean,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      const epoch = visible ? await readEpoch() : 0;
      const items = typeof made === 'function' ? made(epoch + 1) : made;
      const grown: TransactWriteItem[] = visible
        ? [
            epoch === 0
              ? put({ ...epochKey, n: 1 }, 'attribute_not_exists(pk)')
              : put({ ...epochKey, n: epoch + 1 }, 'n = :n', { ':n': epoch }),
          ]
        : [];
      const noted = putChange(visible ? { ...entry, epoch: epoch + 1 } : entry);
      try {
        await awsCall(client.send(new TransactWriteItemsCommand({ TransactItems: [...items, ...grown, noted] })));
        return;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
        const ownItemLost = codes.slice(0, items.length).includes('ConditionalCheckFailed');
        if (ownItemLost) throw precondition();
        const raced = codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict');
        const throttled = codes.some((code) => /Throttl|Throughput/.test(code ?? ''));
        if (throttled) throw new Transient('catalog.throttled', 'the catalog table takes no more right now', 1);
        if (!raced) throw error;
        if (tries === MAX_TRIES) throw new Transient('catalog.busy', `lost against ${tries} other changes`, 1);
      }
      await sleep(Math.random() * 20 * 2 ** tries);
    }
  }

  const setState = (key: Item, state: JourneyState, overdueUntil: number | undefined): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: marshall(key),
      UpdateExpression: `SET #state = :state${overdueUntil === undefined ? ' REMOVE overdueUntil' : ', overdueUntil = :until'}`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: marshall({
        ':state': state,
        ...(overdueUntil !== undefined && { ':until': overdueUntil }),
      }),
    },
  });

  /** Of a plan, once; what is applied does not expire. */
  const markApplied = (key: Item, at: number): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: marshall(key),
      UpdateExpression: 'SET applied = :at REMOVE #ttl',
      ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(applied)',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: marshall({ ':at': at }),
    },
  });

  return { change, put, remove, setState, markApplied, putHead, removeHead, putVersion };
}

/** Everything that a change of the head moves, so that equal fields mean: nothing happened since. */
function unchanged(before: Head) {
  return {
    ConditionExpression: 'etag = :etag AND #state = :state AND latest = :latest AND hasDraft = :hasDraft',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: marshall({
      ':etag': before.etag,
      ':state': before.state,
      ':latest': before.latest,
      ':hasDraft': before.hasDraft,
    }),
  };
}
