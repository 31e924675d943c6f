import * as z from 'zod';
import { Channel } from '../domain/messaging/channel.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { nominalMs } from '../kernel/duration.ts';
import { chance } from '../kernel/ids.ts';
import { oneOf } from '../kernel/one-of.ts';
import { Duration, Id } from '../kernel/schema.ts';
import { DAY_MS, formatInstant, HOUR_MS, parseCalendarDay, parseInstant, SECOND_MS } from '../kernel/time.ts';
import type { Act, Customer } from './acts.ts';

const share = z.number().min(0).max(1);
const range = (most: number) =>
  z.tuple([z.number().min(0).max(most), z.number().min(0).max(most)]).refine(([from, to]) => from <= to, {
    params: { code: 'range', limit: 'from the smaller to the larger number' },
  });

const Day = z.string().refine((text) => parseCalendarDay(text) !== undefined, {
  params: { code: 'date', limit: 'YYYY-MM-DD', fix: 'write 1992-02-29' },
});

/**
 * How one value is made up: shares of texts (`{ en: 0.7, de: 0.3 }`; what is left to 1 has none), one of a list with
 * equal chance, a number between two, a calendar day from one to another, or the same for all. In a text, {n} is the number of the customer and {i} counts
 * their events of this name.
 */
const Made = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.strictObject({ oneOf: z.array(z.json()).min(1).max(1_000) }),
  z.strictObject({ between: z.tuple([z.number(), z.number()]), step: z.number().positive().exactOptional() }),
  z.strictObject({
    days: z.tuple([Day, Day]).refine(([from, to]) => from <= to, {
      params: { code: 'range', limit: 'from the earlier to the later day' },
    }),
  }),
  z.record(z.string(), share).refine((shares) => Object.values(shares).reduce((a, b) => a + b, 0) <= 1 + 1e-9, {
    params: { code: 'shares', limit: 'shares of together at most 1' },
  }),
]);
type Made = z.infer<typeof Made>;
const mades = z.record(z.string().min(1).max(200), Made);

const MadeEvent = z
  .strictObject({
    name: z.string().min(1).max(200),
    /** Which part of the customers does it; of a follow-up, which part of the occurrences it follows. */
    probability: share.exactOptional(),
    /** How often each of those does it: a number, or from a smallest to a greatest. */
    times: oneOf([z.int().min(0).max(1_000), range(1_000)]).exactOptional(),
    /** Days after the start (0 is the first), and hours after the start of that day; evenly spread. */
    day: oneOf([z.number().min(0).max(3_660), range(3_660)]).exactOptional(),
    hour: oneOf([z.number().min(0).max(24), range(24)]).exactOptional(),
    /** Instead of a day: some time after each occurrence of an event above, with the same values of these properties. */
    after: z
      .strictObject({
        event: z.string().min(1).max(200),
        between: z.tuple([Duration, Duration]),
        same: z.array(z.string()).exactOptional(),
      })
      .exactOptional(),
    properties: mades.exactOptional(),
  })
  .check((payload) => {
    const { after, day, hour, times } = payload.value;
    if (after === undefined || (day ?? hour ?? times) === undefined) return;
    const params = { code: 'after', fix: 'give either after, or times, day and hour' };
    payload.issues.push({ code: 'custom', message: 'after beside day, hour or times', input: payload.value, params });
  });

/** Who does what, and when; a follow-up names an event above it. */
export const MadeEvents = z
  .array(MadeEvent)
  .max(100)
  .check((payload) => {
    const events = payload.value;
    for (const [index, { after }] of events.entries()) {
      if (after === undefined || events.slice(0, index).some(({ name }) => name === after.event)) continue;
      const params = { code: 'after', fix: 'name an event that stands above it' };
      const path = [index, 'after', 'event'];
      payload.issues.push({ code: 'custom', message: 'no such event above', input: after.event, path, params });
    }
  });
export type MadeEvents = z.infer<typeof MadeEvents>;

export const Population = z.strictObject({
  customers: z.int().min(1).max(10_000_000),
  /** Said of everybody at the start. Without `email` each gets an address of their own. */
  traits: mades.exactOptional(),
  consents: z
    .array(
      z.strictObject({
        topic: Id,
        channel: Channel,
        state: z.enum(['granted', 'pending', 'withdrawn']),
        probability: share.exactOptional(),
      }),
    )
    .exactOptional(),
  events: MadeEvents,
});
export type Population = z.infer<typeof Population>;

/** Made-up customers, one after the other: the same seed makes the same, and each depends on its own number only. */
export function* customersOf(population: Population, from: number, seed: string): Generator<Customer> {
  for (let number = 1; number <= population.customers; number += 1) yield customerOf(population, number, from, seed);
}

function customerOf(population: Population, number: number, from: number, seed: string): Customer {
  const userId = `customer-${number}`;
  const { roll, makeAll } = chanceOf({ name: userId, number }, seed);
  const traits = { email: '{n}@customers.example', ...population.traits };
  const acts: Act[] = [{ t: 'traits', at: from, id: `${userId}-traits`, userId, traits: makeAll(traits, 0, 'trait') }];
  for (const [index, { topic, channel, state, probability = 1 }] of (population.consents ?? []).entries()) {
    if (roll('consent', index) >= probability) continue;
    acts.push({ t: 'consent', at: from, id: `${userId}-consent-${index}`, userId, topic, channel, state });
  }
  const all = withEvents(acts, population.events, { name: userId, number, userId }, from, seed);
  return { name: userId, acts: all.sort((a, b) => a.at - b.at) };
}

