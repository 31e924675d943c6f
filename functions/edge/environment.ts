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

/** The URL of another queue of the same account and region. */
export const beside = (url: string, name: string): string => `${url.slice(0, url.lastIndexOf('/'))}/${name}`;

/** Of all shards: written down is the first, and of the others what lies beside it. */
export function mailboxUrls(): string[] {
  const [first = '', ...others] = required(variables.mailboxQueues).split(',');
  return [first, ...others.map((one) => (one.includes('/') ? one : beside(first, one)))];
}
