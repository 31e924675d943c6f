import * as z from 'zod';
import { MAX_DEVICES } from '../../domain/profiles/limits.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import { platforms } from '../../domain/profiles/push-token.ts';
import { MAX_PUSH_TOKEN, normalisePushToken } from '../../kernel/addresses.ts';
import type { IssueParams } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { accepted, find, Params, tell, Which } from '../named-profile.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Profiles';

const Token = z
  .string()
  .refine((text) => normalisePushToken(text) !== undefined, {
    params: { code: 'token', limit: `1 to ${MAX_PUSH_TOKEN} characters, without spaces` } satisfies IssueParams,
  })
  .meta({ id: 'PushToken', description: 'as the service gave it to the app' });
const Platform = z.enum(platforms).meta({ id: 'PushPlatform' });
const DeviceParams = Params.extend({ token: Token });

const Devices = z
  .object({ data: z.array(z.object({ token: z.string(), platform: Platform, lastSeenAt: Timestamp })) })
  .meta({ id: 'Devices' });

/** Those that messages go to. */
export const showDevices = ({ devices = {} }: Profile) =>
  Object.entries(devices)
    .filter(([, { off }]) => off !== true)
    .sort(([, a], [, b]) => b.at - a.at)
    .map(([token, { platform, at }]) => ({ token, platform, lastSeenAt: formatInstant(at) }));

export const deviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/devices',
    scope: 'profiles:read',
    tag,
    summary: 'Devices that push notifications to a person go to, the last used first',
    params: Params,
    query: Which,
    answers: { 200: { description: `at most ${MAX_DEVICES}`, schema: Devices } },
    handle: async (call, ports) => ok({ data: showDevices((await find(call, ports)).profile) }),
  }),
  route({
    method: 'PUT',
    path: '/v1/profiles/{id}/devices/{token}',
    scope: 'profiles:write',
    tag,
    summary: 'Adds a device; whoever had the token before has it no more',
    params: DeviceParams,
    query: Which,
    body: z.strictObject({
      platform: Platform.exactOptional().meta({
        description: 'whose service the token is of; when absent, what its form says, which knows no sandbox',
      }),
    }),
    bodyCode: 'device',
    answers: accepted,
    handle: (call, ports) => {
      const { commandId: id, now: at, body } = call;
      const token = normalisePushToken(call.params.token)!;
      return tell(call, (identity) => ({ t: 'device', id, ...identity, at, token, change: 'add', ...body }), ports);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/profiles/{id}/devices/{token}',
    scope: 'profiles:write',
    tag,
    summary: 'Takes a device away, as when somebody logs out',
    params: DeviceParams,
    query: Which,
    answers: accepted,
    handle: (call, ports) => {
      const { commandId: id, now: at } = call;
      const token = normalisePushToken(call.params.token)!;
      return tell(call, (identity) => ({ t: 'device', id, ...identity, at, token, change: 'remove' }), ports);
    },
  }),
];
