import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { defaultPolicy } from '../app/catalog/default-policy.ts';
import { documentEtag } from '../app/catalog/document-etag.ts';
import {
  type Actor,
  type CatalogChange,
  type CatalogStore,
  type DocumentKind,
  type Expectation,
  type Head,
  isDecidedBy,
  type StoredPlan,
  type StoredVersion,
} from '../app/catalog/ports.ts';
import type { JourneyVersion } from '../domain/catalog.ts';
import type { Journey } from '../domain/journeys/journey.ts';
import type { KillSwitch } from '../domain/messaging/kill-switch.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { InvalidInput, Transient } from '../kernel/errors.ts';
import { digest } from '../kernel/ids.ts';
import { DAY_MS, SECOND_MS } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { catalogChanges, MAX_TRIES, marshall, precondition } from './catalog-changes.ts';
import {
  auditMonthKey,
  draftKey,
  epochKey,
  headKey,
  liveItemKey,
  liveKey,
  livePlansKey,
  planKey,
  switchesKey,
  versionKey,
} from './catalog-keys.ts';
import { toSnapshot } from './catalog-snapshot.ts';
import { type Item, queryAll, queryPage } from './pages.ts';

/** An item of DynamoDB takes 400 KB, names and keys included. */
export const MAX_DOCUMENT_BYTES = 380_000;

/**
 * 1. A version is written once (`attribute_not_exists`) and never changed.
 * 2. `live` changes only in a transaction that takes `epoch` from n to n + 1, so that an epoch names one content.
 * 3. A head changes only from the ETag, state and version that its reader saw.
 * 4. A plan is applied once, in the transaction that publishes.
 * 5. Every change writes its entry in the same transaction.
 */
