import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, startApi } from './api.ts';

const document = (name: string) => ({
  ...{ schemaVersion: 1, id: 'hello', name, topic: 'news', entry: [{ on: 'event', event: 'Began' }] },
  ...{ reentry: { again: 'never', whileInside: 'ignore' }, start: 'w' },
  steps: { w: { type: 'wait', for: 'PT1H', next: 'end' } },
});

describe.each([
  ['second-person', true],
  ['none', false],
] as const)('where the configuration says %s', (_, isNeeded) => {
  let api: Api;
  let etag: string;
  let lead: string;
  let other: string;
  beforeAll(async () => {
    api = await startApi({}, isNeeded ? { approval: 'second-person' } : {});
    await api.create('/v1/topics/news', { id: 'news', kind: 'marketing', consent: { email: 'opt-out' } });
    etag = (await api.create('/v1/journeys/hello', document('One'))).json.etag;
    // Keys that somebody makes are that somebody; those of `issue-key` are not.
    const { handler } = await api.issueKey();
    const issue = async (...scopes: string[]) => (await handler({ name: 'x', kind: 'api', scopes })).secret;
    lead = await issue('journeys:publish', 'journeys:approve', 'keys:admin');
    other = await issue('journeys:approve');
  });
  afterAll(() => api.stop());

  const publish = (key: string, more: object = {}) =>
    api.request({
      ...{ method: 'POST', path: '/v1/journeys/hello/publish', key },
      body: { draftEtag: etag, ...more },
    });
  const approve = (key: string, draftEtag = etag, more: object = {}) =>
    api.request({ method: 'POST', path: '/v1/journeys/hello/approvals', key, body: { draftEtag, ...more } });

  it(isNeeded ? 'nothing goes live that nobody approved' : 'nobody has to approve', async () => {
    const answer = await publish(lead);
    if (!isNeeded) {
      expect(answer.status).toBe(200);
      return;
    }
    expect(answer).toMatchObject({
      status: 409,
      json: {
        code: 'journey.approval-missing',
        errors: [{ pointer: '/draftEtag', fix: expect.stringContaining('godwit approve hello') }],
      },
    });
    expect(answer.json.detail).toContain(etag);
    expect((await publish(lead, { dryRun: true })).status).toBe(200);
  });

  if (!isNeeded) return;

  const draft = async (name: string) => {
    const before = (await api.request({ path: '/v1/journeys/hello' })).headers['etag']!.replaceAll('"', '');
    etag = (await api.replace('/v1/journeys/hello', document(name), before)).json.etag;
  };

  it('nobody approves for themselves, nor through a key that they made', async () => {
    await draft('Three');
    expect((await approve(lead)).status).toBe(201);
    const own = await publish(lead);
    expect(own.json).toMatchObject({ status: 409, code: 'journey.approval-missing' });
    expect(own.json.detail).toContain('same principal');
    const made = await api.request({
      ...{ method: 'POST', path: '/v1/keys', key: lead },
      body: { name: 'second me', kind: 'api', scopes: ['journeys:approve'] },
    });
    expect((await approve(made.json.secret)).status).toBe(201);
    expect((await publish(lead)).status).toBe(409);
  });

  it('an approval of somebody else lets this very draft go live, and no other', async () => {
    await draft('Four');
    const approved = await approve(other, etag, { note: 'read it' });
    expect(approved).toMatchObject({ status: 201, json: { draftEtag: etag, note: 'read it' } });
    const list = await api.request({ path: '/v1/journeys/hello/approvals', query: { draftEtag: etag } });
    expect(list.json.data).toMatchObject([{ who: approved.json.who, note: 'read it' }]);
    const reviewed = etag;
    await draft('Five');
    expect((await publish(lead)).status).toBe(409);
    await draft('Four');
    expect(etag).toBe(reviewed);
    expect((await publish(lead)).status).toBe(200);
    const [entry] = (await api.request({ path: '/v1/audit', query: { resource: '/v1/journeys/hello/approvals' } })).json
      .data;
    expect(entry).toMatchObject({ who: approved.json.who, outcome: { status: 201, noted: { draftEtag: reviewed } } });
  });

  it('of a draft that is not the one there is 412, and needs its scope', async () => {
    await draft('Six');
    expect((await approve(other, 'another')).status).toBe(412);
    expect((await approve(await api.newKey('journeys:publish'))).json).toMatchObject({ code: 'auth.scope-missing' });
  });
});
