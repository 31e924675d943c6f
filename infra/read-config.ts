import type * as z from 'zod';
import { EnvironmentConfig, EnvironmentName, GodwitConfig } from './config.ts';

/** Gives `godwit.config.ts` its types; what it says is checked when the app is synthesised. */
export function defineConfig(config: z.input<typeof GodwitConfig>): z.input<typeof GodwitConfig> {
  return config;
}

/** Checks a configuration and fills in the defaults; throws one error that lists every wrong field. */
export function readConfig(config: unknown): GodwitConfig {
  return read(GodwitConfig, config);
}

export function readEnvironmentConfig(config: unknown): EnvironmentConfig {
  return read(EnvironmentConfig, config);
}

export function readEnvironmentName(name: unknown): string {
  return read(EnvironmentName, name);
}

/** The environment that `-c env=<name>` asks for; without it, the first. */
export function chooseEnvironment(
  { environments }: GodwitConfig,
  name: unknown = Object.keys(environments)[0],
): { environment: string; config: EnvironmentConfig } {
  const config = typeof name === 'string' && Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (typeof name !== 'string' || config === undefined) {
    throw new Error(`-c env=${name}: the configuration has ${Object.keys(environments).join(', ')}`);
  }
  return { environment: name, config };
}

function read<T extends z.ZodType>(schema: T, config: unknown): z.infer<T> {
  const result = schema.safeParse(config, { reportInput: true });
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap(rulesOf).map((issue) => {
    const value = issue.input === undefined ? 'absent' : JSON.stringify(issue.input)?.slice(0, 120);
    return `  ${issue.path.join('.') || 'configuration'}: ${issue.message} (value: ${value})`;
  });
  throw new Error(`The configuration is refused:\n${lines.join('\n')}`);
}

type Refusal = Pick<z.core.$ZodIssue, 'path' | 'message'> & { readonly input?: unknown };

/** A wrong key of a record, as a refusal for every rule that it breaks. */
function rulesOf(issue: z.core.$ZodIssue): Refusal[] {
  if (issue.code !== 'invalid_key') return [issue];
  return issue.issues.map((rule) => ({ path: issue.path, message: rule.message, input: issue.path.at(-1) }));
}
