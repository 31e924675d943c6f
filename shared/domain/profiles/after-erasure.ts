import type { Decision, Reason } from '../decision.ts';
import type { ToldRecord } from '../mail-record.ts';
import type { Policy } from '../messaging/policy.ts';
import type { Turn } from '../turn.ts';
import { holdersOf, isErased, type Profile } from './profile.ts';

export type Recreate = 'on-consent' | 'always' | 'never';

/** When the policy does not say. */
const DEFAULT_RECREATE: Recreate = 'on-consent';

const recreateOf = ({ erasure }: Policy): Recreate => erasure?.recreate ?? DEFAULT_RECREATE;

/**
 * What is told of a customer who was erased. Undefined: it is decided as it would be of anybody.
 *
 * 1. What happened before is not taken any more, by whichever way it comes: a late client, a forward, a dead letter, an import.
 * 2. What providers and senders say is about messages of before.
 * 3. Who comes back afterwards, the policy decides. A message to an address alone brings nobody back.
 */
export function refuseErased(turn: Turn, record: ToldRecord): Decision | undefined {
  const { profile, catalog } = turn;
  if (profile.erased === undefined || holdersOf(profile).length > 0) return undefined;
  if (isOfBefore(profile, record)) return refuse(turn, before);
  if (record.t === 'receipt' && record.topic === undefined) return refuse(turn, 'erased.message');
  if (profile.movedTo !== undefined || !isErased(profile)) return undefined;
  if (record.t === 'message' && record.identity === undefined) return undefined;
  if (ofMessages.has(record.t)) return refuse(turn, 'erased.message');
  const recreate = recreateOf(catalog.policy);
  if (recreate === 'always' || (recreate === 'on-consent' && givesConsent(record))) return undefined;
  return refuse(turn, 'erased.not-recreated');
}

const before = 'erased.before';
/** Also where it cannot be decided. */
export const droppedBefore: Reason = { code: before };

/** Whether it happened before the customer was erased; what names an identity that others have says nothing of them. */
export const isOfBefore = (profile: Profile, record: ToldRecord): boolean =>
  profile.erased !== undefined && holdersOf(profile).length === 0 && timeOf(record) <= profile.erased.at;

/** When it happened: of an event its own time, of what became of a message when that was decided. */
function timeOf(record: ToldRecord): number {
  if (record.t === 'event') return record.event.at;
  return record.t === 'outcome' ? Math.min(record.decidedAt ?? record.at, record.at) : record.at;
}

const ofMessages: ReadonlySet<ToldRecord['t']> = new Set(['outcome', 'receipt', 'task', 'unenroll', 'keyword']);

const givesConsent = (record: ToldRecord): boolean =>
  record.t === 'consent' && record.consents.some(({ state }) => state !== 'withdrawn');

/** Whose record it was is the key alone: the journal gets nothing of what was in it. */
export const isDropped = (why: readonly { readonly code: string }[]): boolean =>
  why.some(({ code }) => code.startsWith('erased.'));

function refuse(turn: Turn, code: string): Decision {
  turn.because({ code });
  return turn.decision();
}
