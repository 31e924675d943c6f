import type { AccessSettings } from '../../settings.ts';
import { type Scope, scopes } from './scopes.ts';

/**
 * What people of a team may do, by role. Nobody but a key has `*`: a role never has more than is written here.
 *
 * marketer: makes journeys, templates, segments, and tries them out. publisher: lets them go live, and stops them.
 * operator: runs the environment, its keys and its settings. privacy: answers customers about their data.
 */
const makes = [
  ...['journeys:read', 'journeys:write', 'journeys:test', 'templates:read', 'templates:write', 'segments:read'],
  ...['segments:write', 'computed-traits:read', 'computed-traits:write', 'collections:read', 'collections:write'],
  ...['settings:read', 'messages:read', 'profiles:read', 'suppressions:read', 'events:read', 'jobs:read'],
] as const satisfies readonly Scope[];

/** Customers leave the environment by these, and what is published leaves to customers: not for who runs it. */
const notOperators: readonly Scope[] = [
  'journeys:publish',
  'journeys:approve',
  'profiles:export',
  'profiles:erase',
  'profiles:personal',
];

export const roleScopes: Readonly<Record<Role, readonly Scope[]>> = {
  marketer: makes,
  publisher: [...makes, 'journeys:publish', 'journeys:approve', 'journeys:enroll', 'kill-switches:write', 'jobs:write'],
  operator: scopes.filter((scope) => !notOperators.includes(scope)),
  privacy: [
    ...[
      'profiles:read',
      'profiles:personal',
      'profiles:write',
      'profiles:export',
      'profiles:erase',
      'suppressions:read',
      'suppressions:write',
    ],
    ...['messages:read', 'events:read', 'journeys:read', 'jobs:read', 'jobs:write', 'audit:read'],
  ] as const satisfies readonly Scope[],
};

export type Role = keyof NonNullable<AccessSettings['roles']>;

export const scopesOf = (roles: readonly Role[]): Scope[] => [...new Set(roles.flatMap((role) => roleScopes[role]))];

/**
 * The ARN of a role behind the ARN of whoever has taken it: `arn:aws:sts::1:assumed-role/Name/session` is
 * `arn:aws:iam::1:role/Name`. The role's path is not in it (IAM, "IAM identifiers: ARNs"). Others are what they are.
 */
export function principalArn(callerArn: string): string {
  const [, partition, account, name] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(callerArn) ?? [];
  return name === undefined ? callerArn : `arn:${partition}:iam::${account}:role/${name}`;
}

/** `*` is any characters but a slash and a colon: it never reaches into another account or below a path. */
export function rolesFor(arn: string, configured: AccessSettings['roles'] = {}): Role[] {
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+?^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '[^/:]*')}$`).test(arn);
  const found = Object.entries(configured).filter(([, patterns]) => patterns.some(fits));
  return found.map(([role]) => role as Role);
}
