import * as z from 'zod';

/** What a key may do. `*` is everything; an ingest key (`gw_ingest_…`) has none of these. */
export const scopes = [
  'journeys:read',
  'journeys:write',
  'journeys:publish',
  'journeys:approve',
  'journeys:enroll',
  'journeys:test',
  'templates:read',
  'templates:write',
  'collections:read',
  'collections:write',
  'segments:read',
  'segments:write',
  'computed-traits:read',
  'computed-traits:write',
  'settings:read',
  'settings:write',
  'messages:read',
  'messages:send',
  'profiles:read',
  'profiles:personal',
  'profiles:write',
  'profiles:import',
  'profiles:export',
  'profiles:erase',
  'inbox-tokens:write',
  'suppressions:read',
  'suppressions:write',
  'events:read',
  'kill-switches:write',
  'dead-letters:read',
  'dead-letters:write',
  'jobs:read',
  'jobs:write',
  'audit:read',
  'keys:admin',
] as const;

export const Scope = z.enum(scopes).meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;
export const GrantedScope = z.enum([...scopes, '*']);
export type GrantedScope = z.infer<typeof GrantedScope>;

export const allows = (granted: readonly GrantedScope[], wanted: Scope): boolean =>
  granted.includes('*') || granted.includes(wanted);
