import type { Problem } from '../../../kernel/errors.ts';
import type { Segment } from '../../audiences/segment.ts';
import type { Definition } from '../../computed-traits/definition.ts';
import type { Channel } from '../../messaging/channel.ts';
import type { Policy } from '../../messaging/policy.ts';
import type { Template } from '../../messaging/template.ts';
import type { Topic } from '../../messaging/topic.ts';
import type { WebhookEndpoint } from '../../messaging/webhook-endpoint.ts';
import type { Journey } from '../journey.ts';

/** An error keeps a journey from being published; a warning does not. */
export interface Finding extends Problem {
  readonly severity: 'error' | 'warning';
}

/** What a journey may refer to. */
export interface LintCatalog {
  readonly templates: {
    /** Without a version: the live one. */
    get(id: string, version?: number): Template | undefined;
    ids(): Iterable<string>;
  };
  readonly topics: ReadonlyMap<string, Topic>;
  /** What is published of other journeys, and of this one before. */
  readonly journeys: ReadonlyMap<string, Journey>;
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>;
  readonly segments: ReadonlyMap<string, Segment>;
  /** Computed traits, by name. */
  readonly computed?: ReadonlyMap<string, Definition>;
  /** Names of areas. */
  readonly geofences: ReadonlySet<string>;
  /** The first of a channel is its default. */
  /** Names of events that came in, with the names of their properties: undefined when nobody knows, or not all of them. */
  readonly eventTypes?: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  readonly senders: readonly { readonly id: string; readonly channel: Channel; readonly postalAddress?: string }[];
  /** Those that this environment can send through. */
  readonly channels: readonly Channel[];
  readonly policy: Pick<Policy, 'prices' | 'channelOrder'>;
  /** Epoch milliseconds; absent where documents are looked at by no clock. */
  readonly now?: number;
}

export type Rule = (journey: Journey, catalog: LintCatalog) => Finding[];

type Details = Omit<Finding, 'pointer' | 'code' | 'severity' | 'detail'>;

export const error = (pointer: string, code: string, detail: string, more: Details = {}): Finding => ({
  pointer,
  code: `journey.${code}`,
  severity: 'error',
  detail,
  ...more,
});

export const warning = (pointer: string, code: string, detail: string, more: Details = {}): Finding => ({
  ...error(pointer, code, detail, more),
  severity: 'warning',
});

/** As part of a finding: the name that was probably meant. */
export const meant = (name: string | undefined): { readonly fix?: string } =>
  name === undefined ? {} : { fix: `did you mean "${name}"?` };
