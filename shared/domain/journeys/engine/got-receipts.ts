import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import type { ToldRecord } from '../../mail-record.ts';
import { readMessageId } from '../../messaging/message-id.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Trigger } from '../journey.ts';
import { type CompiledJourney, type WantedReceipt, wantedOf } from './compiled-journey.ts';
import { visitsOf } from './message-id.ts';

/**
 * What triggers on messages know.
 *
 * 1. A run recognises its messages without remembering them: their ids are made of the run, the step and the visit.
 *    The key in front may be an older one (a merge), so it is not compared.
 * 2. What came before a wait-for is remembered in the run (`got`), so that a click during the wait before it counts.
 * 3. They are about the latest visit to the step: when the run comes there again, what became of the message before
 *    is forgotten, and receipts of it count no more.
 * 4. Opens and clicks by machines are none, as for predicates that do not say `by anyone`.
 */
export type Receipt = Extract<ToldRecord, { readonly t: 'receipt' }>;

/** Which of the wanted receipts this one is, those that the run has already left out. */
export function newlyGot(
  { receipts }: CompiledJourney,
  runId: string,
  run: Run,
  { message, was, link, machine }: Receipt,
): number[] {
  const hash = readMessageId(message)?.hash;
  if (hash === undefined || machine) return [];
  return receipts.flatMap((wanted, index) => {
    const isIt = wanted.was === was && isLink(wanted.link, link) && run.got?.includes(index) !== true;
    return isIt && digest(runId, wanted.step, String(visitsOf(run, wanted.step) || 1)) === hash ? [index] : [];
  });
}

/** The place in `receipts` of what a trigger asks for. */
export function placeOf({ receipts }: CompiledJourney, trigger: Trigger): number {
  if (trigger.on !== 'message') return -1;
  const text = canonicalJson(wantedOf(trigger));
  return receipts.findIndex((wanted) => canonicalJson(wanted) === text);
}

/** A run that comes to the step again: what is to come is about another message. */
export function forgetGot({ receipts }: CompiledJourney, run: Run, step: string): Run {
  const { got, ...rest } = run;
  if (got === undefined) return run;
  const kept = got.filter((index) => receipts[index]?.step !== step);
  return { ...rest, ...(kept.length > 0 && { got: kept }) };
}

/** Of the message at the run's step, which a dry run did not send: it arrived, and nobody opened it. */
export function asIfDelivered({ receipts }: CompiledJourney, run: Run): Run {
  const got = receipts.flatMap(({ step, was }, index) => (step === run.step && was === 'delivered' ? [index] : []));
  const news = got.filter((index) => run.got?.includes(index) !== true);
  return news.length === 0 ? run : { ...run, got: [...(run.got ?? []), ...news] };
}

/** The link as it is written, whatever query or fragment it has in the message. */
const isLink = (wanted: WantedReceipt['link'], link: string | undefined): boolean =>
  wanted === undefined ||
  link === wanted ||
  link?.startsWith(`${wanted}?`) === true ||
  link?.startsWith(`${wanted}#`) === true;