export interface Doer {
  /** What chance depends on beside the seed: nobody else has it. */
  readonly name: string;
  /** {n} of texts. */
  readonly number: number;
  readonly userId?: string;
  readonly anonymousId?: string;
}

/** What one customer does from `from` on, behind what they did before. */
export function withEvents(before: readonly Act[], events: MadeEvents, doer: Doer, from: number, seed: string): Act[] {
  const { roll, makeAll } = chanceOf(doer, seed);
  const { name: doerName, userId, anonymousId } = doer;
  const who = userId === undefined ? { anonymousId: anonymousId! } : { userId };
  const acts = [...before];
  for (const [index, event] of events.entries()) {
    for (const [i, { at, like }] of occurrences(event, index, acts, from, roll).entries()) {
      const properties = { ...like, ...makeAll(event.properties ?? {}, i + 1, 'event', index, i) };
      acts.push({ t: 'event', at, id: `${doerName}-${index}-${i}`, ...who, name: event.name, properties });
    }
  }
  return acts;
}

function chanceOf({ name: who, number }: Pick<Doer, 'name' | 'number'>, seed: string) {
  const roll: Roll = (...what) => chance('population', seed, who, ...what);
  const makeAll = (all: { readonly [name: string]: Made }, index: number, ...what: (string | number)[]) => {
    const values: { [name: string]: Json } = {};
    for (const [name, made] of Object.entries(all)) {
      const value = madeValue(made, () => roll(...what, name), { n: number, i: index });
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
  return { roll, makeAll };
}

interface Occurrence {
  readonly at: number;
  /** Those properties of the event that it follows which it has, too. */
  readonly like?: { readonly [name: string]: Json };
}

function occurrences(
  event: z.infer<typeof MadeEvent>,
  index: number,
  before: readonly Act[],
  from: number,
  roll: Roll,
): Occurrence[] {
  const { after, probability = 1, times = 1, day = 0, hour = [0, 24] } = event;
  if (after !== undefined) {
    const [soonest, latest] = after.between.map((duration) => nominalMs(duration)) as [number, number];
    return before.flatMap((act, i) => {
      if (act.t !== 'event' || act.name !== after.event || roll('follows', index, i) >= probability) return [];
      const delay = soonest + roll('delay', index, i) * Math.max(0, latest - soonest);
      const like = Object.fromEntries(
        (after.same ?? []).flatMap((name) =>
          act.properties[name] === undefined ? [] : [[name, act.properties[name]]],
        ),
      );
      return [{ at: act.at + inSeconds(delay), like }];
    });
  }
  if (probability < 1 && roll('does', index) >= probability) return [];
  const count = wholeFrom(times, () => roll('times', index));
  const found: Occurrence[] = [];
  for (let i = 0; i < count; i += 1) {
    const dayOf = wholeFrom(day, () => roll('day', index, i));
    const [firstHour, lastHour] = typeof hour === 'number' ? [hour, hour] : hour;
    const hours = firstHour + roll('hour', index, i) * (lastHour - firstHour);
    found.push({ at: from + inSeconds(dayOf * DAY_MS + hours * HOUR_MS) });
  }
  return found;
}

type Roll = (...what: (string | number)[]) => number;

function wholeFrom(range: number | readonly [number, number], roll: () => number): number {
  return typeof range === 'number' ? range : range[0] + Math.floor(roll() * (range[1] - range[0] + 1));
}

const inSeconds = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS;

const named = (text: string, { n, i }: { readonly n: number; readonly i: number }): string =>
  text.includes('{') ? text.replaceAll('{n}', String(n)).replaceAll('{i}', String(i)) : text;

function madeValue(
  made: Made,
  roll: () => number,
  names: { readonly n: number; readonly i: number },
): Json | undefined {
  if (typeof made === 'string') return named(made, names);
  if (typeof made !== 'object') return made;
  if ('oneOf' in made && Array.isArray(made.oneOf)) return made.oneOf[Math.floor(roll() * made.oneOf.length)];
  if ('between' in made && Array.isArray(made.between)) {
    const { between, step } = made as { between: readonly [number, number]; step?: number };
    const value = between[0] + roll() * (between[1] - between[0]);
    return step === undefined ? value : between[0] + Math.floor((value - between[0]) / step) * step;
  }
  if ('days' in made && Array.isArray(made.days)) {
    const [first, last] = made.days.map((day) => parseInstant(`${day}T00:00:00Z`)!) as [number, number];
    const days = Math.floor(roll() * (Math.floor((last - first) / DAY_MS) + 1));
    return formatInstant(first + days * DAY_MS).slice(0, 10);
  }
  let left = roll();
  for (const [value, part] of Object.entries(made as { readonly [value: string]: number })) {
    left -= part;
    if (left < 0) return value;
  }
  return undefined;
}
