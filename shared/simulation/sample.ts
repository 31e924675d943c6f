import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import { sharesLimits } from '../domain/journeys/engine/shared-limits.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { chance, isKnown, profileKey } from '../kernel/ids.ts';
import type { Act, Beginning } from './acts.ts';
import type { Behaviour } from './behaviour.ts';
import { Counters } from './counters.ts';
import type { JourneyFigures } from './figures.ts';
import { type Forecast, Meter, type MeterPart, today } from './forecast.ts';
import { lifeOf, liveAlone } from './live.ts';
import { Paths } from './paths.ts';
import { type Doer, type MadeEvents, withEvents } from './population.ts';
import { OTHER_PATHS, Tally, type TallyPart } from './tally.ts';

/** What is to come, for everybody in the sample. */
export interface Future {
  readonly catalog: CompiledCatalog;
  readonly events: MadeEvents;
  readonly behaviour: Behaviour;
  readonly seed: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  /** Of one customer. */
  readonly maxRecords: number;
}

/** Figures of some customers as plain data; nothing in it is about one of them. */
export interface SamplePart {
  readonly tally: TallyPart;
  readonly meter: MeterPart;
  /** Journeys with limits that customers share, which held nobody back. */
  readonly unlimited: readonly string[];
}

/**
 * Customers who are there already, from what is known of them on. Each lives alone, so that parts of a sample add up to
 * the whole: a limit that customers share is counted for each as if nobody else were there.
 */
export class Sample {
  readonly #future: Future;
  readonly #tally: Tally;
  readonly #meter = new Meter();
  #customers = 0;
  #records = 0;
  #endless = 0;

  constructor(future: Future) {
    this.#future = future;
    this.#tally = new Tally(future.catalog);
  }

  get counts() {
    return { customers: this.#customers, records: this.#records, endless: this.#endless };
  }

  /** A customer who makes too many records is left where they then are, and counted as endless. */
  add({ key, profile, at }: Beginning): void {
    const { events, seed, from } = this.#future;
    const begins = { key, profile, at: Math.max(at, from) };
    const doer = doerOf(begins);
    const acts = doer === undefined ? [] : withEvents([], events, doer, from, seed);
    const customer = { name: key, begins, acts: acts.map((act) => notBefore(act, begins.at)) };
    const paths = new Paths();
    paths.began(profile);
    this.#tally.began(profile);
    const life = lifeOf(
      customer,
      { ...this.#future, counters: new Counters() },
      {
        decided: (decided) => {
          this.#records += 1;
          this.#tally.decided(decided);
          this.#meter.decided(decided);
          paths.decided(decided);
        },
        handed: (handed) => {
          this.#tally.handed(handed);
          this.#meter.handed(handed);
        },
        unsubscribed: (request) => this.#tally.unsubscribed(request),
        arrived: (arrived) => {
          this.#tally.arrived(arrived);
          this.#meter.arrived();
        },
      },
    );
    try {
      liveAlone(life);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      this.#endless += 1;
    }
    this.#tally.lived(paths.all());
    this.#customers += 1;
  }

  /** Without what is still zero, but for the journey that it is about. */
  part(journey: string): SamplePart {
    const all = [...this.#future.catalog.journeys.values()];
    const unlimited = all.filter((one) => one.state === 'live' && sharesLimits(one.journey.document));
    return {
      tally: this.#tally.part(journey),
      meter: this.#meter.part(),
      unlimited: unlimited.map((one) => one.journey.id),
    };
  }
}

export type SampleFigures = ReturnType<Tally['figures']> & {
  readonly cost: Forecast;
  /** Journeys whose shared limits held nobody back. */
  readonly sharedLimitsIgnored: readonly string[];
};

export function addParts(
  parts: readonly SamplePart[],
  { customers, days }: { readonly customers: number; readonly days: number },
): SampleFigures {
  const tally = new Tally();
  const meter = new Meter();
  for (const part of parts) {
    tally.absorb(part.tally);
    meter.absorb(part.meter);
  }
  const sharedLimitsIgnored = [...new Set(parts.flatMap(({ unlimited }) => unlimited))].sort();
  const { journeys, ...figures } = tally.figures();
  return {
    ...figures,
    journeys: Object.fromEntries(
      Object.entries(journeys).map(([id, { paths, ...rest }]) => [id, { ...rest, paths: mostFrequent(paths) }]),
    ),
    cost: meter.forecast(today, customers, days),
    sharedLimitsIgnored,
  };
}

/** An answer of the API has room for these. */
const MAX_PATHS = 100;

function mostFrequent(paths: JourneyFigures['paths']): JourneyFigures['paths'] {
  const others = paths.slice(MAX_PATHS).reduce((sum, { count }) => sum + count, 0);
  return [...paths.slice(0, MAX_PATHS), ...(others === 0 ? [] : [{ path: OTHER_PATHS, count: others }])];
}

/** Under the id that leads to this profile; undefined when none does any more. */
function doerOf({ key, profile: { ids } }: Beginning): Doer | undefined {
  const number = Math.floor(chance('customer', key) * 1e9);
  if (isKnown(key)) {
    const userId = [ids.user, ...(ids.former ?? [])].find((id) => id !== undefined && profileKey('user', id) === key);
    return userId === undefined ? undefined : { name: key, number, userId };
  }
  const anonymousId = ids.anonymous?.find((id) => profileKey('anonymous', id) === key);
  return anonymousId === undefined ? undefined : { name: key, number, anonymousId };
}

const notBefore = (act: Act, at: number): Act => (act.at < at ? { ...act, at } : act);
