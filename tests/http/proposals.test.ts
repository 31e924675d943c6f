import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposalStore } from '../../shared/data/proposal-store.ts';
import { routes } from '../../shared/http/route-table.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

const topic = (consent: string) => ({ id: 'offers', kind: 'marketing', consent: { email: consent } });
const template = (example: string) => ({
  ...marketingTemplate('hello'),
  variables: { 'profile.firstName': { type: 'string', example } },
});
const segment = (where: string) => ({ schemaVersion: 1, id: 'vip', name: 'VIP', where });
const documents = ['block', 'collection', 'computed-trait', 'endpoint', 'segment', 'template', 'topic'];

it('whatever is live once it is saved, and broadcasts, are held up', () => {
  const held = routes.flatMap(({ method, path, secondPerson }) => (secondPerson ? [`${method} ${path}`] : []));
  const live = routes.filter(
    ({ method, preconditions, path }) =>
      method !== 'GET' && preconditions !== undefined && !/^\/v1\/journeys\/|\/items\//.test(path),
  );
  expect(held.toSorted()).toEqual(
    [...live.map(({ method, path }) => `${method} ${path}`), 'POST /v1/broadcasts'].toSorted(),
  );
  const kinds = new Set(routes.flatMap(({ secondPerson }) => secondPerson ?? []));
  expect([...kinds].toSorted()).toEqual([...documents, 'policy', 'broadcast'].toSorted());
});

describe.each([['none'], ['second-person']] as const)('where the configuration says %s', (approval) => {
  it('documents are live once they are saved', async () => {
    const api = await startApi({}, approval === 'none' ? {} : { approval });
    try {
      const { json } = await api.create('/v1/topics/offers', topic('opt-in'));
      expect((await api.replace('/v1/topics/offers', topic('opt-out'), json.etag)).status).toBe(200);
      expect((await api.request({ path: '/v1/proposals' })).json).toEqual({ data: [] });
    } finally {
      await api.stop();
    }
  });
});

