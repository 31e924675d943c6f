import type { CapturedMessage } from '../../../local/cloud.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import type { Finding, Replay } from './replay.ts';

/** A message's row, as it is stored. */
export interface Row {
  readonly id: string;
  readonly st: string;
  readonly why?: string;
  readonly channel: string;
}

const ends: readonly string[] = ['sent', 'unknown', 'failed', 'not-sent'];

/**
 * Every message that was decided has an end on record, and the providers have it at most once: exactly once where it was
 * sent, never where it was not, and where nobody can tell it is counted (G3, G7). Messages of one visit that a merge gave
 * another key in front are one. Of those who are erased no row is left, but still nobody has a message twice.
 */
export function checkMessages(
  { messages, notes }: Pick<Replay, 'messages' | 'notes'>,
  rows: readonly Row[],
  captured: readonly Pick<CapturedMessage, 'messageId'>[],
  erased: ReadonlySet<ProfileKey> = new Set(),
): Finding[] {
  const findings: Finding[] = [];
  const find = (rule: string, who: string, detail: string) => findings.push({ rule, who, detail });
  const visits = Map.groupBy(messages.keys(), visitOf);
  const byVisit = Map.groupBy(rows, ({ id }) => visitOf(id));
  const taken = Map.groupBy(captured, ({ messageId = '' }) => visitOf(messageId));
  const lostRun = new Set(
    notes.flatMap(({ reason }) => (reason.code === 'message.lost-its-run' ? [visitOf(reason.message!)] : [])),
  );
  for (const [visit, ids] of visits) {
    const own = byVisit.get(visit) ?? [];
    const times = taken.get(visit)?.length ?? 0;
    const end = own.find(({ st }) => ends.includes(st));
    if (times > 1) find('G3 handed over twice', ids[0]!, `${times} times`);
    if (end === undefined) {
      if (ids.every((id) => erased.has(messages.get(id)!.key))) continue;
      const isLost = own.some(({ st }) => st === 'held') && lostRun.has(visit);
      if (!isLost)
        find('G7 message without an end', ids[0]!, own.map(({ st }) => st).join() || 'never reached a sender');
      continue;
    }
    if (end.st === 'sent' && times === 0) find('G3 sent, and nobody has it', end.id, end.channel);
    if ((end.st === 'failed' || end.st === 'not-sent') && times > 0 && end.why !== 'settled.not-delivered')
      find('G7 not sent, and somebody has it', end.id, `${end.st} ${end.why}`);
  }
  for (const [visit, found] of taken) {
    if (!visits.has(visit)) find('G3 from nowhere', found[0]!.messageId ?? '', 'handed over, and never decided');
  }
  return findings;
}

/** So many ended in each way; `unknown` is what nobody can tell. */
export function endsOf(rows: readonly Row[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(rows, ({ st }) => st);
  return Object.fromEntries([...groups].map(([st, some]) => [st, some.length]).sort());
}

const visitOf = (id: string): string => id.slice(-22);
