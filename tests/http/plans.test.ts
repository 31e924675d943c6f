import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statsStore } from '../../shared/data/stats-store.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

const wait = (duration: string, next = 'end') => ({ type: 'wait', for: duration, next });
const first = { hello: wait('P1D', 'old'), old: wait('P2D', 'gone'), gone: wait('P3D') };
const second = { hello: wait('P9D', 'fresh'), fresh: wait('P2D') };

describe('publish plans (G8)', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
  });
  afterAll(() => api.stop());

  /** Version 1 is live with seven people in it, and a draft is there. */
  async function begin(id: string, steps: object = second, more: object = {}): Promise<string> {
    const created = await api.create(`/v1/journeys/${id}`, journey(id, { steps: first }));
    await api.post(`/v1/journeys/${id}/publish`, { draftEtag: created.json.etag });
    const counts = {
      entered: 9,
      'exited/gone': 1,
      'moved-away': 1,
      'step/hello/visited': 9,
      'step/hello/port/next': 4,
      'step/hello/left': 1,
      'step/old/visited': 4,
      'step/old/port/next': 1,
      'step/old/moved-away': 1,
      'step/gone/visited': 1,
    };
    const stats = statsStore(api.dynamo.client, 'stats');
    await stats.add([{ journey: id, version: 1, day: '2026-11-22', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    return save(id, steps, created.json.etag, more);
  }
  const save = async (id: string, steps: object, etag: string, more: object = {}): Promise<string> =>
    (await api.replace(`/v1/journeys/${id}`, journey(id, { steps, ...more }), etag)).json.etag;
  const plan = (id: string, draftEtag: string, moves?: object) =>
    api.post(`/v1/journeys/${id}/plans`, { draftEtag, ...(moves && { moves }) });
  const publish = (id: string, draftEtag: string, planId: string) =>
    api.post(`/v1/journeys/${id}/publish`, { draftEtag, planId });

  it('shows step by step what differs, who stands where and what becomes of them; and changes nothing', async () => {
    const draftEtag = await begin('shown', second, { name: 'New', zone: 'Europe/Berlin' });
    const moves = { default: 'same-step', steps: { old: { to: 'fresh' }, gone: { leave: 'cleared' } } };
    const made = await plan('shown', draftEtag, moves);
    expect(made).toMatchObject({
      status: 201,
      json: {
        journey: 'shown',
        version: 2,
        draftEtag,
        moves,
        publishable: true,
        findings: [],
        approximate: true,
        applied: null,
        from: [
          {
            version: 1,
            inside: 7,
            journey: ['name', 'zone'],
            steps: [
              { step: 'hello', change: 'changed', fields: ['for', 'next'], inside: 4, choice: { to: 'hello' } },
              { step: 'old', change: 'removed', maybe: 'fresh', inside: 2, choice: { to: 'fresh' } },
              { step: 'gone', change: 'removed', inside: 1, choice: { leave: 'cleared' } },
              { step: 'fresh', change: 'added' },
            ],
          },
        ],
      },
    });
    expect((await api.request({ path: made.headers['location']! })).json).toEqual(made.json);
    expect((await api.request({ path: '/v1/journeys/shown' })).headers['godwit-version']).toBe('draft');
    expect(api.executions).toEqual([]);
  });

  it('is applied once and tells everybody inside; without moves it is a check and nothing more', async () => {
    const draftEtag = await begin('applied');
    const made = await plan('applied', draftEtag, { default: 'same-step' });
    const published = await publish('applied', draftEtag, made.json.id);
    expect(published).toMatchObject({ status: 200, json: { published: true, version: 2 } });
    expect(api.executions.splice(0)).toMatchObject([{ input: { job: expect.stringMatching(/^plan-/) } }]);
    expect((await api.request({ path: made.headers['location']! })).json.applied).toMatch(/Z$/);

    const next = await save('applied', first, draftEtag);
    expect((await publish('applied', next, made.json.id)).json).toMatchObject({ status: 409, code: 'plan.applied' });
    const harmless = await plan('applied', next);
    expect(harmless.json.from[0].steps[0]).toMatchObject({ step: 'hello', choice: 'stay' });
    expect((await publish('applied', next, harmless.json.id)).status).toBe(200);
    expect(api.executions).toEqual([]);
  });

  it('is stale when the draft has changed, or another version was published', async () => {
    const draftEtag = await begin('stale');
    const made = await plan('stale', draftEtag);
    const other = await save('stale', { ...second, fresh: wait('P3D') }, draftEtag);
    expect((await publish('stale', draftEtag, made.json.id)).json.code).toBe('journey.draft-changed');
    expect((await publish('stale', other, made.json.id)).json).toMatchObject({ status: 409, code: 'plan.stale' });
    await api.post('/v1/journeys/stale/publish', { draftEtag: other });
    const again = await save('stale', second, other);
    expect(again).toBe(draftEtag);
    expect((await publish('stale', again, made.json.id)).json).toMatchObject({ status: 409, code: 'plan.stale' });
    expect((await publish('stale', again, 'stale.none')).json).toMatchObject({ status: 404, code: 'plan.not-found' });
    const both = { draftEtag: again, planId: made.json.id, dryRun: true };
    const refused = await api.post('/v1/journeys/stale/publish', both);
    expect(refused.json).toMatchObject({ status: 422, code: 'plan.dry-run' });
    expect((await api.post('/v1/journeys/stale/plans', { draftEtag: 'x' })).status).toBe(412);
  });

  it('refuses names that are not there, and says which were meant', async () => {
    const draftEtag = await begin('named');
    const moves = {
      steps: { helo: 'stay', old: { to: 'frehs' } },
      versions: { 1: { fresh: 'stay', gone: { to: 'end' } }, 7: {} },
    };
    expect((await plan('named', draftEtag, moves)).json).toMatchObject({
      status: 422,
      errors: [
        { pointer: '/moves/steps/helo', code: 'plan.step-unknown', fix: 'did you mean "hello"?' },
        { pointer: '/moves/steps/old/to', code: 'plan.target-unknown', fix: 'did you mean "fresh"?' },
        { pointer: '/moves/versions/1/fresh', code: 'plan.step-unknown' },
        { pointer: '/moves/versions/7', code: 'plan.version-unknown' },
      ],
    });
    const wrong = await plan('named', draftEtag, { steps: { old: { go: 'x' } } });
    expect(wrong.json).toMatchObject({ status: 400, errors: [{ pointer: '/moves/steps/old' }] });
    const steps = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${'s'.repeat(50)}-${i}`, 'stay']));
    expect((await plan('named', draftEtag, { steps })).json.errors).toMatchObject([
      { pointer: '/moves', code: 'plan.moves-too-large', limit: 32_768 },
    ]);
  });

  it('warns of what those who are moved do not carry, and may get twice; lint errors make it unpublishable', async () => {
    const hello = { type: 'message', template: 'hello', channels: ['email'], next: 'w' };
    const saved = { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'look', failed: 'look' };
    await api.create('/v1/endpoints/crm', { id: 'crm', url: 'https://crm.example.com/' });
    const created = await api.create('/v1/journeys/warned', journey('warned', { steps: { hello, w: wait('P1D') } }));
    await api.post('/v1/journeys/warned/publish', { draftEtag: created.json.etag });
    const counts = { entered: 1, 'step/hello/visited': 1, 'step/hello/port/next': 1, 'step/w/visited': 1 };
    const stats = statsStore(api.dynamo.client, 'stats');
    await stats.add([{ journey: 'warned', version: 1, day: '2026-11-22', counts }], 'uAAAAAAAAAAAAAAAAAAAAAA');
    const steps = {
      hello: { ...hello, next: 'saved' },
      saved,
      look: {
        type: 'wait-for',
        any: [{ on: 'message', step: 'hello', was: 'opened', next: 'w' }],
        within: 'P1D',
        timeout: 'which',
      },
      which: {
        type: 'branch',
        cases: [{ if: 'entry.plan = "pro" and steps.crm.tier = "gold"', next: 'w' }],
        else: 'end',
      },
      w: wait('P2D'),
    };
    const etag = await save('warned', steps, created.json.etag, {
      goal: { event: 'Paid', within: 'P1D', from: 'message' },
    });
    const codes = async (choice: object) =>
      (await plan('warned', etag, { steps: { w: choice } })).json.findings
        .map(({ code }: { code: string }) => code)
        .filter((code: string) => code.startsWith('plan.'));
    const always = ['plan.entry-missing', 'plan.receipt-missing', 'plan.goal-message'];
    expect(await codes({ to: 'hello' })).toEqual([...always, 'plan.message-again']);
    expect(await codes({ to: 'look' })).toEqual([always[0], 'plan.field-missing', ...always.slice(1)]);
    expect(await codes({ leave: 'gone' })).toEqual([]);
    const broken = await save('warned', { ...steps, w: wait('P2D', 'nowhere') }, etag);
    expect((await plan('warned', broken, { default: 'same-step' })).json).toMatchObject({
      publishable: false,
      findings: [{ code: 'journey.next-dangling' }],
    });
  });

  it('keeps the newest plans of a journey, and never forgets one that people may not have met', async () => {
    let etag = await begin('often');
    for (let version = 2; ; version += 1) {
      const made = await plan('often', etag, { default: 'same-step' });
      const answer = await publish('often', etag, made.json.id);
      if (answer.status !== 200) {
        expect([version, answer.json.code]).toEqual([12, 'plan.too-many']);
        break;
      }
      etag = await save('often', { ...second, fresh: wait(`P${version}D`) }, etag);
    }
  });
});