describe('where the configuration says second-person-everywhere', () => {
  let api: Api;
  let maker: string;
  let lead: string;
  beforeAll(async () => {
    api = await startApi({}, { approval: 'second-person-everywhere' });
    const { handler } = await api.issueKey();
    const issue = async (...scopes: string[]) => (await handler({ name: 'x', kind: 'api', scopes })).secret;
    const makes = [
      'templates:write',
      'settings:write',
      'settings:read',
      'segments:write',
      'journeys:read',
      'keys:admin',
    ];
    maker = await issue(
      ...makes,
      'journeys:write',
      'journeys:enroll',
      'journeys:approve',
      'templates:read',
      'segments:read',
    );
    lead = await issue('journeys:approve', 'journeys:read');
    await create('/v1/topics/offers', topic('opt-in'));
    await create('/v1/templates/hello', template('One'));
    await create('/v1/segments/vip', segment('profile.a = 1'));
  });
  afterAll(() => api.stop());

  const create = async (path: string, body: object) => {
    const answer = await api.request({ method: 'PUT', path, key: maker, body, headers: { 'if-none-match': '*' } });
    expect(answer.status, answer.text).toBe(201);
  };
  const etagOf = async (path: string) => (await api.request({ path })).headers['etag']!;
  const save = (path: string, body: object, etag: string) =>
    api.request({ method: 'PUT', path, key: maker, body, headers: { 'if-match': etag } });
  const proposed = (answer: { readonly json: { readonly detail: string } }) =>
    /p-[\w-]{22}/.exec(answer.json.detail)![0];
  const approve = (id: string, key: string, body: object = {}) =>
    api.request({ method: 'POST', path: `/v1/proposals/${id}/approvals`, key, body });

  it.each([
    ['a topic', '/v1/topics/offers', topic('opt-out')],
    ['a template', '/v1/templates/hello', template('Two')],
    ['a segment', '/v1/segments/vip', segment('profile.a = 2')],
  ])('%s changes when somebody else has approved precisely that', async (_, path, body) => {
    const etag = await etagOf(path);
    const refused = await save(path, body, etag);
    expect(refused).toMatchObject({ status: 409, json: { code: 'approval.missing' } });
    expect(await etagOf(path)).toBe(etag);
    const id = proposed(refused);
    expect(refused.json.errors[0].fix).toContain(`godwit approve --proposal ${id}`);
    const shown = await api.request({ path: `/v1/proposals/${id}`, key: lead });
    expect(shown.json).toMatchObject({ method: 'PUT', path, body: { id: body.id }, approvals: [] });

    expect((await approve(id, maker)).status).toBe(201);
    expect((await save(path, body, etag)).json).toMatchObject({ code: 'approval.missing' });
    expect((await approve(id, lead, { note: 'read' })).json.approvals).toContainEqual(
      expect.objectContaining({ note: 'read' }),
    );
    const other = Object.hasOwn(body, 'variants') ? template('Three') : { ...body, name: 'Other' };
    if (!path.includes('topics'))
      expect((await save(path, other, etag)).json).toMatchObject({ code: 'approval.missing' });
    expect((await save(path, body, etag)).status).toBe(200);
    expect((await api.request({ path: `/v1/proposals/${id}`, key: lead })).json.approvals).toHaveLength(2);
  });

  it('an approval is of a change of what was there then', async () => {
    const path = '/v1/segments/back';
    const [one, two] = [segment('profile.a = 1'), segment('profile.a = 2')].map((said) => ({ ...said, id: 'back' }));
    await create(path, one!);
    const change = async (to: object) => {
      const etag = await etagOf(path);
      await approve(proposed(await save(path, to, etag)), lead);
      expect((await save(path, to, etag)).status).toBe(200);
    };
    await change(two!);
    await change({ ...one, name: 'Back' });
    expect((await save(path, two!, await etagOf(path))).json).toMatchObject({ code: 'approval.missing' });
  });

  it('the policy is never new, and a removal is a change too', async () => {
    const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
    expect((await save('/v1/policy', policy, '"default"')).json).toMatchObject({ code: 'approval.missing' });
    const removal = { method: 'DELETE', path: '/v1/segments/vip', key: maker };
    const refused = await api.request(removal);
    expect(refused.json).toMatchObject({ code: 'approval.missing' });
    await approve(proposed(refused), lead);
    expect((await api.request(removal)).status).toBe(204);
    // It has been there: made again under its name is a change.
    const again = { method: 'PUT', path: '/v1/segments/vip', key: maker, body: segment('profile.a = 3') };
    const made = await api.request({ ...again, headers: { 'if-none-match': '*' } });
    expect(made.json).toMatchObject({ code: 'approval.missing' });
  });

  it('a broadcast is approved for one Idempotency-Key, so it cannot be sent twice', async () => {
    const body = { template: 'hello', topic: 'offers', list: [{ id: 'ann' }, { id: 'bob' }] };
    const send = (key: string) =>
      api.request({ method: 'POST', path: '/v1/broadcasts', key: maker, body, headers: { 'idempotency-key': key } });
    const refused = await send('monday');
    const id = proposed(refused);
    const shown = await api.request({ path: `/v1/proposals/${id}`, key: lead });
    expect(shown.json.body).toEqual({ template: 'hello', topic: 'offers', list: 2 });
    expect(shown.text).not.toContain('ann');
    await approve(id, lead);
    expect((await send('monday')).status).toBe(202);
    expect((await send('monday')).headers['idempotent-replay']).toBe('true');
    expect((await send('tuesday')).json).toMatchObject({ code: 'approval.missing' });
  });

  it.each([
    ['a broadcast', 'POST', '/v1/broadcasts', { template: 'later', topic: 'offers' }],
    ['a segment', 'PUT', '/v1/segments/other', { schemaVersion: 1, id: 'other', name: 'O', where: 'in segment later' }],
    ['a template', 'PUT', '/v1/templates/hello', { ...template('x'), variables: {} }],
  ])(
    '%s that would be refused is, and is no proposal: what it names could be made afterwards',
    async (_, method, path, body) => {
      if (path.endsWith('other')) await create(path, { ...body, where: 'profile.a = 1' });
      const headers: Record<string, string> =
        method === 'POST' ? { 'idempotency-key': 'later' } : { 'if-match': await etagOf(path) };
      const before = (await api.request({ path: '/v1/proposals' })).json.data.length;
      const answer = await api.request({ method, path, key: maker, body, headers });
      expect(answer.json.code).not.toBe('approval.missing');
      expect([404, 409, 422]).toContain(answer.status);
      expect((await api.request({ path: '/v1/proposals' })).json.data).toHaveLength(before);
    },
  );

  it('what would change nothing needs nobody', async () => {
    const { json, headers } = await api.request({ path: '/v1/topics/offers' });
    expect((await save('/v1/topics/offers', json, headers['etag']!)).status).toBe(200);
  });

  it('a draft that names what is not there cannot be approved: it could be made afterwards', async () => {
    const steps = { hello: { type: 'message', template: 'later', channels: ['email'], next: 'end' } };
    await create('/v1/journeys/welcome', journey('welcome', { steps }));
    const draftEtag = (await etagOf('/v1/journeys/welcome')).replaceAll('"', '');
    const path = '/v1/journeys/welcome/approvals';
    const answer = await api.request({ method: 'POST', path, key: lead, body: { draftEtag } });
    expect(answer).toMatchObject({
      status: 422,
      json: { detail: expect.stringContaining('errors keep this journey') },
    });
  });

  it('is in the audit log, the refusal as well as the approval', async () => {
    const { data } = (await api.request({ path: '/v1/audit' })).json;
    expect(data).toContainEqual(
      expect.objectContaining({ outcome: expect.objectContaining({ status: 409, code: 'approval.missing' }) }),
    );
    expect(data).toContainEqual(
      expect.objectContaining({
        outcome: expect.objectContaining({ status: 201, noted: { what: 'template hello' } }),
      }),
    );
  });

  it('a proposal that has expired is not there, whatever the table still has', async () => {
    const store = proposalStore(api.dynamo.client, 'catalog');
    const id = `p-${'x'.repeat(22)}`;
    const proposal = { id, what: 'template hello', method: 'DELETE', path: '/v1/templates/hello', who: 'key:1' };
    await store.propose({ ...proposal, at: 0, expiresAt: 1_000 });
    await store.approve({ proposal: id, who: 'key:2', at: 0, expiresAt: 1_000 });
    expect((await store.find(id, 999))?.approvals).toHaveLength(1);
    expect(await store.find(id, 1_000)).toBeUndefined();
    expect((await approve(id, lead)).json).toMatchObject({ status: 404, code: 'proposal.not-found' });
  });
});
