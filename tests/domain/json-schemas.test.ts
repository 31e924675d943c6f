import { expect, it } from 'vitest';
import { jsonSchemas } from '../../shared/domain/json-schemas.ts';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Record<string, Schema>;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}
const schemas = jsonSchemas() as Record<string, Schema>;

it('has one for each document', () => {
  expect(Object.keys(schemas)).toEqual([
    'journey',
    'predicate',
    'segment',
    'computed-trait',
    'template',
    'block',
    'topic',
    'webhook-endpoint',
    'policy',
  ]);
});

it.each(Object.entries(schemas))('%s has no dangling references', (_name, schema) => {
  const text = JSON.stringify(schema);
  const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
  for (const ref of refs) expect(ref === '#' || schema.$defs?.[ref.replace('#/$defs/', '')] !== undefined).toBe(true);
});

it('describes a journey to an editor: required keys, no others, each step type, predicates as text or JSON', () => {
  const { properties, required, additionalProperties, $defs } = schemas['journey']!;
  expect(required).toEqual(['schemaVersion', 'id', 'name', 'topic', 'entry', 'reentry', 'start', 'steps']);
  expect(additionalProperties).toBe(false);
  expect(properties?.['where']).toEqual({ $ref: '#/$defs/Predicate' });
  expect($defs?.['Step']?.anyOf).toHaveLength(12);
  expect($defs?.['Predicate']?.anyOf?.[0]).toEqual({ type: 'string' });
  expect($defs?.['Predicate']?.anyOf).toHaveLength(28);
});
