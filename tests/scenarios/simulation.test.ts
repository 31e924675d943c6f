import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { demoJourneys, loadExamples } from '../../local/demo/load-examples.ts';
import { type Customer, shoppers } from '../../local/demo/population.ts';
import { type SimulationResult, simulate } from '../../shared/simulation/index.ts';
import fc from '../property.ts';
import { behaviourOfEndpoints, endpoints, randomDocuments, randomJourney } from '../simulation/random-journey.ts';
import { bootEnvironment, DAY, type Environment, HOUR, NOON } from './environment.ts';

const folder = join(import.meta.dirname, '../../examples/shop');
const CUSTOMERS = 40;
const DAYS = 17;
const RANDOM = 3;
const STRANGERS = 8;
const context = { timezone: 'Europe/Berlin' };
const isOfDemo = (journey: unknown) => demoJourneys.includes((journey as { id: string }).id);

/** Three journeys with every step and trigger, drawn once; each is entered by an event of its own. */
const random = fc.sample(randomJourney, { seed: 7, numRuns: RANDOM });
const strange = randomDocuments(random, {}, (index) => `Started ${index}`);

/** What both are told, in the order of time. `body` is for the cloud's front door, `record` for the simulation. */
interface Told {
  readonly at: number;
  readonly customer: Customer;
  readonly body?: Record<string, unknown>;
  readonly record: Record<string, unknown>;
}

function history(start: number): Told[] {
  const { customers, events } = shoppers(CUSTOMERS, 4, 11);
  const told = events.map(({ after, customer, kind, anonymous, id, name, properties }): Told => {
    const at = start + after;
    const who = anonymous ? { anonymousId: customer.anonymousId } : { userId: customer.userId };
    const when = { at: new Date(at).toISOString(), id, context };
    if (kind === 'identify') {
      const ids = { userId: customer.userId, anonymousId: customer.anonymousId };
      const { traits } = customer;
      const body = { type: 'identify', messageId: id, ...ids, traits, context };
      return { at, customer, body, record: { ...when, ...ids, traits } };
    }
    // The simulation's histories know tracked events only.
    const event = name ?? 'Page';
    const body = { type: 'track', messageId: id, ...who, event, properties: properties ?? {}, context };
    return { at, customer, body, record: { ...when, ...who, event, ...(properties && { properties }) } };
  });
  const withdrawals = customers.slice(0, 6).map((customer, index): Told => {
    const at = start + 2 * DAY + index * HOUR;
    const consent = { channel: 'email', topic: 'offers', state: 'withdrawn' };
    return { at, customer, record: { userId: customer.userId, at: new Date(at).toISOString(), consent } };
  });
  return [...told, ...withdrawals].sort((a, b) => a.at - b.at);
}

/** Customers of the random journeys: entries with a key, events that they wait for, and some who leave. */
function strangers(start: number): Told[] {
  return Array.from({ length: STRANGERS }, (_, index) => {
    const userId = `stranger-${index}`;
    const customer = {
      userId,
      anonymousId: `device-${index}`,
      traits: { email: `${userId}@mail.example` },
    } as Customer;
    const told = (at: number, body: Record<string, unknown>, record: Record<string, unknown>): Told => {
      const id = `${userId}-${at}-${String(body['event'] ?? 'known')}`;
      const when = { at: new Date(at).toISOString(), id, context, userId };
      return { at, customer, body: { ...body, messageId: id, userId, context }, record: { ...when, ...record } };
    };
    const does = (hours: number, event: string, properties: Record<string, unknown>) => {
      const at = start + Math.round((hours + (index % 3) / 7) * HOUR);
      return told(at, { type: 'track', event, properties }, { event, properties });
    };
    const { traits } = customer;
    return [
      told(start, { type: 'identify', traits }, { traits }),
      ...random.flatMap((_journey, which) => [
        does(1 + which, `Started ${which}`, { cart: index % 2 ? 'a' : 'b' }),
        ...(index % 3 === 0 ? [does(30 + which, `Started ${which}`, { cart: 'a' })] : []),
      ]),
      ...[4, 26, 28, 50].slice(0, index % 5).map((hours) => does(hours, 'Bought', { cart: 'a', total: 9 })),
      ...(index % 4 === 3 ? [does(40, 'Left', {})] : []),
    ];
  }).flat();
}

