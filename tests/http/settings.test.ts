import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { suppressionList } from '../../shared/data/suppression-list.ts';
import { routes } from '../../shared/http/route-table.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type Api, settings, startApi } from './api.ts';
import { marketingTemplate } from './documents.ts';

describe('settings, operations, pages', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const topic = { id: 'offers', name: 'Offers', kind: 'marketing', consent: { email: 'opt-out' } };
  it.each([
    ['/v1/topics/offers', topic, { ...topic, name: 'Sales' }],
    [
      '/v1/endpoints/crm',
      { id: 'crm', url: 'https://crm.example.com/in' },
      { id: 'crm', url: 'https://crm.example.com/v2' },
    ],
    [
      '/v1/templates/hello',
      marketingTemplate('hello'),
      { ...marketingTemplate('hello'), variables: { 'profile.firstName': { type: 'string', example: 'Bo' } } },
    ],
  ])('%s is created, read, replaced, and the same again is no new version', async (path, document, next) => {
    expect((await api.request({ path })).status).toBe(404);
    const created = await api.create(path, document);
    expect(created).toMatchObject({ status: 201, json: { version: 1 } });
    const read = await api.request({ path });
    expect(read.json).toEqual(document);
    expect(read.headers['etag']).toBe(`"${created.json.etag}"`);
    expect((await api.create(path, document)).status).toBe(412);
    expect((await api.replace(path, document, created.json.etag)).json.version).toBe(1);
    const replaced = await api.replace(path, next, created.json.etag);
    expect(replaced).toMatchObject({ status: 200, json: { version: 2 } });
    expect((await api.replace(path, next, created.json.etag)).status).toBe(412);
    const list = await api.request({ path: path.split('/').slice(0, 3).join('/') });
    expect(list.json.data).toContainEqual(expect.objectContaining({ id: path.split('/')[3], version: 2 }));
    expect((await api.create(`${path}-2`, document)).json.errors[0].pointer).toBe('/id');
  });

  it.each([
    ['/v1/topics/versioned', { id: 'versioned', kind: 'marketing', consent: { email: 'opt-in' } }],
    ['/v1/endpoints/versioned', { id: 'versioned', url: 'https://crm.example.com/in' }],
  ])('%s may say the version of its schema, of which there is one', async (path, document) => {
    const newer = await api.create(path, { ...document, schemaVersion: 2 });
    expect(newer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/schemaVersion' }] } });
    expect((await api.create(path, { ...document, schemaVersion: 1 })).status).toBe(201);
  });

  it('has a policy before anyone puts one: zone and locale of the deployment', async () => {
    const before = await api.request({ path: '/v1/policy' });
    expect(before).toMatchObject({
      status: 200,
      json: { zone: 'Europe/Berlin', locale: 'de', quietHours: [], caps: [] },
    });
    const policy = { ...before.json, quietHours: [{ from: '22:00', to: '08:00' }] };
    const first = await api.replace('/v1/policy', policy, 'default');
    expect(first.json.version).toBe(1);
    expect((await api.replace('/v1/policy', policy, 'default')).status).toBe(412);
    const caps = [{ max: 3, per: 'P7D' }];
    expect((await api.replace('/v1/policy', { ...policy, caps }, first.json.etag)).json.version).toBe(2);
    expect((await api.request({ path: '/v1/policy' })).json.caps).toEqual(caps);
    const never = { ...policy, caps: [{ max: 0, per: 'day', whenReached: 'hold' }] };
    const refused = await api.replace('/v1/policy', never, 'x');
    expect([refused.status, refused.json.errors]).toMatchObject([
      422,
      [{ pointer: '/caps/0/whenReached', code: 'policy.cap-zero-hold', fix: expect.any(String) }],
    ]);
    const wrong = { ...policy, traits: { plan: { type: 'string', pattern: '(a' } } };
    expect((await api.replace('/v1/policy', wrong, 'x')).json.errors).toMatchObject([
      { pointer: '/traits/plan/pattern', code: 'policy.pattern', actual: 2 },
    ]);
    expect((await api.replace('/v1/policy', { ...policy, zone: 'Mars/Base' }, 'x')).json.errors[0].pointer).toBe(
      '/zone',
    );
  });

  it('compiles MJML, refuses what does not compile or is not declared, keeps versions, removes', async () => {
    const mjml =
      '<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ profile.firstName }}</mj-text></mj-column></mj-section></mj-body></mjml>';
    const document = {
      ...marketingTemplate('mail'),
      variants: [{ channel: 'email', content: { subject: 'Hi', mjml } }],
    };
    expect((await api.create('/v1/templates/mail', document)).status).toBe(201);
    const read = await api.request({ path: '/v1/templates/mail' });
    expect(read.json.variants[0].content).toMatchObject({
      mjml,
      html: expect.stringContaining('Hi {{ profile.firstName }}'),
    });
    const bad = { ...document, variables: {} };
    const refused = await api.create('/v1/templates/other', { ...bad, id: 'other' });
    expect(refused.json).toMatchObject({ status: 422, code: 'template.variable-undeclared' });
    const open = { ...document, id: 'open', variants: [{ channel: 'email', content: { subject: '{{ x', text: 'x' } }] };
    expect((await api.create('/v1/templates/open', open)).status).toBe(422);
    expect((await api.request({ method: 'DELETE', path: '/v1/templates/mail' })).status).toBe(204);
    expect((await api.request({ path: '/v1/templates/mail' })).status).toBe(404);
    expect((await api.request({ path: '/v1/templates/mail', query: { version: '1' } })).status).toBe(200);
    expect((await api.request({ path: '/v1/templates/mail/versions' })).json.data).toMatchObject([{ version: 1 }]);
  });

  it('renders previews; with a profile only for those who may read profiles', async () => {
    const preview = (body: object, key?: string) =>
      api.request({ method: 'POST', path: '/v1/templates/hello/previews', body, ...(key && { key }) });
    const answer = await preview({ channel: 'email' });
    expect(answer.json.rendered).toMatchObject({ subject: 'Hello Bo', headers: { From: settings.senders[0]!.from } });
    const unsaved = await preview({ channel: 'email', template: marketingTemplate('hello') });
    expect(unsaved.json.rendered.subject).toBe('Hello Ann');
    const limited = await api.newKey('templates:read');
    const refused = await preview({ channel: 'email', profile: { id: 'ann' } }, limited);
    expect(refused.json).toMatchObject({ status: 403, detail: expect.stringContaining('profiles:personal') });
    expect((await preview({ channel: 'email', profile: { id: 'ann' } })).status).toBe(404);
    expect((await preview({ channel: 'email', topic: 'nope' })).json).toMatchObject({
      status: 422,
      code: 'topic.not-found',
    });
  });

  it('puts blocks into templates when they are saved, and again when asked to', async () => {
    const footer = (text: string) => ({ schemaVersion: 1, id: 'footer', variants: [{ content: { text } }] });
    const nobody = await api.create('/v1/blocks/footer', footer("Bye {% render 'nobody' %}"));
    expect(nobody.json).toMatchObject({ status: 422, errors: [{ code: 'block.unknown' }] });
    const first = await api.create('/v1/blocks/footer', footer('Bye'));
    expect(first).toMatchObject({ status: 201, json: { version: 1, usedBy: [] } });
    const epoch = async () =>
      (await api.request({ path: '/v1/catalog-changes' })).json.data[0].epoch as number | undefined;
    expect(await epoch()).toBeUndefined();

    const text = "Hi, {{ profile.firstName }}. {% render 'footer' %}";
    const template = {
      ...marketingTemplate('short'),
      variants: [{ channel: 'email', content: { subject: 'Hi', text } }],
    };
    expect((await api.create('/v1/templates/short', template)).status).toBe(201);
    const saved = async () => (await api.request({ path: '/v1/templates/short' })).json.variants[0];
    expect(await saved()).toMatchObject({ content: { text }, compiled: { text: 'Hi, {{ profile.firstName }}. Bye' } });

    const second = await api.replace('/v1/blocks/footer', footer('See you'), first.json.etag);
    expect(second.json.usedBy).toEqual([{ template: 'short', version: 1, current: false }]);
    expect((await saved()).compiled.text).toContain('Bye');
    const unsaved = await api.request({
      method: 'POST',
      path: '/v1/templates/short/previews',
      body: { channel: 'email', template, blocks: [footer('Ciao')] },
    });
    expect(unsaved.json.rendered.text).toBe('Hi, Ann. Ciao');

    const republish = (document: object, etag: string) =>
      api.request({
        method: 'PUT',
        path: '/v1/blocks/footer',
        query: { republish: 'true' },
        headers: { 'if-match': `"${etag}"` },
        body: document,
      });
    const broken = await republish(footer('{{ profile.age }}'), second.json.etag);
    expect(broken.json).toMatchObject({ status: 422, code: 'block.breaks-templates' });
    expect(broken.json.errors[0].detail).toContain('template short/variants/0/content/text');
    const again = await republish(footer('See you'), second.json.etag);
    expect(again.json).toMatchObject({ version: 2, usedBy: [{ template: 'short', version: 2, current: true }] });
    expect((await saved()).compiled.text).toContain('See you');

    expect((await api.create('/v1/blocks/outer', { ...footer("{% render 'footer' %}"), id: 'outer' })).status).toBe(
      201,
    );
    const used = await api.request({ method: 'DELETE', path: '/v1/blocks/footer' });
    expect(used.json).toMatchObject({
      status: 409,
      code: 'block.used',
      errors: [{ detail: 'template short' }, { detail: 'block outer' }],
    });
    expect((await api.request({ method: 'DELETE', path: '/v1/blocks/outer' })).status).toBe(204);
    expect((await api.request({ path: '/v1/blocks/outer' })).status).toBe(404);
  });

  it('throws kill switches (G9)', async () => {
    const put = (target: string, body: object) =>
      api.request({ method: 'PUT', path: `/v1/kill-switches/${target}`, body });
    expect((await put('all', { on: true, note: 'wrong price' })).json).toMatchObject({
      on: true,
      effectiveWithinSeconds: 30,
      alreadyHandedOver: expect.any(Number),
    });
    expect((await put('channel:email', { on: true })).status).toBe(200);
    expect((await put('journey:welcome', { on: false })).status).toBe(200);
    expect((await put('channel:pigeon', { on: true })).status).toBe(400);
    expect((await put('all', { on: 'yes' })).status).toBe(400);
    const list = await api.request({ path: '/v1/kill-switches' });
    expect(list.json.data).toContainEqual(expect.objectContaining({ target: 'all', on: true, note: 'wrong price' }));
  });

  it('answers where an event is, what was refused, and what names there are', async () => {
    const event = await api.request({ path: '/v1/events/m-1', query: { userId: 'ann' } });
    expect(event.json).toMatchObject({ state: 'not-found', rejected: [] });
    expect((await api.request({ path: '/v1/rejected-events' })).json).toEqual({ data: [], nextCursor: null });
    expect((await api.request({ path: '/v1/rejected-events', query: { day: '2026-02-30' } })).status).toBe(400);
    expect((await api.request({ path: '/v1/event-types' })).json).toMatchObject({ data: [], complete: true });
  });

  describe('public', () => {
    const link = async () => {
      const secrets = cachedSecrets(secretStore(api.dynamo.client, 'access'), () => Date.now());
      const claims = {
        profile: profileKey('user', 'ann'),
        channel: 'email',
        topic: 'offers',
        addressHash: 'h',
        message: 'm',
      } as const;
      return new URL(await signedLinks(secrets, 'https://x.example').unsubscribeUrl(claims)).pathname;
    };
    const suppressed = () => suppressionList(api.dynamo.client, 'suppressions').ofAddress('email', 'h');

    it('a GET shows a page and never unsubscribes; a one-click POST does (RFC 8058, G10)', async () => {
      const path = await link();
      const page = await api.request({ path, key: null, query: { utm_source: 'x' } });
      expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
      expect(page.text).toContain('Sales');
      expect(page.text).not.toContain('<script');
      expect(await suppressed()).toEqual([]);
      api.takeMail();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const form = { method: 'POST', path, key: null, headers, body: 'List-Unsubscribe=One-Click' };
      const done = await api.request({ ...form, base64: true });
      expect(done.status).toBe(200);
      expect(await suppressed()).toMatchObject([{ topic: 'offers', reason: 'unsubscribe' }]);
      expect(api.takeMail()[0]!.records).toMatchObject([
        { t: 'consent', consents: [{ state: 'withdrawn', source: 'one-click' }] },
      ]);
    });

    it('the preference page shows, changes nothing by a GET, and saves by a POST without a cookie or a key', async () => {
      const topic = { id: 'tips', name: 'Tips', kind: 'marketing', public: true, consent: { email: 'opt-out' } };
      expect((await api.create('/v1/topics/tips', topic)).status).toBe(201);
      const secrets = cachedSecrets(secretStore(api.dynamo.client, 'access'), () => Date.now());
      const claims = { profile: profileKey('user', 'ann'), channel: 'email', topic: 'tips', addressHash: 'p' } as const;
      const url = await signedLinks(secrets, 'https://x.example').preferencesUrl({ ...claims, message: 'm' });
      const path = new URL(url).pathname;
      const wishes = () => suppressionList(api.dynamo.client, 'suppressions').ofAddress('email', 'p');
      api.takeMail();
      const headers = { 'accept-language': 'de' };
      const page = await api.request({ path, key: null, headers });
      expect(page).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
      });
      expect(page.text).toContain('value="email/tips" checked');
      expect(page.text).toContain('lang="de"');
      expect(page.headers).not.toHaveProperty('set-cookie');
      expect([await wishes(), api.takeMail()]).toEqual([[], []]);

      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const done = await api.request({ method: 'POST', path, key: null, headers: form, body: 'form=1&was=email/tips' });
      expect(done.text).toContain('role="status"');
      expect(done.text).not.toContain('value="email/tips" checked');
      expect(await wishes()).toMatchObject([{ topic: 'tips', reason: 'unsubscribe' }]);
      expect(api.takeMail()[0]!.records).toMatchObject([{ t: 'consent', consents: [{ source: 'preference-page' }] }]);
      expect((await api.request({ path, key: null })).text).not.toContain('checked');
    });

    it.each(['/u/x', '/preferences/x', '/u/a.b.c', `/u/${'a'.repeat(500)}`])(
      '%s is a page that says that it is no link',
      async (path) => {
        for (const method of ['GET', 'POST']) {
          const answer = await api.request({ method, path, key: null });
          expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
        }
      },
    );

    it.each(['/v1/health', '/v1/version', '/v1/schemas'])('%s needs no key', async (path) => {
      expect((await api.request({ path, key: null })).status).toBe(200);
    });
  });

  it('describes every route in OpenAPI, with references that lead somewhere and ids that are unique', async () => {
    const { json, status } = await api.request({ path: '/v1/openapi.json', key: null });
    expect(status).toBe(200);
    expect(json.openapi).toBe('3.1.0');
    const ids = new Set<string>();
    for (const route of routes) {
      const operation = json.paths[route.path][route.method.toLowerCase()];
      expect(operation.summary).toBe(route.summary);
      ids.add(operation.operationId);
      const inPath = (operation.parameters ?? []).filter((one: { in: string }) => one.in === 'path');
      expect(inPath.map((one: { name: string }) => `{${one.name}}`)).toEqual(route.path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every((one: { required: boolean }) => one.required)).toBe(true);
    }
    expect(ids.size).toBe(routes.length);
    const refs = JSON.stringify(json).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of new Set(refs)) {
      const path = ref.slice('"$ref":"#/'.length, -1).split('/');
      expect(
        path.reduce((node, name) => node?.[name], json),
        ref,
      ).toBeDefined();
    }
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(json, 'api');
    for (const name of Object.keys(json.components.schemas)) {
      expect(ajv.compile({ $ref: `api#/components/schemas/${name}` }), name).toBeTypeOf('function');
    }
    const isProblem = ajv.compile({ $ref: 'api#/components/schemas/Problem' });
    expect([isProblem((await api.request({ path: '/v1/journeys/nobody' })).json), isProblem({ status: 'x' })]).toEqual([
      true,
      false,
    ]);
    const bodies = json.paths['/v1/journeys/{id}'].put.requestBody.content['application/json'].schema;
    expect(bodies).toEqual({ $ref: '#/components/schemas/Journey' });
  });

  it('serves schemas and a page without script', async () => {
    const schema = await api.request({ path: '/v1/schemas/journey.json', key: null });
    expect(schema).toMatchObject({ status: 200, headers: { 'content-type': 'application/schema+json' } });
    expect((await api.request({ path: '/v1/schemas/__proto__.json', key: null })).status).toBe(404);
    const page = await api.request({ path: '/docs', key: null });
    expect(page.text).not.toMatch(/<script|src=|https?:\/\//);
    for (const route of routes) expect(page.text).toContain(route.path);
  });
});
