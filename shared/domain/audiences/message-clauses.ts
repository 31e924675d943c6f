import { canonicalJson } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import type { Channel } from '../messaging/channel.ts';
import { collectClauses, isSpan, keepMs } from './did-clauses.ts';
import type { HadMessage } from './predicate.ts';

/**
 * What a profile remembers for the `message` predicates of the published documents: as occurrences, beside those of
 * `did` and bounded as they are. They are erased with the profile, and name nothing but instants.
 *
 * 1. `sent` counts from the decision on and is taken back when it was not sent (`takeBackOccurrence`).
 * 2. Everything else is a provider's receipt, and counts as often as the provider tells it.
 * 3. A filter that is not given is not looked at: `step` alone is a step of that id in any journey.
 */
export interface MessageClause {
  /** The same for the same question, wherever it stands and however far it reaches back. */
  readonly id: string;
  readonly message: HadMessage['message'];
  readonly was: HadMessage['was'];
  /** Opens and clicks by machines do not count. */
  readonly human: boolean;
  readonly keepMs: number;
}

/** Something that became of a message. */
export interface MessageFact {
  readonly was: HadMessage['was'];
  readonly at: number;
  readonly channel: Channel;
  readonly topic?: string;
  /** Absent for a message without a journey. */
  readonly journey?: string;
  readonly step?: string;
  readonly machine?: true;
}

const known = new WeakMap<HadMessage, MessageClause>();

export function messageClause(part: HadMessage): MessageClause {
  let clause = known.get(part);
  if (clause === undefined) {
    const { message, was } = part;
    const human = (was === 'opened' || was === 'clicked') && part.by !== 'anyone';
    clause = { id: digest(canonicalJson({ message, was, human })), message, was, human, keepMs: keepMs(part.within) };
    known.set(part, clause);
  }
  return clause;
}

/** Of every predicate in the documents, each once, as `didClauses` does. */
export const messageClauses = (...documents: readonly unknown[]): MessageClause[] =>
  collectClauses(documents, (node) => (isHadMessage(node) ? [messageClause(node)] : undefined));

function isHadMessage(node: object): node is HadMessage {
  const { message, was, within } = node as Partial<HadMessage>;
  return typeof message === 'object' && message !== null && typeof was === 'string' && isSpan(within);
}

export function concerns({ message, was, human }: MessageClause, fact: MessageFact): boolean {
  if (was !== fact.was || (human && fact.machine === true)) return false;
  return (['journey', 'step', 'topic', 'channel'] as const).every(
    (name) => message[name] === undefined || message[name] === fact[name],
  );
}
