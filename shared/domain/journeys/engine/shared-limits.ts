import type { Json } from '../../../kernel/canonical-json.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../kernel/time.ts';
import { dayName, nextDayStart } from '../../../kernel/zone.ts';
import type { Channel } from '../../messaging/channel.ts';
import { messagePrice } from '../../messaging/message-price.ts';
import type { Need, Permit } from '../../permit.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Journey } from '../journey.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import type { Refusal } from './enter.ts';

/**
 * The limits that all customers of a journey share. They count per journey, not per version, so a version that raises
 * one counts on. Days are those of the journey's zone, else the environment's: the same for all. A test run takes none.
 */

/** So many entries or messages one lease may hold. */
const MOST = 100;
/** Money is counted in millionths of its unit, time in microseconds. */
const MILLION = 1_000_000;
const MICROS_PER_MS = 1_000;
/** A slot whose wake comes later than this is given up: late ones together would be more than a minute may have. */
const SLOT_KEEPS_MS = 2 * MINUTE_MS;

export const sharesLimits = ({ limits = {} }: Journey): boolean =>
  Object.keys(limits).some((limit) => limit !== 'messagesPerProfile');

/** Whether one more may enter: what that takes, or why not. */
export function roomToEnter(turn: Turn, journey: CompiledJourney): Refusal | { readonly permits: readonly Permit[] } {
  if (turn.isTest) return { permits: [] };
  const { entriesTotal, entriesPerDay } = journey.document.limits ?? {};
  const permits: Permit[] = [];
  for (const [limit, max, per] of [
    ['entriesTotal', entriesTotal, 'total'],
    ['entriesPerDay', entriesPerDay, 'day'],
  ] as const) {
    if (max === undefined) continue;
    const permit = turn.ask(quota(turn, journey, 'entries', per, 1, max));
    if (permit.none) {
      const fix = per === 'day' ? `raise limits.${limit}, or wait for the next day` : `raise limits.${limit}`;
      return { code: per === 'day' ? 'limits.entries-per-day' : 'limits.entries-total', saw: { max, per }, fix };
    }
    permits.push(permit);
  }
  return { permits };
}

export type Room =
  /** What the permits said is shown in the reason: with them the decision can be made again, byte by byte. */
  | { readonly permits: readonly Permit[]; readonly saw?: { readonly [what: string]: Json } }
  | { readonly no: string; readonly saw: Json; readonly fix: string }
  /** Its turn comes at `slot`, epoch milliseconds; without a permit that is too late, and no slot is taken. */
  | { readonly slot: number; readonly permit?: Permit };

/**
 * Whether the journey may send one more message on this channel now. Money is asked for first and spent last: a message
 * that has to wait for its slot has not cost anything yet.
 *
 * @param latest the last instant at which a slot is of use.
 */
export function roomToSend(turn: Turn, journey: CompiledJourney, run: Run, channel: Channel, latest: number): Room {
  if (turn.isTest) return { permits: [] };
  const { budget, messagesPerMinute } = journey.document.limits ?? {};
  const permits: Permit[] = [];
  let saw: { readonly [what: string]: Json } = {};
  if (budget !== undefined) {
    const { max, currency, per } = budget;
    const price = messagePrice(turn.catalog.policy, currency, channel);
    if (price === undefined) {
      return { no: 'budget.no-price', saw: { currency }, fix: `name a price of ${channel} in the policy` };
    }
    const step = microsOf(price);
    if (step > 0) {
      const name = `budget#${currency}`;
      const permit = turn.ask(quota(turn, journey, name, per, step, Math.round(max * MILLION)));
      const spent = permit.at / MILLION;
      if (permit.none) {
        const fix = per === 'day' ? 'raise limits.budget, or wait for the next day' : 'raise limits.budget';
        return { no: 'limits.budget', saw: { ...budget, price, spent }, fix };
      }
      saw = { price, spent };
      permits.push(permit);
    }
  }
  if (messagesPerMinute !== undefined && !hasSlot(run, turn.now)) {
    const permit = turn.ask(pace(turn, journey, messagesPerMinute, latest));
    const slot = Math.ceil(permit.at / MICROS_PER_MS);
    if (permit.none) return { slot };
    if (slot > turn.now) return { slot, permit };
    saw = { ...saw, slot: permit.at };
    permits.push(permit);
  }
  return permits.length === 0 ? { permits } : { permits, saw };
}

/** Rounded up: cheaper than a millionth is a millionth. */
export const microsOf = (price: number): number => Math.ceil(Number((price * MILLION).toFixed(3)));

/** `max` of something, in all or in a calendar day. */
function quota(
  { catalog, now }: Turn,
  { id, document }: CompiledJourney,
  what: string,
  per: 'day' | 'total',
  step: number,
  max: number,
): Need {
  const zone = document.zone ?? catalog.policy.zone;
  const counter =
    per === 'total'
      ? { journey: id, name: `${what}#total` }
      : // A day longer than itself: clocks of containers differ.
        { journey: id, name: `${what}#${dayName(now, zone)}`, over: nextDayStart(now, zone) + DAY_MS };
  return { counter, step, floor: 0, ceiling: max, most: MOST };
}

/**
 * Slots of equal length, one after the other, in which nobody is early: a slot before now is not given out. A lease takes
 * a second of them, at least one.
 */
function pace({ now }: Turn, { id }: CompiledJourney, perMinute: number, latest: number): Need {
  const step = Math.ceil((MINUTE_MS * MICROS_PER_MS) / perMinute);
  return {
    counter: { journey: id, name: 'pace' },
    step,
    floor: now * MICROS_PER_MS,
    ceiling: latest * MICROS_PER_MS + step,
    most: Math.max(1, Math.floor((SECOND_MS * MICROS_PER_MS) / step)),
  };
}

const hasSlot = ({ slot }: Run, now: number): boolean =>
  slot !== undefined && slot <= now && now - slot <= SLOT_KEEPS_MS;
