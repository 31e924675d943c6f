import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { statsStore } from '../../shared/data/stats-store.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

describe('journeys', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
  });
  afterAll(() => api.stop());

  const publish = async (id: string, more: object = {}) => {
    const { status, headers } = await api.create(`/v1/journeys/${id}`, journey(id, more));
    expect(status).toBe(201);
    return api.post(`/v1/journeys/${id}/publish`, { draftEtag: headers['etag']!.slice(1, -1) });
  };

  it('creates with If-None-Match: *, replaces with If-Match, and says 428 and 412 otherwise', async () => {
    const path = '/v1/journeys/edited';
    expect((await api.request({ method: 'PUT', path, body: journey('edited') })).status).toBe(428);
    const created = await api.create(path, journey('edited'));
    expect(created).toMatchObject({ status: 201, json: { id: 'edited', state: 'draft', live: null, hasDraft: true } });
    expect((await api.create(path, journey('edited'))).json).toMatchObject({ status: 412, code: 'catalog.changed' });
    const replaced = await api.replace(path, journey('edited', { name: 'Two' }), created.json.etag);
    expect(replaced).toMatchObject({ status: 200, json: { name: 'Two' } });
    expect((await api.replace(path, journey('edited'), created.json.etag)).status).toBe(412);
    const read = await api.request({ path });
    expect(read.json.name).toBe('Two');
    expect(read.headers).toMatchObject({
      etag: `"${replaced.json.etag}"`,
      'godwit-version': 'draft',
      'godwit-state': 'draft',
    });
  });

  it('gives back what was put, predicates as JSON, so that it can be put again', async () => {
    const where = 'event.total >= 50';
    const created = await api.create('/v1/journeys/round', journey('round', { where }));
    const read = await api.request({ path: '/v1/journeys/round' });
    expect(read.json.where).toEqual({ ref: 'event.total', gte: 50 });
    const again = await api.replace('/v1/journeys/round', read.json, created.json.etag);
    expect(again).toMatchObject({ status: 200, json: { etag: created.json.etag } });
  });

  it('publishes what the caller saw, version by version (G8)', async () => {
    const first = await publish('welcome');
    expect(first).toMatchObject({ status: 200, json: { published: true, version: 1, state: 'live' } });
    const live = await api.request({ path: '/v1/journeys/welcome' });
    expect(live.headers['godwit-version']).toBe('1');
    const etag = live.headers['etag']!.slice(1, -1);
    const draft = await api.replace('/v1/journeys/welcome', journey('welcome', { name: 'Second' }), etag);
    const stale = await api.post('/v1/journeys/welcome/publish', { draftEtag: etag });
    expect(stale.json).toMatchObject({ status: 412, code: 'journey.draft-changed' });
    expect((await api.post('/v1/journeys/welcome/publish', { draftEtag: draft.json.etag })).json.version).toBe(2);
    const versions = await api.request({ path: '/v1/journeys/welcome/versions' });
    expect(versions.json).toMatchObject({
      journey: { state: 'live', live: 2, hasDraft: false },
      data: [{ version: 2 }, { version: 1 }],
      nextCursor: null,
    });
    const one = await api.request({ path: '/v1/journeys/welcome', query: { version: '1' } });
    expect(one.json.name).toBe('Journey welcome');
    expect((await api.request({ path: '/v1/journeys/welcome', query: { version: '3' } })).status).toBe(404);
    const none = await api.post('/v1/journeys/welcome/publish', { draftEtag: 'x' });
    expect(none.json).toMatchObject({ status: 409, code: 'journey.no-draft' });
  });

  it('says who is in flight when it is published (G8)', async () => {
    await publish('busy');
    const stats = statsStore(api.dynamo.client, 'stats');
    const messages = { decided: 9, 'not-sent': 1, failed: 1, 'taken-back': 2, 'no/consent.withdrawn': 1 };
    const counts = {
      entered: 7,
      'exited/done': 2,
      ...Object.fromEntries(Object.entries(messages).map(([what, count]) => [`message/hello/${what}`, count])),
      'step/hello/visited': 7,
    };
    await stats.add([{ journey: 'busy', version: 1, day: '2026-11-21', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    await stats.add(
      [{ journey: 'busy', version: 1, day: '2026-11-22', counts: { entered: 1 } }],
      'uBBBBBBBBBBBBBBBBBBBBBB',
    );
    const { headers } = await api.request({ path: '/v1/journeys/busy' });
    const draft = await api.replace(
      '/v1/journeys/busy',
      journey('busy', { name: 'New' }),
      headers['etag']!.slice(1, -1),
    );
    const next = await api.post('/v1/journeys/busy/publish', { draftEtag: draft.json.etag });
    expect(next.json.inFlight).toEqual([{ version: 1, inside: 6 }]);
    const byStep = await api.request({ path: '/v1/journeys/busy/counts', query: { by: 'step' } });
    expect(byStep.json.data).toEqual([
      { step: '', counts: { entered: 8, 'exited/done': 2 } },
      {
        step: 'hello',
        counts: {
          visited: 7,
          ...Object.fromEntries(Object.entries(messages).map(([what, count]) => [`message/${what}`, count])),
        },
      },
    ]);
    const byDay = await api.request({ path: '/v1/journeys/busy/counts', query: { by: 'day' } });
    expect(byDay.json.data).toEqual([
      { day: '2026-11-21', counts },
      { day: '2026-11-22', counts: { entered: 1 } },
    ]);
    const paused = await api.post('/v1/journeys/busy/pause', {});
    expect(paused.json).toEqual({ state: 'paused', effectiveWithinSeconds: 30, alreadyHandedOver: 5 });
  });

  it('publishes as a dry run, until it is published for real', async () => {
    const store = catalogStore(api.dynamo.client, 'catalog');
    const live = async () => (await store.readSnapshot()).journeys.find(({ id }) => id === 'rehearsal');
    const created = await api.create('/v1/journeys/rehearsal', journey('rehearsal'));
    const dry = await api.post('/v1/journeys/rehearsal/publish', { draftEtag: created.json.etag, dryRun: true });
    expect(dry).toMatchObject({ status: 200, json: { published: true, dryRun: true, version: 1, state: 'live' } });
    expect(await live()).toMatchObject({ version: 1, state: 'live', dryRun: true });
    await api.post('/v1/journeys/rehearsal/pause', {});
    expect(await live()).toMatchObject({ state: 'paused', dryRun: true });
    await api.post('/v1/journeys/rehearsal/resume', {});

    const again = await api.replace('/v1/journeys/rehearsal', journey('rehearsal'), created.json.etag);
    const real = await api.post('/v1/journeys/rehearsal/publish', { draftEtag: again.json.etag });
    expect(real.json).toMatchObject({ published: true, dryRun: false, version: 2 });
    expect(await live()).not.toHaveProperty('dryRun');
    const versions = await api.request({ path: '/v1/journeys/rehearsal/versions' });
    expect(versions.json).toMatchObject({
      journey: { live: 2, dryRun: false },
      data: [
        { version: 2, dryRun: false },
        { version: 1, dryRun: true },
      ],
    });

    const third = await api.replace('/v1/journeys/rehearsal', journey('rehearsal', { name: 'More' }), again.json.etag);
    const refused = await api.post('/v1/journeys/rehearsal/publish', { draftEtag: third.json.etag, dryRun: true });
    expect(refused.json).toMatchObject({ status: 409, code: 'journey.live' });
    await api.post('/v1/journeys/rehearsal/stop', { mode: 'now' });
    const stopped = await api.post('/v1/journeys/rehearsal/publish', { draftEtag: third.json.etag, dryRun: true });
    expect(stopped.json).toMatchObject({ dryRun: true, version: 3, state: 'live' });
  });

  it('counts what dry runs would have done apart from what was done', async () => {
    await publish('apart');
    const counts = { entered: 2, 'dry-run/entered': 5, 'dry-run/message/hello/decided': 4, 'message/hello/decided': 1 };
    const stats = statsStore(api.dynamo.client, 'stats');
    await stats.add([{ journey: 'apart', version: 1, day: '2026-11-22', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    const by = async (query: Record<string, string>) =>
      (await api.request({ path: '/v1/journeys/apart/counts', query })).json.data;
    expect(await by({ by: 'step' })).toEqual([
      { step: '', counts: { entered: 2 } },
      { step: 'hello', counts: { 'message/decided': 1 } },
    ]);
    expect(await by({ by: 'step', dryRun: 'true' })).toEqual([
      { step: '', counts: { entered: 5 } },
      { step: 'hello', counts: { 'message/decided': 4 } },
    ]);
    const paths = { 'path/1/entered': 3, 'dry-run/path/1/entered': 8, 'dry-run/exited/done': 1 };
    await stats.add([{ journey: 'apart', version: 1, day: '2026-11-22', counts: paths }], 'uBAAAAAAAAAAAAAAAAAAAAAA');
    const totals = async (query: Record<string, string>) => {
      const { json } = await api.request({ path: '/v1/journeys/apart/counts', query: { by: 'path', ...query } });
      return json.total.counts;
    };
    expect(await totals({})).toMatchObject({ entered: 2, ended: 0 });
    expect(await totals({ dryRun: 'true' })).toMatchObject({ entered: 5, ended: 1 });
    const stopped = await api.post('/v1/journeys/apart/stop', { mode: 'now' });
    expect(stopped.json.alreadyHandedOver, 'nothing of a dry run was').toBe(1);
  });

  it('takes the draft as its ETag header writes it, and counts by arm', async () => {
    const created = await api.create('/v1/journeys/quoted', journey('quoted'));
    const published = await api.post('/v1/journeys/quoted/publish', { draftEtag: created.headers['etag'] });
    expect(published.json).toMatchObject({ published: true });
    const counts = { 'step/share/visited': 5, 'step/share/port/arm-letter': 3, 'step/share/port/arm-control': 2 };
    const stats = statsStore(api.dynamo.client, 'stats');
    await stats.add([{ journey: 'quoted', version: 1, day: '2026-11-22', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    const byArm = await api.request({ path: '/v1/journeys/quoted/counts', query: { by: 'arm' } });
    expect(byArm.json.data).toEqual([
      { arm: 'share/control', counts: { assigned: 2 }, conversion: 0 },
      { arm: 'share/letter', counts: { assigned: 3 }, conversion: 0 },
    ]);
  });

  it('counts by path and by arm: who took it, who ended there, who reached the goal; and against the holdout', async () => {
    const hello = { type: 'message', template: 'hello', channels: ['email'], next: 'end' };
    const tier = { type: 'branch', cases: [{ if: 'profile.plan = "gold"', next: 'hello' }], else: 'offer' };
    const arms = ['a', 'b'].map((id) => ({ id, weight: 50, next: 'hello' }));
    const more = { start: 'tier', steps: { tier, offer: { type: 'split', arms }, hello } };
    await publish('ways', more);
    const stats = statsStore(api.dynamo.client, 'stats');
    const counts = {
      entered: 9,
      'exited/finished': 6,
      goal: 4,
      'goal-value': 90,
      'path/1/entered': 3,
      'path/1/ended': 2,
      'path/2/entered': 6,
      'path/2/goal': 1,
      'path/3/entered': 4,
      'path/3/ended': 3,
      'path/3/goal': 2,
      'path/3/goal-value': 60,
      'path/4/entered': 2,
      'path/4/ended': 1,
      'path/other/goal': 1,
      'step/offer/port/arm-a': 4,
      'step/offer/port/arm-b': 2,
      'holdout/in/people': 8,
      'holdout/in/goal': 4,
      'holdout/out/people': 10,
      'holdout/out/goal': 4,
    };
    await stats.add([{ journey: 'ways', version: 1, day: '2026-11-22', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    const by = async (what: string) =>
      (await api.request({ path: '/v1/journeys/ways/counts', query: { by: what } })).json;
    expect(await by('path')).toEqual({
      by: 'path',
      approximate: true,
      data: [
        { path: 'other', counts: { goal: 1 }, conversion: null },
        { path: 'tier:hello', counts: { entered: 3, ended: 2 }, conversion: 0 },
        { path: 'tier:offer', counts: { entered: 6, goal: 3, 'goal-value': 60 }, conversion: 0.5 },
        { path: 'tier:offer > offer:a', counts: { entered: 4, ended: 3, goal: 2, 'goal-value': 60 }, conversion: 0.5 },
        { path: 'tier:offer > offer:b', counts: { entered: 2, ended: 1 }, conversion: 0 },
      ],
      total: { counts: { entered: 9, ended: 6, goal: 4, 'goal-value': 90 }, conversion: 0.4444 },
      holdout: {
        in: { counts: { people: 8, goal: 4, 'goal-value': 0 }, conversion: 0.5 },
        out: { counts: { people: 10, goal: 4, 'goal-value': 0 }, conversion: 0.4 },
        lift: 0.25,
      },
    });
    expect((await by('arm')).data).toEqual([
      { arm: 'offer/a', counts: { assigned: 4, goal: 2, 'goal-value': 60 }, conversion: 0.5 },
      { arm: 'offer/b', counts: { assigned: 2 }, conversion: 0 },
    ]);
    expect((await by('step')).data.map(({ step }: { step: string }) => step)).toEqual(['', 'offer']);
  });

  it('lint of a document names what is wrong in it and nothing else', async () => {
    const document = journey('lint');
    Object.assign(document.steps.hello, { type: 'mesage' });
    const wrong = await api.post('/v1/journeys/lint/lint', document);
    expect(wrong.json.errors).toMatchObject([{ pointer: '/steps/hello/type' }]);
    const unknown = await api.post('/v1/journeys/lint/lint', { ...journey('lint'), stepz: 1 });
    expect(unknown.json.errors).toMatchObject([{ pointer: '/stepz', code: 'journey.unknown-key' }]);
  });

  it('refuses to publish what lint finds wrong, with pointers, and leaves the draft', async () => {
    const broken = journey('broken');
    broken.steps.hello.next = 'nowhere';
    const created = await api.create('/v1/journeys/broken', broken);
    expect(created.status).toBe(201);
    const lint = await api.post('/v1/journeys/broken/lint', {});
    expect(lint.json).toMatchObject({ publishable: false, etag: created.json.etag });
    const published = await api.post('/v1/journeys/broken/publish', { draftEtag: created.json.etag });
    expect(published.status).toBe(422);
    expect(published.json.errors).toContainEqual(expect.objectContaining({ pointer: '/steps/hello/next' }));
    expect((await api.request({ path: '/v1/journeys/broken' })).headers['godwit-state']).toBe('draft');
    const linted = await api.post('/v1/journeys/broken/lint', journey('broken'));
    expect(linted.json).toMatchObject({ publishable: true });
  });

  const missing = { 'no template': { template: 'nobody' }, 'no pinned version': { template: 'hello@99' } };
  it.each(Object.entries(missing))('lint finds %s', async (_, step) => {
    const document = journey('lint');
    Object.assign(document.steps.hello, step);
    const lint = await api.post('/v1/journeys/lint/lint', document);
    expect(lint.json.publishable).toBe(false);
    expect(lint.json.findings[0].pointer).toBe('/steps/hello/template');
  });

  it('arms who is there already for days that their traits name, on publishing and on resuming', async () => {
    const entry = [{ on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00' }];
    const before = api.executions.length;
    expect((await publish('birthdays', { entry, where: 'profile.email exists' })).status).toBe(200);
    const jobs = async () => {
      const started = api.executions.slice(before).map(({ input }) => input.job);
      return Promise.all(started.map(async (job) => (await api.request({ path: `/v1/jobs/${job}` })).json.params));
    };
    const { epoch } = (await api.request({ path: '/v1/health' })).json;
    expect(await jobs()).toEqual([{ epoch, traits: ['birthday'] }]);
    await api.post('/v1/journeys/birthdays/pause', {});
    await api.post('/v1/journeys/birthdays/resume', {});
    const due = { epoch: epoch + 2, journey: 'birthdays', onlyDue: true, traits: ['birthday'] };
    expect((await jobs()).slice(1)).toEqual([due]);
    await api.post('/v1/journeys/birthdays/resume', {});
    expect((await jobs()).slice(2)).toEqual([{ epoch: epoch + 2, traits: ['birthday'] }, due]);
  });

  it('starts the next occurrence of what a clock starts, once, on publishing and on resuming', async () => {
    await api.create('/v1/segments/gold', { schemaVersion: 1, id: 'gold', name: 'Gold', where: 'profile.a = 1' });
    const entry = [{ on: 'schedule', segment: 'gold', zone: 'UTC', at: '09:00', every: 'month', days: [15, 31] }];
    const before = api.executions.length;
    expect((await publish('digest', { entry })).status).toBe(200);
    const [started] = api.executions.slice(before);
    const { job: id, begin } = started!.input as { readonly job: string; readonly begin: string };
    expect(begin).toMatch(/^\d{4}-\d{2}-(15|28|29|30|31)T09:00:00.000Z$/);
    const { json } = await api.request({ path: `/v1/broadcasts/${id}` });
    expect(json).toMatchObject({ journey: 'digest', state: 'queued', occurrence: begin, at: begin, perMinute: 6_000 });
    await api.post('/v1/journeys/digest/pause', {});
    await api.post('/v1/journeys/digest/resume', {});
    const jobs = api.executions.slice(before).map(({ input }) => input.job);
    expect(jobs).toEqual([id, id, expect.stringMatching(/^resume-/)]);
    await jobStore(api.dynamo.client, 'jobs', Date.now).change(id, ['queued'], {
      state: 'skipped',
      reason: 'journey.paused',
    });
    expect((await api.request({ path: `/v1/jobs/${id}` })).json).toMatchObject({
      state: 'skipped',
      reason: 'journey.paused',
    });
    expect((await api.request({ method: 'DELETE', path: '/v1/segments/gold' })).json).toMatchObject({
      code: 'segment.used',
      errors: [{ detail: 'journey digest' }],
    });
  });

  it('walks through its states, twice the same is no error, and what is not possible is 409', async () => {
    await publish('states');
    const act = async (action: string, body: object = {}) => {
      const answer = await api.post(`/v1/journeys/states/${action}`, body);
      return answer.status === 200 ? answer.json.state : answer.json.code;
    };
    expect(await act('resume')).toBe('live');
    expect(await act('pause')).toBe('paused');
    expect(await act('pause')).toBe('paused');
    expect(await act('archive')).toBe('journey.state');
    expect(await act('resume', { overdue: 'run' })).toBe('live');
    const { epoch } = (await api.request({ path: '/v1/health' })).json;
    const { input } = api.executions.at(-1)!;
    expect((await api.request({ path: `/v1/jobs/${input.job}` })).json).toMatchObject({
      kind: 'wake',
      state: 'queued',
      params: { journey: 'states', epoch, onlyDue: true },
      progress: { scanned: 0 },
    });
    await act('pause');
    expect(await act('resume', { overdue: 'skip' })).toBe('live');
    expect(await act('resume', { overdue: 'later' })).toBe('request.value');
    expect(await act('stop', { mode: 'drain' })).toBe('draining');
    expect(await act('pause')).toBe('journey.state');
    expect(await act('stop', { mode: 'now' })).toBe('stopped');
    expect(await act('archive')).toBe('archived');
    const { headers } = await api.request({ path: '/v1/journeys/states' });
    const put = await api.replace('/v1/journeys/states', journey('states'), headers['etag']!.slice(1, -1));
    expect(put.json).toMatchObject({ status: 409, code: 'journey.archived' });
  });

  it('throws a draft away; a journey that was never published is gone with it', async () => {
    await api.create('/v1/journeys/draft-only', journey('draft-only'));
    const remove = (headers = {}) => api.request({ method: 'DELETE', path: '/v1/journeys/draft-only/draft', headers });
    expect((await remove({ 'if-match': '"other"' })).status).toBe(412);
    expect((await remove()).status).toBe(204);
    expect((await api.request({ path: '/v1/journeys/draft-only' })).status).toBe(404);
    expect((await remove()).status).toBe(404);
  });

  it('lists in pages', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor !== null && { cursor }) };
      const page = await api.request({ path: '/v1/journeys', query });
      expect(page.json.data.length).toBeLessThanOrEqual(2);
      ids.push(...page.json.data.map((one: { id: string }) => one.id));
      cursor = page.json.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toContain('welcome');
  });

  it('refuses a template that journeys use, and names them', async () => {
    const refused = await api.request({ method: 'DELETE', path: '/v1/templates/hello' });
    expect(refused.json).toMatchObject({ status: 409, code: 'template.used' });
    expect(refused.json.errors.map((one: { detail: string }) => one.detail)).toContain('journey welcome');
  });

  it('removes a template whose journeys are archived', async () => {
    await api.create('/v1/templates/retired', marketingTemplate('retired'));
    const hello = { type: 'message', template: 'retired', channels: ['email'], next: 'end' };
    await publish('over', { start: 'hello', steps: { hello } });
    const remove = () => api.request({ method: 'DELETE', path: '/v1/templates/retired' });
    await api.post('/v1/journeys/over/stop', { mode: 'now' });
    expect((await remove()).status, 'it may be published again').toBe(409);
    await api.post('/v1/journeys/over/archive', {});
    expect((await remove()).status).toBe(204);
  });

  it('enrolls: one result per index, one record per customer, the same ones for a repetition (G2, G13)', async () => {
    const entry = [{ on: 'api', properties: { total: { type: 'number', required: true } } }];
    await publish('by-api', { entry });
    api.takeMail();
    const customers = [
      { id: 'ann', properties: { total: 5 }, traits: { plan: 'pro' } },
      { id: 'bob', properties: { total: 'five' } },
      { id: 'cy', properties: {} },
      { id: 'dee/slash', idType: 'anonymousId', properties: { total: 1 }, key: 'cart-1' },
      { id: 'eve', properties: { total: 1, other: 2 } },
    ];
    const enroll = (key: string, body: unknown = { customers }) =>
      api.post('/v1/journeys/by-api/enrollments', body, { 'idempotency-key': key });
    const answer = await enroll('enroll-1');
    expect(answer.status).toBe(202);
    expect(answer.json.results.map((one: { code?: string; status: string }) => one.code ?? one.status)).toEqual([
      'accepted',
      'enrollment.property-type',
      'enrollment.property-missing',
      'accepted',
      'enrollment.unknown-property',
    ]);
    const mail = api.takeMail();
    expect(mail.map(({ records }) => records[0])).toMatchObject([
      { t: 'enroll', journey: 'by-api', traits: { plan: 'pro' }, properties: { total: 5 }, identity: { user: 'ann' } },
      { t: 'enroll', runKey: 'cart-1', identity: { anonymous: 'dee/slash' } },
    ]);
    const replay = await enroll('enroll-1');
    expect(replay).toMatchObject({ status: 202, json: answer.json, headers: { 'idempotent-replay': 'true' } });
    expect(api.takeMail()).toEqual([]);
    expect((await enroll('enroll-1', { customers: [{ id: 'zoe' }] })).json).toMatchObject({
      status: 422,
      code: 'request.idempotency-key-reused',
    });
    expect((await api.post('/v1/journeys/by-api/enrollments', { customers })).json).toMatchObject({
      status: 400,
      code: 'request.idempotency-key',
    });
    const many = { customers: Array.from({ length: 1_001 }, (_, index) => ({ id: `c${index}` })) };
    const tooMany = await enroll('enroll-2', many);
    expect(tooMany.json).toMatchObject({ status: 400, errors: [{ pointer: '/customers', actual: 1_001 }] });
  });

  it('does what many send at once under one key a single time (G2)', async () => {
    api.takeMail();
    const body = { customers: [{ id: 'fay', properties: { total: 1 } }] };
    const enroll = () => api.post('/v1/journeys/by-api/enrollments', body, { 'idempotency-key': 'at-once' });
    const answers = await Promise.all(Array.from({ length: 12 }, enroll));
    for (const { status, json } of answers) expect([202, 'request.in-progress']).toContain(json.code ?? status);
    expect(api.takeMail()).toHaveLength(1);
    expect((await enroll()).status).toBe(202);
    expect(api.takeMail()).toHaveLength(0);
  });

  it('takes 1,000 customers at once', async () => {
    api.takeMail();
    const customers = Array.from({ length: 1_000 }, (_, index) => ({ id: `c${index}`, properties: { total: index } }));
    const answer = await api.post('/v1/journeys/by-api/enrollments', { customers }, { 'idempotency-key': 'thousand' });
    expect(answer.status).toBe(202);
    expect(api.takeMail()).toHaveLength(1_000);
  });

  it('keeps the answer for a thousand refusals, however long the names are', async () => {
    const properties = { [`${'ü'.repeat(199)}x`]: 1 };
    const customers = Array.from({ length: 900 }, (_, index) => ({ id: `c${index}`, properties }));
    const enroll = () => api.post('/v1/journeys/by-api/enrollments', { customers }, { 'idempotency-key': 'refusals' });
    const first = await enroll();
    expect(first).toMatchObject({ status: 202, json: { results: expect.objectContaining({ length: 900 }) } });
    expect((await enroll()).headers['idempotent-replay']).toBe('true');
  });

  it('G13: one customer who is too large costs the others nothing', async () => {
    api.takeMail();
    const customers = [
      { id: 'gil', properties: { total: 1 } },
      { id: 'hal', properties: { total: 1 }, traits: { about: 'x'.repeat(70_000) } },
    ];
    const answer = await api.post('/v1/journeys/by-api/enrollments', { customers }, { 'idempotency-key': 'large' });
    expect(answer.json.results).toMatchObject([{ status: 'accepted' }, { status: 'refused', code: 'mailbox.refused' }]);
    expect(answer.json.results[1].detail).toMatch(/^\d+ bytes; a command has at most 65536$/);
    const { epoch } = (await api.request({ path: '/v1/health' })).json;
    expect(api.takeMail().map(({ records }) => records)).toMatchObject([[{ t: 'enroll', epoch }]]);
  });

  it('enrolls nobody into what is not live or has no API entry', async () => {
    await api.create('/v1/journeys/not-live', journey('not-live'));
    const enroll = (id: string) =>
      api.post(`/v1/journeys/${id}/enrollments`, { customers: [{ id: 'ann' }] }, { 'idempotency-key': `x-${id}` });
    expect((await enroll('not-live')).json).toMatchObject({ status: 409, code: 'journey.not-live' });
    expect((await enroll('welcome')).json).toMatchObject({ status: 409, code: 'journey.no-api-entry' });
    expect((await enroll('nobody')).json).toMatchObject({ status: 404, code: 'journey.not-found' });
  });

  it('takes a customer out', async () => {
    api.takeMail();
    const answer = await api.request({ method: 'DELETE', path: '/v1/journeys/by-api/enrollments/ann' });
    expect(answer.status).toBe(202);
    expect(api.takeMail()[0]!.records).toMatchObject([{ t: 'unenroll', journey: 'by-api' }]);
  });

  it('keeps what an operator did', async () => {
    const changes = await api.request({ path: '/v1/catalog-changes', query: { limit: '200' } });
    const whats = changes.json.data.map((one: { what: string }) => one.what);
    expect(whats).toEqual(
      expect.arrayContaining(['journey.published', 'journey.paused', 'template.saved', 'topic.saved']),
    );
    expect(changes.json.data[0].by).toMatch(/^key:/);
  });
});
