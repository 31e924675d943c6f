import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import type { Ids } from '../ids.ts';
import type { CapturedMessage, Inbox } from '../inbox/inbox.ts';
import type { Meter } from '../meter.ts';
import type { Topics } from '../topics/topics.ts';
import { captureEmail } from './email-capture.ts';
import { capturePush } from './push-capture.ts';
import { captureSms } from './sms-capture.ts';

export interface ProviderSurroundings {
  assembly: ResolvedAssembly;
  inbox: Inbox;
  topics: Topics;
  clock: VirtualClock;
  ids: Ids;
  meter: Meter;
  log: (line: string) => void;
}

export interface PlayedEvent {
  type: string;
  link?: string | undefined;
  [detail: string]: unknown;
}

/** How a provider may misbehave, until told otherwise or for a number of calls. */
export type ProviderBehaviour = 'accept' | 'throttle' | 'time-out-after-accepting' | 'error-500' | 'reject' | 'paused';

/** Stands in for one sending provider: takes its calls, fills the inbox, plays what recipients do. */
export interface ProviderCapture {
  channel: string;
  /** Signing name of the AWS service, as it stands in the credential scope. */
  signingName: string;
  service: AwsService;
  /** What the inbox page may play for a message. */
  playable: string[];
  play(message: CapturedMessage, event: PlayedEvent): void;
  behave(behaviour: ProviderBehaviour, times?: number): void;
}

/** A provider is added here. */
export const providerCaptures: ((around: ProviderSurroundings) => ProviderCapture)[] = [
  captureEmail,
  capturePush,
  captureSms,
];
