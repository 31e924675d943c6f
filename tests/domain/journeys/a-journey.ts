import { Journey } from '../../../shared/domain/journeys/journey.ts';
import { parseDocument } from '../../../shared/kernel/problems.ts';

/** A small journey that lint has nothing to say about; tests change one thing in it. */
export const small = {
  schemaVersion: 1,
  id: 'welcome',
  name: 'Welcome',
  topic: 'onboarding',
  entry: [{ on: 'event', event: 'Signed Up' }],
  reentry: { again: 'never', whileInside: 'ignore' },
  start: 'hello',
  steps: {
    hello: { type: 'message', template: 'hello', channels: ['email'], next: 'pause' },
    pause: { type: 'wait', for: 'P1D', next: 'check' },
    check: { type: 'branch', cases: [{ if: 'profile.plan = "pro"', next: 'end' }], else: 'bye' },
    bye: { type: 'exit', reason: 'done' },
  },
} as const;

export type Changes = Record<string, unknown> & { steps?: Record<string, unknown> };

/** Steps are added to the small journey's; a step that is undefined goes. */
export function journeyWith({ steps, ...changes }: Changes = {}): Journey {
  return parseDocument(Journey, written({ ...changes, ...(steps === undefined ? {} : { steps }) }), 'journey');
}

export function written({ steps, ...changes }: Changes = {}): Record<string, unknown> {
  const all = Object.entries({ ...small.steps, ...steps }).filter(([, step]) => step !== undefined);
  return { ...small, ...changes, steps: Object.fromEntries(all) };
}

/** Only these steps, from the first on. */
export function stepsOnly(steps: Record<string, unknown>, changes: Changes = {}): Journey {
  const gone = Object.fromEntries(Object.keys(small.steps).map((id) => [id, undefined]));
  return journeyWith({ start: Object.keys(steps)[0], ...changes, steps: { ...gone, ...steps } });
}
