import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry, MessageRecord } from '../../shared/app/ports.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { directMessageId } from '../../shared/domain/messaging/message-id.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

const ann = profileKey('user', 'ann');
const device = profileKey('anonymous', 'device-1');
const at = Date.parse('2026-11-22T10:00:00Z');
/** In days: what has expired is not shown, and the handler has the clock of whoever runs the tests. */
const FOR_GOOD = 36_500;

describe('profiles', () => {
  let api: Api;
  let journalOf: ReturnType<typeof journal>;
  let messagesOf: ReturnType<typeof messageStore>;
  const commit = (key: ProfileKey, profile: Partial<Profile>) =>
    profileStore(api.dynamo.client, 'profiles').commit({
      key,
      version: 1,
      at,
      epoch: 0,
      profile: { ...emptyProfile, createdAt: at - 1_000, ...profile },
    });
  const entry = (key: ProfileKey, jk: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
    key,
    jk,
    v: 1,
    st: 'moved',
    t: 'event',
    at,
    why: [],
    ...more,
  });

  const message = (key: ProfileKey, id: string, when: number, more: Partial<MessageRecord> = {}): MessageRecord => ({
    ...{ key, id, st: 'sent', by: 'x', copy: 'x', decidedAt: when, at: when, channel: 'email' },
    ...{ journey: 'welcome', step: 'hello', version: 1 },
    ...more,
  });

  beforeAll(async () => {
    api = await startApi();
    journalOf = journal(api.dynamo.client, 'journal', FOR_GOOD);
    messagesOf = messageStore(api.dynamo.client, 'messages', FOR_GOOD);
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await api.create('/v1/topics/receipts', { id: 'receipts', kind: 'transactional', consent: {} });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
    await api.create('/v1/journeys/welcome', journey('welcome'));
    await commit(ann, {
      ids: { user: 'ann', anonymous: ['device-1'] },
      aliases: [device],
      traits: {
        plan: { value: 'pro', at: at - 5, source: 'identify' },
        gone: { value: null, at: at - 5, source: 'api' },
      },
      consents: { 'email/offers': { channel: 'email', topic: 'offers', state: 'granted', at: at - 9, source: 'form' } },
      devices: {
        old: { platform: 'fcm', at: at - 9 },
        out: { platform: 'fcm', at, off: true },
        new: { platform: 'apns', at },
      },
      runs: {
        r1: {
          journey: 'welcome',
          version: 1,
          step: 'hello',
          since: at,
          enteredAt: at,
          stand: 'wait',
          due: at + 60_000,
        },
      },
    });
    await commit(device, { movedTo: ann });
    const why = [{ code: 'entry.entered', journey: 'welcome', version: 1, run: 'r1' }];
    const other = [{ code: 'entry.not-inside', journey: 'other' }];
    await journalOf.put(entry(device, '2026-11-20T08:00:00Z|a', { at: at - 3_000, st: 'fwd' }));
    await journalOf.put(entry(ann, '~|b', { at: at - 2_000, t: 'patch', in: { traits: { plan: 'pro' } }, why: other }));
    await journalOf.put(entry(ann, '2026-11-19T08:00:00Z|c', { at: at - 1_000, why }));
    await journalOf.put(entry(ann, '2026-11-18T08:00:00Z|d', { at: at - 4_000, st: 'inert' }));
    // What two messages carry, and one of it is in the journal too.
    const woken = { at: at - 5_000, why: [{ code: 'step.wait', journey: 'welcome' }] };
    await journalOf.put(entry(device, 'both|w|3', { ...woken, v: 3, at: at - 6_000, t: 'wake' }));
    const both = { ...woken, jk: 'both|w|3', v: 3, at: at - 6_000 };
    await messagesOf.put(message(device, `${device}-old`, at - 10, { entries: [both] }), 'absent');
    await messagesOf.put(message(ann, `${ann}-new`, at, { entries: [{ ...woken, jk: 'only|w|4', v: 4 }] }), 'absent');
  });
  afterAll(() => api.stop());

  it('tells every statement about a consent, of whoever was merged in too, in pages', async () => {
    const store = consentStore(api.dynamo.client, 'consents');
    const said = (state: 'granted' | 'withdrawn', when: number) =>
      ({
        channel: 'email',
        topic: 'offers',
        state,
        at: when,
        source: 'form',
        recordedAt: when,
        outcome: 'held',
      }) as const;
    await store.put(device, said('withdrawn', at - 20));
    await store.put(ann, { ...said('granted', at - 30), textVersion: 'v2', outcome: 'older' });
    const path = '/v1/profiles/ann/consents/history';
    const first = await api.request({ path, query: { limit: '2' } });
    expect(first.json).toMatchObject({
      data: [
        // Of the profile, from before statements were kept.
        { state: 'granted', at: '2026-11-22T09:59:59.991Z', recordedAt: null, outcome: 'held' },
        { state: 'withdrawn', at: '2026-11-22T09:59:59.980Z', recordedAt: '2026-11-22T09:59:59.980Z' },
      ],
      complete: true,
    });
    const second = await api.request({ path, query: { limit: '2', cursor: first.json.nextCursor } });
    expect(second.json).toMatchObject({ data: [{ textVersion: 'v2', outcome: 'older' }], nextCursor: null });
    expect((await api.request({ path, query: { cursor: 'bm9uZQ' } })).json.code).toBe('list.cursor');
  });

  it('shows traits with time and source, consents and runs', async () => {
    const { status, json } = await api.request({ path: '/v1/profiles/ann' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      key: ann,
      ids: { user: 'ann' },
      traits: { plan: { value: 'pro', at: '2026-11-22T09:59:59.995Z', source: 'identify' } },
      consents: [{ channel: 'email', topic: 'offers', state: 'granted' }],
      runs: [{ run: 'r1', journey: 'welcome', step: 'hello', due: '2026-11-22T10:01:00.000Z' }],
    });
    expect(json.traits.gone).toBeUndefined();
  });

  it('shows the devices that messages go to, the last used first', async () => {
    const { json } = await api.request({ path: '/v1/profiles/ann/devices' });
    expect(json.data).toEqual([
      { token: 'new', platform: 'apns', lastSeenAt: '2026-11-22T10:00:00.000Z' },
      { token: 'old', platform: 'fcm', lastSeenAt: '2026-11-22T09:59:59.991Z' },
    ]);
    expect((await api.request({ path: '/v1/profiles/ann' })).json.devices).toEqual(json.data);
  });

  it.each([
    ['the user id', '/v1/profiles/ann', {}],
    ['an id that was merged', '/v1/profiles/device-1', { idType: 'anonymousId' }],
    ['ids with a slash, by query', '/v1/profiles/by', { idType: 'userId', id: 'ann' }],
  ])('finds the person by %s', async (_, path, query) => {
    expect((await api.request({ path, query })).json.key).toBe(ann);
  });

  it('says 404 for a stranger', async () => {
    for (const path of ['/v1/profiles/nobody', '/v1/profiles/nobody/timeline', '/v1/profiles/nobody/consents']) {
      expect((await api.request({ path })).json).toMatchObject({ status: 404, code: 'profile.not-found' });
    }
  });

  it('merges the journal of root and alias by time of decision, newest first, in pages (G7)', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '3', ...(cursor !== null && { cursor }) };
      const page = await api.request({ path: '/v1/profiles/ann/timeline', query });
      expect(page.json.complete).toBe(true);
      seen.push(...page.json.data.map((one: { at: string; state: string }) => `${one.at.slice(17, 19)} ${one.state}`));
      cursor = page.json.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['59 changed', '58 changed', '57 forwarded', '56 no-effect', '55 changed', '54 changed']);
    for (const bad of ['x', '', Buffer.from('[1]').toString('base64url'), Buffer.from('{}').toString('base64url')]) {
      const answer = await api.request({ path: '/v1/profiles/ann/timeline', query: { cursor: bad } });
      expect(answer.status).toBe(400);
    }
  });

  it('says why a person is in a journey: what was recorded of it and nothing else (G7)', async () => {
    const why = await api.request({ path: '/v1/journeys/welcome/why', query: { profile: 'ann' } });
    expect(why.json.inside).toMatchObject([{ step: 'hello', version: 1 }]);
    const wait = { code: 'step.wait', cause: 'wake' };
    expect(why.json.reasons).toMatchObject([
      { code: 'entry.entered', cause: 'event', run: 'r1' },
      // What messages carry.
      { ...wait, at: '2026-11-22T09:59:55.000Z' },
      { ...wait, at: '2026-11-22T09:59:54.000Z' },
    ]);
  });

  it('merges messages of root and alias', async () => {
    const { json } = await api.request({ path: '/v1/profiles/ann/messages' });
    expect(json.data.map((one: { id: string }) => one.id)).toEqual([`${ann}-new`, `${device}-old`]);
    expect(json.data[0]).toMatchObject({ state: 'sent', step: 'hello' });
  });

  it.each([
    [
      'PATCH',
      '/v1/profiles/ann',
      { traits: { plan: 'basic', old: null } },
      { t: 'patch', traits: { plan: 'basic', old: null } },
    ],
    [
      'PUT',
      '/v1/profiles/ann/consents',
      {
        consents: [
          { channel: 'email', topic: 'offers', state: 'withdrawn', source: 'call', at: '2026-11-01T00:00:00Z' },
        ],
      },
      { t: 'consent', consents: [{ topic: 'offers', state: 'withdrawn', at: Date.parse('2026-11-01T00:00:00Z') }] },
    ],
    [
      'PUT',
      '/v1/profiles/ann/devices/eX4:APA91',
      { platform: 'apns-sandbox' },
      { t: 'device', token: 'eX4:APA91', change: 'add', platform: 'apns-sandbox' },
    ],
    ['DELETE', '/v1/profiles/ann/devices/eX4:APA91', undefined, { t: 'device', token: 'eX4:APA91', change: 'remove' }],
  ])('%s %s is one record in the mailbox', async (method, path, body, record) => {
    api.takeMail();
    const answer = await api.request({ method, path, body });
    expect(answer.status).toBe(202);
    const [mail, ...more] = api.takeMail();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      key: ann,
      hop: 0,
      records: [{ ...record, id: answer.json.id, identity: { user: 'ann' } }],
    });
  });

  it.each([
    ['no traits', 'PATCH', '/v1/profiles/ann', { traits: {} }, 400],
    [
      'too many traits',
      'PATCH',
      '/v1/profiles/ann',
      { traits: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`t${i}`, 1])) },
      400,
    ],
    ['large traits', 'PATCH', '/v1/profiles/ann', { traits: { big: 'x'.repeat(70_000) } }, 413],
    ['no token', 'PUT', '/v1/profiles/ann/devices/a b', {}, 400],
    ['another platform', 'PUT', '/v1/profiles/ann/devices/a', { platform: 'baidu' }, 400],
    ['an unknown field', 'PATCH', '/v1/profiles/ann', { traits: { a: 1 }, extra: 1 }, 400],
    [
      'a topic that is none',
      'PUT',
      '/v1/profiles/ann/consents',
      { consents: [{ channel: 'email', topic: 'x', state: 'granted', source: 'y' }] },
      422,
    ],
    [
      'a consent of tomorrow',
      'PUT',
      '/v1/profiles/ann/consents',
      { consents: [{ channel: 'email', topic: 'offers', state: 'granted', source: 'y', at: '2999-01-01T00:00:00Z' }] },
      422,
    ],
  ])('refuses %s with pointer and sizes (G13)', async (_, method, path, body, status) => {
    const answer = await api.request({ method, path, body });
    expect(answer.status).toBe(status);
    expect(answer.json.errors[0].pointer).toBeDefined();
    expect(answer.text).not.toContain('xxxxx');
  });

  it('erases by a job that is the same however often it is asked for, and names nobody (G12)', async () => {
    const answer = await api.request({ method: 'DELETE', path: '/v1/profiles/ann' });
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ kind: 'erase', state: 'queued' });
    expect(answer.text).not.toContain('"ann"');
    const again = await api.request({ method: 'DELETE', path: '/v1/profiles/ann' });
    expect(again.json.id).toBe(answer.json.id);
    expect((await api.request({ method: 'DELETE', path: '/v1/profiles/nobody' })).status).toBe(404);
  });

  describe('messages', () => {
    const send = (body: object, key: string) => api.post('/v1/messages', body, { 'idempotency-key': key });

    it('puts one record into the mailbox, whatever is repeated, and names the message of the root (G2)', async () => {
      api.takeMail();
      const body = { template: 'hello', profile: { id: 'device-1', idType: 'anonymousId' }, properties: { code: 7 } };
      const first = await send(body, 'message-1');
      const second = await send(body, 'message-1');
      expect(first).toMatchObject({ status: 202, headers: { location: `/v1/messages/${first.json.id}` } });
      expect(second.json).toEqual(first.json);
      const mail = api.takeMail();
      expect(mail).toHaveLength(1);
      const record = mail[0]!.records[0] as Extract<MailRecord, { t: 'message' }>;
      expect(record).toMatchObject({ t: 'message', template: 'hello', properties: { code: 7 } });
      expect(first.json.id).toBe(directMessageId(ann, record.id));
    });

    it('tells what became of it: undecided, decided against with reasons, handed over (G7)', async () => {
      const { json } = await send({ template: 'hello', profile: { id: 'ann' } }, 'message-2');
      const read = async () => (await api.request({ path: `/v1/messages/${json.id}` })).json;
      expect(await read()).toMatchObject({ state: 'undecided', reasons: [] });
      const why = [{ code: 'consent.missing', message: json.id }];
      await journalOf.put(entry(ann, '~|message', { t: 'message', why }));
      expect(await read()).toMatchObject({ state: 'decided-against', reasons: why });
      await journalOf.put(
        entry(ann, '~|decided', { t: 'message', why: [{ code: 'message.decided', message: json.id }] }),
      );
      expect(await read()).toMatchObject({ state: 'queued' });
      const record = {
        key: ann,
        id: json.id,
        st: 'sent',
        by: 'x',
        copy: 'x',
        decidedAt: at,
        at,
        channel: 'email',
      } as const;
      await messagesOf.put(record, 'absent');
      expect(await read()).toMatchObject({ state: 'sent', channel: 'email', journey: null });
    });

    it('lists those of a day of which nobody can tell, and those found out since, each with its times', async () => {
      const since = Date.UTC(2026, 10, 1, 12);
      const put = async (name: string, seconds: number) => {
        const id = directMessageId(ann, name);
        const times = { requestedAt: since - 9_000, decidedAt: since - 8_000, renderedAt: since - 5_000 };
        const record = { key: ann, id, st: 'unknown', by: 'x', copy: 'x', channel: 'email', ...times } as const;
        await messagesOf.put({ ...record, at: since + seconds * 1_000, why: 'email.no-answer' }, 'absent');
        await messagesOf.noteUnknown({ key: ann, id, at: since + seconds * 1_000 });
        return id;
      };
      const ids = [await put('first', 0), await put('second', 1), await put('third', 2)];
      const found = { st: 'sent', at: since + 60_000, why: 'settled.delivered' } as const;
      await unknownMessages(api.dynamo.client, 'messages', Date.now).settle(
        { key: ann, id: ids[1]!, at: since + 1_000 },
        found,
      );
      const list = async (query: Record<string, string>) => {
        const { json } = await api.request({ path: '/v1/messages', query: { day: '2026-11-01', ...query } });
        return [json.data.map(({ id }: { id: string }) => ids.indexOf(id)), json.nextCursor];
      };
      expect(await list({ state: 'unknown' })).toEqual([[2, 0], null]);
      expect(await list({ state: 'settled' })).toEqual([[1], null]);
      expect(await list({ state: 'unknown', day: '2026-11-02' })).toEqual([[], null]);
      const [first, nextCursor] = await list({ state: 'unknown', limit: '2' });
      expect([first, await list({ state: 'unknown', cursor: nextCursor })]).toEqual([[2], [[0], null]]);
      const { json } = await api.request({ path: `/v1/messages/${ids[1]}` });
      expect(json).toMatchObject({ state: 'sent', reason: 'settled.delivered' });
      expect(json.times).toEqual({
        requested: '2026-11-01T11:59:51.000Z',
        decided: '2026-11-01T11:59:52.000Z',
        rendered: '2026-11-01T11:59:55.000Z',
        unknown: '2026-11-01T12:00:01.000Z',
        settled: '2026-11-01T12:01:00.000Z',
      });
    });

    it.each([
      ['without a state', {}],
      ['of another state', { state: 'sent' }],
      ['of no day', { state: 'unknown', day: '2026-02-30' }],
      ['behind no cursor', { state: 'unknown', cursor: 'x' }],
    ])('lists none %s', async (_what, query) => {
      expect((await api.request({ path: '/v1/messages', query })).status).toBe(400);
    });

    it('goes to an address without a profile', async () => {
      api.takeMail();
      const answer = await send({ template: 'hello', to: 'New@Example.com' }, 'message-3');
      expect(answer.status).toBe(202);
      expect(api.takeMail()[0]!.records).toMatchObject([{ t: 'message', to: 'New@Example.com' }]);
    });

    it.each([
      ['no recipient', { template: 'hello' }, 400, 'message.no-recipient'],
      ['no such template', { template: 'nobody', to: 'a@example.com' }, 422, 'template.not-found'],
      ['no such version', { template: 'hello@9', to: 'a@example.com' }, 422, 'template.not-found'],
      [
        'a marketing topic',
        { template: 'hello', to: 'a@example.com', topic: 'offers' },
        422,
        'topic.not-transactional',
      ],
      ['no such topic', { template: 'hello', to: 'a@example.com', topic: 'nope' }, 422, 'topic.not-found'],
      ['not an address', { template: 'hello', to: 'not an address' }, 422, 'message.address'],
      ['not an instant', { template: 'hello', to: 'a@example.com', expiresAt: 'soon' }, 400, 'message.instant'],
      [
        'what is over',
        { template: 'hello', to: 'a@example.com', expiresAt: '2020-01-01T00:00:00Z' },
        422,
        'message.expired',
      ],
      ['no such variant', { template: 'hello', to: 'a@example.com', channels: ['sms'] }, 422, 'template.no-variant'],
    ])('refuses %s', async (name, body, status, code) => {
      const answer = await send(body, `refused ${name}`.replaceAll(' ', '-'));
      expect(answer.json).toMatchObject({ status, code });
      expect(answer.text).not.toContain('not an address"');
    });

    it('404 for what is no message id; of one of a stranger nothing is known', async () => {
      expect((await api.request({ path: '/v1/messages/x' })).status).toBe(400);
      const id = directMessageId(profileKey('user', 'stranger'), 'x');
      expect((await api.request({ path: `/v1/messages/${id}` })).json).toEqual({ id, state: 'undecided', reasons: [] });
      const why = [{ code: 'channel.none', message: id }];
      await journalOf.put(entry(profileKey('user', 'stranger'), '~|message', { t: 'message', why }));
      expect((await api.request({ path: `/v1/messages/${id}` })).json).toMatchObject({ state: 'decided-against' });
      expect((await api.request({ path: `/v1/messages/${id}/why` })).json).toMatchObject({
        message: { id, state: 'decided-against' },
        reasons: [{ cause: 'message', code: 'channel.none', message: id }],
        complete: true,
      });
    });

    it('G13: says which size it may have, and is not to be decided with a catalog older than this one', async () => {
      const properties = { code: 'x'.repeat(64 * 1024) };
      const large = await send({ template: 'hello', to: 'a@example.com', properties }, 'message-large');
      expect(large.json).toMatchObject({ status: 413, code: 'command.too-large', errors: [{ limit: 65_536 }] });
      expect(large.json.errors[0].actual).toBeGreaterThan(65_536);
      api.takeMail();
      await send({ template: 'hello', to: 'a@example.com' }, 'message-epoch');
      const { epoch } = (await api.request({ path: '/v1/health' })).json;
      expect(api.takeMail()[0]!.records).toMatchObject([{ t: 'message', epoch }]);
    });
  });

  it.each([
    ['GET', '/v1/profiles/by', {}],
    ['GET', '/v1/profiles/by/timeline', { limit: '5' }],
    ['GET', '/v1/profiles/by/messages', {}],
    ['GET', '/v1/profiles/by/runs', {}],
    ['GET', '/v1/profiles/by/consents', {}],
    ['PATCH', '/v1/profiles/by', {}],
  ])('G13: an id with a slash stands in the query: %s %s', async (method, path, query) => {
    const id = 'team/ann b';
    const key = profileKey('user', id);
    await profileStore(api.dynamo.client, 'profiles').commit({
      key,
      version: 1,
      at,
      epoch: 1,
      profile: { ...emptyProfile, createdAt: at, ids: { user: id } },
    });
    api.takeMail();
    const body = method === 'PATCH' ? { body: { traits: { plan: 'pro' } } } : {};
    const answer = await api.request({ method, path, query: { id, ...query }, ...body });
    expect(answer.status, answer.text).toBe(method === 'PATCH' ? 202 : 200);
    if (method === 'PATCH')
      expect(api.takeMail()).toMatchObject([{ key, records: [{ t: 'patch', identity: { user: id } }] }]);
    if (path === '/v1/profiles/by' && method === 'GET') expect(answer.json.ids).toEqual({ user: id });
    expect((await api.request({ method, path, query, ...body })).json).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/id' }],
    });
  });

  it('G13: events, suppressions and enrollments too', async () => {
    const event = await api.request({ path: '/v1/events/by', query: { messageId: 'm/1', userId: 'ann' } });
    expect(event.json).toMatchObject({ state: 'not-found' });
    const suppressions = { path: '/v1/suppressions/email/by', query: { address: 'a/b@example.com' } };
    const put = await api.request({ method: 'PUT', ...suppressions, body: {} });
    expect(put.status, put.text).toBe(200);
    expect((await api.request(suppressions)).json.data).toHaveLength(1);
    const out = { method: 'DELETE', path: '/v1/journeys/nobody/enrollments/by', query: { profile: 'a/b' } };
    expect((await api.request(out)).json).toMatchObject({ status: 404, code: 'journey.not-found' });
  });

  describe('suppressions', () => {
    const path = '/v1/suppressions/email/Bob@Example.com';

    it('are put, read and deleted, by address in any spelling; the address is stored nowhere', async () => {
      expect((await api.request({ path })).json.data).toEqual([]);
      expect((await api.request({ method: 'PUT', path, body: {} })).json).toMatchObject({
        topic: null,
        reason: 'manual',
      });
      await api.request({ method: 'PUT', path, query: { topic: 'offers' }, body: {} });
      const listed = await api.request({ path: '/v1/suppressions/email/bob@example.com' });
      expect(listed.json.data.map((one: { topic: string | null }) => one.topic).sort()).toEqual([null, 'offers']);
      expect((await api.request({ method: 'DELETE', path })).status).toBe(204);
      expect((await api.request({ method: 'DELETE', path })).status).toBe(404);
      const audit = (await api.request({ path: '/v1/audit' })).json.data;
      expect(audit[0]).toMatchObject({
        who: expect.stringMatching(/^key:/),
        method: 'DELETE',
        resource: expect.stringMatching(/^\/v1\/suppressions\/email\/~[\w-]{22}$/),
        outcome: { status: 404 },
      });
      expect(audit[1]).toMatchObject({
        resource: audit[0].resource,
        outcome: { status: 204, noted: { channel: 'email', topic: '*', reason: 'manual' } },
      });
      expect((await api.request({ path })).json.data).toHaveLength(1);
    });

    it('refuses a topic that is none', async () => {
      const answer = await api.request({ method: 'PUT', path, query: { topic: 'ofers' }, body: {} });
      expect(answer.json).toMatchObject({ status: 422, code: 'topic.not-found' });
    });

    it.each(['/v1/suppressions/pigeon/x', '/v1/suppressions/email/nobody', '/v1/suppressions/sms/123'])(
      'refuses %s',
      async (bad) => {
        expect((await api.request({ path: bad })).status).toBe(400);
      },
    );
  });
});
