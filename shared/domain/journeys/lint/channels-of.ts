import type { Channel } from '../../messaging/channel.ts';
import type { MessageStep } from '../journey.ts';
import type { LintCatalog } from './finding.ts';
import { templateOf } from './known-templates.ts';

/** Those that a step may use: by policy, all that its template has. */
export const channelsOf = (step: MessageStep, catalog: LintCatalog): readonly Channel[] =>
  step.channels === 'by-policy'
    ? [...new Set(templateOf(step, catalog)?.variants.map(({ channel }) => channel))]
    : step.channels;

/** Where one of them is written. */
export const channelPointer = (id: string, step: MessageStep, at: number): string =>
  step.channels === 'by-policy' ? `/steps/${id}/channels` : `/steps/${id}/channels/${at}`;
