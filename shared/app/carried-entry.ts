import type { Effect, MessageRequest, Reason } from '../domain/decision.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { isTestKey, type ProfileKey } from '../kernel/ids.ts';
import type { CarriedEntry, JournalEntry, MessageRecord, Pending } from './ports.ts';

/**
 * The journal entry of a wake that sends messages, where no journal entry is written (docs: ADR 48; model-checked as
 * "certM"). It lies in the queue with the last message of the commit, and is written with the claim of that message:
 *
 * 1. Everything else of the commit is performed before its carrier is queued, so the entry in a message's row is the
 *    certificate of the commit, as an entry in the journal is. Rows tell commits apart by `jk`.
 * 2. A carrier that was performed again carries nothing: the journal certifies then, once and for all.
 * 3. Whoever reads the journal of a profile reads what its messages carry as well.
 */

/**
 * An update is billed by the whole row, which must stay within one write unit of 1 KB: it has 430 bytes when it says
 * `delivered`, and up to 120 more with long ids and further receipts. What is longer goes to the journal.
 */
const MAX_BYTES = 450;

type MessageEffect = Extract<Effect, { readonly e: 'message' }>;
interface Committed {
  readonly key: ProfileKey;
  readonly profile: Profile;
  readonly pending: Pending;
}

/**
 * The message that may carry the entry of its commit; undefined where the journal has to be written. Told records are
 * looked up there when they come again. What identities and addresses alone are told is deleted by what their journals
 * say, and rows of webhooks keep answers of any size.
 */
export function carrierOf({ key, profile, pending: { ids, eff, v, at } }: Committed): MessageEffect | undefined {
  const [only, ...others] = ids;
  if (only?.t !== 'wake' || others.length > 0 || isTestKey(key) || profile.holders !== undefined) return undefined;
  const last = eff.findLast((effect): effect is MessageEffect => effect.e === 'message');
  if (last?.message.origin === undefined || keepsAnswer(last.message)) return undefined;
  const bytes = Buffer.byteLength(packEntry({ jk: only.jk, v, at, why: only.why }));
  return bytes > MAX_BYTES ? undefined : last;
}

const keepsAnswer = ({ webhook }: MessageRequest): boolean => webhook?.save === true;

export const entryOf = ({ ids: [only], v, at }: Pending): CarriedEntry => ({ jk: only!.jk, v, at, why: only!.why });

/** As the journal would have them. */
export const carriedIn = ({ key, inc, entries = [] }: Pick<MessageRecord, 'key' | 'inc' | 'entries'>): JournalEntry[] =>
  entries.map((entry) => ({ ...entry, key, st: 'moved', t: 'wake', ...(inc !== undefined && { inc }) }));

const shared = ['journey', 'version', 'run'] as const;
type Shared = Pick<Reason, (typeof shared)[number]>;
interface Packed extends Pick<CarriedEntry, 'jk' | 'at'> {
  readonly of: Shared;
  readonly why: readonly Reason[];
}

/** What all reasons have in common is said once. */
export function packEntry({ jk, at, why }: CarriedEntry): string {
  const [first] = why;
  const names = shared.filter((name) => why.every((reason) => reason[name] === first?.[name]));
  const of = Object.fromEntries(names.map((name) => [name, first?.[name]]));
  const rest = why.map((reason) =>
    Object.fromEntries(Object.entries(reason).filter(([name]) => !names.includes(name as keyof Shared))),
  );
  return JSON.stringify({ jk, at, of, why: rest });
}

/**
 * `w12` in the row of the message: the entry of the commit with version 12. Each is an attribute by itself, so that
 * whoever changes the rest of the row leaves it.
 */
export const attributeOf = (v: number): string => `w${v}`;
export const isCarried = (attribute: string): boolean => /^w\d+$/.test(attribute);

/** @param attributes of a row, whichever they are. */
export const unpackEntries = (attributes: readonly (readonly [name: string, value: unknown])[]): CarriedEntry[] =>
  attributes
    .flatMap(([name, text]) =>
      isCarried(name) && typeof text === 'string' ? [unpackEntry(Number(name.slice(1)), text)] : [],
    )
    .sort((a, b) => a.v - b.v);

export function unpackEntry(v: number, text: string): CarriedEntry {
  const { jk, at, of, why } = JSON.parse(text) as Packed;
  return { jk, v, at, why: why.map((reason) => ({ ...of, ...reason })) };
}
