import type { Reason } from '../../domain/decision.ts';
import { namedOf } from '../../domain/profiles/named-of.ts';
import type { Merged, Profile } from '../../domain/profiles/profile.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { JournalEntry, StoredProfile } from '../ports.ts';
import { type IdType, identityOf, keyOfIdentity } from './find-profile.ts';
import type { ProfileHistory } from './ports.ts';
import { journalOf } from './profile-history.ts';

export interface NamedKey {
  readonly profile: ProfileKey;
  /** Its id, where the person goes by it; null: nothing says which id the key was made of. */
  readonly idType: IdType | null;
  readonly id: string | null;
}

export interface ExplainedMerge extends NamedKey {
  /** Epoch milliseconds; null: longer ago than profile and journal remember. */
  readonly at: number | null;
  readonly origin: Merged['origin'] | null;
  /** Id of the event or command that said so. */
  readonly by: string | null;
  /** How many runs, traits, counts and messages it brought, and consents that it decided. */
  readonly brought: Json | null;
}

export interface ExplainedMerges {
  /** Newest first, those of which the time is not known last. */
  readonly merges: readonly ExplainedMerge[];
  /** Identities that belong to another known user, and are not asked again. */
  readonly declined: readonly NamedKey[];
  /** What the journal says of merges and identities, newest first. */
  readonly decisions: readonly {
    readonly at: number;
    readonly profile: ProfileKey;
    readonly cause: JournalEntry['t'];
    /** Of the event or command. */
    readonly id: string | null;
    readonly reasons: readonly Reason[];
  }[];
  readonly complete: boolean;
}

const MAX_DECISIONS = 200;
const isOfMerges = ({ code }: Reason) => /^(?:merge|identity|device)\./.test(code);

/** Which identities are one person, since when, by what, and what each of them brought. */
export async function explainMerges(
  history: Pick<ProfileHistory, 'journal'>,
  stored: StoredProfile,
): Promise<ExplainedMerges> {
  const { entries, complete } = await journalOf(history, stored);
  const decisions = entries
    .map(({ at, key, t, why, in: input }) => ({
      at,
      profile: key,
      cause: t,
      id: idOf(input),
      reasons: why.filter(isOfMerges),
    }))
    .filter(({ reasons }) => reasons.length > 0)
    .slice(0, MAX_DECISIONS);
  const { profile } = stored;
  const name = namer(profile);
  const remembered = new Map((profile.merged ?? []).map((one) => [one.from, one]));
  const absorbed = new Map<ProfileKey, { readonly at: number; readonly saw: { readonly [name: string]: Json } }>();
  for (const { at, reasons } of decisions) {
    for (const { code, saw } of reasons) {
      if (code !== 'merge.absorbed') continue;
      const { from, ...brought } = saw as { readonly from: string; readonly [name: string]: Json };
      absorbed.set(from, { at, saw: brought });
    }
  }
  const merges = profile.aliases.map((key): ExplainedMerge => {
    const known = remembered.get(key);
    const told = absorbed.get(key);
    return {
      ...name(key),
      at: known?.at ?? told?.at ?? null,
      origin: known?.origin ?? null,
      by: known?.by ?? null,
      brought: told !== undefined && Object.keys(told.saw).length > 0 ? told.saw : null,
    };
  });
  merges.sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || (a.profile < b.profile ? -1 : 1));
  return { merges, declined: profile.declined.map(name), decisions, complete };
}

function idOf(input: Json | undefined): string | null {
  const id = input !== null && typeof input === 'object' && 'id' in input ? input.id : undefined;
  return typeof id === 'string' ? id : null;
}

/** Keys are hashes: what they were made of is looked up among the ids that the person goes by. */
function namer({ ids, ...rest }: Profile): (key: ProfileKey) => NamedKey {
  const all: (readonly [IdType, string])[] = [
    ...[...(ids.user === undefined ? [] : [ids.user]), ...(ids.former ?? [])].map((id) => ['userId', id] as const),
    ...(ids.anonymous ?? []).map((id) => ['anonymousId', id] as const),
    ...namedOf({ ids, ...rest }).map(({ kind, id }) => [kind, id] as const),
  ];
  const byKey = new Map(all.map(([idType, id]) => [keyOfIdentity(identityOf(idType, id)), { idType, id }]));
  return (key) => ({ profile: key, ...(byKey.get(key) ?? { idType: null, id: null }) });
}
