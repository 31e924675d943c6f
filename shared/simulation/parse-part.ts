import type * as z from 'zod';
import { InvalidInput, type Problem } from '../kernel/errors.ts';
import { parseDocument } from '../kernel/problems.ts';

/** One part of the input as its schema makes it; what is wrong is said with the place in the whole input. */
export function parsePart<T>(schema: z.ZodType<T>, part: unknown, pointer: string): T {
  try {
    return parseDocument(schema, part, 'simulation');
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw refused(error.problems.map((problem) => ({ ...problem, pointer: pointer + problem.pointer })));
  }
}

export function refused(problems: readonly Problem[]): InvalidInput {
  const [first] = problems;
  const lines = problems.slice(0, 5).map(({ pointer, detail, limit, fix }) => {
    const more = [limit === undefined || detail.includes(String(limit)) ? '' : `allowed: ${limit}`, fix ?? '']
      .filter((text) => text !== '')
      .join('; ');
    return `${pointer || 'input'}: ${detail}${more === '' ? '' : ` (${more})`}`;
  });
  const rest = problems.length > lines.length ? [`and ${problems.length - lines.length} more`] : [];
  return new InvalidInput(first?.code ?? 'simulation.invalid', [...lines, ...rest].join('\n'), problems);
}

export const refusal = (pointer: string, code: string, detail: string, fix?: string): InvalidInput =>
  refused([{ pointer, code: `simulation.${code}`, detail, ...(fix !== undefined && { fix }) }]);