export function catalogStore(
  client: DynamoDBClient,
  table: string,
  fallbackPolicy: Policy = defaultPolicy({ zone: 'UTC', locale: 'en' }),
): CatalogStore {
  const get = async (key: Item, consistent: boolean): Promise<Item | undefined> => {
    const answer = await awsCall(
      client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: consistent })),
    );
    return answer.Item && unmarshall(answer.Item);
  };
  const readEpoch = async (consistent: boolean) =>
    ((await get(epochKey, consistent))?.['n'] as number | undefined) ?? 0;

  const { change, put, remove, setState, markApplied, putHead, removeHead, putVersion } = catalogChanges(
    client,
    table,
    () => readEpoch(true),
  );

  const store: CatalogStore = {
    readEpoch: (age) => readEpoch(age === 'newest'),

    async readSnapshot() {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const epoch = await readEpoch(true);
        const items = await queryAll(client, { TableName: table, partition: liveKey, ConsistentRead: true });
        if ((await readEpoch(true)) === epoch) return toSnapshot(epoch, items, fallbackPolicy);
      }
      throw new Transient('catalog.busy', `changed during each of ${MAX_TRIES} readings`, 1);
    },

    async readJourneyVersions(wanted) {
      const found: JourneyVersion[] = [];
      const keys = new Map(wanted.map((one) => [`${one.id}@${one.version}`, one]));
      const asked = [...keys.values()].map((one) => marshall(versionKey('journey', one.id, one.version)));
      for (let tries = 0; asked.length > 0; tries++) {
        if (tries > 0) await sleep(Math.random() * 20 * 2 ** Math.min(tries, MAX_TRIES));
        if (tries > 100) throw new Transient('catalog.throttled', 'versions could not be read', 1);
        const answer = await awsCall(
          client.send(
            new BatchGetItemCommand({
              RequestItems: { [table]: { Keys: asked.splice(0, 100), ConsistentRead: true } },
            }),
          ),
        );
        for (const item of answer.Responses?.[table] ?? []) {
          const { pk, version, document } = unmarshall(item) as { pk: string; version: number; document: string };
          found.push({ id: pk.slice('journey#'.length), version, document: JSON.parse(document) as Journey });
        }
        asked.push(...(answer.UnprocessedKeys?.[table]?.Keys ?? []));
      }
      return found;
    },

    readHead: async (kind, id) => toHead(await get(headKey(kind, id), true)),

    async listHeads(kind, page) {
      const { data, ...rest } = await queryPage(client, { TableName: table, partition: headKey(kind, '').pk }, page);
      return { ...rest, data: data.map((item) => toHead(item)!) };
    },

    async readDraft(id) {
      const item = await get(draftKey(id), true);
      return item && toStored(item);
    },

    async readVersion(kind, id, version) {
      const item = await get(versionKey(kind, id, version), true);
      return item && { ...toStored(item), version };
    },

    async listVersions(kind, id, page) {
      const { data, ...rest } = await queryPage(
        client,
        {
          TableName: table,
          partition: versionKey(kind, id, 0).pk,
          prefix: 'v#',
          ScanIndexForward: false,
          ProjectionExpression: 'pk, sk, #version, etag, #at, #by, dryRun',
          ExpressionAttributeNames: { '#version': 'version', '#at': 'at', '#by': 'by' },
        },
        page,
      );
      return {
        ...rest,
        data: data.map(({ pk, sk, ...version }) => version as unknown as Omit<StoredVersion, 'document'>),
      };
    },

    async saveDraft(id, name, document, expected, actor) {
      const before = await expectHead(store, 'journey', id, expected);
      const etag = documentEtag(document);
      const head: Head = {
        ...(before ?? { id, state: 'draft', latest: 0 }),
        name,
        etag,
        hasDraft: true,
        changedAt: actor.at,
        changedBy: actor.by,
      };
      const draft = { ...draftKey(id), document: toText(document), etag, ...actor };
      await change(
        [putHead('journey', head, before), put(draft)],
        { ...actor, what: 'journey.draft-saved', subject: id },
        false,
      );
      return head;
    },

    async deleteDraft(before, actor) {
      const live = before.live === undefined ? undefined : await store.readVersion('journey', before.id, before.live);
      const heads =
        live === undefined
          ? removeHead('journey', before)
          : putHead('journey', touched({ ...before, hasDraft: false, etag: live.etag }, actor), before);
      const entry = { ...actor, what: 'journey.draft-deleted', subject: before.id };
      await change([heads, remove(draftKey(before.id))], entry, false);
    },

    async publishDraft({ dryRun: wasDry, ...rest }, document, state, actor, { dryRun = false, plan } = {}) {
      const before: Head = { ...rest, ...(wasDry && { dryRun: wasDry }) };
      const version = before.latest + 1;
      const text = toText(document);
      const mark = dryRun ? ({ dryRun: true } as const) : {};
      const head = touched({ ...rest, state, live: version, latest: version, hasDraft: false, ...mark }, actor);
      const { id, overdueUntil } = before;
      const passedOver = overdueUntil === undefined ? {} : { overdueUntil };
      const live = { ...liveItemKey('journey', id), id, state, version, document: text, ...passedOver, ...mark };
      await change(
        [
          putHead('journey', head, before),
          putVersion('journey', head, text, actor, mark),
          put(live),
          remove(draftKey(before.id)),
          ...(plan === undefined ? [] : [markApplied(planKey(before.id, plan.id), actor.at)]),
          ...(plan?.plans === undefined
            ? []
            : [put({ ...livePlansKey(before.id), id: before.id, plans: toText(plan.plans) })]),
        ],
        { ...actor, what: dryRun ? 'journey.dry-run' : 'journey.published', subject: before.id, version },
        true,
      );
      return head;
    },

    async savePlan(plan) {
      const { journey, id, expiresAt } = plan;
      const ttl = Math.ceil(expiresAt / SECOND_MS);
      const item = { ...planKey(journey, id), ttl, plan: toText(plan) };
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item: marshall(item) })));
    },

    async readPlan(journey, id) {
      const item = await get(planKey(journey, id), true);
      if (item === undefined) return undefined;
      const plan = JSON.parse(item['plan'] as string) as StoredPlan;
      return { ...plan, ...(item['applied'] !== undefined && { applied: item['applied'] as number }) };
    },

    async saveTestVersion(id, { document, etag }, actor) {
      const version = -1 - Buffer.from(digest('test', etag), 'base64url').readUIntBE(0, 6);
      // A test may begin a little before it is said to.
      const ttl = Math.ceil((actor.at + (TEST_RUN_DAYS + 1) * DAY_MS) / SECOND_MS);
      const item = { ...versionKey('journey', id, version), version, document: toText(document), etag, ...actor, ttl };
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item: marshall(item) })));
      return version;
    },

    async setJourneyState(before, state, actor, overdueUntil) {
      const { overdueUntil: _past, ...rest } = before;
      const head = touched({ ...rest, state, ...(overdueUntil !== undefined && { overdueUntil }) }, actor);
      const items = [putHead('journey', head, before)];
      if (before.live !== undefined) items.push(setState(liveItemKey('journey', before.id), state, overdueUntil));
      await change(items, { ...actor, what: `journey.${state}`, subject: before.id }, before.live !== undefined);
      return head;
    },

    async saveLive(kind, id, name, document, expected, actor) {
      const before = await expectHead(store, kind, id, expected);
      const version = (before?.latest ?? 0) + 1;
      const text = toText(document);
      const head = touched(
        { id, name, state: 'live', live: version, latest: version, etag: documentEtag(document), hasDraft: false },
        actor,
      );
      await change(
        (epoch) => [
          putHead(kind, head, before),
          putVersion(kind, head, text, actor),
          ...(isDecidedBy(kind) ? [put({ ...liveItemKey(kind, id), id, version, document: text, epoch })] : []),
        ],
        { ...actor, what: `${kind}.saved`, subject: id, version },
        isDecidedBy(kind),
      );
      return head;
    },

    async removeLive(kind, before, actor) {
      const { live: _, ...kept } = before;
      const head = touched({ ...kept, state: 'removed', etag: '' }, actor);
      await change(
        [putHead(kind, head, before), ...(isDecidedBy(kind) ? [remove(liveItemKey(kind, before.id))] : [])],
        { ...actor, what: `${kind}.removed`, subject: before.id },
        isDecidedBy(kind),
      );
    },

    async readKillSwitches() {
      const items = await queryAll(client, { TableName: table, partition: switchesKey, ConsistentRead: true });
      return items.map(({ pk, sk, ...one }) => one as unknown as KillSwitch);
    },

    async setKillSwitch(killSwitch) {
      const { at, by, target } = killSwitch;
      await change(
        [put({ pk: switchesKey, sk: target, ...killSwitch })],
        { at, by, what: killSwitch.on ? 'switch.on' : 'switch.off', subject: target },
        false,
      );
    },

    async listChanges(month, page) {
      const { data, ...rest } = await queryPage(
        client,
        { TableName: table, partition: auditMonthKey(month), ScanIndexForward: false },
        page,
      );
      return { ...rest, data: data.map(({ pk, sk, ...entry }) => entry as unknown as CatalogChange) };
    },
  };
  return store;
}

