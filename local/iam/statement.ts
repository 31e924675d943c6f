/** One policy statement and how it matches a request (IAM user guide, "Policy evaluation logic"). */
import type { Json, JsonObject } from '../assembly/read-assembly.ts';

export interface Check {
  action: string;
  resource: string;
  /** Values of condition keys, in lower case as IAM compares them. */
  context?: Record<string, string | string[]>;
}

type ConditionTest = { operator: string; key: string; values: string[] };

export class Statement {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: string[];
  readonly resources: string[];
  readonly principals: string[];
  /** Action and resource of the requests that this statement decided. */
  readonly uses = new Map<string, number>();
  readonly #actionPatterns: RegExp[];
  readonly #resourcePatterns: RegExp[];
  readonly #conditions: ConditionTest[];

  constructor(source: JsonObject, where: string) {
    for (const key of ['NotAction', 'NotResource', 'NotPrincipal']) {
      if (source[key] !== undefined) throw new Error(`${where}: ${key} is not known to the local cloud`);
    }
    this.sid = typeof source['Sid'] === 'string' ? source['Sid'] : '';
    this.effect = source['Effect'] === 'Deny' ? 'Deny' : 'Allow';
    this.actions = listOf(source['Action']);
    this.resources = listOf(source['Resource'] ?? '*');
    this.principals = principalsOf(source['Principal']);
    this.#actionPatterns = this.actions.map((pattern) => wildcard(pattern, 'i'));
    this.#resourcePatterns = this.resources.map((pattern) => wildcard(pattern, ''));
    this.#conditions = conditionsOf(source['Condition'], where);
  }

  matches(check: Check): boolean {
    return (
      this.#actionPatterns.some((pattern) => pattern.test(check.action)) &&
      this.#resourcePatterns.some((pattern) => pattern.test(check.resource)) &&
      this.#conditions.every((condition) => holds(condition, check.context ?? {}))
    );
  }

  isFor(principal: string): boolean {
    return this.principals.includes('*') || this.principals.includes(principal);
  }

  /** Actions the statement names that no request has needed yet. */
  unusedActions(): string[] {
    const used = [...this.uses.keys()].map((use) => use.split(' ')[0]!);
    return this.actions.filter((action) => {
      const pattern = wildcard(action, 'i');
      return !used.some((name) => pattern.test(name));
    });
  }
}

const operators: Record<string, (actual: string, expected: string) => boolean> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: (actual, expected) => wildcard(expected, '').test(actual),
  ArnEquals: (actual, expected) => wildcard(expected, '').test(actual),
  ArnLike: (actual, expected) => wildcard(expected, '').test(actual),
  Bool: (actual, expected) => actual === expected,
};

/** Keys whose values the local cloud supplies with a check. */
const knownKeys = [
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'kms:calleraccount',
  'kms:viaservice',
  // Only CloudWatch Logs has it, whose groups are not imitated.
  'kms:encryptioncontext:aws:logs:arn',
  'ses:fromaddress',
];

function conditionsOf(source: Json | undefined, where: string): ConditionTest[] {
  const tests: ConditionTest[] = [];
  for (const [operator, keys] of Object.entries((source ?? {}) as Record<string, JsonObject>)) {
    const plain = operator.replace(/^ForA(ll|ny)Values:/, '').replace(/IfExists$/, '');
    if (!operators[plain]) throw new Error(`${where}: condition operator ${operator} is not known to the local cloud`);
    for (const [key, value] of Object.entries(keys)) {
      const name = key.toLowerCase();
      if (!knownKeys.includes(name)) {
        throw new Error(`${where}: condition key ${key} is not known to the local cloud`);
      }
      tests.push({ operator, key: name, values: listOf(value) });
    }
  }
  return tests;
}

function holds({ operator, key, values }: ConditionTest, context: Record<string, string | string[]>): boolean {
  const found = context[key];
  const isForAll = operator.startsWith('ForAllValues:');
  if (found === undefined) return isForAll || operator.endsWith('IfExists');
  const test = operators[operator.replace(/^ForA(ll|ny)Values:/, '').replace(/IfExists$/, '')]!;
  const matches = (actual: string): boolean => values.some((expected) => test(actual, expected));
  const actuals = Array.isArray(found) ? found : [found];
  return isForAll ? actuals.every(matches) : actuals.some(matches);
}

function principalsOf(source: Json | undefined): string[] {
  if (source === undefined) return [];
  if (typeof source === 'string') return [source];
  return Object.values(source as JsonObject).flatMap((value) => listOf(value));
}

function listOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

const patterns = new Map<string, RegExp>();

/** IAM wildcards: `*` is any run of characters, `?` any one of them. */
function wildcard(pattern: string, flags: string): RegExp {
  const key = `${flags}/${pattern}`;
  let compiled = patterns.get(key);
  if (!compiled) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    compiled = new RegExp(`^${source}$`, `s${flags}`);
    patterns.set(key, compiled);
  }
  return compiled;
}
