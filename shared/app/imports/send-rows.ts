import type { CustomerEvent } from '../../domain/customer-event.ts';
import type { MailRecord } from '../../domain/mail-record.ts';
import { digest, type ProfileKey } from '../../kernel/ids.ts';
import { putItems } from '../collections/save-items.ts';
import { maxSightingsPerRequest } from '../intake.ts';
import type { ScanPorts } from '../scans/scan-kind.ts';
import type { RowFault } from './raw-rows.ts';
import type { Told } from './told.ts';

interface ToldRow {
  readonly line: number;
  readonly told: Told;
}

/** As of ingest: what one mail carries. */
const MAX_RECORDS = 20;
const MAX_MAIL_BYTES = 200 * 1024;
const CONCURRENT_PUTS = 25;

interface Parcel {
  readonly key: ProfileKey;
  readonly lines: number[];
  readonly records: MailRecord[];
  bytes: number;
}

/**
 * Tells profiles what rows say, the suppression list, and collections. Rows of one profile share mails, in their order. Answers the
 * lines that the queue will never take.
 */
export async function sendRows(
  rows: readonly ToldRow[],
  job: { readonly id: string; readonly begin: number },
  {
    clock,
    mailbox,
    suppressions,
    intake,
    items,
  }: Pick<ScanPorts, 'clock' | 'mailbox' | 'suppressions' | 'intake' | 'items'>,
): Promise<{ readonly line: number; readonly errors: readonly RowFault[] }[]> {
  const puts = rows.flatMap(({ told }) => told.suppression ?? []);
  for (let from = 0; from < puts.length; from += CONCURRENT_PUTS) {
    await Promise.all(puts.slice(from, from + CONCURRENT_PUTS).map((one) => suppressions.put(one)));
  }
  await putItems(
    rows.flatMap(({ told }) => ('item' in told ? told.item : [])),
    items,
  );
  const parcels = pack(rows);
  if (parcels.length === 0) return [];
  const received = clock();
  const refused = await mailbox.send(
    parcels.map(({ key, lines, records }) => ({
      // The same lines give the same id, so that the queue swallows most of a page that is done again.
      id: digest('import', job.id, key, lines.join()),
      mail: { schema: 1, key, received, hop: 0, records },
    })),
  );
  const lost = new Set(refused.map(({ index }) => index));
  const sent = parcels.filter((_, index) => !lost.has(index));
  for (const some of byNames(sent.flatMap(eventsIn))) await intake.observe(some, received);
  return refused.flatMap(({ index, code }) => {
    const { lines, bytes } = parcels[index]!;
    const detail = `the queue will never take it: ${code}`;
    return lines.map((line) => ({ line, errors: [{ code: 'mailbox.refused', detail, pointer: '', actual: bytes }] }));
  });
}

const eventsIn = ({ records }: Parcel): CustomerEvent[] =>
  records.flatMap((one) => (one.t === 'event' ? one.event : []));

/** So few names at a time that none is passed over. */
function byNames(events: readonly CustomerEvent[]): CustomerEvent[][] {
  const named = [...Map.groupBy(events, ({ name }) => name).values()];
  const groups = Math.ceil(named.length / maxSightingsPerRequest);
  return Array.from({ length: groups }, (_, i) =>
    named.slice(i * maxSightingsPerRequest, (i + 1) * maxSightingsPerRequest).flat(),
  );
}

function pack(rows: readonly ToldRow[]): Parcel[] {
  const parcels: Parcel[] = [];
  const open = new Map<ProfileKey, Parcel>();
  for (const { line, told } of rows) {
    if (told.to === undefined) continue;
    const { to: key, records } = told;
    const bytes = Buffer.byteLength(JSON.stringify(records));
    let parcel = open.get(key);
    if (
      parcel === undefined ||
      parcel.records.length + records.length > MAX_RECORDS ||
      parcel.bytes + bytes > MAX_MAIL_BYTES
    ) {
      parcel = { key, lines: [], records: [], bytes: 0 };
      open.set(key, parcel);
      parcels.push(parcel);
    }
    parcel.lines.push(line);
    parcel.records.push(...records);
    parcel.bytes += bytes;
  }
  return parcels;
}
