import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialReader, hashKey } from '../../shared/app/access/keys.ts';
import { listSessions } from '../../shared/app/access/sessions.ts';
import { type Api, startApi } from './api.ts';

const account = '123456789012';
const ann = `arn:aws:sts::${account}:assumed-role/Marketing/ann@example.com`;
let api: Api;
let handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;
beforeAll(async () => {
  const roles = {
    marketer: [`arn:aws:iam::${account}:role/Market*`],
    operator: [`arn:aws:iam::${account}:user/olga`],
  };
  api = await startApi({}, { roles });
  ({ handler } = await import(`../../functions/open-session/handler.ts?emulator=${new URL(api.dynamo.endpoint).port}`));
});
afterAll(() => api.stop());

/** As the gateway hands it over when the signature was right; without an ARN as it would if there were no authorizer. */
async function open(userArn?: string, body = '{}') {
  const http = { method: 'POST', path: '/v1/sessions', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' };
  const requestContext = {
    ...{ accountId: account, apiId: 'api', domainName: 'api.example.com', domainPrefix: 'api', http },
    ...{
      requestId: `session-${Math.random()}`,
      routeKey: 'POST /v1/sessions',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...(userArn !== undefined && { authorizer: { iam: { userArn, accountId: account } } }),
  };
  const headers = { 'content-type': 'application/json' };
  const event = { version: '2.0', routeKey: 'POST /v1/sessions', rawPath: '/v1/sessions', rawQueryString: '', headers };
  const sent = { ...event, requestContext, body, isBase64Encoded: false };
  const answer = (await handler(sent, {} as Context)) as APIGatewayProxyStructuredResultV2;
  return { status: answer.statusCode, json: JSON.parse(answer.body!) };
}

describe('a session', () => {
  it('is a bearer for an hour, with what the roles of the principal may do, and is stored as a hash', async () => {
    const { status, json } = await open(ann);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      token: expect.stringMatching(/^gw_session_[\w-]{43}$/),
      who: ann,
      roles: ['marketer'],
    });
    expect((await api.request({ path: '/v1/journeys', key: json.token })).status).toBe(200);
    expect((await api.request({ path: '/v1/keys', key: json.token })).json).toMatchObject({
      code: 'auth.scope-missing',
    });
    const { Items } = await api.dynamo.client.send(new ScanCommand({ TableName: 'access' }));
    expect(JSON.stringify(Items)).not.toContain(json.token);
    const key = { pk: { S: 'sessions' }, sk: { S: hashKey(json.token) } };
    const { Item } = await api.dynamo.client.send(new GetItemCommand({ TableName: 'access', Key: key }));
    const { ttl, expiresAt } = unmarshall(Item!);
    expect(ttl).toBe(Math.ceil(expiresAt / 1_000));
    expect(Date.parse(json.expiresAt)).toBe(expiresAt);
  });

  it('names who it is in what it changes, and in the audit log; opening it is there too', async () => {
    const { json } = await open(ann);
    const body = { schemaVersion: 1, id: 'mine', name: 'Mine', where: 'profile.a = 1' };
    const headers = { 'if-none-match': '*' };
    const saved = await api.request({ method: 'PUT', path: '/v1/segments/mine', key: json.token, body, headers });
    expect(saved).toMatchObject({ status: 201, json: { changedBy: ann } });
    const entries = (await api.request({ path: '/v1/audit', query: { who: ann } })).json.data;
    expect(entries[0]).toMatchObject({ who: ann, resource: '/v1/segments/mine' });
    expect(entries[1]).toMatchObject({
      resource: '/v1/sessions',
      outcome: { status: 201, noted: { roles: 'marketer' } },
    });
    expect(JSON.stringify(entries)).not.toContain(json.token);
  });

  it('is over after an hour, whatever the table still has', async () => {
    let now = Date.now();
    const read = credentialReader(api.access, () => now);
    const { json } = await open(ann);
    expect(await read(json.token)).toMatchObject({ who: ann, kind: 'session' });
    now += 3_599_000;
    expect(await read(json.token)).toBeDefined();
    now += 2_000;
    expect(await read(json.token)).toBeUndefined();
  });

  it('that is none is told from a key', async () => {
    const answer = await api.request({ path: '/v1/journeys', key: `gw_session_${'A'.repeat(43)}` });
    expect(answer).toMatchObject({ status: 401, json: { code: 'auth.session-ended' } });
  });

  it('grants no key more than it has', async () => {
    const { json } = await open(`arn:aws:iam::${account}:user/olga`);
    const make = (scope: string) =>
      api.request({
        ...{ method: 'POST', path: '/v1/keys', key: json.token },
        body: { name: 'x', kind: 'api', scopes: [scope] },
      });
    expect((await make('messages:send')).status).toBe(201);
    expect((await make('profiles:export')).json).toMatchObject({ code: 'key.scope-beyond-own' });
    expect((await make('*')).json).toMatchObject({ code: 'key.scope-beyond-own' });
  });
});

