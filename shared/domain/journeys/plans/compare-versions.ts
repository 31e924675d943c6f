import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Journey, Step } from '../journey.ts';

export interface StepChange {
  readonly step: string;
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged';
  /** Which words of the step differ. */
  readonly fields?: readonly string[];
  /** Of a removed step: the added one that says the same under another id. A guess, for people. */
  readonly maybe?: string;
}

export interface VersionChanges {
  /** Words of the journey itself that differ, its steps left out. */
  readonly journey: readonly string[];
  /** Those of the older version in its order, then what was added. */
  readonly steps: readonly StepChange[];
}

/** By meaning: the order of keys is nothing. Steps are the same by their id alone. */
export function compareVersions(before: Journey, after: Journey): VersionChanges {
  const { steps: older, ...rest } = before;
  const { steps: newer, ...others } = after;
  const added = Object.keys(newer).filter((id) => !Object.hasOwn(older, id));
  const kept = Object.entries(older).map(([step, one]): StepChange => {
    const now = Object.hasOwn(newer, step) ? newer[step] : undefined;
    if (now === undefined) {
      const maybe = added.find((id) => meaning(newer[id]!) === meaning(one));
      return { step, change: 'removed', ...(maybe !== undefined && { maybe }) };
    }
    const fields = differing(one, now);
    return fields.length === 0 ? { step, change: 'unchanged' } : { step, change: 'changed', fields };
  });
  return {
    journey: differing(rest, others),
    steps: [...kept, ...added.map((step): StepChange => ({ step, change: 'added' }))],
  };
}

function differing(before: object, after: object): string[] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.filter((key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null));
}

/** What a step does, without its name and where it leads. */
function meaning(step: Step): string {
  const leads = new Set(['name', 'next', 'skipped', 'failed', 'timeout', 'else']);
  return canonicalJson(Object.fromEntries(Object.entries(step).filter(([key]) => !leads.has(key))));
}
