import { jsonPointer } from '../../../kernel/json-pointer.ts';
import { isFailure, renderLiquid } from '../../messaging/render/liquid.ts';
import type { Values } from '../value.ts';
import { error, type Finding, type Rule } from './finding.ts';

/** Some day and place: what a text needs too much work for, it needs it everywhere. */
const setting = { now: 0, zone: 'UTC', locale: 'en' };

/** Liquid in values of a step that does not parse, or asks for more work than it may whoever the customer is. */
export const liquidTexts: Rule = ({ steps }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    const under = (key: string, values: Values | undefined) => texts(values ?? {}, ['steps', id, key]);
    switch (step.type) {
      case 'message':
        return under('vars', step.vars);
      case 'update':
        return [...under('set', step.set), ...under('append', step.append)];
      case 'webhook':
        return under('body', step.body);
      case 'emit':
      case 'enroll':
        return under('properties', step.properties);
      case 'task':
        return texts(step.title, ['steps', id, 'title']);
      default:
        return [];
    }
  });

function texts(value: unknown, path: readonly (string | number)[]): Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  const { liquid } = value as { liquid?: unknown };
  if (typeof liquid !== 'string') return Object.entries(value).flatMap(([key, one]) => texts(one, [...path, key]));
  const scope = { profile: {}, entry: {}, event: {}, steps: {} };
  const rendered = renderLiquid(liquid, 'none', scope, setting);
  // A filter may only lack a value that a customer has.
  if (!isFailure(rendered) || rendered.code === 'template.failed') return [];
  const { code, line, column, detail } = rendered;
  return [error(jsonPointer([...path]), code.replace('.', '-'), `line ${line}, column ${column}: ${detail}`)];
}
