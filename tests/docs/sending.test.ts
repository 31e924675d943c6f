import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { readDocument } from './documents.ts';

it('docs/sending.md shows steps that are right', () => {
  const [, yaml] = /^```yaml\n(.*?)^```$/ms.exec(readDocument('docs/sending.md'))!;
  const steps = parse(yaml!);
  const rest = { entry: [{ on: 'api' }], reentry: { again: 'never', whileInside: 'ignore' }, topic: 'account' };
  const journey = Journey.parse({ schemaVersion: 1, id: 'code', name: 'Code', ...rest, start: 'code', steps });
  expect(Object.keys(journey.steps)).toEqual(['code', 'arrived', 'by-mail']);
});
