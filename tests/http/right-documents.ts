import { journey, marketingTemplate } from './documents.ts';

const template = marketingTemplate('hello');
const block = { schemaVersion: 1, id: 'hello', variants: [{ content: { text: 'x', html: '<p>{{ label }}</p>' } }] };
const collection = {
  ...{ schemaVersion: 1, id: 'hello', name: 'Goods' },
  fields: { name: { type: 'string', required: true }, price: { type: 'money', currency: 'EUR' } },
};
const item = { values: { name: 'Mug', price: { amount: 3, currency: 'EUR' } }, expiresAt: '2027-01-01T00:00:00Z' };
const trait = { schemaVersion: 1, id: 'hello', name: 'Orders', function: 'count', within: 'P30D' };

/** Of each route that takes a body, by method and path: what is right, so that mutants come as far as they can. */
export const right: { readonly [route: string]: readonly unknown[] } = {
  'PUT /v1/journeys/{id}': [journey('welcome'), journey('other')],
  'POST /v1/journeys/{id}/lint': [journey('welcome'), {}],
  'POST /v1/journeys/{id}/publish': [{ draftEtag: 'x', dryRun: true }],
  'POST /v1/journeys/{id}/plans': [
    {
      draftEtag: 'x',
      moves: { default: 'same-step', steps: { a: { to: 'b' } }, versions: { 1: { a: { leave: 'x' } } } },
    },
  ],
  'POST /v1/journeys/{id}/simulations': [{ days: 3, sample: 5, seed: 'x', version: 'live' }],
  'POST /v1/journeys/{id}/test-runs': [
    { profile: 'ann', sendTo: 'a@example.com', speed: 60, event: { event: 'Signed Up', properties: { a: 1 } } },
    { traits: { a: [1] }, sendTo: 'a@example.com', version: 'live', properties: { b: 1 } },
  ],
  'POST /v1/journeys/{id}/test-runs/{run}/events': [{ event: 'Signed Up', properties: { a: 1 } }],
  'POST /v1/journeys/{id}/pause': [{}],
  'POST /v1/journeys/{id}/resume': [{ overdue: 'run' }],
  'POST /v1/journeys/{id}/stop': [{ mode: 'drain' }],
  'POST /v1/journeys/{id}/archive': [{}],
  'POST /v1/journeys/{id}/enrollments': [
    { customers: [{ id: 'ann', traits: { a: 1 }, properties: { b: [1] }, key: 'k' }] },
  ],
  'PUT /v1/templates/{id}': [template],
  'POST /v1/templates/{id}/previews': [
    { channel: 'email', values: { event: { a: 1 }, entry: 'x', steps: null, vars: [] }, locale: 'de', topic: 'offers' },
    { channel: 'webhook', template },
    { channel: 'email', template, profile: { id: 'ann' } },
  ],
  'POST /v1/templates/{id}/test-sends': [
    { to: 'a@example.com', channel: 'email', profile: { id: 'ann' }, locale: 'de', values: { event: { a: 1 } } },
  ],
  'PUT /v1/blocks/{id}': [block, { ...block, parameters: { label: { required: true, description: 'x' } } }],
  'PUT /v1/collections/{id}': [collection],
  'POST /v1/collections/{id}/items': [{ items: [{ id: 'one', ...item }] }],
  'PUT /v1/collections/{id}/items/{item}': [item],
  'PUT /v1/segments/{id}': [
    { schemaVersion: 1, id: 'hello', name: 'x', where: { all: [{ segment: 'hello', is: 'member' }] } },
    { schemaVersion: 1, id: 'hello', name: 'x', where: 'did "Bought" at least 2 times in last 30 days' },
  ],
  'POST /v1/segments/{id}/backfills': [{ perMinute: 60 }],
  'POST /v1/segments/{id}/members': [{ add: [{ id: 'ann' }], remove: [{ id: 'bob', idType: 'userId' }] }],
  'POST /v1/predicates/explain': [
    { predicate: 'profile.a = 1', profile: 'ann', at: '2026-11-22T10:00:00Z' },
    { predicate: { not: { ref: 'profile.a', gte: 2 } }, profile: 'ann' },
  ],
  'PUT /v1/computed-traits/{id}': [
    { ...trait, of: { event: 'Bought', where: 'event.total >= 50' } },
    { ...trait, function: 'sum', of: { event: 'Bought', property: 'total' } },
  ],
  'POST /v1/computed-traits/{id}/backfills': [{ perMinute: 60 }],
  'POST /v1/statistics': [{}],
  'PUT /v1/topics/{id}': [{ id: 'hello', kind: 'marketing', consent: { email: 'opt-in' } }],
  'PUT /v1/endpoints/{id}': [{ id: 'hello', url: 'https://example.com/', timeout: 'PT5S', headers: { 'X-A': 'b' } }],
  'POST /v1/endpoints/{id}/secrets': [{ overlap: 'PT1H' }],
  'PUT /v1/policy': [
    { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [{ from: '22:00', to: '08:00' }], caps: [] },
  ],
  'POST /v1/messages': [
    { template: 'hello', profile: { id: 'ann' }, properties: { a: 1 } },
    { template: 'hello@1', to: 'a@example.com', channels: ['email'], expiresAt: '2026-11-22T10:00:00Z' },
  ],
  'PATCH /v1/profiles/{id}': [{ traits: { plan: 'pro', nested: { a: [1, { b: 2 }] }, old: null } }],
  'PUT /v1/profiles/{id}/consents': [
    { consents: [{ channel: 'email', topic: 'offers', state: 'granted', source: 'x' }] },
  ],
  'PUT /v1/profiles/{id}/devices/{token}': [{}, { platform: 'fcm' }],
  'POST /v1/profiles/{id}/merges': [{ with: 'bob', idType: 'anonymousId' }],
  'POST /v1/profiles/{id}/inbox-tokens': [{ expiresInSeconds: 600 }],
  'PUT /v1/suppressions/{channel}/{address}': [{}],
  'PUT /v1/kill-switches/{target}': [{ on: true, note: 'x' }],
  'POST /v1/broadcasts': [
    { journey: 'welcome', where: 'profile.a = 1', perMinute: 60, at: '2027-01-01T00:00:00Z' },
    { template: 'hello', topic: 'offers', list: [{ id: 'ann' }], properties: { a: 1 } },
  ],
  'PATCH /v1/broadcasts/{id}': [{ state: 'stopped', perMinute: 60 }],
  'POST /v1/imports': [
    { kind: 'events', upload: 'abc', mapping: { columns: { a: 'userId' } }, trigger: true, perMinute: 60 },
    { kind: 'suppressions', upload: 'abc' },
  ],
  'PATCH /v1/imports/{id}': [{ state: 'running', perMinute: 60 }],
  'POST /v1/exports': [{ kind: 'profiles', segment: 'hello' }],
  'POST /v1/keys': [
    { name: 'x', kind: 'api', scopes: ['journeys:read'] },
    { name: 'x', kind: 'ingest' },
  ],
  'POST /v1/journeys/{id}/approvals': [{ draftEtag: 'x', note: 'read' }],
  'POST /v1/proposals/{id}/approvals': [{ note: 'read' }, {}],
  'POST /v1/keys/{id}/rotations': [{ overlapHours: 24 }, {}],
  'POST /v1/sessions': [{}],
  'POST /v1/dead-letters/redrives': [{ queue: 'mailbox' }, { queue: 'parked', id: 'A'.repeat(22) }],
  'POST /v1/tasks/{token}/outcome': [{ outcome: 'done' }],
};

/** Of forms (`application/x-www-form-urlencoded`), as browsers and mail programs post them. */
export const rightForms: { readonly [route: string]: readonly string[] } = {
  'POST /u/{token}': ['List-Unsubscribe=One-Click', 'all=1'],
  'POST /preferences/{token}': ['form=7&on=email/offers&was=email/offers', 'all=1'],
  'POST /confirm/{token}': ['confirm=1', 'decline=1'],
};

/** The same body is taken where an id stands in the query (`/by`). */
export const named = (method: string, path: string): string =>
  `${method} ${path}`
    .replace('/profiles/by', '/profiles/{id}')
    .replace('/items/by', '/items/{item}')
    .replace(/(\/suppressions\/\{channel\})\/by/, '$1/{address}');
