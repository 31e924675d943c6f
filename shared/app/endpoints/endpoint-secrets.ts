import { randomBytes } from 'node:crypto';
import type { WebhookEndpoint } from '../../domain/messaging/webhook-endpoint.ts';
import { Conflict, NotFound } from '../../kernel/errors.ts';
import { readLiveDocument } from '../catalog/live-documents.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import {
  newKeyId,
  type SecretKeys,
  type SecretRotation,
  type StoredSecret,
  validKeys,
  webhookSecret,
} from '../secrets.ts';

/**
 * Keys of an endpoint, or of all that name the same `secretId`.
 *
 * 1. A key is shown once, when it is made. The one that an endpoint signed with before anybody asked was never shown,
 *    and is replaced like any other.
 * 2. Two are valid at most. While they are, every webhook has a signature of each, so whoever receives may change over
 *    at any time in between.
 * 3. `send` keeps what it has read for five minutes (secrets.ts): a new key signs from then on, a revoked one till then.
 */
export interface EndpointSecretPorts {
  readonly catalog: CatalogStore;
  readonly endpointSecrets: SecretRotation;
}

export interface ShownKey {
  readonly id: string;
  readonly current: boolean;
  /** Epoch milliseconds, like `until`. */
  readonly madeAt?: number;
  /** Absent: until it is replaced. */
  readonly until?: number;
}

export interface ShownSecret {
  readonly secretId: string;
  readonly keys: readonly ShownKey[];
}

/** Valid ones. */
export async function listSecret(endpoint: string, now: number, ports: EndpointSecretPorts): Promise<ShownSecret> {
  const { secretId, stored } = await read(endpoint, ports);
  return { secretId, keys: stored === undefined ? [] : show(stored, now) };
}

/** @returns with the new key as Standard Webhooks writes it: `whsec_` and base64. */
export async function rotateSecret(
  endpoint: string,
  { overlapMs, now }: { readonly overlapMs: number; readonly now: number },
  ports: EndpointSecretPorts,
): Promise<ShownSecret & { readonly secret: string }> {
  const { secretId, stored } = await read(endpoint, ports);
  const valid = stored === undefined ? [] : validKeys(stored, now);
  if (valid.length > 1) {
    const detail = 'two keys are valid, and no more may be: wait until the older one has ended, or revoke one of them';
    throw new Conflict('endpoint.two-secrets', detail);
  }
  const id = newKeyId();
  const bytes = randomBytes(32);
  const next: SecretKeys = {
    current: id,
    keys: { ...only(stored?.keys, valid), [id]: bytes },
    until: Object.fromEntries(valid.map((old) => [old, now + overlapMs])),
    madeAt: { ...only(stored?.madeAt, valid), [id]: now },
  };
  await replace(secretId, next, stored, ports);
  return { secretId, keys: show(next, now), secret: `whsec_${bytes.toString('base64')}` };
}

/** What is left is current, and has no end. */
export async function revokeSecret(
  endpoint: string,
  { keyId, now }: { readonly keyId: string; readonly now: number },
  ports: EndpointSecretPorts,
): Promise<void> {
  const { secretId, stored } = await read(endpoint, ports);
  const valid = stored === undefined ? [] : validKeys(stored, now);
  if (stored === undefined || !valid.includes(keyId)) {
    throw new NotFound('endpoint.secret-not-found', 'this endpoint has no valid key of this id');
  }
  const left = valid.filter((id) => id !== keyId);
  const [current] = left;
  if (current === undefined) {
    throw new Conflict('endpoint.last-secret', 'this is its only key: make another one first, then revoke this one');
  }
  await replace(
    secretId,
    { current, keys: only(stored.keys, left)!, madeAt: only(stored.madeAt, left) ?? {} },
    stored,
    ports,
  );
}

async function read(endpoint: string, { catalog, endpointSecrets }: EndpointSecretPorts) {
  const { found } = await readLiveDocument(catalog, 'endpoint', endpoint);
  const { id, secretId = id } = found.document as WebhookEndpoint;
  return { secretId, stored: await endpointSecrets.read(webhookSecret(secretId)) };
}

async function replace(
  secretId: string,
  next: SecretKeys,
  before: StoredSecret | undefined,
  { endpointSecrets }: EndpointSecretPorts,
): Promise<void> {
  if (await endpointSecrets.replace(webhookSecret(secretId), next, before)) return;
  throw new Conflict('endpoint.secret-changed', 'somebody else has just changed the keys of this endpoint: look again');
}

function show(secret: SecretKeys, now: number): ShownKey[] {
  const { current, until = {}, madeAt = {} } = secret;
  return validKeys(secret, now).map((id) => ({
    id,
    current: id === current,
    ...(madeAt[id] !== undefined && { madeAt: madeAt[id] }),
    ...(until[id] !== undefined && { until: until[id] }),
  }));
}

const only = <T>(
  all: { readonly [id: string]: T } | undefined,
  ids: readonly string[],
): { [id: string]: T } | undefined => all && Object.fromEntries(Object.entries(all).filter(([id]) => ids.includes(id)));