const touched = (head: Omit<Head, 'changedAt' | 'changedBy'>, actor: Actor): Head => ({
  ...head,
  changedAt: actor.at,
  changedBy: actor.by,
});

/** A removed document is absent to its writers; its head stays for the version numbers. */
async function expectHead(
  store: CatalogStore,
  kind: DocumentKind,
  id: string,
  expected: Expectation,
): Promise<Head | undefined> {
  const head = await store.readHead(kind, id);
  const present = head !== undefined && head.state !== 'removed';
  if ('absent' in expected ? present : !present || head.etag !== expected.etag) throw precondition();
  return head;
}

function toText(document: unknown): string {
  const text = JSON.stringify(document);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_DOCUMENT_BYTES) return text;
  throw new InvalidInput(
    'document.too-large',
    `a document has at most ${MAX_DOCUMENT_BYTES} bytes; this one has ${bytes}`,
    [{ pointer: '', code: 'too-large', detail: 'document too large', limit: MAX_DOCUMENT_BYTES, actual: bytes }],
    'too-large',
  );
}

function toHead(item: Item | undefined): Head | undefined {
  if (item === undefined) return undefined;
  const { pk, sk, ...head } = item;
  return head as unknown as Head;
}

const toStored = (item: Item) => ({
  document: JSON.parse(item['document'] as string) as unknown,
  etag: item['etag'] as string,
  at: item['at'] as number,
  by: item['by'] as string,
});
