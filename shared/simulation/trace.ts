import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import { type ComputedTraits, computedValue } from '../domain/computed-traits/computed-traits.ts';
import type { Instant } from '../domain/computed-traits/value-at.ts';
import type { Reason } from '../domain/decision.ts';
import type { MailRecord } from '../domain/mail-record.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { ConsentState, Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { formatInstant } from '../kernel/time.ts';
import type { Arrived, Decided, Handed } from './live.ts';
import type { RunPath } from './paths.ts';

type Values = { readonly [name: string]: Json };

/** Everything that happened to one customer, with the reasons. Times are RFC 3339 in UTC. */
export interface Trace {
  readonly customer: string;
  /** Until when the customer was looked at. */
  readonly until: string;
  /** At the end: the customer's, else the environment's. */
  readonly zone: string;
  readonly entries: readonly TraceEntry[];
  readonly events: readonly { readonly at: string; readonly name: string; readonly properties: Values }[];
  readonly messages: readonly TraceMessage[];
  readonly consents: readonly TraceConsent[];
  readonly runs: readonly TraceRun[];
}

/** One record, and what was decided of it. */
export interface TraceEntry {
  readonly at: string;
  readonly record: MailRecord['t'];
  /** The record in words. */
  readonly what: string;
  readonly reasons: readonly Reason[];
}

export interface TraceMessage {
  readonly at: string;
  readonly id: string;
  readonly channel: Channel;
  readonly topic: string;
  readonly transactional: boolean;
  readonly template?: string;
  readonly journey?: string;
  readonly step?: string;
  readonly run?: string;
  /** `sent`: handed over. */
  readonly outcome: 'sent' | 'not-sent' | 'failed';
  readonly reason?: string;
  /** How many of the trace's events came before it: at one instant, what time brings comes before what the customer does. */
  readonly eventsBefore: number;
  /** As they were when it went. */
  readonly traits: Values;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
}

export interface TraceConsent {
  readonly at: string;
  readonly channel: Channel;
  readonly topic: string;
  readonly state: ConsentState;
}

export interface TraceRun {
  readonly run: string;
  readonly journey: string;
  readonly entered: string;
  /** Absent: still inside at the end. */
  readonly ended?: string;
  readonly reason?: string;
  readonly steps: readonly string[];
}

/** Writes the trace of one customer while they live. */
export class TraceWriter {
  readonly #entries: TraceEntry[] = [];
  readonly #events: Trace['events'][number][] = [];
  readonly #messages: TraceMessage[] = [];
  readonly #consents: TraceConsent[] = [];
  readonly #computed: ComputedTraits;

  constructor({ computed }: Pick<CompiledCatalog, 'computed'>) {
    this.#computed = computed;
  }

  decided({ at, record, decision }: Decided): void {
    const time = formatInstant(at);
    this.#entries.push({ at: time, record: record.t, what: inWords(record), reasons: decision.reasons });
    if (record.t === 'event' && !decision.forwarded) {
      this.#events.push({ at: time, name: record.event.name, properties: record.event.data });
    }
    for (const { code, topic, channel, saw } of decision.reasons) {
      if (code !== 'consent.recorded' || topic === undefined || channel === undefined) continue;
      const { state } = saw as { readonly state: ConsentState };
      this.#consents.push({ at: time, channel, topic, state });
    }
  }

  /** As the timeline shows it: made out of the message's row. */
  arrived({ at, request: { id, channel } }: Arrived): void {
    const reasons = [{ code: 'receipt.delivered', message: id, channel }];
    this.#entries.push({ at: formatInstant(at), record: 'receipt', what: 'message was delivered', reasons });
  }

  handed({ at, request, outcome, reason, profile, zone }: Handed): void {
    const { id, channel, topic, transactional, template, origin } = request;
    this.#messages.push({
      at: formatInstant(at),
      id,
      channel,
      topic,
      transactional,
      ...(template !== undefined && { template: template.id }),
      ...(origin !== undefined && { journey: origin.journey, step: origin.step, run: origin.run }),
      outcome,
      ...(reason !== undefined && { reason }),
      eventsBefore: this.#events.length,
      traits: traitsOf(profile, this.#computed, { now: at, zone }),
      zone,
    });
  }

  finish(customer: string, until: number, zone: string, runs: readonly RunPath[]): Trace {
    return {
      customer,
      until: formatInstant(until),
      zone,
      entries: this.#entries,
      events: this.#events,
      messages: this.#messages,
      consents: this.#consents,
      runs: runs.map(({ run, journey, entered, ended, reason, steps }) => ({
        run,
        journey,
        entered: formatInstant(entered),
        ...(ended !== undefined && { ended: formatInstant(ended) }),
        ...(reason !== undefined && { reason }),
        steps,
      })),
    };
  }
}

/** Computed ones too, as they are at that instant. */
function traitsOf(profile: Profile, computed: ComputedTraits, at: Instant): Values {
  const traits = Object.entries(profile.traits).map(([name, { value }]): [string, Json] => [name, value]);
  const made = [...computed.byName.keys()].flatMap((name): [string, Json][] => {
    const value = computedValue(computed, profile, name, at)?.value;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries([...traits, ...made]);
}

function inWords(record: MailRecord): string {
  switch (record.t) {
    case 'event':
      return record.event.kind === 'identify'
        ? `is known by ${valuesInWords(record.event.data)}`
        : `does "${record.event.name}" ${valuesInWords(record.event.data)}`.trim();
    case 'consent':
      return record.consents
        .map(({ state, topic, channel }) => `consent ${state} for ${topic} by ${channel}`)
        .join(', ');
    case 'enroll':
      return `is enrolled in ${record.journey} ${valuesInWords(record.properties ?? {})}`.trim();
    case 'outcome':
      return `message was ${record.outcome}${record.reason === undefined ? '' : ` (${record.reason})`}`;
    case 'receipt':
      return `message was ${record.was}`;
    case 'wake':
      return 'time has come';
    default:
      return record.t;
  }
}

const valuesInWords = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ');
