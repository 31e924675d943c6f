import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journal } from '../../shared/data/journal.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { keyOfNamed, type NamedId } from '../../shared/domain/profiles/named-id.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey, sha256Hex } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';

const [ann, bob, cleo] = ['ann', 'bob', 'cleo'].map((id) => profileKey('user', id)) as [string, string, string];
const device = profileKey('anonymous', 'device-1');
const at = Date.parse('2026-11-22T10:00:00Z');
/** In days: what has expired is not shown, and the handler has the clock of whoever runs the tests. */
const FOR_GOOD = 36_500;
const email = (id: string): NamedId => ({ kind: 'email', id });

describe('profiles by any identity', () => {
  let api: Api;
  const commit = (key: ProfileKey, profile: Partial<Profile>) =>
    profileStore(api.dynamo.client, 'profiles').commit({
      key,
      version: 1,
      at,
      epoch: 0,
      profile: { ...emptyProfile, ...profile },
    });
  const person = (user: string, named: Profile['ids']['named'] = {}, more: Partial<Profile> = {}) =>
    commit(profileKey('user', user), { createdAt: at - 1_000, ids: { user, named }, ...more });
  const held = (named: NamedId, ...holders: [ProfileKey, number][]) =>
    commit(keyOfNamed(named), { holders: Object.fromEntries(holders) });
  const ask = (idType: string, id: string, path = '/v1/profiles/by') => api.request({ path, query: { idType, id } });

  beforeAll(async () => {
    api = await startApi();
    const policy = {
      schemaVersion: 1,
      zone: 'UTC',
      locale: 'en',
      quietHours: [],
      caps: [],
      identities: {
        email: { merge: 'never' },
        'email-sha256': { merge: 'never' },
        'external:crm': { merge: 'unknown' },
      },
    };
    await api.request({ method: 'PUT', path: '/v1/policy', body: policy, headers: { 'if-match': '"default"' } });
    const own = 'ann/home@example.com';
    await person(
      'ann',
      { email: [own, 'us@example.com'], 'external:crm': ['7'] },
      {
        ids: { user: 'ann', anonymous: ['device-1'], named: { email: [own, 'us@example.com'], 'external:crm': ['7'] } },
        aliases: [device, keyOfNamed({ kind: 'external:crm', id: '7' })],
        merged: [{ from: device, at: at - 500, origin: 'identify', by: 'event-1' }],
        declined: [profileKey('anonymous', 'pad')],
      },
    );
    await person('bob', { email: ['us@example.com'] });
    await commit(cleo, { movedTo: bob });
    await commit(device, { movedTo: ann });
    await commit(keyOfNamed({ kind: 'external:crm', id: '7' }), { movedTo: ann });
    await held(email(own), [ann, at]);
    // Of these one was merged into another, one gave it up, and one did but is listed still.
    await held(email('us@example.com'), [ann, at], [bob, at], [cleo, at], [profileKey('user', 'gone'), -at]);
    await person('dora');
    await held(email('old@example.com'), [profileKey('user', 'dora'), at]);
    await held({ kind: 'email-sha256', id: sha256Hex(own) }, [ann, at]);
    const saw = { from: device, runs: 1, endedRuns: 0, consents: ['email/offers'] };
    await journal(api.dynamo.client, 'journal', FOR_GOOD).put({
      key: ann,
      jk: '2026-11-22T10:00:00Z|absorb',
      v: 1,
      st: 'moved',
      t: 'absorb',
      at: at - 500,
      why: [
        { code: 'merge.absorbed', saw },
        { code: 'entry.entered', journey: 'x' },
      ],
    });
    api.takeMail();
  });
  afterAll(() => api.stop());

  it.each([
    ['email', 'Ann/Home@Example.com'],
    ['external:crm', ' 7 '],
    ['anonymousId', 'device-1'],
    ['userId', 'ann'],
  ])('reads one by %s', async (idType, id) => {
    const { status, json } = await ask(idType, id);
    expect({ status, user: json.ids.user }).toEqual({ status: 200, user: 'ann' });
  });

  it('lists everybody who has an identity: each once, and nobody who gave it up', async () => {
    const users = async (idType: string, id: string) => {
      const { status, json } = await ask(idType, id, '/v1/profiles');
      expect(status).toBe(200);
      return json.data.map((one: { ids: { user: string } }) => one.ids.user).sort();
    };
    expect(await users('email', 'us@example.com')).toEqual(['ann', 'bob']);
    expect(await users('email', 'ann/home@example.com')).toEqual(['ann']);
    expect(await users('email', 'old@example.com')).toEqual([]);
    expect(await users('email', 'nobody@example.com')).toEqual([]);
    expect(await users('external:crm', '7')).toEqual(['ann']);
  });

  it.each([
    ['several have it', 'email', 'us@example.com', 409, 'identity.ambiguous'],
    ['nobody has it any more', 'email', 'old@example.com', 404, 'profile.not-found'],
    ['nobody ever had it', 'email', 'nobody@example.com', 404, 'profile.not-found'],
    ['it is none of its kind', 'email', 'ann', 400, 'id.malformed'],
    ['the policy tracks none of its kind', 'device', 'd-1', 422, 'identity.not-tracked'],
    ['the type is none', 'shoe-size', '7', 400, 'query.format'],
    ['the type of the external id is no lower case', 'external:CRM', '7', 400, 'query.format'],
  ])('%s', async (_, idType, id, status, code) => {
    const found = await ask(idType, id);
    expect(found.status).toBe(status);
    expect(found.json.code).toBe(code);
    // Limits are words, not patterns.
    expect(found.text).not.toContain('must match');
    expect(found.text).not.toContain('us@example.com');
  });

  it('a command goes to the one profile that has it, or to the identity’s own where it may merge', async () => {
    const patch = (idType: string, id: string) =>
      api.request({ method: 'PATCH', path: '/v1/profiles/by', query: { idType, id }, body: { traits: { a: 1 } } });
    expect((await patch('email', 'ann/home@example.com')).status).toBe(202);
    expect(api.takeMail()).toMatchObject([{ key: ann, records: [{ t: 'patch', traits: { a: 1 } }] }]);
    expect((await patch('external:crm', '8')).status).toBe(202);
    expect(api.takeMail()).toMatchObject([
      {
        key: keyOfNamed({ kind: 'external:crm', id: '8' }),
        records: [{ t: 'patch', identity: { kind: 'external:crm', id: '8' } }],
      },
    ]);
    expect((await patch('email', 'us@example.com')).status).toBe(409);
    expect((await patch('email', 'nobody@example.com')).status).toBe(404);
    const untracked = await patch('device', 'd-1');
    expect({ status: untracked.status, code: untracked.json.code }).toEqual({
      status: 422,
      code: 'identity.not-tracked',
    });
    expect(api.takeMail()).toEqual([]);
  });

  it('explains which identities are one person, by what, and what they brought', async () => {
    const { status, json } = await api.request({ path: '/v1/profiles/ann/merges' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      key: ann,
      complete: true,
      merges: [
        {
          profile: device,
          idType: 'anonymousId',
          id: 'device-1',
          at: '2026-11-22T09:59:59.500Z',
          origin: 'identify',
          by: 'event-1',
          brought: { runs: 1, endedRuns: 0, consents: ['email/offers'] },
        },
        { idType: 'external:crm', id: '7', at: null, origin: null, by: null, brought: null },
      ],
      declined: [{ profile: profileKey('anonymous', 'pad'), idType: null, id: null }],
      decisions: [{ at: '2026-11-22T09:59:59.500Z', cause: 'absorb', id: null, reasons: [{ code: 'merge.absorbed' }] }],
    });
  });

  it('says that two are one person, as a record in the mailbox of the first', async () => {
    const { status, json } = await api.post('/v1/profiles/ann/merges', { with: 'bob' });
    expect(status).toBe(202);
    expect(api.takeMail()).toMatchObject([
      { key: ann, records: [{ t: 'merge', id: json.id, identity: { user: 'ann' }, with: bob }] },
    ]);
    expect((await api.post('/v1/profiles/ann/merges', { with: 'device-2', idType: 'anonymousId' })).status).toBe(202);
    api.takeMail();
    expect((await api.post('/v1/profiles/ann/merges', { with: 'nobody' })).status).toBe(404);
    expect((await api.post('/v1/profiles/ann/merges', { with: 'device-1', idType: 'anonymousId' })).status).toBe(422);
    expect((await api.post('/v1/profiles/ann/merges', { with: 'ann' })).status).toBe(422);
    expect((await api.post('/v1/profiles/ann/merges', { with: 'us@example.com', idType: 'email' })).status).toBe(409);
    expect((await api.post('/v1/profiles/ann/merges', {})).status).toBe(400);
    expect(api.takeMail()).toEqual([]);
  });
});
