import type { MailRecord, OwnRecord, ToldRecord } from '../domain/mail-record.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { digest } from '../kernel/ids.ts';
import { formatInstant } from '../kernel/time.ts';

const own: ReadonlySet<MailRecord['t']> = new Set<OwnRecord['t']>([
  'wake',
  'yield',
  'declined',
  'absorb',
  'strip',
  'hold',
  'release',
  'token-held',
  'token-lost',
  'nudge',
  'fill',
  'erase',
  'wipe',
  'wiped',
  'purged',
]);

export const isTold = (record: MailRecord): record is ToldRecord => !own.has(record.t);

/**
 * Journal key of a told record. It is made of nothing but what every retry repeats: of an event the time stamp
 * exactly as the client wrote it, never a corrected one, never the envelope's (guarantee G2).
 */
export function toldKey(record: ToldRecord): string {
  return record.t === 'event'
    ? `${record.event.sent ?? '~'}|${digest(record.event.id)}`
    : `~|${digest(record.t, record.id)}`;
}

/** Journal key of an own record that changed something in the commit with version `v`. */
export function ownKey(record: OwnRecord, now: number, v: number): string {
  return `${formatInstant(now)}|${ownId(record)}|${v}`;
}

/** Journal key of an own record that was not decided: the same for every delivery of it. */
export const undecidedKey = (record: MailRecord): string =>
  isTold(record) ? toldKey(record) : `~|${digest('undecided', canonicalJson(record))}`;

function ownId(record: OwnRecord): string {
  switch (record.t) {
    case 'wake':
      return record.id;
    case 'fill':
      return `fill-${record.id}`;
    case 'yield':
      return `yield-${record.to}`;
    case 'declined':
    case 'absorb':
      return `${record.t}-${record.from}`;
    case 'hold':
    case 'release':
    case 'token-held':
    case 'token-lost':
    case 'wipe':
      return `${record.t}-${record.by}`;
    case 'wiped':
      return `wiped-${record.from}`;
    case 'erase':
      return `erase-${record.job}`;
    case 'strip':
    case 'nudge':
    case 'purged':
      return record.t;
  }
}
