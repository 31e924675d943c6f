import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboxMessage } from '../../shared/app/inbox/inbox.ts';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { inboxStore } from '../../shared/data/inbox-store.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { directMessageId } from '../../shared/domain/messaging/message-id.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';

const start = Date.now() - 3_600_000;
const day = 86_400_000;
const user = (id: string) => profileKey('user', id);
const idOf = (key: ProfileKey, name: string) => directMessageId(key, name);

describe('the inbox of an app', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const commit = (key: ProfileKey, profile: Partial<Profile> = {}) =>
    profileStore(api.dynamo.client, 'profiles').commit({
      ...{ key, version: 1, at: start, epoch: 0 },
      profile: { ...emptyProfile, createdAt: start, ...profile },
    });
  const put = async (key: ProfileKey, name: string, more: Partial<InboxMessage> = {}) => {
    const id = idOf(key, name);
    const at = more.at ?? start;
    const content = { title: name, body: `<p>${name}</p>`, link: `/${name}` };
    await inboxStore(api.dynamo.client, 'inbox').put({
      ...{ key, id, topic: 'offers', journey: 'j', step: 's', content, at, expiresAt: at + day },
      ...more,
    });
    const row = { key, id, st: 'handing', by: 'b', copy: 'c', decidedAt: at, at, channel: 'in-app' } as const;
    await messageStore(api.dynamo.client, 'messages', 90).put(row, 'absent');
    return id;
  };
  const tokenOf = async (id: string, query?: Record<string, string>) => {
    const path = `/v1/profiles/${id}/inbox-tokens`;
    const answer = await api.request({ method: 'POST', path, ...(query && { query }), body: {} });
    expect(answer.status).toBe(201);
    return answer.json.token as string;
  };
  const get = (key: string, query: Record<string, string> = {}) => api.request({ path: '/inbox', key, query });
  const tell = (key: string, path: string) => api.request({ method: 'POST', path: `/inbox/${path}`, key });
  const titles = async (key: string) => (await get(key)).json.data.map(({ title }: { title: string }) => title);
  const receipts = () =>
    api.takeMail().map(({ key, records: [one] }) => ({ key, ...(one as object) }) as Record<string, unknown>);

  it('has a customer’s messages, newest first, as they came out, with how many are unread', async () => {
    await commit(user('ann'));
    await put(user('ann'), 'old', { at: start - 2 });
    const id = await put(user('ann'), 'new', { at: start - 1 });
    const token = await tokenOf('ann');
    const { status, json } = await get(token);
    expect(status).toBe(200);
    expect(json).toMatchObject({ unread: 2, nextCursor: null });
    expect(json.data[0]).toEqual({
      ...{ id, title: 'new', body: '<p>new</p>', link: '/new', readAt: null, clickedAt: null },
      at: new Date(start - 1).toISOString(),
      expiresAt: new Date(start - 1 + day).toISOString(),
    });
    expect(await titles(token)).toEqual(['new', 'old']);

    const first = await get(token, { limit: '1' });
    expect([first.json.data.length, first.json.unread]).toEqual([1, 2]);
    const second = await get(token, { limit: '1', cursor: first.json.nextCursor });
    expect(second.json).toMatchObject({ data: [{ title: 'old' }], nextCursor: null });
    expect((await get(token, { cursor: 'x' })).json).toMatchObject({ code: 'list.cursor' });
  });

  it('is empty for who is not known yet', async () => {
    const token = await tokenOf('newcomer');
    expect((await get(token)).json).toEqual({ data: [], unread: 0, nextCursor: null });
    expect((await tell(token, 'read')).status).toBe(204);
    const unknown = { path: '/v1/profiles/a@b.example/inbox-tokens', query: { idType: 'email' }, body: {} };
    expect((await api.request({ method: 'POST', ...unknown })).json).toMatchObject({ code: 'profile.not-found' });
  });

  it('after a merge every token leads to the person’s messages', async () => {
    const device = profileKey('anonymous', 'device');
    await put(device, 'before', { at: start - 2 });
    const old = await tokenOf('device', { idType: 'anonymousId' });
    expect(await titles(old)).toEqual(['before']);
    await commit(user('merged'), { ids: { user: 'merged' }, aliases: [device] });
    await commit(device, { movedTo: user('merged') });
    await put(user('merged'), 'after', { at: start - 1 });
    for (const token of [old, await tokenOf('merged'), await tokenOf('device', { idType: 'anonymousId' })]) {
      expect(await titles(token)).toEqual(['after', 'before']);
    }
    expect((await tell(old, `${idOf(device, 'before')}/read`)).status).toBe(204);
  });

  it('never shows one customer another’s, and lets nobody tell of them', async () => {
    await commit(user('mine'));
    await commit(user('theirs'));
    const theirs = await put(user('theirs'), 'secret');
    const token = await tokenOf('mine');
    expect(await titles(token)).toEqual([]);
    api.takeMail();
    for (const what of ['read', 'clicked', 'dismissed']) {
      for (const id of [theirs, idOf(user('mine'), 'none'), 'x']) {
        const { status, json } = await tell(token, `${id}/${what}`);
        expect([status, json.code]).toEqual([404, 'inbox.message-not-found']);
      }
    }
    await tell(token, 'read');
    expect(receipts()).toEqual([]);
    expect((await get(await tokenOf('theirs'))).json.data[0]).toMatchObject({ title: 'secret', readAt: null });
  });

  it('shows nothing that has expired, and no unread message of a topic that was withdrawn', async () => {
    const withdrawn = { channel: 'in-app', topic: 'news', state: 'withdrawn', at: start, source: 'app' } as const;
    await commit(user('cat'), { consents: { 'in-app/news': withdrawn } });
    await put(user('cat'), 'expired', { at: start - day - 10, expiresAt: start });
    const hidden = await put(user('cat'), 'hidden', { topic: 'news' });
    await put(user('cat'), 'was read', { topic: 'news', readAt: start });
    await put(user('cat'), 'other', { topic: 'offers' });
    const token = await tokenOf('cat');
    expect((await titles(token)).sort()).toEqual(['other', 'was read']);
    expect((await get(token)).json.unread).toBe(1);
    expect((await tell(token, `${hidden}/read`)).status).toBe(404);
  });

  it('shows a hundred at most, and deletes what is far beyond', async () => {
    await commit(user('many'));
    const token = await tokenOf('many');
    const count = async () => {
      const { json } = await get(token, { limit: '200' });
      const kept = await inboxStore(api.dynamo.client, 'inbox').list(user('many'));
      return [json.data.length, json.data[0].title, json.unread, kept.length];
    };
    for (let n = 0; n < 105; n++) await put(user('many'), `m${n}`, { at: start + n });
    expect(await count()).toEqual([100, 'm104', 100, 105]);
    for (let n = 105; n < 121; n++) await put(user('many'), `m${n}`, { at: start + n });
    expect(await count()).toEqual([100, 'm120', 100, 100]);
  });

  it('read and clicked are receipts, once each; who clicked has read', async () => {
    await commit(user('dan'));
    const key = user('dan');
    const [one, two] = [await put(key, 'one'), await put(key, 'two')];
    const token = await tokenOf('dan');
    api.takeMail();
    expect((await tell(token, `${one}/read`)).status).toBe(204);
    const about = { key, t: 'receipt', channel: 'in-app', topic: 'offers', journey: 'j', step: 's' };
    const [opened] = receipts();
    expect(opened).toMatchObject({ ...about, message: one, was: 'opened' });
    expect(opened).not.toHaveProperty('link');
    await tell(token, `${one}/read`);
    expect(receipts()).toEqual([]);
    await tell(token, `${two}/clicked`);
    expect(receipts()).toMatchObject([
      { ...about, message: two, was: 'opened' },
      { ...about, message: two, was: 'clicked', link: '/two' },
    ]);
    await tell(token, `${one}/clicked`);
    await tell(token, `${two}/clicked`);
    expect(receipts()).toMatchObject([{ message: one, was: 'clicked' }]);
    const { data, unread } = (await get(token)).json;
    expect(unread).toBe(0);
    for (const { readAt, clickedAt } of data) expect([typeof readAt, typeof clickedAt]).toEqual(['string', 'string']);
    const row = await messageStore(api.dynamo.client, 'messages', 90).read(key, two);
    expect(Object.keys(row?.receipts ?? {}).sort()).toEqual(['clicked', 'opened']);
  });

  it('all are read at once', async () => {
    const key = user('eve');
    await commit(key);
    const ids = [await put(key, 'a'), await put(key, 'b'), await put(key, 'c', { readAt: start })];
    const token = await tokenOf('eve');
    api.takeMail();
    expect((await tell(token, 'read')).status).toBe(204);
    expect(
      receipts()
        .map(({ message }) => message)
        .sort(),
    ).toEqual(ids.slice(0, 2).sort());
    await tell(token, 'read');
    expect(receipts()).toEqual([]);
    expect((await get(token)).json.unread).toBe(0);
  });

  it('what was dismissed is gone, and saying so again changes nothing', async () => {
    await commit(user('fay'));
    const id = await put(user('fay'), 'a');
    const token = await tokenOf('fay');
    expect((await tell(token, `${id}/dismissed`)).status).toBe(204);
    expect((await tell(token, `${id}/dismissed`)).status).toBe(204);
    expect(await titles(token)).toEqual([]);
    expect((await tell(token, `${id}/read`)).status).toBe(404);
  });

  describe('a token', () => {
    it.each([
      ['none', null, 'inbox.token-missing'],
      ['an empty one', '', 'inbox.token-missing'],
      ['something else', 'abc', 'inbox.token-invalid'],
    ])('%s is refused', async (_what, key, code) => {
      for (const path of ['/inbox', '/inbox/read', '/inbox/x/read', '/inbox/x/dismissed']) {
        const method = path === '/inbox' ? 'GET' : 'POST';
        const { status, json, headers } = await api.request({ method, path, key });
        expect([status, json.code, headers['www-authenticate']]).toEqual([401, code, 'Bearer']);
      }
    });

    it('is none of another purpose, not that of another customer in its place, and not beyond its time', async () => {
      const links = signedLinks(cachedSecrets(secretStore(api.dynamo.client, 'access'), Date.now), '');
      const profile = user('ann');
      const good = await links.inboxToken({ profile, until: Date.now() + 10_000 });
      expect((await get(good)).status).toBe(200);
      const [keyId, , mac] = good.split('.') as [string, string, string];
      const other = Buffer.from(JSON.stringify([user('theirs'), Date.now() + 10_000])).toString('base64url');
      const task = await links.taskUrl({
        profile,
        message: 'm',
        journey: 'j',
        version: 1,
        step: 's',
        run: 'r',
        visit: 1,
      });
      const stale = await links.inboxToken({ profile, until: Date.now() - 1 });
      expect((await get(`${keyId}.${other}.${mac}`)).json.code).toBe('inbox.token-invalid');
      expect((await get(task.split('/').at(-2)!)).json.code).toBe('inbox.token-invalid');
      expect((await get(stale)).json.code).toBe('inbox.token-expired');
      expect((await get(api.admin)).json.code).toBe('inbox.token-invalid');
    });

    it('opens nothing else', async () => {
      const token = await tokenOf('ann');
      expect((await api.request({ path: '/v1/profiles/ann', key: token })).status).toBe(401);
    });

    it('is issued with its own scope, for an hour, and for a day at most', async () => {
      const path = '/v1/profiles/ann/inbox-tokens';
      const issue = async (body: object, key?: string) =>
        api.request({ method: 'POST', path, body, ...(key && { key }) });
      const hour = Date.parse((await issue({})).json.expiresAt) - Date.now();
      expect(Math.round(hour / 60_000)).toBe(60);
      expect((await issue({ expiresInSeconds: 86_401 })).json.errors[0].pointer).toBe('/expiresInSeconds');
      expect((await issue({}, await api.newKey('profiles:write'))).json.code).toBe('auth.scope-missing');
      expect((await issue({}, await api.newKey('inbox-tokens:write'))).status).toBe(201);
      const slash = { path: '/v1/profiles/by/inbox-tokens', query: { id: 'a/b' }, body: {} };
      expect((await api.request({ method: 'POST', ...slash })).status).toBe(201);
    });
  });

  describe('a web page', () => {
    const page = { origin: 'https://shop.example' };
    const allowed = 'access-control-allow-origin';

    it('of a configured origin may ask, also what goes wrong', async () => {
      const good = await api.request({ path: '/inbox', key: await tokenOf('ann'), headers: page });
      const bad = await api.request({ path: '/inbox', key: null, headers: page });
      expect([good.status, bad.status]).toEqual([200, 401]);
      for (const { headers } of [good, bad]) expect(headers).toMatchObject({ [allowed]: page.origin, vary: 'origin' });
    });

    it('is told by a preflight what it may send', async () => {
      const ask = (path: string) => api.request({ method: 'OPTIONS', path, key: null, headers: page });
      const { status, headers } = await ask('/inbox/x/read');
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        [allowed]: page.origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type',
      });
      expect((await ask('/inbox')).headers['access-control-allow-methods']).toBe('GET');
      expect((await ask('/v1/journeys')).status).toBe(405);
    });

    it.each(['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null'])(
      'of %s may not',
      async (origin) => {
        for (const method of ['OPTIONS', 'GET']) {
          const { headers } = await api.request({
            method,
            path: '/inbox',
            key: await tokenOf('ann'),
            headers: { origin },
          });
          expect(headers).not.toHaveProperty(allowed);
          expect(headers['vary']).toBe('origin');
        }
      },
    );

    it('has no way into the management API', async () => {
      const { headers } = await api.request({ path: '/v1/journeys', headers: page });
      expect(headers).not.toHaveProperty(allowed);
    });
  });
});
