import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantedScope } from '../../shared/app/access/scopes.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { personalPart } from '../../shared/domain/audiences/personal-parts.ts';
import { personalTraitsOf } from '../../shared/domain/profiles/personal-traits.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

describe('what a predicate asks of personal data', () => {
  const isPersonal = personalTraitsOf({ salary: { type: 'number', personal: true } });

  it.each([
    ['a comparison', { ref: 'profile.email', is: 'x' }, 'profile.email'],
    ['a part', { all: [{ not: { ref: 'profile.address.city', startsWith: 'B' } }] }, 'profile.address.city'],
    ['by schema', { ref: 'profile.salary', gt: 1 }, 'profile.salary'],
    ['the other side', { ref: 'profile.plan', is: { ref: 'profile.firstName' } }, 'profile.firstName'],
    ['an event', { did: 'A', where: { ref: 'event.email', is: 'x' }, within: 'P7D' }, 'event.email'],
    ['a sum', { did: 'A', sum: { of: 'event.age', gt: 1 }, within: 'P7D' }, 'event.age'],
    ['a sequence', { sequence: [{ did: 'A', where: { ref: 'event.phone', is: 'x' } }], within: 'P1D' }, 'event.phone'],
    ['an address in any trait', { ref: 'profile.note', contains: 'ann@mail.example' }, 'an address'],
    ['a number in a list', { ref: 'profile.note', in: ['a', '+4915112345678'] }, 'an address'],
    ['whether it is known', { ref: 'profile.email', exists: true }, undefined],
    ['another trait', { ref: 'profile.plan', is: 'gold' }, undefined],
    ['a name that begins like one', { ref: 'profile.agency', is: 'x' }, undefined],
  ])('%s', (_, predicate, found) => {
    expect(personalPart(predicate, isPersonal)).toBe(found);
  });
});

describe('whoever sees masked profiles', () => {
  let api: Api;
  const readers: readonly GrantedScope[] = [
    'profiles:read',
    'segments:read',
    'segments:write',
    'journeys:read',
    'jobs:read',
    'jobs:write',
  ];
  let masked: string;
  let unmasked: string;
  beforeAll(async () => {
    api = await startApi();
    masked = await api.newKey(...readers);
    unmasked = await api.newKey(...readers, 'profiles:personal');
    const save = (id: string, where: string) =>
      api.create(`/v1/segments/${id}`, { schemaVersion: 1, id, name: id, where });
    await save('born', 'profile.birthday = "1990-05-01"');
    await save('gold', 'profile.plan = "gold"');
    await save('reachable', 'profile.email exists');
    await save('around', 'in segment born and profile.plan = "gold"');
    await save('innocent', 'profile.gender = "f"');
    const etag = (await api.request({ path: '/v1/segments/innocent' })).headers['etag']!.replaceAll('"', '');
    const now = { schemaVersion: 1, id: 'innocent', name: 'innocent', where: 'profile.plan = "gold"' };
    await api.replace('/v1/segments/innocent', now, etag);
    const at = Date.now();
    const trait = (value: string) => ({ value, at, source: 'identify' as const });
    const traits = { birthday: trait('1990-05-01'), plan: trait('gold'), email: trait('ann@mail.example') };
    const profile = { ...emptyProfile, ids: { user: 'ann' }, createdAt: at, traits };
    const key = profileKey('user', 'ann');
    await profileStore(api.dynamo.client, 'profiles').commit({ key, version: 1, at, epoch: 1, profile });
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-in' } });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
  });
  afterAll(() => api.stop());

  const explain = (key: string, predicate: string) =>
    api.request({ method: 'POST', path: '/v1/predicates/explain', key, body: { predicate, profile: 'ann' } });
  const refused = { status: 403, json: { code: 'auth.personal-question' } };

  it.each(['profile.birthday = "1990-05-01"', 'in segment born', 'profile.plan = "ann@mail.example"'])(
    'cannot ask %s of somebody',
    async (predicate) => {
      const answer = await explain(masked, predicate);
      expect(answer).toMatchObject(refused);
      expect(answer.text).not.toContain('1990');
      expect((await explain(unmasked, predicate)).status).toBe(200);
    },
  );

  it('can ask what is not personal, and whether something is known', async () => {
    expect((await explain(masked, 'profile.plan = "gold" and profile.email exists')).json.value).toBe(true);
  });

  it.each(['born', 'around', 'innocent'])('cannot have members of %s counted or named', async (segment) => {
    for (const what of ['count', 'count?exact=true', 'members', 'sizes']) {
      const [path, flag] = `/v1/segments/${segment}/${what}`.split('?');
      const request = { path: path!, ...(flag !== undefined && { query: { exact: 'true' } }) };
      expect(await api.request({ ...request, key: masked }), what).toMatchObject(refused);
      expect((await api.request({ ...request, key: unmasked })).status, what).toBeLessThan(300);
    }
  });

  it.each(['gold', 'reachable'])('can have members of %s counted', async (segment) => {
    for (const what of ['count', 'members', 'sizes']) {
      expect((await api.request({ path: `/v1/segments/${segment}/${what}`, key: masked })).status).toBeLessThan(300);
    }
  });

  it('does not see that somebody belongs to one', async () => {
    const of = async (key: string) =>
      (await api.request({ path: '/v1/profiles/ann/segments', key })).json.data.map(
        ({ segment }: { segment: string }) => segment,
      );
    expect(await of(masked)).toEqual(['gold', 'reachable']);
    expect(await of(unmasked)).toEqual(['around', 'born', 'gold', 'innocent', 'reachable']);
  });

  it('sees of somebody else’s job that it is there, and may stop it', async () => {
    const started = await api.request({ path: '/v1/segments/born/members', key: unmasked });
    const { id } = started.json;
    const seen = await api.request({ path: `/v1/jobs/${id}`, key: masked });
    expect(seen.json).toMatchObject({ id, progress: {} });
    expect((await api.request({ path: `/v1/jobs/${id}`, key: unmasked })).json.progress).toHaveProperty('scanned');
    expect(await api.request({ path: `/v1/jobs/${id}/people`, key: masked })).toMatchObject(refused);
    const stopped = await api.request({ method: 'DELETE', path: `/v1/jobs/${id}`, key: masked });
    expect(stopped.json).toMatchObject({ state: 'stopped', progress: {} });
  });

  it.each([
    ['a branch', journey('branch', branching({ ref: 'profile.gender', is: 'f' })), 403],
    ['a segment', journey('segment', branching({ segment: 'born', is: 'member' })), 403],
    ['a day', journey('day', { entry: [{ on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00' }] }), 403],
    ['nothing personal', journey('plain', branching({ ref: 'profile.plan', is: 'gold' })), 202],
  ])('simulates no journey with customers that asks for %s', async (_, document, status) => {
    await api.create(`/v1/journeys/${document.id}`, document);
    const simulate = (key: string) =>
      api.request({
        ...{ method: 'POST', path: `/v1/journeys/${document.id}/simulations`, key, body: { days: 1 } },
        headers: { 'idempotency-key': `simulate-${document.id}-${key.slice(-5)}` },
      });
    expect((await simulate(masked)).status).toBe(status);
    expect((await simulate(unmasked)).status).toBe(202);
  });
});

function branching(when: object) {
  const mail = { type: 'message', template: 'hello', channels: ['email'], next: 'end' };
  return {
    start: 'which',
    steps: { which: { type: 'branch', cases: [{ if: when, next: 'mail' }], else: 'end' }, mail },
  };
}
