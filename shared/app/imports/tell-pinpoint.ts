import type { Platform } from '../../domain/profiles/push-token.ts';
import { normalisePushToken } from '../../kernel/addresses.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import type { RowFault } from './raw-rows.ts';
import { isObject } from './row-fields.ts';
import type { RowObject } from './row-reader.ts';
import { tellProfile } from './tell-profile.ts';
import { tellSuppression } from './tell-suppression.ts';
import type { ImportContext, Tell, Told } from './told.ts';

/**
 * An endpoint as Pinpoint exports it (Amazon Pinpoint API reference, Export Jobs; developer guide, "Example endpoint
 * definition"), which is one address of a user.
 *
 * 1. Whom: `User.UserId`, else the endpoint's `Id` as an anonymous id, which a later identify joins.
 * 2. Address, attributes, metrics, location and demographic become traits as of `EffectiveDate`; attributes of the user go
 *    before those of the endpoint. Pinpoint keeps lists: a list of one is its value.
 * 3. `OptOut: ALL` suppresses the address for everything that is not transactional, as an unsubscribe does.
 * 4. A push token becomes a device, unless the endpoint is inactive: then its service has refused the token before.
 */
export const tellPinpoint: Tell = (object, line, context) => {
  const channel = channels[String(object['ChannelType'])];
  if (object['ChannelType'] !== undefined && channel === undefined) {
    const limit = Object.keys(channels).join(', ');
    return [{ code: 'endpoint.channel', detail: 'no type of channel of Pinpoint', pointer: '/ChannelType', limit }];
  }
  const address = text(object['Address']);
  const at = text(object['EffectiveDate']);
  const told = tellProfile(profileOf(object, channel, address, at), line, context);
  if (isFaults(told) || address === undefined || !channel) return told;
  const whole = channel === 'push' && told.to !== undefined ? withDevice(told, object, address, line, context) : told;
  if (object['OptOut'] !== 'ALL') return whole;
  const since = at === undefined ? {} : { at };
  const refused = tellSuppression({ channel, address, reason: 'unsubscribe', ...since }, line, context);
  return isFaults(refused) ? refused : ({ ...whole, ...refused } as Told);
};

const platforms: { readonly [type: string]: Platform } = { GCM: 'fcm', APNS: 'apns', APNS_SANDBOX: 'apns-sandbox' };

function withDevice(
  told: Extract<Told, { readonly to: string }>,
  { ChannelType: type, EndpointStatus: status }: RowObject,
  address: string,
  line: number,
  { job }: ImportContext,
): Told {
  const token = normalisePushToken(address);
  const first = told.records[0];
  if (token === undefined || status === 'INACTIVE' || first?.t !== 'patch') return told;
  const { t: _, traits: __, id: ___, ...rest } = first;
  const id = digest('import', job, String(line), 'device');
  const device = { ...rest, t: 'device', id, token, change: 'add', platform: platforms[String(type)]! } as const;
  return { ...told, records: [...told.records, device] };
}

const isFaults = (told: Told | readonly RowFault[]): told is readonly RowFault[] => Array.isArray(told);

/** Null: nothing of ours takes its addresses. */
const channels: { readonly [type: string]: 'email' | 'sms' | 'push' | null } = {
  ...{ EMAIL: 'email', SMS: 'sms', VOICE: 'sms', GCM: 'push', APNS: 'push', APNS_SANDBOX: 'push' },
  ...{ APNS_VOIP: null, APNS_VOIP_SANDBOX: null, ADM: null, BAIDU: null },
  ...{ PUSH: null, CUSTOM: null, IN_APP: null },
};

function profileOf(
  { Id: id, User: user, Attributes, Metrics, Location, Demographic }: RowObject,
  channel: 'email' | 'sms' | 'push' | null | undefined,
  address: string | undefined,
  at: string | undefined,
): RowObject {
  const { UserId: userId, UserAttributes } = isObject(user) ? user : {};
  const { Locale, Timezone } = isObject(Demographic) ? Demographic : {};
  const home = addressOf(isObject(Location) ? Location : {});
  const locale = text(Locale)?.replaceAll('_', '-');
  const timezone = text(Timezone);
  const traits = {
    ...values(Metrics),
    ...values(Attributes),
    ...(Object.keys(home).length > 0 && { address: home }),
    ...(locale !== undefined && { locale }),
    ...(timezone !== undefined && { timezone }),
    ...values(UserAttributes),
    ...(address !== undefined && channel === 'email' && { email: address }),
    ...(address !== undefined && channel === 'sms' && { phone: address }),
  };
  const who = text(userId) === undefined ? { anonymousId: id ?? null } : { userId: userId! };
  return { ...who, traits, ...(at !== undefined && { at }) };
}

const places = { City: 'city', Country: 'country', PostalCode: 'postalCode', Region: 'state' } as const;

const addressOf = (location: RowObject): { readonly [part: string]: Json } =>
  Object.fromEntries(
    Object.entries(places).flatMap(([theirs, ours]) => {
      const value = text(location[theirs]);
      return value === undefined ? [] : [[ours, value]];
    }),
  );

/** A list of one value is that value; an empty one is none. */
function values(written: Json | undefined): { readonly [name: string]: Json } {
  if (!isObject(written)) return {};
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) => {
      if (!Array.isArray(value)) return [[name, value]];
      return value.length === 0 ? [] : [[name, value.length === 1 ? (value[0] as Json) : value]];
    }),
  );
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
