import { digest } from '../../kernel/ids.ts';
import type { Route } from '../route.ts';

/**
 * What a call is about, as the audit says it: its path, with a hash in the place of whatever names a customer. The same
 * customer is the same hash, so that one can ask for everything that was done to one.
 */
interface Called {
  readonly route: Pick<Route, 'path' | 'byQuery'>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

export function resourceOf({ route, params, query }: Called): string {
  const { path, parameter } = route.byQuery ?? { path: route.path, parameter: undefined };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = (name === parameter ? query[name] : params[name]) ?? '';
    return isPersonal(path, name) ? hashed(path, value, query['idType']) : encodeURIComponent(value);
  });
}

/** Such a call is about one customer: the audit has no values of what it said. */
export const isAboutCustomer = ({ path }: Pick<Route, 'path'>): boolean =>
  /^\/v1\/(profiles|suppressions|messages|imports|exports)\b|\/(enrollments|members|test-runs|test-sends)\b/.test(path);

const isPersonal = (path: string, name: string): boolean =>
  ['token', 'address', 'profile'].includes(name) || (name === 'id' && path.startsWith('/v1/profiles/'));

const hashed = (path: string, value: string, idType = 'userId'): string =>
  `~${path.startsWith('/v1/profiles/') || path.includes('/enrollments/') ? digest(idType, value) : digest(value)}`;

/** What somebody asks for, `/v1/profiles/ann?idType=email`, as it stands in entries. */
export function askedResource(asked: string, routes: readonly Route[]): string {
  const [path = '', query = ''] = asked.split('?', 2);
  const parts = path.split('/');
  for (const route of routes) {
    if (route.byQuery !== undefined) continue;
    const params = match(route.path.split('/'), parts);
    if (params === undefined || !Object.keys(params).some((name) => isPersonal(route.path, name))) continue;
    return resourceOf({ route, params, query: Object.fromEntries(new URLSearchParams(query)) });
  }
  return path;
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const found = parts[index]!;
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== found : found === '' || found.startsWith('~')) return undefined;
    if (name !== undefined) params[name] = decode(found);
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
