import { functionNameOf } from './iam/resource-policies.ts';

/**
 * By full name or logical id; else by a logical id without the hash CDK adds, then by the end of a name
 * (`issue-key` for `godwit-dev-issue-key`), then by any beginning, as long as only one fits.
 */
export function findByName<T>(candidates: T[], name: string, namesOf: (candidate: T) => string[], kind: string): T {
  const plain = functionNameOf(name);
  const having = (test: (one: string) => boolean): T[] =>
    candidates.filter((candidate) => namesOf(candidate).some(test));
  const tests = [
    (one: string) => one === plain,
    (one: string) => one.startsWith(plain) && /^[0-9A-F]{8}$/.test(one.slice(plain.length)),
    (one: string) => one.endsWith(`-${plain}`) || one.endsWith(`-${plain}.fifo`),
    (one: string) => one.startsWith(plain),
  ];
  const found = tests.map(having).find((matches) => matches.length > 0) ?? [];
  if (found.length === 1) return found[0]!;
  const names = candidates.map((candidate) => namesOf(candidate).at(-1)).join(', ');
  throw new Error(`${found.length === 0 ? 'No' : 'More than one'} ${kind} is called ${name}; there are: ${names}`);
}
