import { variables } from '../../shared/resources.ts';
import type { AccessSettings, CoreSettings, Settings } from '../../shared/settings.ts';

/** infra sets what a function may reach; a missing one is a wrong deployment and stops the container. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** Of functions whose duty has them all (infra/functions.ts). */
export const settings = (): Settings => JSON.parse(required(variables.settings)) as Settings;

export const coreSettings = (): CoreSettings => JSON.parse(required(variables.settings)) as CoreSettings;

export const accessSettings = (): AccessSettings => JSON.parse(required(variables.accessSettings)) as AccessSettings;
