import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { MessageRequest, Reason } from '../domain/decision.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import { LATER } from '../domain/messaging/policy/check.ts';
import { BROADCAST_VERSION } from '../domain/profiles/broadcasts.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { knownTexts } from '../kernel/known-texts.ts';
import { formatInstant, MINUTE_MS } from '../kernel/time.ts';
import { dayName } from '../kernel/zone.ts';
import type { Counts, JourneyFigures, SentCount, StepFigures, StepMessages } from './figures.ts';
import type { Arrived, Decided, Handed } from './live.ts';
import type { RunPath } from './paths.ts';
import { type CountWords, readCount } from './read-count.ts';

interface Journey {
  insideAtStart: number;
  entered: number;
  readonly notEntered: Counts;
  readonly exits: Counts;
  stillInside: number;
  goals: number;
  goalValue: number;
  readonly steps: { [step: string]: Mutable<StepFigures> };
  readonly paths: Map<string, number>;
}

/** What a tally has counted, as plain data: numbers, and names that stand in documents. */
export interface TallyPart {
  readonly journeys: readonly (readonly [id: string, Omit<Journey, 'paths'> & { paths: [string, number][] }])[];
  readonly steps: readonly StepMessages[];
  readonly sent: readonly SentCount[];
  readonly perMinute: readonly (readonly [minute: number, count: number])[];
  readonly records: Readonly<Counts>;
  readonly reasons: Readonly<Counts>;
}

const INSIDE = 'inside';
const ENDED = 'ended';
const endedAt = knownTexts((step, reason) => `step/${step}/${ENDED}/${reason}`);

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends Readonly<Counts> ? Counts : T[K] };

const MAX_PATHS = 10_000;
export const OTHER_PATHS = 'other paths';

/** The figures of a whole population, gathered customer by customer; it grows with what there is to count, not with them. */
export class Tally {
  readonly #catalog: CompiledCatalog | undefined;
  readonly #journeys = new Map<string, Journey>();
  /** In the order in which they were met, and by journey and step. */
  readonly #steps: Mutable<StepMessages>[] = [];
  readonly #stepsByName = new Map<string, Map<string, Mutable<StepMessages>>>();
  /** By step and day: on one channel as a rule. */
  readonly #sent = new Map<StepMessages, Map<string, Mutable<SentCount>[]>>();
  readonly #perMinute = new Map<number, number>();
  readonly #records = new Map<string, number>();
  readonly #reasons = new Map<string, number>();
  /** By journey, as decisions name what they count, and beside it where runs ended; read when figures are asked for. */
  readonly #counted = new Map<string, Map<string, number>>();
  readonly #days = new Map<number, string>();

  /** @param catalog of what is decided; a tally that only absorbs parts needs none. */
  constructor(catalog?: CompiledCatalog) {
    this.#catalog = catalog;
    for (const { journey } of catalog?.journeys.values() ?? []) {
      this.#journey(journey.id);
      for (const [id, step] of Object.entries(journey.document.steps)) {
        if (step.type === 'message' || step.type === 'webhook') this.#step(journey.id, id);
      }
    }
  }

  /** A customer who is there already. */
  began({ runs }: Profile): void {
    for (const { journey: id, step } of Object.values(runs)) {
      const journey = this.#journey(id);
      journey.insideAtStart += 1;
      stepOf(journey, step).visits += 1;
    }
  }

