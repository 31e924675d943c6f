import type { ApiClient } from '../remote/api-client.ts';
import type { Outcome, World } from '../verb.ts';

interface Explained {
  readonly predicate: string;
  readonly at: string;
  readonly value: boolean;
  readonly validUntil: string | null;
  readonly completeSince: string | null;
  readonly fromJournal: number;
  readonly because: readonly { readonly part: string; readonly value: boolean; readonly saw?: string }[];
}

export interface Asked {
  /** As text, or that of a segment. */
  readonly predicate: unknown;
  readonly profile: string;
  readonly anonymous: boolean;
  readonly at?: string;
}

/** Whether it is true of the customer, why, and for how long. */
export async function explainSegment(
  api: ApiClient,
  { predicate, profile, anonymous, at }: Asked,
  { terminal: { paint } }: World,
): Promise<Outcome> {
  const idType = anonymous ? 'anonymousId' : 'userId';
  const body = { predicate, profile, idType, ...(at !== undefined && { at }) };
  const found = await api.post<Explained>('/v1/predicates/explain', body);
  const { value, validUntil, completeSince, because, fromJournal } = found;
  const widest = Math.max(0, ...because.map(({ part }) => part.length));
  const mark = (holds: boolean) => (holds ? paint.green('yes') : paint.red('no '));
  return {
    exit: 0,
    text: [
      `${paint.bold(value ? 'yes' : 'no')}: ${found.predicate}`,
      ...because.map(({ part, value: holds, saw }) =>
        `  ${mark(holds)}  ${part.padEnd(widest)}${saw === undefined ? '' : paint.dim(`  saw ${saw}`)}`.trimEnd(),
      ),
      validUntil === null
        ? 'it stays so until something happens'
        : `it stays so until ${validUntil}, if nothing happens`,
      ...(completeSince === null ? [] : [paint.yellow(`what was before ${completeSince} is not known`)]),
      ...(fromJournal === 0 ? [] : [paint.dim(`${fromJournal} counted from the journal, because nobody keeps it`)]),
    ],
    json: found,
  };
}
