import * as z from 'zod';
import { sharesLimits } from '../domain/journeys/engine/shared-limits.ts';
import { Instant } from '../kernel/schema.ts';
import { DAY_MS, formatInstant, parseInstant } from '../kernel/time.ts';
import type { Customer } from './acts.ts';
import { Behaviour } from './behaviour.ts';
import { Counters } from './counters.ts';
import { catalogOf, type Documents } from './documents.ts';
import { type Forecast, Meter, type Prices, today } from './forecast.ts';
import { type RecordedAct, readHistories } from './histories.ts';
import { type Life, lifeOf, live, liveAlone } from './live.ts';
import { parsePart, refusal } from './parse-part.ts';
import { Paths } from './paths.ts';
import { customersOf, Population } from './population.ts';
import { Tally } from './tally.ts';
import { type Trace, TraceWriter } from './trace.ts';

export interface SimulationInput extends Documents {
  /** Made-up customers … */
  readonly population?: z.input<typeof Population>;
  /** … or what real ones did: a list of records, or NDJSON. */
  readonly histories?: string | readonly RecordedAct[];
  /** Where the clock begins: RFC 3339 with offset. */
  readonly from: string;
  readonly days: number;
  /** The same seed, the same result. */
  readonly seed?: number | string;
  readonly behaviour?: z.input<typeof Behaviour>;
  /** Whose lives are told in full: how many from the first, or who by name. Default 10. */
  readonly traces?: number | readonly string[];
  /** Instead of today's, in dollars. */
  readonly prices?: Partial<Prices>;
}

export type SimulationResult = ReturnType<Tally['figures']> & {
  readonly from: string;
  readonly until: string;
  readonly seed: string;
  readonly customers: number;
  readonly traces: readonly Trace[];
  readonly cost: Forecast;
};

const Frame = z.object({
  from: Instant,
  days: z.number().positive().max(3_660),
  seed: z.union([z.number(), z.string().max(200)]).default(1),
  traces: z.union([z.int().min(0).max(100_000), z.array(z.string()).max(100_000)]).default(10),
  prices: z
    .strictObject(Object.fromEntries(Object.keys(today).map((name) => [name, z.number().min(0).optional()])))
    .optional(),
});

const known = [
  'journeys',
  'templates',
  'topics',
  'policy',
  'endpoints',
  'segments',
  'computedTraits',
  'population',
  'histories',
  'from',
  'days',
  'seed',
  'behaviour',
  'traces',
  'prices',
];

/**
 * What would happen: the documents as live, a population or recorded histories, a virtual clock. Nothing is stored and
 * nothing is sent. Plain data comes back; the same input gives the same, whatever the machine.
 */
export function simulate(input: SimulationInput): SimulationResult {
  const unknown = Object.keys(input).find((key) => !known.includes(key));
  if (unknown !== undefined) throw refusal(`/${unknown}`, 'unknown-key', 'unknown key', `allowed: ${known.join(', ')}`);
  const { from: fromText, days, seed: given, traces, prices } = input;
  const frame = parsePart(
    Frame,
    Object.fromEntries(
      Object.entries({ from: fromText, days, seed: given, traces, prices }).filter(([, value]) => value !== undefined),
    ),
    '',
  );
  const catalog = catalogOf(input);
  const behaviour = parsePart(Behaviour, input.behaviour ?? {}, '/behaviour');
  const from = parseInstant(frame.from)!;
  const until = from + frame.days * DAY_MS;
  const seed = String(frame.seed);
  const isTraced = (name: string, index: number) =>
    typeof frame.traces === 'number' ? index < frame.traces : frame.traces.includes(name);

  const tally = new Tally(catalog);
  const meter = new Meter();
  const told: Trace[] = [];
  const together = [...catalog.journeys.values()].some(({ journey }) => sharesLimits(journey.document));
  const setting = { catalog, behaviour, counters: new Counters(), seed, until };
  const ends: (() => void)[] = [];
  const lives: Life[] = [];
  let customers = 0;
  for (const customer of everybody(input, from, until, seed)) {
    const paths = new Paths();
    const writer = isTraced(customer.name, customers) ? new TraceWriter(catalog) : undefined;
    customers += 1;
    const life = lifeOf(customer, setting, {
      decided(decided) {
        tally.decided(decided);
        meter.decided(decided);
        paths.decided(decided);
        writer?.decided(decided);
      },
      handed(handed) {
        tally.handed(handed);
        meter.handed(handed);
        writer?.handed(handed);
      },
      unsubscribed(request) {
        tally.unsubscribed(request);
      },
      arrived(arrived) {
        tally.arrived(arrived);
        meter.arrived();
        writer?.arrived(arrived);
      },
      swept: (due) => meter.swept(due, until),
    });
    const end = () => {
      tally.lived(paths.all());
      if (writer !== undefined) told.push(writer.finish(customer.name, until, life.zone(), paths.all()));
    };
    if (together) {
      lives.push(life);
      ends.push(end);
    } else {
      liveAlone(life);
      end();
    }
  }
  live(lives);
  for (const end of ends) end();
  return {
    from: formatInstant(from),
    until: formatInstant(until),
    seed,
    customers,
    ...tally.figures(),
    traces: told,
    cost: meter.forecast({ ...today, ...(frame.prices as Partial<Prices> | undefined) }, customers, frame.days),
  };
}

function everybody(
  { population, histories }: SimulationInput,
  from: number,
  until: number,
  seed: string,
): Iterable<Customer> {
  if ((population === undefined) === (histories === undefined)) {
    throw refusal('/population', 'one-of', 'population and histories: one of them is needed', 'give one of them');
  }
  if (population !== undefined) return customersOf(parsePart(Population, population, '/population'), from, seed);
  const customers = readHistories(histories!);
  const early = customers.find(({ acts }) => acts[0]!.at < from)?.acts[0];
  if (early !== undefined) {
    throw refusal('/from', 'too-late', `the histories begin at ${formatInstant(early.at)}`, 'begin there, or earlier');
  }
  return customers.filter(({ acts }) => acts[0]!.at <= until);
}
