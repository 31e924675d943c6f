import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { MessageRequest, Reason } from '../domain/decision.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import { formatInstant, MINUTE_MS } from '../kernel/time.ts';
import { dayName } from '../kernel/zone.ts';
import type { Decided, Handed } from './live.ts';
import type { RunPath } from './paths.ts';
import { type CountWords, readCount } from './read-count.ts';

type Counts = { [what: string]: number };

/** What became of the messages of one step. */
export interface StepMessages {
  readonly journey: string;
  readonly step: string;
  readonly template: string;
  readonly decided: number;
  /** Handed over to the provider. */
  readonly sent: number;
  /** Reasons for which there was none, or it went later, and how often each was met. */
  readonly held: Readonly<Counts>;
  readonly skipped: Readonly<Counts>;
  readonly failed: Readonly<Counts>;
  readonly delivered: number;
  readonly bounced: number;
  readonly complained: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
}

export interface SentCount {
  /** In the environment's zone. */
  readonly day: string;
  readonly channel: Channel;
  readonly journey: string;
  readonly step: string;
  readonly count: number;
}

export interface StepFigures {
  readonly visits: number;
  readonly ports: Readonly<Counts>;
  /** Runs that ended here, by reason. */
  readonly exits: Readonly<Counts>;
  readonly stillInside: number;
}

export interface JourneyFigures {
  readonly entered: number;
  readonly notEntered: Readonly<Counts>;
  readonly exits: Readonly<Counts>;
  readonly stillInside: number;
  readonly goals: number;
  /** Sum of the goal's value, where it names one. */
  readonly goalValue: number;
  readonly steps: { readonly [step: string]: StepFigures };
  /** The ways that runs took, the most frequent first. */
  readonly paths: readonly { readonly path: string; readonly count: number }[];
}

interface Journey {
  entered: number;
  readonly notEntered: Counts;
  readonly exits: Counts;
  stillInside: number;
  goals: number;
  goalValue: number;
  readonly steps: { [step: string]: Mutable<StepFigures> };
  readonly paths: Map<string, number>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends Readonly<Counts> ? Counts : T[K] };

const MAX_PATHS = 10_000;
const OTHER_PATHS = 'other paths';

/** The figures of a whole population, gathered customer by customer; it grows with what there is to count, not with them. */
export class Tally {
  readonly #catalog: CompiledCatalog;
  readonly #journeys = new Map<string, Journey>();
  readonly #steps = new Map<string, Mutable<StepMessages>>();
  readonly #sent = new Map<string, { readonly row: Omit<SentCount, 'count'>; count: number }>();
  readonly #perMinute = new Map<number, number>();
  readonly #records: Counts = {};
  readonly #reasons: Counts = {};
  readonly #days = new Map<number, string>();

  constructor(catalog: CompiledCatalog) {
    this.#catalog = catalog;
    for (const { journey } of catalog.journeys.values()) {
      this.#journey(journey.id);
      for (const [id, step] of Object.entries(journey.document.steps)) {
        if (step.type === 'message' || step.type === 'webhook') this.#step(journey.id, id);
      }
    }
  }

