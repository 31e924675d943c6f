import type { Channel } from '../domain/messaging/channel.ts';

export type Counts = { [what: string]: number };

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
  /** Runs that were there before the simulation began; each counts as a visit of the step where it stood. */
  readonly insideAtStart: number;
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