/** Lets the local cloud live through it: real bundles, queues, timers, provider. */
async function liveThrough(env: Environment, told: readonly Told[], start: number): Promise<void> {
  for (const [at, slot] of Map.groupBy(told, (one) => one.at)) {
    await env.cloud.advance(at - env.cloud.now());
    const bodies = slot.flatMap(({ body }) => (body === undefined ? [] : [body]));
    if (bodies.length > 0) await env.post(...bodies);
    for (const { customer, body, record } of slot) {
      if (body !== undefined) continue;
      const path = `/v1/profiles/${customer.userId}/consents`;
      const consent = { ...(record['consent'] as object), source: 'test' };
      const answer = await env.call('PUT', path, { consents: [consent] });
      expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    }
    await env.cloud.settle();
  }
  await env.cloud.advance(start + DAYS * DAY - env.cloud.now());
  await env.cloud.settle();
}

/** The journeys, and what they refer to beside what every test environment has. */
async function publishStrange(env: Environment): Promise<void> {
  env.cloud.webhooks.answerWith('crm.example.com', 200, behaviourOfEndpoints[1]!.answer);
  env.cloud.webhooks.answerWith('down.example.com', 400);
  const put = async (path: string, document: unknown) => {
    const answer = await env.call('PUT', path, document, { 'if-none-match': '*' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  };
  for (const one of endpoints) await put(`/v1/endpoints/${one.id}`, one);
  for (const one of strange.templates as { id: string }[]) await put(`/v1/templates/${one.id}`, one);
  for (const one of strange.journeys.toReversed()) await env.publish(one as Record<string, unknown>);
}

describe('the same shop, and random journeys, on the local cloud and in the simulation', () => {
  let env: Environment;
  let simulated: SimulationResult;
  let customers: readonly Customer[];

  beforeAll(async () => {
    // Ten minutes for publishing, before anything happens.
    const start = NOON + 10 * 60_000;
    const told = [...history(start), ...strangers(start)].sort((a, b) => a.at - b.at);
    customers = [...new Set(told.map(({ customer }) => customer))];
    env = await bootEnvironment();
    await loadExamples(new ApiClient(env.cloud.api, env.adminKey), folder, () => {});
    await publishStrange(env);
    await liveThrough(env, told, start);
    const documents = await readFolder(folder);
    const shop = groupDocuments(documents.filter(({ kind, value }) => kind !== 'journey' || isOfDemo(value)));
    simulated = simulate({
      ...shop,
      journeys: [...shop.journeys, ...strange.journeys],
      templates: [...shop.templates, ...strange.templates],
      topics: [...shop.topics, strange.topics[0]],
      endpoints,
      behaviour: { webhooks: behaviourOfEndpoints },
      histories: told.map(({ record }) => record as never),
      from: new Date(start).toISOString(),
      days: DAYS,
      traces: customers.length,
    });
  }, 240_000);
  afterAll(() => env?.stop());

  it('sends the same messages to the same customers in the same minute', async () => {
    const cloud: string[] = [];
    for (const { userId } of customers) {
      const { body } = await env.call('GET', `/v1/profiles/${userId}/messages?limit=100`);
      for (const { state, at, journey, step, detail } of body.data) {
        if (state !== 'sent') continue;
        cloud.push([userId, at.slice(0, 16), journey, step, detail.template?.split('@')[0]].join(' '));
      }
    }
    const simulation = simulated.traces.flatMap(({ customer, messages }) =>
      messages
        .filter(({ outcome }) => outcome === 'sent')
        .map(({ at, journey, step, template }) => [customer, at.slice(0, 16), journey, step, template].join(' ')),
    );
    expect(simulation.sort()).toEqual(cloud.sort());
    expect(simulation.length, 'enough to compare').toBeGreaterThan(100);
    const ofStrangers = simulation.filter((one) => one.startsWith('stranger'));
    expect(ofStrangers.length, 'of the random journeys too').toBeGreaterThan(12);
    const mails = simulated.messages.byChannel['email'];
    expect(env.cloud.messages({ channel: 'email' }), 'and the provider got as many').toHaveLength(mails!);
  });

  it('comes to the same figures of each journey', async () => {
    for (const [id, { entered, exits, goals, steps }] of Object.entries(simulated.journeys)) {
      const { body } = await env.call('GET', `/v1/journeys/${id}/counts?by=step`);
      const counts = new Map<string, Record<string, number>>(
        body.data.map(({ step, counts: of }: { step: string; counts: Record<string, number> }) => [step, of]),
      );
      const whole = counts.get('') ?? {};
      const left = Object.entries(whole).filter(([what]) => what.startsWith('exited/'));
      expect({ entered: whole['entered'], goals: whole['goal'] ?? 0 }, id).toEqual({ entered, goals });
      expect(Object.fromEntries(left.map(([what, count]) => [what.slice('exited/'.length), count])), id).toEqual(exits);
      for (const [step, { visits }] of Object.entries(steps)) {
        expect(counts.get(step)?.['visited'] ?? 0, `${id} ${step}`).toBe(visits);
      }
    }
  });
});
