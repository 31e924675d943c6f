import type { CustomerEvent } from '../domain/customer-event.ts';
import { GodwitError, InvalidInput } from '../kernel/errors.ts';
import { digest, type ProfileKey } from '../kernel/ids.ts';
import type { Arrival, Refusal } from '../wire/arrival.ts';
import { receiptsIn } from '../wire/push-events.ts';
import { readSegmentRequest, readWriteKey, type SegmentRequest } from '../wire/segment.ts';
import { readSegmentBody } from '../wire/segment-body.ts';
import type { SegmentRoute } from '../wire/segment-route.ts';
import { maxEventsPerMinute, type ProfileRate } from './ingest-rate.ts';
import type { Intake, WriteKeyHolder } from './intake.ts';
import type { Clock, Mailbox, OutgoingMail, ReceiptQueue } from './ports.ts';

/**
 * Events of a request → mailboxes of their profiles.
 *
 * 1. Nothing is answered as accepted before the queue has all of it (G1). When it has not, Transient: the client
 *    sends the whole request again, and the journal knows what was there already (G2).
 * 2. Events of one profile keep their order: they share mails, and the mailbox keeps the order of mails.
 * 3. What an event tells of a push message goes to the receipts too, before anything is answered.
 * 4. A refused event is kept with its reason and costs no neighbour (G13); keeping it never fails a request.
 * 5. What must come again is not charged to its profile's rate: clients that try again while a queue is throttled
 *    would use the rate up, and be refused for good what was never taken.
 */
export interface IngestPorts {
  readonly mailbox: Mailbox;
  readonly receipts: ReceiptQueue;
  /** undefined when there is none, it was revoked, or it is of another kind. */
  readonly findWriteKey: (text: string) => Promise<WriteKeyHolder | undefined>;
  /** Throws TooMany: then nothing of the request is taken. */
  readonly keyRate: (holder: WriteKeyHolder, events: number) => Promise<void>;
  readonly rate: ProfileRate;
  readonly intake: Pick<Intake, 'keepRefused' | 'observe'>;
  readonly now: Clock;
}

