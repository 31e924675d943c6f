import { type ConsentStatement, statementId } from '../../domain/messaging/consent-statement.ts';
import { formatInstant } from '../../kernel/time.ts';
import { newestFirst } from '../newest-first.ts';
import type { PageRequest } from '../page.ts';
import type { StoredProfile } from '../ports.ts';
import { keysOf } from './find-profile.ts';
import type { ConsentReader, KeptStatement } from './ports.ts';
import type { HistoryPage } from './profile-history.ts';

/** `recordedAt` is absent of what a profile holds from before statements were kept. */
export type ToldStatement = Omit<ConsentStatement, 'recordedAt'> & { readonly recordedAt?: number };

/**
 * Every statement that a person made about their consents, newest first: of the profile and of what was merged into it.
 * What two of them were told alike, because a record came again after the merge, stands here once.
 */
export async function allStatements(
  consents: ConsentReader,
  stored: StoredProfile,
): Promise<{ readonly statements: readonly ToldStatement[]; readonly complete: boolean }> {
  const held = await Promise.all(keysOf(stored).map((key) => consents.statementsOf(key)));
  const byId = new Map<string, ToldStatement>();
  for (const consent of Object.values(stored.profile.consents)) {
    const known: ConsentStatement = { ...consent, recordedAt: 0, outcome: 'held' };
    byId.set(statementId(known), { ...consent, outcome: 'held' });
  }
  const kept = [...held.flatMap(({ data }) => data), ...undone(stored)].sort(byRecording);
  for (const { id, statement } of kept.toReversed()) byId.set(id, statement);
  const statements = [...byId]
    .sort(([a, one], [b, other]) => other.at - one.at || (a < b ? -1 : 1))
    .map(([, one]) => one);
  return { statements, complete: held.every((one) => one.complete) };
}

export async function readStatements(
  consents: ConsentReader,
  stored: StoredProfile,
  page: PageRequest,
): Promise<HistoryPage<ToldStatement>> {
  const { statements, complete } = await allStatements(consents, stored);
  const items = statements.map((one) => ({ ...one, name: statementId({ recordedAt: 0, ...one }) }));
  const { data, ...rest } = newestFirst(items, page, ({ name }) => name);
  return { data: data.map(({ name: _, ...one }) => one), ...rest, complete };
}

/** As files and answers show it. */
export const showStatement = ({ at, recordedAt, ...rest }: ToldStatement) => ({
  ...rest,
  at: formatInstant(at),
  recordedAt: recordedAt === undefined ? null : formatInstant(recordedAt),
});

/** Committed, and about to be kept. */
const undone = ({ key, pending }: StoredProfile): KeptStatement[] =>
  (pending?.eff ?? []).flatMap((effect) =>
    effect.e === 'statement' ? [{ key, id: statementId(effect.statement), statement: effect.statement }] : [],
  );

const byRecording = (a: KeptStatement, b: KeptStatement): number => a.statement.recordedAt - b.statement.recordedAt;
