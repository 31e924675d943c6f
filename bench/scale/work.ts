import { duties } from '../../infra/functions.ts';
import type { ServiceTime } from './consumers.ts';

/**
 * What the simulation is told, and does not find out. Units are counted (BENCHMARKS.md, `npm run bench`; a test compares);
 * round trips are those of the code, one after another; everything else is an assumption, by name.
 */
export interface Work {
  /** Seconds of one call from a function in the same region. Assumed: DynamoDB says single-digit milliseconds. */
  readonly latency: { readonly table: number; readonly queue: number; readonly mailProvider: number };
  /** CPU of one record in vCPU seconds. Assumed. */
  readonly cpu: {
    readonly ingest: number;
    readonly evaluate: number;
    readonly send: number;
    readonly receipts: number;
  };
  /** Assumed. Of different profiles: then nothing of a request shares a mail, which is the most that the mailbox can get. */
  readonly eventsPerRequest: number;
  /** Assumed, of all events. `trait` moves one, `journey` does so and moves a run; the rest changes nothing. */
  readonly mix: { readonly trait: number; readonly journey: number };
  /** Of an event that moves a run, and of an enrolment by a broadcast. Assumed. */
  readonly perJourneyEvent: { readonly messages: number; readonly waits: number };
  /** Notifications of a message: delivered, and one of three opened, one of twenty clicked. Assumed. */
  readonly receiptsPerMessage: number;
  /** Those of them of which the profile is told: of a delivery nobody asks (ADR 49). Assumed. */
  readonly toldPerMessage: number;
  /** Assumed: a day, three days and a week, as in the reference journey. */
  readonly waitDays: number;
  /** When waits end: after whole days, or at nine in the customer's own zone. */
  readonly waitsEnd: 'after-days' | 'at-nine';
  /** Minutes in which what was set within one window of `arm-timers` ends: three lengths, and a window lies across two. */
  readonly dueMinutesPerWindow: number;
}

export const work: Work = {
  latency: { table: 0.005, queue: 0.01, mailProvider: 0.06 },
  cpu: { ingest: 0.001, evaluate: 0.0015, send: 0.003, receipts: 0.001 },
  eventsPerRequest: 1,
  mix: { trait: 0.15, journey: 0.05 },
  perJourneyEvent: { messages: 1, waits: 1 },
  receiptsPerMessage: 1.35,
  toldPerMessage: 0.35,
  waitDays: (1 + 3 + 7) / 3,
  waitsEnd: 'after-days',
  dueMinutesPerWindow: 6,
};

/**
 * Nine o'clock in all zones, by the hour of UTC: a quarter of the customers in one, the others alike in 15 more. Assumed; a business of one
 * country has them all in one.
 */
export const nineOClock: readonly number[] = Array.from({ length: 24 }, (_, hour) =>
  hour === 8 ? 0.25 : hour < 16 ? 0.75 / 15 : 0,
);

/** The same work, with a day's waits that all end at nine. A window of `arm-timers` then has an execution for each zone. */
export const workAtNine = (usual: Work): Work => ({
  ...usual,
  waitsEnd: 'at-nine',
  dueMinutesPerWindow: nineOClock.filter((share) => share > 0).length,
});

/** So many of these receipts reach the mailbox. */
export const toldOf = (receipts: number, { toldPerMessage, receiptsPerMessage }: Work): number =>
  (receipts * toldPerMessage) / receiptsPerMessage;

/** Kinds of records of the mailbox. What an event is made of is in the mix. */
export const recordKinds = ['event', 'wake', 'enroll', 'receipt'] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface Units {
  readonly profileWrites: number;
  readonly profileReads: number;
  readonly journalWrites: number;
  readonly journalReads: number;
}

/** `npm run bench`: an event that changes nothing; one that moves a trait; the reference journey's, a fourth of its records. */
export const counted = {
  inert: { profileWrites: 0, profileReads: 1, journalWrites: 1, journalReads: 0.5 },
  moved: { profileWrites: 1, profileReads: 1, journalWrites: 1, journalReads: 1.5 },
  run: { profileWrites: 1, profileReads: 1, journalWrites: 0.5, journalReads: 0.75 },
  /** Of a message: its claim; the profile, and whether its address is suppressed. */
  send: { messageWrites: 1, profileReads: 1, otherReads: 1.3 },
  receipt: { messageWrites: 1 },
} as const;

export function unitsOf(kind: RecordKind, { mix }: Work): Units {
  if (kind !== 'event') return kind === 'receipt' ? counted.moved : counted.run;
  const inert = 1 - mix.trait - mix.journey;
  const sum = (unit: keyof Units) =>
    inert * counted.inert[unit] + mix.trait * counted.moved[unit] + mix.journey * counted.run[unit];
  return {
    profileWrites: sum('profileWrites'),
    profileReads: sum('profileReads'),
    journalWrites: sum('journalWrites'),
    journalReads: sum('journalReads'),
  };
}

/** Lambda gives a function one vCPU for 1,769 MB ("Configure Lambda function memory"). */
const cpuTime = (seconds: number, memoryMb: number): number => (seconds * 1_769) / memoryMb;

/**
 * Records of different profiles are evaluated side by side, messages of a batch are sent side by side: a batch takes as many
 * round trips as the longest of its records, and the CPU of all of them, since JavaScript has one thread.
 */
export function serviceTimes({ latency, cpu }: Work) {
  const { table, queue, mailProvider } = latency;
  const time = (fixed: number, seconds: number, name: keyof typeof duties): ServiceTime => ({
    fixed,
    perRecord: cpuTime(seconds, duties[name].memoryMb),
  });
  return {
    /** Into the mailbox; the key is known. */
    ingest: time(queue, cpu.ingest, 'ingest'),
    /** Profile, journal, commit, [message or wait into its queue], certificate, counters. */
    evaluate: time(5 * table + queue, cpu.evaluate, 'evaluate'),
    /** Profile, suppressions, claim, provider. */
    send: time(3 * table + mailProvider, cpu.send, 'send'),
    /** Marks the message, reports. */
    receipts: time(table + queue, cpu.receipts, 'receipts'),
  };
}
