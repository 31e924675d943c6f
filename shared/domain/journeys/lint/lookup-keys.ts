import { error, type Rule } from './finding.ts';
import { templateOf } from './known-templates.ts';

/**
 * What a template looks up by `vars.product`, the step gives. A message that must not go without would never go.
 * Refs are seen to by resolvable-refs.ts: they are variables of the template.
 */
export const lookupKeys: Rule = ({ steps }, catalog) =>
  Object.entries(steps).flatMap(([stepId, step]) => {
    if (step.type !== 'message') return [];
    return Object.entries(templateOf(step, catalog)?.lookups ?? {}).flatMap(([name, lookup]) => {
      const key = 'keys' in lookup ? lookup.keys : lookup.key;
      const given = typeof key === 'string' ? undefined : /^vars\.([^.]+)/.exec(key.ref)?.[1];
      if (given === undefined || lookup.onMissing !== 'skip') return [];
      if (step.vars !== undefined && Object.hasOwn(step.vars, given)) return [];
      const detail = `the template looks up ${name} by vars.${given}, which the step does not give`;
      return [error(`/steps/${stepId}/vars`, 'lookup-key-missing', detail, { fix: `add ${given} to vars` })];
    });
  });
