import { canaryMessageId } from '../domain/messaging/canary.ts';
import { CANARY, canaryKey } from '../domain/profiles/canary.ts';
import { digest } from '../kernel/ids.ts';
import { formatInstant, MINUTE_MS } from '../kernel/time.ts';
import { hashKey } from './access/keys.ts';
import type { AccessStore } from './access/ports.ts';
import { toldKey } from './journal-key.ts';
import { outcomeId } from './outcome.ts';
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
  /** What was not seen: its event was not decided, or its message did not come to the end of its way. */
  readonly stuck?: 'event' | 'message';
  readonly status: number;
}

/**
 * Looks whether the event of five minutes ago was decided and its message has come round, and sends the next one.
 *
 * 1. Nothing is remembered between two flights: ids and time stamps follow from the clock, so the journal keys of the event before are known.
 * 2. Seen means that the mailbox was told what became of the message: door, key, mailbox, evaluate, catalog, queue, send
 *    and tables did what they are for. A kill switch that stops it is an answer too; a failure is none.
 * 3. It has a write key of its own, made at its first flight.
 */
export async function flyCanary(ports: CanaryPorts): Promise<CanaryFlight> {
  const slot = Math.floor(ports.clock() / CANARY_MS) * CANARY_MS;
  const { writeKey, isNew } = await ownKey(ports);
  const stuck = isNew ? undefined : await whereStuck(ports, slot - CANARY_MS);
  if (stuck !== undefined) ports.metrics.count('CanarySilent');
  const status = await ports.post(eventOf(slot), writeKey);
  return { seen: isNew ? null : stuck === undefined, ...(stuck !== undefined && { stuck }), status };
}

const eventOf = (slot: number) => ({
  type: 'track',
  ...{ messageId: idOf(slot), timestamp: formatInstant(slot), userId: CANARY.userId, event: CANARY.event },
});

const idOf = (slot: number) => `canary-${digest('canary', formatInstant(slot))}`;

async function whereStuck({ journal }: CanaryPorts, slot: number): Promise<CanaryFlight['stuck']> {
  const id = idOf(slot);
  const isDecided = async (record: object): Promise<boolean> => {
    const found = await journal.read(canaryKey, toldKey(record as Parameters<typeof toldKey>[0]), 'strong');
    return found?.st === 'moved' || found?.st === 'inert';
  };
  if (await isDecided({ t: 'outcome', id: outcomeId(canaryMessageId(id), 'not-sent') })) return undefined;
  return (await isDecided({ t: 'event', event: { id, sent: formatInstant(slot) } })) ? 'message' : 'event';
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