  decided({ record, decision }: Decided): void {
    add(this.#records, record.t);
    if (record.t === 'receipt' && !decision.forwarded) {
      const origin = this.#origins.get(record.message);
      const { was } = record;
      if (origin !== undefined && was !== 'delayed' && was !== 'rejected')
        this.#step(origin.journey, origin.step)[was] += 1;
    }
    for (const count of decision.counts) this.#count(count.journey, readCount(count));
    for (const reason of decision.reasons) this.#because(reason);
  }

  /** Where this customer's messages come from: receipts name only the message. */
  readonly #origins = new Map<string, { readonly journey: string; readonly step: string }>();

  handed({ at, request, outcome, reason }: Handed): void {
    const { origin } = request;
    if (origin === undefined) return;
    this.#origins.set(request.id, origin);
    const step = this.#step(origin.journey, origin.step);
    if (outcome !== 'sent') {
      add(step.failed, reason ?? 'unknown');
      return;
    }
    step.sent += 1;
    const row = { day: this.#dayOf(at), channel: request.channel, journey: origin.journey, step: origin.step };
    const key = `${row.day} ${row.channel} ${row.journey} ${row.step}`;
    const found = this.#sent.get(key);
    if (found === undefined) this.#sent.set(key, { row, count: 1 });
    else found.count += 1;
    if (request.channel === 'webhook') return;
    const minute = Math.floor(at / MINUTE_MS);
    this.#perMinute.set(minute, (this.#perMinute.get(minute) ?? 0) + 1);
  }

  unsubscribed({ origin }: MessageRequest): void {
    if (origin !== undefined) this.#step(origin.journey, origin.step).unsubscribed += 1;
  }

  /** The customer's life is over. */
  lived(runs: readonly RunPath[]): void {
    this.#origins.clear();
    for (const { journey: id, steps, ended, reason } of runs) {
      const journey = this.#journey(id);
      const last = steps.length === 0 ? undefined : stepOf(journey, steps.at(-1)!);
      if (ended === undefined) journey.stillInside += 1;
      if (ended === undefined && last !== undefined) last.stillInside += 1;
      if (reason !== undefined && last !== undefined) add(last.exits, reason);
      const path = [...steps, ended === undefined ? 'still inside' : reason].join(' → ');
      const key = journey.paths.has(path) || journey.paths.size < MAX_PATHS ? path : OTHER_PATHS;
      journey.paths.set(key, (journey.paths.get(key) ?? 0) + 1);
    }
  }

  figures() {
    let peak = { count: 0, minute: null as string | null };
    for (const [minute, count] of this.#perMinute) {
      if (count > peak.count) peak = { count, minute: formatInstant(minute * MINUTE_MS) };
    }
    const rows = [...this.#sent.values()].map(({ row, count }): SentCount => ({ ...row, count }));
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
      records: this.#records,
      messages: {
        sent: rows.reduce((sum, { count }) => sum + count, 0),
        byDay: sorted(byDay),
        byChannel: sorted(byChannel),
        byStep: [...this.#steps.values()] as readonly StepMessages[],
        byDayChannelStep: rows.sort((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1)),
      },
      journeys,
      reasons: sorted(this.#reasons),
      peakSendsPerMinute: peak,
    };
  }

  #count(journeyId: string, { kind, id, more, rest }: CountWords): void {
    const journey = this.#journey(journeyId);
    if (kind === 'entered') journey.entered += 1;
    else if (kind === 'not-entered') add(journey.notEntered, id);
    else if (kind === 'exited') add(journey.exits, id);
    else if (kind === 'goal') journey.goals += 1;
    else if (kind === 'step') {
      const step = stepOf(journey, id);
      if (more === 'visited') step.visits += 1;
      else if (more === 'port') add(step.ports, rest);
    } else if (kind === 'message') {
      if (more === 'decided') this.#step(journeyId, id).decided += 1;
      else if (more === 'no') add(this.#step(journeyId, id).skipped, rest);
    }
  }

  #because({ code, journey, step, saw, fix, message }: Reason): void {
    add(this.#reasons, code);
    if (code === 'goal.reached' && journey !== undefined) {
      const value = (saw as { readonly value?: number } | undefined)?.value;
      if (value !== undefined) this.#journey(journey).goalValue += value;
    }
    // A policy's "not now": the only reasons of a message that promise a later time.
    if (fix === 'goes later by itself' && message !== undefined && journey !== undefined && step !== undefined) {
      add(this.#step(journey, step).held, code);
    }
  }

  #journey(id: string): Journey {
    let found = this.#journeys.get(id);
    if (found === undefined) {
      found = {
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

  #step(journey: string, step: string): Mutable<StepMessages> {
    const key = `${journey} ${step}`;
    let found = this.#steps.get(key);
    if (found === undefined) {
      const document = this.#catalog.journeys.get(journey)?.journey.step(step);
      const template = document?.type === 'message' ? document.template : '';
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
      this.#steps.set(key, found);
    }
    return found;
  }

  #dayOf(at: number): string {
    const minute = Math.floor(at / MINUTE_MS);
    let day = this.#days.get(minute);
    if (day === undefined) {
      day = dayName(at, this.#catalog.policy.zone);
      this.#days.set(minute, day);
    }
    return day;
  }
}

const stepOf = ({ steps }: Journey, id: string): Mutable<StepFigures> => {
  steps[id] ??= { visits: 0, ports: {}, exits: {}, stillInside: 0 };
  return steps[id];
};
const add = (counts: Counts, what: string, more = 1): void => {
  counts[what] = (counts[what] ?? 0) + more;
};
const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
const rowKey = ({ day, channel, journey, step }: SentCount): string => `${day} ${channel} ${journey} ${step}`;
