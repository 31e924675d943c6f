import type * as z from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { DOCUMENT_LIMITS, type DocumentLimits, guardDocument } from './document-guard.ts';
import { InvalidInput, type Problem } from './errors.ts';
import { jsonPointer } from './json-pointer.ts';
import { jsonType } from './json-type.ts';
import type { IssueParams } from './schema.ts';

const MAX_PROBLEMS = 100;

/**
 * The document as its schema makes it, or InvalidInput with everything that is wrong with it. `codePrefix` is the
 * word before the dot: `journey.unknown-key`. The guard runs again over the result, because text became predicates.
 */
export function parseDocument<T>(
  schema: z.ZodType<T>,
  input: unknown,
  codePrefix: string,
  limits: DocumentLimits = DOCUMENT_LIMITS,
): T {
  const guarded = guardDocument(input, codePrefix, limits);
  if (guarded.length > 0) throw invalid(codePrefix, guarded);
  const result = schema.safeParse(input, { reportInput: true, error: knownKeys });
  if (!result.success)
    throw invalid(
      codePrefix,
      result.error.issues.flatMap((issue) => toProblems(issue, codePrefix)),
    );
  const grown = guardDocument(result.data, codePrefix, limits);
  if (grown.length > 0) throw invalid(codePrefix, grown);
  return result.data;
}

function invalid(codePrefix: string, problems: readonly Problem[]): InvalidInput {
  const kind = problems.some(({ code }) => code === `${codePrefix}.too-large`) ? 'too-large' : 'malformed';
  const shown = problems.slice(0, MAX_PROBLEMS);
  const [first] = shown;
  const detail = `${problems.length === 1 ? '1 problem' : `${problems.length} problems`}: ${first?.pointer || 'document'}: ${first?.detail}`;
  return new InvalidInput(first?.code ?? `${codePrefix}.invalid`, detail, shown, kind);
}

/** Only here zod shows the schema that raised an issue: the message carries its keys to `toProblems`. */
function knownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const def = (issue.inst as z.core.$ZodType | undefined)?._zod.def as Partial<z.core.$ZodObjectDef> | undefined;
  return Object.keys(def?.shape ?? {}).join(', ');
}

function toProblems(issue: z.core.$ZodIssue, codePrefix: string): Problem[] {
  const pointer = jsonPointer(issue.path);
  const problem = (code: string, detail: string, more: Partial<Problem> = {}): Problem => ({
    pointer,
    code: `${codePrefix}.${code}`,
    detail,
    ...more,
  });
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const missing = issue.message
          .split(', ')
          .filter((known) => !Object.hasOwn((issue.input ?? {}) as object, known));
        const meant = didYouMean(key, missing);
        return {
          ...problem('unknown-key', 'unknown key', { limit: issue.message }),
          pointer: jsonPointer([...issue.path, key]),
          fix: meant === undefined ? 'remove it' : `did you mean "${meant}"?`,
        };
      });
    case 'invalid_type': {
      const limit = jsonName(issue.expected);
      if (issue.input === undefined) return [problem('missing', 'required', { limit })];
      return [problem('type', 'wrong type', { limit, actual: jsonType(issue.input) })];
    }
    case 'invalid_value': {
      const limit = issue.values.map(String).join(', ');
      if (issue.input === undefined) return [problem('missing', 'required', { limit })];
      const meant = typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : undefined;
      const fix = meant === undefined ? {} : { fix: `did you mean "${meant}"?` };
      return [problem('value', 'not one of the allowed values', { limit, actual: jsonType(issue.input), ...fix })];
    }
    case 'too_big':
      return [
        problem(hasLength(issue.input) ? 'too-long' : 'too-big', 'too much', {
          limit: atMost(issue),
          actual: size(issue.input),
        }),
      ];
    case 'too_small':
      return [
        problem(hasLength(issue.input) ? 'too-short' : 'too-small', 'too little', {
          limit: atLeast(issue),
          actual: size(issue.input),
        }),
      ];
    case 'invalid_format':
      return [problem('format', UNREADABLE, { limit: issue.message, actual: size(issue.input) })];
    case 'invalid_key': {
      const [first] = issue.issues;
      const [reason] = first === undefined ? [] : toProblems(first, codePrefix);
      return [problem('key', 'not allowed as a key', reason?.limit === undefined ? {} : { limit: reason.limit })];
    }
    case 'custom': {
      const { code = 'invalid', limit, fix, ...params } = (issue.params ?? {}) as Partial<IssueParams>;
      const actual = params.actual ?? (issue.input === undefined ? undefined : jsonType(issue.input));
      return [
        problem(code, issue.message === ZOD_SAYS_NOTHING ? UNREADABLE : issue.message, {
          ...(limit === undefined ? {} : { limit }),
          ...(actual === undefined ? {} : { actual }),
          ...(fix === undefined ? {} : { fix }),
        }),
      ];
    }
    case 'invalid_union': {
      const limit = [...new Set(issue.errors.flat().flatMap(expectedBy))].join(' or ');
      const params = limit === '' ? {} : { limit };
      if (issue.input === undefined) return [problem('missing', 'required', params)];
      return [problem('value', UNREADABLE, { ...params, actual: jsonType(issue.input) })];
    }
    default:
      if (issue.input === undefined) return [problem('missing', 'required')];
      return [problem('value', issue.message, { actual: jsonType(issue.input) })];
  }
}

const UNREADABLE = 'not in the right form';
/** The message of an issue that was given none (zod, locale en). */
const ZOD_SAYS_NOTHING = 'Invalid input';

/** What one option of a union asks for. */
const expectedBy = (issue: z.core.$ZodIssue): string[] => {
  if (issue.path.length > 0) return [];
  if (issue.code === 'invalid_type') return [jsonName(issue.expected)];
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'too_big' && hasLength(issue.input) ? [`a ${jsonType(issue.input)} of ${atMost(issue)}`] : [];
};

const hasLength = (value: unknown): value is string | unknown[] => typeof value === 'string' || Array.isArray(value);
const size = (value: unknown): string | number =>
  hasLength(value) ? value.length : typeof value === 'number' ? value : jsonType(value);
const jsonName = (expected: string): string =>
  ({ array: 'list', record: 'object', tuple: 'list', int: 'whole number' })[expected] ?? expected;
const atMost = (issue: z.core.$ZodIssueTooBig): string =>
  `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
const atLeast = (issue: z.core.$ZodIssueTooSmall): string =>
  `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
