import type { Json } from '../../../kernel/canonical-json.ts';
import { setTraits, traitValue } from '../../profiles/set-traits.ts';
import { reasonAt, type StepHandler, scopeOf } from '../engine/step-handler.ts';
import { resolveValue } from '../engine/values.ts';
import type { UpdateStep } from '../journey.ts';

/** A list that journeys append to keeps its newest entries. */
const MAX_APPENDED = 100;

/** Changes traits, in the order set, increment, append, unset. What is not of the right type is left as it is. */
export const updateStep: StepHandler<UpdateStep> = {
  arrive(visit) {
    const { turn, step } = visit;
    const scope = scopeOf(visit);
    const write = (trait: string, value: Json) => setTraits(turn, { [trait]: value }, turn.now, 'journey');
    const refuse = (code: string, trait: string) => turn.because(reasonAt(visit, { code, saw: { trait } }));
    for (const [trait, value] of Object.entries(step.set ?? {})) {
      const resolved = resolveValue(turn, value, scope);
      if (resolved === undefined) refuse('update.no-value', trait);
      else write(trait, resolved);
    }
    for (const [trait, by] of Object.entries(step.increment ?? {})) {
      const before = traitValue(turn.profile, trait) ?? 0;
      if (typeof before === 'number' && Number.isFinite(before + by)) write(trait, before + by);
      else refuse('update.not-a-number', trait);
    }
    for (const [trait, value] of Object.entries(step.append ?? {})) {
      const before = traitValue(turn.profile, trait) ?? [];
      const added = resolveValue(turn, value, scope);
      if (added === undefined) refuse('update.no-value', trait);
      else if (!Array.isArray(before)) refuse('update.not-a-list', trait);
      else write(trait, [...(before as readonly Json[]), added].slice(-MAX_APPENDED));
    }
    for (const trait of step.unset ?? []) write(trait, null);
    return { go: step.next, port: 'next' };
  },
};
