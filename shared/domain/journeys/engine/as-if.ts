import type { WebhookEndpoint } from '../../messaging/webhook-endpoint.ts';
import { reasonAt, type Visit } from './step-handler.ts';

/** Whether nothing is called here: in a dry run, and in a test run unless the endpoint has an address for tests. */
export const isAsIf = ({ turn }: Visit, endpoint: WebhookEndpoint | undefined): boolean =>
  turn.isDry || (turn.profile.test !== undefined && endpoint?.test === undefined);

export function sayAsIf(visit: Visit): void {
  if (visit.turn.isDry) return;
  visit.turn.because(
    reasonAt(visit, { code: 'test.as-if', fix: 'give the endpoint a `test` address to have it called' }),
  );
}