export interface SegmentPost {
  readonly route: Extract<SegmentRoute, { to: 'batch' | 'event' }>;
  readonly authorization: string | undefined;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

interface IngestOutcome {
  readonly accepted: number;
  readonly refused: readonly Refusal[];
}

/** Throws InvalidInput for a request that must be dropped, Transient for one that must come again. */
export async function ingestSegment(request: SegmentPost, ports: IngestPorts): Promise<IngestOutcome> {
  const receivedAt = ports.now();
  const body = attempt(() => readSegmentBody(request.body, request.isBase64Encoded));
  const key = readWriteKey(request.authorization, body.value);
  const holder = key === undefined ? undefined : await ports.findWriteKey(key);
  if (holder === undefined) {
    if (body.error !== undefined) throw body.error;
    throw key === undefined
      ? new InvalidInput(
          'write-key.missing',
          'no write key: neither in Basic authorization nor as writeKey in the body',
        )
      : new InvalidInput('write-key.unknown', `no such write key (${key.length} characters)`);
  }
  const read = attempt(() => {
    if (body.error !== undefined) throw body.error;
    return readSegmentRequest(request.route, body.value, receivedAt);
  });
  if (read.value !== undefined) {
    await ports.keyRate(holder, read.value.accepted.length + read.value.refused.length);
    return acceptEvents(read.value, holder, receivedAt, ports);
  }
  if (read.error instanceof GodwitError) {
    const { code, message: detail } = read.error;
    await ports.intake.keepRefused([{ code, detail, pointer: '', fields: [] }], holder, receivedAt);
  }
  throw read.error;
}

/** The part that every wire format shares. */
async function acceptEvents(
  request: SegmentRequest,
  holder: WriteKeyHolder,
  receivedAt: number,
  ports: IngestPorts,
): Promise<IngestOutcome> {
  const refused = [...request.refused];
  const admitted = request.accepted.filter((arrival) => {
    const isAdmitted = ports.rate.admit(arrival.key, receivedAt);
    if (!isAdmitted) refused.push(tooMany(arrival, ports.rate.asked(arrival.key)));
    return isAdmitted;
  });
  const accepted = await takeAll(admitted, refused, receivedAt, ports).catch((error: unknown) => {
    for (const { key } of admitted) ports.rate.giveBack(key);
    throw error;
  });
  await Promise.all([
    ports.intake.keepRefused(refused, holder, receivedAt),
    ports.intake.observe(
      accepted.map((arrival) => arrival.event),
      receivedAt,
    ),
  ]);
  return { accepted: accepted.length, refused };
}

/** Into the queues; what these will never take joins `refused`, the rest is answered. */
async function takeAll(
  admitted: readonly Arrival[],
  refused: Refusal[],
  receivedAt: number,
  ports: Pick<IngestPorts, 'mailbox' | 'receipts'>,
): Promise<readonly Arrival[]> {
  const parcels = packMails(admitted, receivedAt);
  const unsendable = await ports.mailbox.send(parcels.map((parcel) => parcel.mail));
  const lost = new Set(
    unsendable.flatMap(({ index, code }) =>
      parcels[index]!.arrivals.map((arrival) => {
        refused.push(undeliverable(arrival, code));
        return arrival;
      }),
    ),
  );
  const accepted = admitted.filter((arrival) => !lost.has(arrival));
  const receipts = accepted.flatMap(({ event }) => receiptsIn(event));
  if (receipts.length > 0) await ports.receipts.send(receipts);
  return accepted;
}

const maxMailEvents = 20;
const maxMailBytes = 200 * 1024;
/** What a canonical event may have beyond the bytes of the event as it came (`Arrival.bytes`). */
const overheadBytes = 400;

interface Parcel {
  readonly mail: OutgoingMail;
  readonly arrivals: readonly Arrival[];
}

/** Events of one profile share mails, in their order; an SQS message costs the same up to 64 KB. */
export function packMails(arrivals: readonly Arrival[], receivedAt: number): Parcel[] {
  const byProfile = Map.groupBy(arrivals, (arrival) => arrival.key);
  const parcels: Parcel[] = [];
  for (const [key, ofProfile] of byProfile) {
    let part: Arrival[] = [];
    let bytes = 0;
    for (const arrival of ofProfile) {
      const more = arrival.bytes + overheadBytes;
      if (part.length === maxMailEvents || (part.length > 0 && bytes + more > maxMailBytes)) {
        parcels.push(toParcel(key, part, receivedAt));
        part = [];
        bytes = 0;
      }
      part.push(arrival);
      bytes += more;
    }
    parcels.push(toParcel(key, part, receivedAt));
  }
  return parcels;
}

/**
 * The same events give the same deduplication id, so that the queue swallows a byte-equal retry within five minutes.
 * That saves money and nothing relies on it.
 */
function toParcel(key: ProfileKey, arrivals: readonly Arrival[], received: number): Parcel {
  const identity = arrivals.flatMap(({ event }) => [event.sent ?? '~', event.id]);
  const records = arrivals.map(({ event }) => ({ t: 'event', event }) as const);
  return { mail: { id: digest(key, ...identity), mail: { schema: 1, key, received, hop: 0, records } }, arrivals };
}

const tooMany = ({ event, pointer }: Arrival, asked: number): Refusal => ({
  code: 'profile.rate',
  detail: `at most ${maxEventsPerMinute} events a minute of one profile; this is number ${asked} of its minute`,
  pointer,
  limit: maxEventsPerMinute,
  actual: asked,
  ...labels(event),
});

const undeliverable = ({ event, pointer, bytes }: Arrival, code: string): Refusal => ({
  code: 'mailbox.refused',
  detail: `the queue will never take it: ${code}`,
  pointer,
  actual: bytes,
  ...labels(event),
});

const labels = ({ id, name, kind }: CustomerEvent) => ({ eventId: id, name, kind, fields: [] });

function attempt<T>(read: () => T): { readonly value?: T; readonly error?: unknown } {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}
