import type { CapturedMessage } from '../../../local/cloud.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant } from '../../../shared/kernel/time.ts';
import { checkLog } from '../../policy/checker/check-log.ts';
import type { Line, Settings } from '../../policy/checker/log.ts';
import type { Row } from './check-messages.ts';
import type { Finding, Replay } from './replay.ts';

/**
 * The message log of each customer, read by the independent checker of the policy (tests/policy): caps, hours, consent,
 * priorities, both ways. What a profile went by before it was merged is told under its root. When a message went out is what
 * the provider says: a row that nobody could tell of tells when somebody found out. Of who is erased half the story is gone.
 */
export function checkPolicy(
  replay: Pick<Replay, 'notes' | 'profileOf'>,
  rows: readonly Row[],
  captured: readonly Pick<CapturedMessage, 'messageId' | 'at'>[],
  settings: Settings,
  erased: ReadonlySet<ProfileKey> = new Set(),
): Finding[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const handedAt = new Map(captured.map(({ messageId, at }) => [messageId, at]));
  // One that was held on its way gave its place back, and was decided anew: only the last decision sent it.
  const lastDecided = new Map(
    replay.notes.flatMap(({ reason, at }) =>
      reason.code === 'message.decided' ? [[reason.message, at] as const] : [],
    ),
  );
  const people = new Map<string, { readonly customer: string; readonly zone: string }>();
  const personOf = (key: string) => {
    const known = people.get(key);
    if (known !== undefined) return known;
    let root = key;
    for (let { movedTo } = replay.profileOf(root); movedTo !== undefined; { movedTo } = replay.profileOf(root))
      root = movedTo;
    const zone = replay.profileOf(root).traits['timezone']?.value;
    const person = { customer: root, zone: typeof zone === 'string' ? zone : 'Europe/Berlin' };
    people.set(key, person);
    return person;
  };
  const lines = replay.notes.flatMap(({ key, at, reason }): Line[] => {
    const { code, journey, step, run, channel, topic, saw } = reason;
    if (channel === 'webhook' || erased.has(key)) return [];
    const place = { ...personOf(key), ...defined({ journey, step, run, channel, topic }) };
    const note = { ...place, ...defined({ saw }), line: 'note' as const, at: formatInstant(at), code };
    if (code !== 'message.decided') return [note];
    const row = byId.get(reason.message ?? '');
    if ((row?.st !== 'sent' && row?.st !== 'unknown') || lastDecided.get(row.id) !== at) return [note];
    const decided = formatInstant(at);
    const handed = handedAt.get(row.id) ?? decided;
    // The provider's clock and that of whoever decided may be apart, and nothing is handed over before it is decided.
    const sent = { ...place, line: 'sent', decided, handed: handed < decided ? decided : handed };
    return [note, sent as Extract<Line, { line: 'sent' }>];
  });
  return checkLog(lines, settings).map(({ rule, customer, at, detail }) => ({
    rule: `G10 ${rule}`,
    who: customer,
    detail: `${at}: ${detail}`,
  }));
}

const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };
