import { describe, expect, it } from 'vitest';
import { tellPinpoint } from '../../../shared/app/imports/tell-pinpoint.ts';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';

/** Of the form that the Pinpoint developer guide shows ("Example endpoint definition"), with other values. */
const endpoint = {
  ChannelType: 'EMAIL',
  Address: 'Wang@Example.com',
  Location: { City: 'Seattle', Country: 'US', PostalCode: '98121', Region: 'WA', Latitude: 47.6, Longitude: -122.3 },
  Demographic: { Locale: 'en_US', Timezone: 'America/Los_Angeles', Platform: 'iOS' },
  EffectiveDate: '2026-05-01T17:53:46.430Z',
  Attributes: { Interests: ['Music', 'Travel'], plan: ['free'] },
  Metrics: { technology_interest_level: 9.0 },
  User: { UserId: 'wang-xiulan', UserAttributes: { plan: ['pro'], Gender: ['Female'], Empty: [] } },
  OptOut: 'NONE',
  Id: 'endpoint-1',
  CohortId: '42',
  EndpointStatus: 'ACTIVE',
};
const context = { job: 'import-1', at: Date.UTC(2026, 10, 26), quiet: true };
// biome-ignore lint/suspicious/noExplicitAny: what a test reads is what it asserts
const tell = (more: object): any => tellPinpoint({ ...endpoint, ...more } as never, 1, context);

describe('an endpoint of Pinpoint', () => {
  it('becomes traits of its user, as of its date', () => {
    expect(tell({})).toEqual({
      to: profileKey('user', 'wang-xiulan'),
      records: [
        {
          t: 'patch',
          id: expect.any(String),
          identity: { user: 'wang-xiulan' },
          at: Date.UTC(2026, 4, 1, 17, 53, 46, 430),
          quiet: true,
          traits: {
            technology_interest_level: 9,
            Interests: ['Music', 'Travel'],
            plan: 'pro',
            address: { city: 'Seattle', country: 'US', postalCode: '98121', state: 'WA' },
            locale: 'en-US',
            timezone: 'America/Los_Angeles',
            Gender: 'Female',
            email: 'Wang@Example.com',
          },
        },
      ],
    });
  });

  it('without a user is somebody whose name nobody knows yet', () => {
    expect(tell({ User: undefined })).toMatchObject({
      to: profileKey('anonymous', 'endpoint-1'),
      records: [{ identity: { anonymous: 'endpoint-1' } }],
    });
  });

  it.each([
    [{ OptOut: 'ALL' }, { channel: 'email', addressHash: addressHash('email', 'wang@example.com') }],
    [{ OptOut: 'ALL', ChannelType: 'SMS', Address: '+14155550100' }, { channel: 'sms' }],
    [{ OptOut: 'ALL', ChannelType: 'APNS', Address: 'token' }, { channel: 'push' }],
    [{ OptOut: 'ALL', ChannelType: 'APNS_VOIP', Address: 'token' }, undefined],
    [{ OptOut: 'NONE' }, undefined],
  ])('%j suppresses %j', (more, suppression) => {
    const told = tell(more);
    expect(told.to).toBe(profileKey('user', 'wang-xiulan'));
    if (suppression === undefined) expect(told).not.toHaveProperty('suppression');
    else expect(told.suppression).toMatchObject({ ...suppression, topic: null, reason: 'unsubscribe' });
  });

  it.each([
    ['GCM', 'fcm'],
    ['APNS', 'apns'],
    ['APNS_SANDBOX', 'apns-sandbox'],
  ])('of %s is a device of its user', (ChannelType, platform) => {
    const told = tell({ ChannelType, Address: 'a-token' });
    expect(told.records).toMatchObject([
      { t: 'patch', traits: { plan: 'pro' } },
      {
        ...{ t: 'device', token: 'a-token', change: 'add', platform, quiet: true },
        identity: { user: 'wang-xiulan' },
        at: Date.UTC(2026, 4, 1, 17, 53, 46, 430),
      },
    ]);
    expect(told.records[0].traits).not.toHaveProperty('email');
    expect(told.records[1].id).not.toBe(told.records[0].id);
  });

  it.each([
    ['that its service refused', { ChannelType: 'GCM', EndpointStatus: 'INACTIVE' }],
    ['of a service that nothing of ours speaks to', { ChannelType: 'ADM' }],
  ])('keeps no token %s, and what is said of the user', (_what, more) => {
    const told = tell({ ...more, Address: 'a-token' });
    expect(told.records).toMatchObject([{ t: 'patch', traits: { plan: 'pro' } }]);
    expect(JSON.stringify(told)).not.toContain('a-token');
  });

  it.each([
    [{ ChannelType: 'FAX' }, 'endpoint.channel'],
    [{ User: undefined, Id: undefined }, 'id.missing'],
    [{ EffectiveDate: 'in May' }, 'row.time'],
    [{ OptOut: 'ALL', Address: 'nobody' }, 'suppression.address'],
  ])('G13: %j is refused: %s', (more, code) => {
    expect(tell(more)).toMatchObject([{ code }]);
  });
});
