import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { didYouMean } from '../../shared/kernel/did-you-mean.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import { readYaml } from '../folder/read-file.ts';
import { ApiClient } from '../remote/api-client.ts';
import { type Call, Findings, type Options, UsageError } from '../verb.ts';
import { keyFor } from './keys.ts';

export const PROJECT_FILE = 'godwit.yaml';

/** A key travels in every request, so plain http is for this machine only. */
function isApiAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname));
}

const Project = z.strictObject({
  environments: z.record(
    z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens'),
    z.strictObject({
      api: z
        .string()
        .max(500)
        .refine(isApiAddress, { params: { code: 'api', limit: 'https://…, or http:// on this machine' } }),
    }),
  ),
});

export interface Project {
  readonly folder: string;
  readonly environments: Readonly<Record<string, { readonly api: string }>>;
}

export interface Environment {
  readonly name: string;
  readonly api: string;
}

/** --dir, else the nearest folder above with a godwit.yaml. */
export function findProject({ options, world }: Call<Options>): Project {
  const start = resolve(world.cwd, options.dir ?? '.');
  if (!existsSync(start) || !statSync(start).isDirectory()) throw new UsageError(`--dir: there is no folder ${start}`);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return readProject(folder);
    if (options.dir !== undefined || folder === dirname(folder)) {
      throw new UsageError(
        `there is no ${PROJECT_FILE} in ${start}${options.dir === undefined ? ' or above it' : ''}`,
        'make a folder of documents with: godwit init FOLDER',
      );
    }
  }
}

function readProject(folder: string): Project {
  const { value, locate } = readYaml(readFileSync(join(folder, PROJECT_FILE), 'utf8'), PROJECT_FILE);
  try {
    return { folder, ...parseDocument(Project, value, 'project') };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const findings = error.problems.map((problem) => ({
      ...problem,
      severity: 'error' as const,
      file: PROJECT_FILE,
      ...locate(problem.pointer),
    }));
    throw new Findings(`${PROJECT_FILE} is not right`, findings);
  }
}

/** --env, else GODWIT_ENV, else the only one. */
export function chooseEnvironment(call: Call<Options>, project: Project, name?: string): Environment {
  const names = Object.keys(project.environments);
  const wanted =
    name ?? call.options.env ?? call.world.env['GODWIT_ENV'] ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    throw new UsageError(`which environment? ${PROJECT_FILE} names ${names.join(', ') || 'none'}`, 'add --env NAME');
  }
  const found = Object.hasOwn(project.environments, wanted) ? project.environments[wanted] : undefined;
  if (found !== undefined) return { name: wanted, api: found.api };
  const meant = didYouMean(wanted, names);
  throw new UsageError(
    `${PROJECT_FILE} names no environment ${JSON.stringify(wanted)}: it has ${names.join(', ') || 'none'}`,
    meant === undefined ? undefined : `did you mean ${meant}?`,
  );
}

export function connect({ world }: Call<Options>, environment: Environment): ApiClient {
  const key = keyFor(environment.api, world.env);
  if (key !== undefined) return new ApiClient(environment.api, key);
  throw new UsageError(
    `there is no key for ${environment.name} (${environment.api})`,
    `godwit login --env ${environment.name}, or set GODWIT_API_KEY`,
  );
}

/** The environment that a command is about, ready to be asked. */
export function connectProject(call: Call<Options>): { project: Project; environment: Environment; api: ApiClient } {
  const project = findProject(call);
  const environment = chooseEnvironment(call, project);
  return { project, environment, api: connect(call, environment) };
}
