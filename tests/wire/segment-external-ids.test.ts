import { describe, expect, it } from 'vitest';
import { keyOfNamed } from '../../shared/domain/profiles/named-id.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { readSegmentRequest } from '../../shared/wire/segment.ts';

const receivedAt = Date.parse('2026-11-22T12:00:00Z');
const send = (...batch: unknown[]) => readSegmentRequest({ to: 'batch' }, { batch }, receivedAt);
const event = (context: object, more: object = {}) => ({
  type: 'identify',
  messageId: 'm-1',
  timestamp: '2026-11-22T11:59:00Z',
  userId: 'user-1',
  context,
  ...more,
});
const namedIn = (context: object, more: object = {}) => send(event(context, more)).accepted[0]?.event.named;
const externalId = (type: unknown, id: unknown, more: object = {}) => ({ type, id, collection: 'users', ...more });
const hash = 'ab'.repeat(32);

describe('identities beside user id and anonymous id', () => {
  it.each<[string, unknown, object | undefined]>([
    ['an e-mail', externalId('email', ' Ada@Example.com '), { kind: 'email', id: 'ada@example.com' }],
    ['a phone', externalId('phone', '+1 415 555 0100'), { kind: 'phone', id: '+14155550100' }],
    ['a hash by its type', externalId('email_sha256', hash.toUpperCase()), { kind: 'email-sha256', id: hash }],
    ['a hash by its encoding', externalId('phone', hash, { encoding: 'SHA-256' }), { kind: 'phone-sha256', id: hash }],
    ['a device', externalId('ios.idfa', 'd-1'), { kind: 'device', id: 'd-1' }],
    ['an id of another system', externalId('CRM', 7), { kind: 'external:crm', id: '7' }],
    ['one without collection', { type: 'crm', id: '7' }, { kind: 'external:crm', id: '7' }],
    ['one of accounts', externalId('crm', '7', { collection: 'accounts' }), undefined],
    ['a user id, which has its own field', externalId('user_id', '7'), undefined],
    ['a placeholder', externalId('crm', 'null'), undefined],
    ['a type with a blank', externalId('my crm', '7'), undefined],
    ['no type', externalId(undefined, '7'), undefined],
    ['a bad address', externalId('email', 'ada'), undefined],
    ['an id too long', externalId('crm', 'x'.repeat(257)), undefined],
    ['text', 'crm:7', undefined],
  ])('%s', (_, one, named) => {
    expect(namedIn({ externalIds: [one] })).toEqual(named && [named]);
  });

  it('the device, both its ids; a zeroed advertising id is none', () => {
    const zeros = '00000000-0000-0000-0000-000000000000';
    expect(namedIn({ device: { id: 'd-1', advertisingId: 'ad-1' } })).toHaveLength(2);
    expect(namedIn({ device: { id: 'd-1', advertisingId: zeros } })).toEqual([{ kind: 'device', id: 'd-1' }]);
  });

  it('each once and ten at most; what is no list costs nothing', () => {
    const many = Array.from({ length: 12 }, (_, i) => externalId('crm', `c-${i}`));
    expect(namedIn({ externalIds: many })).toHaveLength(10);
    expect(namedIn({ externalIds: [many[0], many[0]] })).toHaveLength(1);
    for (const bad of ['x', 7, null, {}]) expect(namedIn({ externalIds: bad })).toBeUndefined();
    expect(send(event({ externalIds: many.map(() => 'x') })).refused).toEqual([]);
  });

  it('are no address while there is a user id or an anonymous id', () => {
    const context = { externalIds: [externalId('crm', '7')] };
    expect(send(event(context)).accepted[0]!.key).toBe(profileKey('user', 'user-1'));
    const anonymous = send(event(context, { userId: undefined, anonymousId: 'a-1' }));
    expect(anonymous.accepted[0]!.key).toBe(profileKey('anonymous', 'a-1'));
  });

  it('are one without: the first of them, else the e-mail address that an identify tells', () => {
    const nobody = { userId: undefined };
    const crm = { kind: 'external:crm', id: '7' } as const;
    const ada = { kind: 'email', id: 'ada@example.com' } as const;
    const traits = { Email: 'Ada@example.com' };
    const first = send(event({ externalIds: [externalId('crm', '7')] }, { ...nobody, traits })).accepted[0]!;
    expect(first).toMatchObject({ key: keyOfNamed(crm), event: { named: [crm, ada] } });
    expect(send(event({}, { ...nobody, traits })).accepted[0]!.key).toBe(keyOfNamed(ada));
    const track = { type: 'track', event: 'Scored', properties: { email: 'ada@example.com' } };
    expect(send(event({}, { ...nobody, ...track })).refused).toMatchObject([
      { code: 'id.missing', pointer: '/batch/0/userId' },
    ]);
  });
});