describe('a session that is ended', () => {
  const olga = `arn:aws:iam::${account}:user/olga`;
  const bob = `arn:aws:sts::${account}:assumed-role/Marketing/bob`;
  const list = async (key?: string) =>
    (await api.request({ path: '/v1/sessions', ...(key !== undefined && { key }) })).json.data as {
      readonly id: string;
      readonly who: string;
      readonly current: boolean;
    }[];
  const end = (id: string, key: string) => api.request({ method: 'DELETE', path: `/v1/sessions/${id}`, key });

  it('is one’s own without any scope: whoever signed in sees and ends those of their principal, and no others', async () => {
    const [mine, other, foreign] = [await open(ann), await open(ann), await open(bob)];
    const [idOfMine, idOfOther, idOfForeign] = [mine, other, foreign].map(({ json }) =>
      hashKey(json.token).slice(0, 16),
    );
    const seen = await list(mine.json.token);
    expect(seen.map(({ who }) => who)).toEqual(seen.map(() => ann));
    expect(seen.filter(({ current }) => current)).toEqual([
      expect.objectContaining({ id: idOfMine, roles: ['marketer'], expiresAt: mine.json.expiresAt }),
    ]);
    expect(await end(idOfForeign!, mine.json.token)).toMatchObject({
      status: 404,
      json: { code: 'session.not-found' },
    });
    expect((await end(idOfOther!, mine.json.token)).status).toBe(204);
    expect((await end(idOfOther!, mine.json.token)).status).toBe(404);
    expect((await end(idOfMine!, mine.json.token)).status).toBe(204);
    expect((await list()).map(({ id }) => id)).toContain(idOfForeign);
    expect((await list()).map(({ id }) => id)).not.toContain(idOfMine);
  });

  it('is anybody’s for keys:admin, and the audit log says whose', async () => {
    const [operator, marketer] = [await open(olga), await open(ann)];
    const id = hashKey(marketer.json.token).slice(0, 16);
    expect((await end(id, operator.json.token)).status).toBe(204);
    const query = { resource: `/v1/sessions/${id}` };
    const [entry] = (await api.request({ path: '/v1/audit', query })).json.data;
    expect(entry).toMatchObject({
      who: olga,
      method: 'DELETE',
      outcome: { status: 204, noted: { session: id, of: ann } },
    });
    const keys = await Promise.all([api.newKey('keys:admin'), api.newKey('journeys:read')]);
    expect((await list(keys[0])).length).toBeGreaterThan(0);
    const refused = await api.request({ path: '/v1/sessions', key: keys[1]! });
    expect(refused).toMatchObject({ status: 403, json: { code: 'auth.scope-missing' } });
  });

  it('works for 10 seconds more at most where it is remembered, though the table cannot be read, and nowhere else', async () => {
    let now = Date.now();
    let broken = false;
    const store = {
      ...api.access,
      findSession: (hash: string) => (broken ? Promise.reject(new Error('down')) : api.access.findSession(hash)),
    };
    const read = credentialReader(store, () => now);
    const { json } = await open(ann);
    expect(await read(json.token)).toMatchObject({ session: hashKey(json.token).slice(0, 16) });
    await api.access.removeSession(hashKey(json.token).slice(0, 16));
    expect(await credentialReader(store, () => now)(json.token)).toBeUndefined();
    now += 9_999;
    expect(await read(json.token)).toBeDefined();
    now += 1;
    broken = true;
    await expect(read(json.token)).rejects.toThrow('down');
    broken = false;
    expect(await read(json.token)).toBeUndefined();
  });

  it('whose hour is over is not listed', async () => {
    const { json } = await open(ann);
    const id = hashKey(json.token).slice(0, 16);
    const ended = await listSessions({ store: api.access, who: undefined }, Date.parse(json.expiresAt));
    expect(ended.map((one) => one.id)).not.toContain(id);
  });
});

describe('nobody else gets one', () => {
  it('a principal without a role is told what to configure', async () => {
    const { status, json } = await open(`arn:aws:sts::${account}:assumed-role/Sales/bob`);
    expect([status, json.code]).toEqual([403, 'session.no-role']);
    expect(json.detail).toContain(`roles: { marketer: ['arn:aws:iam::${account}:role/Sales'] }`);
    const [entry] = (await api.request({ path: '/v1/audit', query: { resource: '/v1/sessions' } })).json.data;
    expect(entry).toMatchObject({ outcome: { status: 403, code: 'session.no-role' } });
  });

  it('a request that no authorizer has seen is 401, here and by the function of the API', async () => {
    expect(await open()).toMatchObject({ status: 401, json: { code: 'session.unsigned' } });
    const direct = await api.request({ method: 'POST', path: '/v1/sessions', body: {} });
    expect(direct).toMatchObject({ status: 401, json: { code: 'session.unsigned' } });
  });

  it('a header that looks like one is no authorizer', async () => {
    const headers = { 'x-amzn-iam': ann, authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/x' };
    const answer = await api.request({ method: 'POST', path: '/v1/sessions', body: {}, key: null, headers });
    expect(answer.status).toBe(401);
  });
});
