import type { Json } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import { jsonBytes } from '../../profiles/limits.ts';
import type { Values } from '../value.ts';
import { visitsOf } from './message-id.ts';
import { reasonAt, scopeOf, type Visit } from './step-handler.ts';
import { resolveValues } from './values.ts';

/**
 * What a run tells its own profile goes through the mailbox, as a record that is decided in a turn of its own. Decided
 * within the turn of the run it would meet that run half moved, no limit of steps would end journeys that feed each
 * other, and it would overtake what is already waiting. This way it is one more hop, and those are counted.
 */

/** It lies in the profile until it is sent, once for each such step of a pass. */
const MAX_TOLD_BYTES = 8_192;

/** 22 characters, the same whenever this visit is decided: told twice, it is decided once. */
export const tellingId = ({ runId, run, stepId }: Visit, what: string): string =>
  digest(what, runId, stepId, String(visitsOf(run, stepId) || 1));

/** undefined when they are too many bytes, and that is recorded. */
export function toldProperties(
  visit: Visit,
  values: Values | undefined,
): { readonly [name: string]: Json } | undefined {
  const properties = resolveValues(visit.turn, values ?? {}, scopeOf(visit));
  const actualBytes = jsonBytes(properties);
  if (actualBytes <= MAX_TOLD_BYTES) return properties;
  const saw = { limitBytes: MAX_TOLD_BYTES, actualBytes };
  visit.turn.because(reasonAt(visit, { code: `${visit.step.type}.too-large`, saw, fix: 'pass on smaller properties' }));
  return undefined;
}
