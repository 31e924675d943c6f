import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupDocuments } from '../../cli/folder/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { demoJourneys, loadExamples } from '../../local/demo/load-examples.ts';
import { type Customer, shoppers } from '../../local/demo/population.ts';
import { type SimulationResult, simulate } from '../../shared/simulation/index.ts';
import { bootEnvironment, DAY, type Environment, HOUR, NOON } from './environment.ts';

const folder = join(import.meta.dirname, '../../examples/shop');
const CUSTOMERS = 40;
const DAYS = 17;
const context = { timezone: 'Europe/Berlin' };
const isOfDemo = (journey: unknown) => demoJourneys.includes((journey as { id: string }).id);

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

describe('the same shop on the local cloud and in the simulation', () => {
  let env: Environment;
  let simulated: SimulationResult;
  let customers: readonly Customer[];

  beforeAll(async () => {
    // Ten minutes for publishing, before anything happens.
    const start = NOON + 10 * 60_000;
    const told = history(start);
    customers = [...new Set(told.map(({ customer }) => customer))];
    env = await bootEnvironment();
    await loadExamples(new ApiClient(env.cloud.api, env.adminKey), folder, () => {});
    await liveThrough(env, told, start);
    const documents = await readFolder(folder);
    simulated = simulate({
      ...groupDocuments(documents.filter(({ kind, value }) => kind !== 'journey' || isOfDemo(value))),
      histories: told.map(({ record }) => record as never),
      from: new Date(start).toISOString(),
      days: DAYS,
      traces: CUSTOMERS,
    });
  });
  afterAll(() => env?.stop());

  it('sends the same messages to the same customers in the same minute', async () => {
    const cloud: string[] = [];
    for (const { userId } of customers) {
      const { body } = await env.call('GET', `/v1/profiles/${userId}/messages?limit=100`);
      for (const { state, at, journey, step, detail } of body.data) {
        if (state !== 'sent') continue;
        cloud.push([userId, at.slice(0, 16), journey, step, detail.template.split('@')[0]].join(' '));
      }
    }
    const simulation = simulated.traces.flatMap(({ customer, messages }) =>
      messages
        .filter(({ outcome }) => outcome === 'sent')
        .map(({ at, journey, step, template }) => [customer, at.slice(0, 16), journey, step, template].join(' ')),
    );
    expect(simulation.sort()).toEqual(cloud.sort());
    expect(simulation.length, 'enough to compare').toBeGreaterThan(100);
    expect(env.cloud.messages(), 'and the provider got as many').toHaveLength(simulation.length);
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
