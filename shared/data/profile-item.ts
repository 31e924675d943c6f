import { deflateSync, inflateSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Pending, StoredProfile } from '../app/ports.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { type PackedProfile, packProfile, unpackProfile } from '../domain/profiles/pack-stored.ts';
import { nextDue, type Profile } from '../domain/profiles/profile.ts';
import { Permanent } from '../kernel/errors.ts';
import { DAY_MS } from '../kernel/time.ts';
import { profileItem } from './actor-keys.ts';

/** DynamoDB takes 400 KB, names included. Far above what a profile should have: the decision core refuses at 32 KB. */
export const MAX_ITEM_BYTES = 380_000;
/** By which a write is billed (DynamoDB developer guide, "On-demand capacity mode"). */
const WRITE_UNIT_BYTES = 1_024;
/** Of names and numbers beside the texts. */
const REST_BYTES = 150;

type Item = Record<string, AttributeValue>;

/** JSON of a profile, and of what its last commit left to be performed. */
interface Texts {
  readonly doc: string;
  readonly pend?: string;
}

/**
 * pk · v (version) · at · ep (epoch) · doc (the profile) · pend (effects of the last commit) · pendAt, due, asking,
 * frozen (only for the filter of a scan) · ttl (of a test run, which scans leave alone).
 *
 * `doc` and `pend` are JSON text: customers' values may be nested deeper than DynamoDB's 32 levels or be numbers that
 * it does not take, a write costs by size and not by shape, and text is quicker to read than a map of hundreds. Empty
 * parts of a profile are left out, and occurrences packed (pack-stored.ts).
 *
 * Where it makes the write cheaper, the two stand compressed in `z` instead: doc, a line feed, pend, as zlib has it
 * (RFC 1950). What fits into one write unit stays readable.
 */
export function toItem({ key, version, at, epoch, profile, pending }: StoredProfile, compress = true): Item {
  const { test } = profile;
  const due = profile.movedTo === undefined && test === undefined ? nextDue(profile) : undefined;
  const isAsking =
    (profile.movedTo === undefined && Object.keys(profile.asked).length > 0) || profile.erased?.left !== undefined;
  const texts = {
    doc: JSON.stringify(packProfile(profile)),
    ...(pending !== undefined && { pend: pendingText(pending) }),
  };
  return {
    ...profileItem(key),
    v: { N: String(version) },
    at: { N: String(at) },
    ep: { N: String(epoch) },
    ...written(texts, compress),
    ...(pending !== undefined && { pendAt: { N: String(pending.at) } }),
    ...(due !== undefined && { due: { N: String(due) } }),
    ...(test !== undefined && { ttl: { N: String(Math.ceil((test.startedAt + TEST_RUN_DAYS * DAY_MS) / 1_000)) } }),
    ...(isAsking && { asking: { BOOL: true } }),
    ...(profile.frozen && { frozen: { BOOL: true } }),
  };
}

export function fromItem(item: Item): StoredProfile {
  const version = Number(item['v']!.N);
  const { doc, pend } = textsOf(item);
  return {
    key: item['pk']!.S!,
    version,
    at: Number(item['at']!.N),
    epoch: Number(item['ep']!.N),
    profile: parseProfile(doc),
    ...(pend !== undefined && { pending: readPending(pend, version, Number(item['pendAt']!.N)) }),
  };
}

export const profileIn = (item: Item): Profile => parseProfile(textsOf(item).doc);

const parseProfile = (doc: string): Profile => unpackProfile(JSON.parse(doc) as PackedProfile);

/** JSON has line feeds only where somebody wrote them for the eye. */
export function textsOf(item: Item): Texts {
  const packed = item['z']?.B;
  if (packed === undefined) {
    const pend = item['pend']?.S;
    return { doc: item['doc']!.S!, ...(pend !== undefined && { pend }) };
  }
  const [doc, pend] = inflateSync(packed, { maxOutputLength: MAX_ITEM_BYTES + 1 })
    .toString()
    .split('\n');
  return { doc: doc!, ...(pend !== undefined && { pend }) };
}

function written({ doc, pend }: Texts, compress: boolean): Item {
  const bytes = Buffer.byteLength(doc) + Buffer.byteLength(pend ?? '');
  if (bytes > MAX_ITEM_BYTES) {
    throw new Permanent('profile.too-large', `an item has at most ${MAX_ITEM_BYTES} bytes; this one has ${bytes}`);
  }
  const plain = { doc: { S: doc }, ...(pend !== undefined && { pend: { S: pend } }) };
  if (!compress || unitsOf(bytes) === 1) return plain;
  const z = deflateSync(pend === undefined ? doc : `${doc}\n${pend}`);
  return unitsOf(z.length) < unitsOf(bytes) ? { z: { B: z } } : plain;
}

const unitsOf = (bytes: number): number => Math.ceil((bytes + REST_BYTES) / WRITE_UNIT_BYTES);

type HandledTuple = [
  jk: string,
  st: Pending['ids'][number]['st'],
  t: Pending['ids'][number]['t'],
  why: Pending['ids'][number]['why'],
];

/** Its version and time are the item's; `ids` as tuples: the item is paid by the kilobyte. */
function pendingText({ ids, v: _, at: __, ...rest }: Pending): string {
  const tuples = ids.map(({ jk, st, t, why }): HandledTuple => [jk, st, t, why]);
  return JSON.stringify({ ids: tuples, ...rest });
}

function readPending(text: string, v: number, at: number): Pending {
  const { ids, ...rest } = JSON.parse(text) as Omit<Pending, 'v' | 'at' | 'ids'> & { readonly ids: HandledTuple[] };
  return { v, at, ids: ids.map(([jk, st, t, why]) => ({ jk, st, t, why })), ...rest };
}
