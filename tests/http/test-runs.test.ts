import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { profileKey, testKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

/** Not over when the tests are run: the handler has the clock of whoever runs them. */
const at = Date.UTC(2126, 10, 22, 9);
const ada: Profile = {
  ...emptyProfile,
  ids: { user: 'ada', anonymous: ['device'] },
  createdAt: at,
  traits: { email: { value: 'ada@mail.example', at, source: 'identify' } },
  entered: {
    rehearsed: { last: at, times: 1 },
    'rehearsed|cart': { last: at, times: 1 },
    other: { last: at, times: 1, goal: { version: 3, until: at } },
  },
  runs: { r: { journey: 'other', version: 3, step: 'w', since: at, enteredAt: at, stand: 'wait' } },
  sends: [{ id: 'm', at, channel: 'email', topic: 'offers' }],
  aliases: ['aAAAAAAAAAAAAAAAAAAAAAA'],
  computed: { feed: ['t', 1, 2, 0, 0] as never },
  memberships: { saw: 1, due: at, in: { gold: { since: at } } },
  lists: { vips: at },
};

describe('test runs', () => {
  let api: Api;
  const path = '/v1/journeys/rehearsed/test-runs';
  const start = (body: object) => api.post(path, { profile: 'ada', sendTo: 'me@team.example', ...body });
  beforeAll(async () => {
    api = await startApi();
    const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
    await api.create('/v1/policy', { ...policy, testRecipients: ['@team.example', '+4915100000099', 'push:fcm:me'] });
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
    const [byEmail] = marketingTemplate('everywhere').variants;
    const variants = [
      byEmail,
      { channel: 'sms', content: { text: 'Hi' } },
      { channel: 'push', content: { title: 'Hi', body: 'You' } },
    ];
    await api.create('/v1/templates/everywhere', { ...marketingTemplate('everywhere'), variants });
    await api.create('/v1/journeys/rehearsed', journey('rehearsed'));
    const profiles = profileStore(api.dynamo.client, 'profiles');
    await profiles.commit({ key: profileKey('user', 'ada'), version: 1, at, epoch: 1, profile: ada });
    api.takeMail();
  });
  afterAll(() => api.stop());

  it('a test begins with a copy that names nobody, in a mailbox of its own, and with the draft as it is now', async () => {
    const started = await start({
      speed: 60,
      event: { event: 'Signed Up', properties: { plan: 'pro' } },
      traits: { tier: 'gold' },
    });
    expect(started).toMatchObject({ status: 202, json: { journey: 'rehearsed', version: 'draft', speed: 60 } });
    expect(started.headers['location']).toBe(`${path}/${started.json.id}`);
    const [mail, ...more] = api.takeMail();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      key: testKey('rehearsed', started.json.id),
      records: [
        { t: 'test', event: { name: 'Signed Up', data: { plan: 'pro' } }, test: { sendTo: 'me@team.example' } },
      ],
    });
    const [record] = mail!.records;
    const { customer, test } = record as unknown as { customer: Partial<Profile>; test: { version: number } };
    const { createdAt, consents, seen, sends, deadAddresses, computed, lists } = ada;
    expect(customer).toEqual({
      ...{ computed, lists, memberships: { saw: 1, in: ada.memberships!.in } },
      createdAt,
      consents,
      seen,
      sends,
      deadAddresses,
      traits: { ...ada.traits, tier: { value: 'gold', at: expect.any(Number), source: 'api' } },
      entered: { other: { last: at, times: 1 } },
    });
    const store = catalogStore(api.dynamo.client, 'catalog');
    const read = () => store.readJourneyVersions([{ id: 'rehearsed', version: test.version }]);
    expect(await read()).toMatchObject([{ version: test.version, document: { name: 'Journey rehearsed' } }]);

    const draft = await api.request({ path: '/v1/journeys/rehearsed' });
    const etag = draft.headers['etag']!.slice(1, -1);
    await api.replace('/v1/journeys/rehearsed', journey('rehearsed', { name: 'Another' }), etag);
    await start({ sendTo: 'Me@TEAM.example' });
    const next = api.takeMail()[0]!.records[0] as unknown as {
      test: { version: number; speed: number; sendTo: string };
    };
    expect(next.test.version).not.toBe(test.version);
    expect(next.test).toMatchObject({ speed: 1, sendTo: 'me@team.example' });
    expect(await read()).toMatchObject([{ document: { name: 'Journey rehearsed' } }]);
    const versions = await api.request({ path: '/v1/journeys/rehearsed/versions' });
    expect(versions.json.data, 'no version that anybody else sees').toEqual([]);
  });

  it('the same under one Idempotency-Key is the same test', async () => {
    const body = { profile: 'ada', sendTo: 'me@team.example' };
    const [one, two] = [
      await api.post(path, body, { 'idempotency-key': 'k1' }),
      await api.post(path, body, { 'idempotency-key': 'k1' }),
    ];
    expect(one!.json.id).toBe(two!.json.id);
  });

  it.each<[string, object, object]>([
    [
      'an address that the policy does not allow',
      { sendTo: 'ada@mail.example' },
      { status: 422, code: 'test-run.recipient-not-allowed', errors: [{ pointer: '/sendTo' }] },
    ],
    [
      'an event that nobody enters by',
      { event: { event: 'Left' } },
      { status: 422, code: 'test-run.no-entry', errors: [{ limit: 'Signed Up' }] },
    ],
    ['a customer of whom nothing is known', { profile: 'nobody' }, { status: 404, code: 'profile.not-found' }],
    ['a version that is not there', { version: 7 }, { status: 404, code: 'journey.version-not-found' }],
    ['nothing live', { version: 'live' }, { status: 404, code: 'journey.version-not-found' }],
    ['no address', { sendTo: 'me' }, { status: 400, errors: [{ pointer: '/sendTo' }] }],
    ['a speed beyond the limit', { speed: 100_001 }, { status: 400, errors: [{ pointer: '/speed' }] }],
  ])('refuses %s, and tells no mailbox', async (_title, body, answer) => {
    api.takeMail();
    expect((await start(body)).json).toMatchObject(answer);
    expect(api.takeMail()).toEqual([]);
  });

  it('a test send is a test of one message, made of a customer or of the examples', async () => {
    const send = (body: object) =>
      api.post('/v1/templates/hello/test-sends', { to: 'me@team.example', channel: 'email', ...body });
    api.takeMail();
    const started = await send({ profile: { id: 'ada' }, locale: 'de', values: { event: { total: 5 } } });
    expect(started).toMatchObject({ status: 202, headers: { location: `/v1/messages/${started.json.id}` } });
    const [mail] = api.takeMail();
    expect(mail!.key).toBe(started.json.id.slice(0, 23));
    expect(mail!.records).toMatchObject([
      {
        t: 'test',
        test: { sendTo: 'me@team.example' },
        customer: { traits: { email: { value: 'ada@mail.example' }, locale: { value: 'de' } }, sends: [], entered: {} },
        send: { template: 'hello', channel: 'email', topic: 'offers', values: { event: { total: 5 } } },
      },
    ]);
    await send({});
    expect(api.takeMail()[0]!.records).toMatchObject([{ customer: { traits: { firstName: { value: 'Ann' } } } }]);
    const refusals = await Promise.all([
      send({ to: 'ada@mail.example' }),
      send({ topic: 'nope' }),
      send({ sender: 'nope' }),
      send({ version: 9 }),
      send({ channel: 'webhook' }),
      send({ profile: { id: 'nobody' } }),
    ]);
    expect(refusals.map(({ json }) => [json.code, json.errors?.[0]?.pointer])).toEqual([
      ['test-run.recipient-not-allowed', '/to'],
      ['topic.not-found', '/topic'],
      ['sender.not-found', '/sender'],
      ['template.not-found', undefined],
      ['test-send.channel', '/channel'],
      ['profile.not-found', undefined],
    ]);
    expect(api.takeMail()).toEqual([]);
    const reader = await api.newKey('templates:write');
    const body = { to: 'me@team.example', channel: 'email' };
    const path = '/v1/templates/hello/test-sends';
    expect((await api.request({ method: 'POST', path, body, key: reader })).status).toBe(403);
  });

  it.each([
    ['email', 'me@team.example'],
    ['sms', '+4915100000099'],
    ['push', 'push:fcm:me'],
  ])('a test send by %s goes to %s, and to no address of another channel', async (channel, own) => {
    api.takeMail();
    const send = (to: string) => api.post('/v1/templates/everywhere/test-sends', { to, channel });
    const started = await send(own);
    expect(started).toMatchObject({ status: 202, json: { to: own } });
    expect(api.takeMail()).toMatchObject([
      { records: [{ t: 'test', test: { sendTo: own }, send: { template: 'everywhere', channel } }] },
    ]);
    const others = ['me@team.example', '+4915100000099', 'push:fcm:me'].filter((to) => to !== own);
    for (const other of others) {
      const refused = {
        status: 422,
        code: 'test-send.recipient',
        errors: [{ pointer: '/to', limit: expect.any(String) }],
      };
      expect((await send(other)).json).toMatchObject(refused);
    }
    expect(api.takeMail()).toEqual([]);
  });

  it('refuses a draft with errors', async () => {
    await api.create('/v1/journeys/broken', journey('broken', { start: 'gone' }));
    const refused = await api.post('/v1/journeys/broken/test-runs', { traits: {}, sendTo: 'me@team.example' });
    expect(refused.json).toMatchObject({ status: 422, errors: [expect.objectContaining({ pointer: '/start' })] });
  });

  it('shows how far it is, at its own time, and takes events', async () => {
    const key = testKey('rehearsed', 'run');
    const own = `${path}/run`;
    expect((await api.request({ path: own })).json).toMatchObject({ status: 404, code: 'test-run.not-found' });
    expect((await api.post(`${own}/events`, { event: 'Left' })).status).toBe(404);

    const profiles = profileStore(api.dynamo.client, 'profiles');
    const test = { journey: 'rehearsed', version: -9, sendTo: 'me@team.example', speed: 60, startedAt: at };
    const run = {
      journey: 'rehearsed',
      version: -9,
      step: 'w',
      since: at,
      enteredAt: at,
      stand: 'wait',
      due: at + 60_000,
    } as const;
    const stored = { key, at, epoch: 1, version: 1, profile: { ...emptyProfile, test, runs: { r: run } } };
    await profiles.commit(stored);
    const journalOf = journal(api.dynamo.client, 'journal', 90);
    const said = (virtual: number, code: string, message?: string) => [
      { code: 'test.time', saw: { at: new Date(virtual).toISOString() } },
      { code, journey: 'rehearsed', version: -9, ...(message && { message, channel: 'email' as const }) },
    ];
    const message = `${key}-CCCCCCCCCCCCCCCCCCCCCC`;
    // Real time runs the other way than the test's: what counts is the test's.
    await journalOf.put({
      key,
      jk: 'b',
      v: 2,
      st: 'moved',
      t: 'wake',
      why: said(at + 86_400_000, 'exit.finished'),
      at,
    });
    await journalOf.put({
      key,
      jk: 'a',
      v: 1,
      st: 'moved',
      t: 'test',
      why: said(at, 'message.decided', message),
      at: at + 5,
    });
    const shown = (await api.request({ path: own })).json;
    expect(shown).toMatchObject({
      id: 'run',
      version: 'draft',
      state: 'running',
      inside: [{ step: 'w' }],
      messages: [],
    });
    expect(shown.way).toMatchObject([
      { at: '2126-11-22T09:00:00.000Z', cause: 'test', code: 'message.decided', version: 'draft' },
      { at: '2126-11-23T09:00:00.000Z', cause: 'wake', code: 'exit.finished' },
    ]);

    await profiles.commit({ ...stored, version: 2, profile: { ...emptyProfile, test } });
    expect((await api.request({ path: own })).json.state, 'its mail is still on the way').toBe('running');
    const messages = messageStore(api.dynamo.client, 'messages', 90);
    const record = {
      key,
      id: message,
      st: 'sent',
      by: 'x',
      copy: 'c',
      decidedAt: at,
      at,
      channel: 'email',
      version: -9,
    } as const;
    await messages.put(record, 'absent');
    const ended = (await api.request({ path: own })).json;
    expect(ended).toMatchObject({ state: 'ended', messages: [{ id: message, state: 'sent', version: 'draft' }] });

    api.takeMail();
    const told = await api.post(`${own}/events`, { event: 'Order Completed', properties: { total: 9 } });
    expect(told.status).toBe(202);
    const event = { name: 'Order Completed', data: { total: 9 } };
    expect(api.takeMail()).toMatchObject([{ key, hop: 0, records: [{ t: 'event', event }] }]);
    const other = await api.request({ path: '/v1/journeys/broken/test-runs/run' });
    expect(other.json, 'a test is of one journey').toMatchObject({ status: 404 });
  });
});
