/** What package-lock.json says of a package (npm, "package-lock.json": packages). */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: true;
  readonly link?: true;
  readonly dev?: true;
  readonly devOptional?: true;
}
export interface Lockfile {
  readonly packages: { readonly [path: string]: LockedPackage };
}

/** Of what may be part of a function: nothing that asks for more than its notice to be kept. The most permissive first. */
const permitted = [
  ...['0BSD', 'MIT-0', 'CC0-1.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Apache-2.0'],
  ...['Python-2.0', 'CC-BY-4.0'],
];
/** Of tools that stay here: changes to their files would have to be published with them, and there are none. */
const permittedForTools = [...permitted, 'MPL-2.0'];

/** What packages write that is no SPDX expression, and what stands in their licence file. */
const written: { readonly [license: string]: string } = {
  'MIT (http://mootools.net/license.txt)': 'MIT',
};

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Not for development alone: a bundle of a function may have it. */
  readonly shipped: boolean;
}

/** Each with the licence that we take where there is a choice, and what is not as it must be. */
export function readLockfile({ packages }: Lockfile): { readonly all: Licensed[]; readonly problems: string[] } {
  const all: Licensed[] = [];
  const problems: string[] = [];
  for (const [path, locked] of Object.entries(packages)) {
    if (path === '') continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const title = `${name}@${locked.version}`;
    const shipped = locked.dev !== true && locked.devOptional !== true;
    const license = chooseLicence(locked.license ?? '', shipped ? permitted : permittedForTools);
    if (license === undefined) {
      const may = `${shipped ? 'part of functions' : 'a tool'}`;
      problems.push(`${title}: licence ${JSON.stringify(locked.license ?? null)} is not permitted for ${may}`);
    } else all.push({ name, version: locked.version ?? '', license, shipped });
    problems.push(...sourceProblems(title, locked));
  }
  return { all, problems };
}

/** Whatever is installed comes from the registry that npm is told, and is what was there when it was locked. */
function sourceProblems(title: string, { resolved, integrity, inBundle, link }: LockedPackage): string[] {
  const problems: string[] = [];
  if (link) problems.push(`${title}: a link to another folder`);
  if (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')) {
    problems.push(`${title}: comes from ${resolved}, not from the registry`);
  }
  // What lies within another package is covered by that one's.
  if (!inBundle && !link && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')) {
    problems.push(`${title}: no sha512 integrity`);
  }
  return problems;
}

/**
 * SPDX expressions as packages write them: of `OR` the first permitted one in our order, of `AND` all must be. `WITH` and
 * `+` are in none of ours, so they count as names of their own, which are not permitted.
 */
export function chooseLicence(license: string, allowed: readonly string[] = permitted): string | undefined {
  const tokens = (written[license] ?? license).match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  /** @returns the licences that hold together; undefined when that is not permitted. */
  const either = (): readonly string[] | undefined => {
    const choices = [both()];
    while (tokens[at] === 'OR') {
      at++;
      choices.push(both());
    }
    const possible = choices.filter((one) => one !== undefined);
    return possible.sort((a, b) => rank(a) - rank(b))[0];
  };
  const both = (): readonly string[] | undefined => {
    let held = one();
    while (tokens[at] === 'AND') {
      at++;
      const more = one();
      held = held === undefined || more === undefined ? undefined : [...held, ...more];
    }
    return held;
  };
  const one = (): readonly string[] | undefined => {
    const token = tokens[at++];
    if (token !== '(') return token !== undefined && allowed.includes(token) ? [token] : undefined;
    const inner = either();
    at++;
    return inner;
  };
  const rank = (names: readonly string[]) => Math.max(...names.map((name) => allowed.indexOf(name)));
  const chosen = either();
  return at === tokens.length ? chosen?.join(' AND ') : undefined;
}
