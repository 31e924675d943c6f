import { CANARY } from '../domain/profiles/canary.ts';
import { digest, profileKey } from '../kernel/ids.ts';
import { formatInstant, MINUTE_MS } from '../kernel/time.ts';
import { hashKey } from './access/keys.ts';
import type { AccessStore } from './access/ports.ts';
import { toldKey } from './journal-key.ts';
import type { Clock, Journal, Metrics } from './ports.ts';
import type { SecretStore } from './secrets.ts';

const CANARY_MS = 5 * MINUTE_MS;

export interface CanaryPorts {
  readonly clock: Clock;
  readonly secrets: SecretStore;
  readonly access: Pick<AccessStore, 'findKey' | 'putKey'>;
  readonly journal: Pick<Journal, 'read'>;
  /** Sends one event as an app would, through the public door; the status that it was answered. */
  readonly post: (event: object, writeKey: string) => Promise<number>;
  readonly metrics: Metrics;
}

export interface CanaryFlight {
  /** Of the event before this one: null when there is none to be seen, because the first flies now. */
  readonly seen: boolean | null;
  readonly status: number;
}

/**
 * Looks whether the event of five minutes ago was decided, and sends the next one.
 *
 * 1. Nothing is remembered between two flights: ids and time stamps follow from the clock, so the journal key of the event before is known.
 * 2. Seen means decided and certified: door, key, mailbox, evaluate, catalog and tables did what they are for.
 * 3. It has a write key of its own, made at its first flight.
 */
export async function flyCanary(ports: CanaryPorts): Promise<CanaryFlight> {
  const slot = Math.floor(ports.clock() / CANARY_MS) * CANARY_MS;
  const { writeKey, isNew } = await ownKey(ports);
  const seen = isNew ? null : await wasSeen(ports, slot - CANARY_MS);
  if (seen === false) ports.metrics.count('CanarySilent');
  const status = await ports.post(eventOf(slot), writeKey);
  return { seen, status };
}

const eventOf = (slot: number) => ({
  type: 'track',
  ...{ messageId: idOf(slot), timestamp: formatInstant(slot), userId: CANARY.userId, event: CANARY.event },
});

const idOf = (slot: number) => `canary-${digest('canary', formatInstant(slot))}`;

async function wasSeen({ journal }: CanaryPorts, slot: number): Promise<boolean> {
  const event = { id: idOf(slot), sent: formatInstant(slot) };
  const jk = toldKey({ t: 'event', event } as Parameters<typeof toldKey>[0]);
  const found = await journal.read(profileKey('user', CANARY.userId), jk, 'strong');
  return found?.st === 'moved' || found?.st === 'inert';
}

/** The key itself is kept, as no other is: whoever reads the table of secrets may send events of nobody. */
async function ownKey({ secrets, access, clock }: CanaryPorts) {
  const { current, keys } = await secrets.keys('canary');
  const writeKey = `gw_ingest_${Buffer.from(keys[current]!).toString('base64url')}`;
  const hash = hashKey(writeKey);
  const isNew = (await access.findKey(hash)) === undefined;
  if (isNew) {
    const named = { kind: 'ingest', name: 'canary', createdBy: 'canary' } as const;
    await access.putKey(hash, { id: hash.slice(0, 16), ...named, scopes: [], createdAt: clock() });
  }
  return { writeKey, isNew };
}
