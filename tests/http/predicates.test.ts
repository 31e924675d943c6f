import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JournalEntry } from '../../shared/app/ports.ts';
import { journal } from '../../shared/data/journal.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { didClause, noOccurrences, recordOccurrence } from '../../shared/domain/audiences/did-clauses.ts';
import type { Did } from '../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../shared/domain/audiences/predicate-text.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../shared/kernel/time.ts';
import { type Api, startApi } from './api.ts';

const ann = profileKey('user', 'ann');
const device = profileKey('anonymous', 'device');
const tracked = 'did "Bought" in last 30 days';
let api: Api;
let now: number;
const ago = (days: number) => now - days * DAY_MS;

beforeAll(async () => {
  api = await startApi();
  now = Date.now();
  await api.create('/v1/segments/buyers', { schemaVersion: 1, id: 'buyers', name: 'Buyers', where: tracked });
  const { id, keepMs } = didClause(parsePredicate(tracked) as Did);
  await profileStore(api.dynamo.client, 'profiles').commit({
    key: ann,
    version: 1,
    at: now,
    epoch: 0,
    profile: {
      ...emptyProfile,
      ids: { user: 'ann' },
      createdAt: ago(10),
      aliases: [device],
      traits: { plan: { value: 'pro', at: ago(10), source: 'api' } },
      seen: { [id]: recordOccurrence(noOccurrences(ago(10)), ago(5), 0, keepMs) },
    },
  });
  const { put } = journal(api.dynamo.client, 'journal', 90);
  const looked = (key: string, days: number, total: number, more: Partial<JournalEntry> = {}) =>
    put({
      ...{ key, jk: `${formatInstant(ago(days))}|e${days}`, v: 1, st: 'moved', t: 'event', at: ago(days), why: [] },
      in: { id: `e${days}`, at: ago(days), kind: 'track', name: 'Looked', data: { total } },
      ...more,
    } as JournalEntry);
  await looked(ann, 6, 5);
  await looked(ann, 4, 50, { st: 'inert' });
  await looked(device, 8, 70);
  await looked(ann, 3, 90, { st: 'fwd' });
});
afterAll(() => api.stop());

const explain = (predicate: unknown, more: object = {}) =>
  api.request({ method: 'POST', path: '/v1/predicates/explain', body: { predicate, profile: 'ann', ...more } });

it('says what is true of a customer, until when, and why: of what is counted, and of parts of segments', async () => {
  const { status, json } = await explain('in segment buyers and profile.plan = "free"');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    predicate: 'in segment buyers and profile.plan = "free"',
    value: false,
    validUntil: null,
    completeSince: formatInstant(ago(10)),
    fromJournal: 0,
    because: [
      { part: 'in segment buyers', value: true },
      { part: tracked, value: true, saw: '1 times' },
      { part: 'profile.plan = "free"', value: false, saw: '"pro"' },
    ],
  });
  expect((await explain({ segment: 'buyers', is: 'member' })).json.validUntil).toBe(
    formatInstant(ago(5) + 30 * DAY_MS),
  );
});

it('counts from the journal, of the absorbed too, what nobody keeps', async () => {
  const text = 'did "Looked" where event.total >= 50 in last 30 days';
  expect((await explain(text)).json).toMatchObject({
    value: true,
    completeSince: null,
    fromJournal: 1,
    because: [{ saw: '2 times' }],
  });
  expect((await explain('did "Looked" at least 3 times ever')).json).toMatchObject({
    value: true,
    completeSince: null,
  });
  expect((await explain('did "Bought" in last 60 days')).json, 'looks further back than what is kept').toMatchObject({
    fromJournal: 1,
    value: false,
  });
});

it('as of another instant counts what had happened by then', async () => {
  const at = (days: number) => explain('did "Looked" at least 1 time in last 1 day', { at: formatInstant(ago(days)) });
  const values = await Promise.all([9, 7.5, 6.5, 5.5].map(async (days) => (await at(days)).json.value));
  expect(values).toEqual([false, true, false, true]);
  expect((await explain('in segment buyers', { at: formatInstant(ago(6)) })).json).toMatchObject({ value: false });
});

it.each<[unknown, object, number, string]>([
  ['entry.plan = "gold"', {}, 422, 'predicate.ref'],
  ['did "X" in this run', {}, 422, 'predicate.within-run'],
  ['in segment nobody', {}, 422, 'predicate.unknown'],
  ['profile.plan =', {}, 400, 'predicate.predicate-syntax'],
  ['profile.plan = 1', { profile: 'nobody' }, 404, 'profile.not-found'],
  ['profile.plan = 1', { at: 'yesterday' }, 400, 'predicate.instant'],
])('refuses %j %j', async (predicate, more, status, code) => {
  const { json } = await explain(predicate, more);
  expect([json.status, json.code]).toEqual([status, code]);
});
