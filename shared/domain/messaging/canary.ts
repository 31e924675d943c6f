import { digest } from '../../kernel/ids.ts';
import type { CompiledCatalog } from '../compiled-catalog.ts';
import type { CustomerEvent } from '../customer-event.ts';
import { CANARY, canaryKey } from '../profiles/canary.ts';
import type { Turn } from '../turn.ts';
import type { Template } from './template.ts';
import type { Topic } from './topic.ts';

/**
 * The message of the canary's event goes the way of every other, and ends where a sink's do: in front of the provider.
 *
 * 1. In the app's own channel: each environment has it, without a sender, and a large send by e-mail does not lie before it.
 * 2. Its topic and its template are in no catalog: nobody can change them, and they stand in nobody's list.
 */
const channel = 'in-app';

const topic: Topic = { id: 'godwit-canary', kind: 'transactional', consent: { [channel]: 'opt-out' } };
const template: Template = {
  schemaVersion: 1,
  id: 'godwit-canary',
  variables: { 'entry.sent': { type: 'string', example: '2026-11-26T09:00:00.000Z', required: true } },
  variants: [{ channel, content: { title: 'Canary', body: 'Sent {{ entry.sent }}' } }],
};

export const canaryMessageId = (event: string): string => `${canaryKey}-${digest('canary', event)}`;

/** Also when it is told late: it is not there for what it says. */
export function decideCanary(turn: Turn, { id: event, sent, name }: CustomerEvent): void {
  if (turn.key !== canaryKey || name !== CANARY.event) return;
  const id = canaryMessageId(event);
  // An effect wants a change. Only the newest: while nothing comes back, none would be taken out.
  turn.change({ sends: [{ id, at: turn.now, channel, topic: topic.id }] });
  turn.effect({
    e: 'message',
    message: {
      ...{ id, key: turn.key, channel, decidedAt: turn.now, topic: topic.id, transactional: true, canary: true },
      ...{ template: { id: template.id }, values: { entry: { sent } }, onUnknown: 'count', report: 'non-success' },
    },
  });
  turn.because({ code: 'message.decided', message: id, channel, topic: topic.id });
}

/** As its message finds the catalog when it is made. */
export const withCanary = (catalog: CompiledCatalog): CompiledCatalog => ({
  ...catalog,
  topics: new Map([[topic.id, topic]]),
  templates: new Map([[template.id, { document: template, version: 1 }]]),
});