  decided({ record, decision }: Decided): void {
    countIn(this.#records, record.t);
    if (record.t === 'receipt' && !decision.forwarded) {
      const { was, journey, step } = record;
      if (journey !== undefined && step !== undefined && was !== 'delayed' && was !== 'rejected')
        this.#step(journey, step)[was] += 1;
    }
    for (const { journey, version, what } of decision.counts) {
      if (version !== BROADCAST_VERSION) countIn(entryOf(this.#counted, journey, newCounts), what);
    }
    for (const reason of decision.reasons) this.#because(reason);
  }

  handed({ at, request, outcome, reason }: Handed): void {
    const { origin } = request;
    if (origin === undefined) return;
    const step = this.#step(origin.journey, origin.step);
    if (outcome !== 'sent') {
      add(step.failed, reason ?? 'unknown');
      return;
    }
    step.sent += 1;
    this.#sentOn(step, this.#dayOf(at), request.channel, 1);
    if (request.channel === 'webhook') return;
    this.#inMinute(Math.floor(at / MINUTE_MS), 1);
  }

  /** No record, but told as one. */
  arrived({ request: { origin } }: Arrived): void {
    countIn(this.#reasons, 'receipt.delivered');
    if (origin !== undefined) this.#step(origin.journey, origin.step).delivered += 1;
  }

  unsubscribed({ origin }: MessageRequest): void {
    if (origin !== undefined) this.#step(origin.journey, origin.step).unsubscribed += 1;
  }

  /** The customer's life is over. */
  lived(runs: readonly RunPath[]): void {
    for (const { journey: id, steps, ended, reason } of runs) {
      const journey = this.#journey(id);
      const counts = entryOf(this.#counted, id, newCounts);
      const last = steps.at(-1);
      if (ended === undefined) journey.stillInside += 1;
      if (ended === undefined && last !== undefined) countIn(counts, `step/${last}/${INSIDE}`);
      if (reason !== undefined && last !== undefined) countIn(counts, endedAt(last, reason));
      let path = '';
      for (const step of steps) path += `${step} → `;
      went(journey, `${path}${ended === undefined ? 'still inside' : reason}`, 1);
    }
  }

  figures() {
    this.#readCounts();
    let peak = { count: 0, minute: null as string | null };
    for (const [minute, count] of this.#perMinute) {
      const at = formatInstant(minute * MINUTE_MS);
      if (count > peak.count || (count === peak.count && at < peak.minute!)) peak = { count, minute: at };
    }
    const rows = this.#rows();
    const byDay: Counts = {};
    const byChannel: Counts = {};
    for (const { day, channel, count } of rows) {
      add(byDay, day, count);
      add(byChannel, channel, count);
    }
    const journeys: { [id: string]: JourneyFigures } = {};
    for (const [id, { paths, ...rest }] of this.#journeys) {
      const ways = [...paths].map(([path, count]) => ({ path, count }));
      journeys[id] = { ...rest, paths: ways.sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1)) };
    }
    return {
      records: Object.fromEntries(this.#records),
      messages: {
        sent: rows.reduce((sum, { count }) => sum + count, 0),
        byDay: sorted(byDay),
        byChannel: sorted(byChannel),
        byStep: this.#steps as readonly StepMessages[],
        byDayChannelStep: rows.sort((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1)),
      },
      journeys,
      reasons: sorted(Object.fromEntries(this.#reasons)),
      peakSendsPerMinute: peak,
    };
  }

  /** Without what is still zero; all of `journey`. */
  part(journey: string): TallyPart {
    this.#readCounts();
    const journeys = [...this.#journeys].filter(([id, one]) => id === journey || isTouched(one));
    return {
      journeys: journeys.map(([id, { paths, ...rest }]) => [id, { ...rest, paths: [...paths] }]),
      steps: this.#steps.filter((one) => one.journey === journey || isTouched(one)),
      sent: this.#rows(),
      perMinute: [...this.#perMinute],
      records: Object.fromEntries(this.#records),
      reasons: Object.fromEntries(this.#reasons),
    };
  }

  /** Counts what another one has counted of other customers. */
  absorb({ journeys, steps, sent, perMinute, records, reasons }: TallyPart): void {
    for (const [id, { paths, ...counted }] of journeys) {
      const journey = this.#journey(id);
      addUp(journey, counted);
      for (const [path, count] of paths) went(journey, path, count);
    }
    for (const one of steps) addUp(this.#step(one.journey, one.step, one.template), one);
    for (const { day, channel, journey, step, count } of sent) {
      this.#sentOn(this.#step(journey, step), day, channel, count);
    }
    for (const [minute, count] of perMinute) this.#inMinute(minute, count);
    for (const [record, count] of Object.entries(records)) countIn(this.#records, record, count);
    for (const [code, count] of Object.entries(reasons)) countIn(this.#reasons, code, count);
  }

  #sentOn(of: StepMessages, day: string, channel: Channel, count: number): void {
    const days = entryOf(this.#sent, of, () => new Map<string, Mutable<SentCount>[]>());
    const rows = entryOf(days, day, () => []);
    const row = rows.find((one) => one.channel === channel);
    if (row === undefined) rows.push({ day, channel, journey: of.journey, step: of.step, count });
    else row.count += count;
  }

  #rows(): SentCount[] {
    return [...this.#sent.values()].flatMap((days) => [...days.values()].flat());
  }

  #inMinute(minute: number, count: number): void {
    countIn(this.#perMinute, minute, count);
  }

  #readCounts(): void {
    for (const [journey, counts] of this.#counted) {
      for (const [what, times] of counts) this.#read(journey, readCount(what), times);
    }
    this.#counted.clear();
  }

  #read(journeyId: string, { kind, id, more, rest }: CountWords, times: number): void {
    const journey = this.#journey(journeyId);
    if (kind === 'entered') journey.entered += times;
    else if (kind === 'not-entered') add(journey.notEntered, id, times);
    else if (kind === 'exited') add(journey.exits, id, times);
    else if (kind === 'goal') journey.goals += times;
    else if (kind === 'step') {
      const step = stepOf(journey, id);
      if (more === 'visited') step.visits += times;
      else if (more === 'port') add(step.ports, rest, times);
      else if (more === INSIDE) step.stillInside += times;
      else if (more === ENDED) add(step.exits, rest, times);
    } else if (kind === 'message') {
      if (more === 'decided') this.#step(journeyId, id).decided += times;
      else if (more === 'no') add(this.#step(journeyId, id).skipped, rest, times);
    }
  }

  #because({ code, journey, step, saw, fix, message }: Reason): void {
    countIn(this.#reasons, code);
    if (code === 'goal.reached' && journey !== undefined) {
      const value = (saw as { readonly value?: number } | undefined)?.value;
      if (value !== undefined) this.#journey(journey).goalValue += value;
    }
    // A policy's "not now": the only reasons of a message that promise a later time.
    if (fix?.startsWith(LATER) && message !== undefined && journey !== undefined && step !== undefined) {
      add(this.#step(journey, step).held, code);
    }
  }

  #journey(id: string): Journey {
    let found = this.#journeys.get(id);
    if (found === undefined) {
      found = {
        insideAtStart: 0,
        entered: 0,
        notEntered: {},
        exits: {},
        stillInside: 0,
        goals: 0,
        goalValue: 0,
        steps: {},
        paths: new Map(),
      };
      this.#journeys.set(id, found);
    }
    return found;
  }

  #step(journey: string, step: string, given?: string): Mutable<StepMessages> {
    const steps = entryOf(this.#stepsByName, journey, () => new Map());
    let found = steps.get(step);
    if (found === undefined) {
      const document = this.#catalog?.journeys.get(journey)?.journey.step(step);
      const template = given ?? (document?.type === 'message' ? document.template : '');
      const none = {
        decided: 0,
        sent: 0,
        delivered: 0,
        bounced: 0,
        complained: 0,
        opened: 0,
        clicked: 0,
        unsubscribed: 0,
      };
      found = { journey, step, template, ...none, held: {}, skipped: {}, failed: {} };
      steps.set(step, found);
      this.#steps.push(found);
    }
    return found;
  }

  #dayOf(at: number): string {
    const minute = Math.floor(at / MINUTE_MS);
    let day = this.#days.get(minute);
    if (day === undefined) {
      day = dayName(at, this.#catalog?.policy.zone ?? 'UTC');
      this.#days.set(minute, day);
    }
    return day;
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}

const newCounts = (): Map<string, number> => new Map();
const countIn = <K>(counts: Map<K, number>, what: K, more = 1): void => {
  counts.set(what, (counts.get(what) ?? 0) + more);
};
const stepOf = ({ steps }: Journey, id: string): Mutable<StepFigures> => {
  steps[id] ??= { visits: 0, ports: {}, exits: {}, stillInside: 0 };
  return steps[id];
};
const add = (counts: Counts, what: string, more = 1): void => {
  counts[what] = (counts[what] ?? 0) + more;
};
const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
/** Adds every number of `more` to the one of the same name, in depth. */
function addUp(to: object, more: object): void {
  const sums = to as { [name: string]: unknown };
  for (const [name, one] of Object.entries(more)) {
    if (typeof one === 'number') sums[name] = ((sums[name] as number | undefined) ?? 0) + one;
    else if (typeof one === 'object') {
      sums[name] ??= {};
      addUp(sums[name] as object, one as object);
    }
  }
}
const went = ({ paths }: Journey, path: string, count: number): void => {
  const key = paths.has(path) || paths.size < MAX_PATHS ? path : OTHER_PATHS;
  paths.set(key, (paths.get(key) ?? 0) + count);
};
const isTouched = (figures: object): boolean =>
  Object.values(figures).some((one) =>
    one instanceof Map ? one.size > 0 : typeof one === 'number' ? one > 0 : isFilled(one),
  );
const isFilled = (one: unknown): boolean => typeof one === 'object' && Object.keys(one as object).length > 0;
const rowKey = ({ day, channel, journey, step }: Omit<SentCount, 'count'>): string =>
  `${day} ${channel} ${journey} ${step}`;
