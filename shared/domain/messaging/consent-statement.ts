import { canonicalJson } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { Decision, Reason } from '../decision.ts';
import type { MailRecord } from '../mail-record.ts';
import type { Consent, Profile } from '../profiles/profile.ts';

/** What came of a statement: it held from then on, a newer one held already, or the profile had no room for it. */
export type StatementOutcome = 'held' | 'older' | 'refused';

/** What somebody once said about a consent, whether it changed anything or not. Never altered, kept for good. */
export interface ConsentStatement extends Consent {
  /** When it was decided; `at` is when it was made. */
  readonly recordedAt: number;
  readonly outcome: StatementOutcome;
}

const outcomes: Readonly<Record<string, StatementOutcome>> = {
  'consent.recorded': 'held',
  'consent.older': 'older',
  'profile.too-large': 'refused',
};

/**
 * The statements in one record, as they are to be kept. Whoever processes data by consent must be able to demonstrate it
 * (GDPR, article 7(1)), longer than any journal is kept.
 *
 * A merge states nothing: what both sides had said stands in the history of each already.
 */
export function statementsOf(record: MailRecord, before: Profile, decision: Decision, now: number): ConsentStatement[] {
  const { profile, reasons, forwarded } = decision;
  if (forwarded || before.movedTo !== undefined || profile.test !== undefined) return [];
  if (record.t === 'consent') {
    const found = reasons.filter(isAboutStatement).map(({ code }) => outcomes[code]!);
    return record.consents.map((consent, index) => ({
      ...consent,
      recordedAt: now,
      outcome: found[index] ?? 'older',
    }));
  }
  if (record.t !== 'receipt' && record.t !== 'keyword' && record.t !== 'outcome') return [];
  return Object.entries(profile.consents)
    .filter(([name, consent]) => before.consents[name] !== consent)
    .map(([, consent]) => ({ ...consent, recordedAt: now, outcome: 'held' }));
}

/** Every statement of a record has one such reason, in the same order. */
const isAboutStatement = ({ code, channel, topic }: Reason): boolean =>
  Object.hasOwn(outcomes, code) && channel !== undefined && topic !== undefined;

/**
 * Sort key of a statement, made of nothing but what was said: a record that comes again, years later from a file or under
 * another name, finds its statement there.
 */
export function statementId({ recordedAt: _, outcome: __, ...consent }: ConsentStatement): string {
  return `${formatInstant(consent.at)}|${digest(canonicalJson(consent))}`;
}
