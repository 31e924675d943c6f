import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Act } from '../../shared/simulation/acts.ts';
import { customersOf, Population } from '../../shared/simulation/population.ts';
import { checkLog } from '../policy/checker/check-log.ts';
import type { Line } from '../policy/checker/log.ts';
import { competing, population, weeks } from '../policy/competing.ts';
import { bootEnvironment, DAY, type Environment, HOUR } from './environment.ts';

/**
 * Five journeys that want the same customers, on the synthesised stacks, read by the checker from what the API tells:
 * `GODWIT_COMPETING=200x5` for 200 customers and 5 days (docs: policy.md).
 */
const [customers, days] = (process.env['GODWIT_COMPETING'] ?? '6x3').split('x').map(Number) as [number, number];
const documents = competing(['email']);
const FROM = Date.parse(weeks.from);
const SLOT = 3 * HOUR;

let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment({ startTime: FROM - HOUR });
});
afterAll(() => env?.stop());

async function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

async function all<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { data: T[]; nextCursor: string | null } = await api('GET', `${path}?limit=200${more}`);
    found.push(...page.data);
    cursor = page.nextCursor;
  }
  return found;
}

async function tell(acts: readonly Act[]): Promise<void> {
  const events = acts.flatMap((act): Record<string, unknown>[] => {
    if (act.t === 'traits') return [{ type: 'identify', userId: act.userId!, traits: act.traits }];
    return act.t === 'event' ? [{ event: act.name, userId: act.userId!, properties: act.properties }] : [];
  });
  for (let at = 0; at < events.length; at += 100) await env.post(...events.slice(at, at + 100));
  for (const act of acts) {
    if (act.t !== 'consent') continue;
    const { channel, topic, state, userId } = act;
    await env.cloud.settle();
    await api('PUT', `profiles/${userId}/consents`, { consents: [{ channel, topic, state, source: 'form' }] });
  }
}

interface Reason {
  readonly code: string;
  readonly [field: string]: unknown;
}

async function logOf(customer: string): Promise<Line[]> {
  const { traits } = await api('GET', `profiles/${customer}`);
  const country = traits.country?.value;
  const about = { customer, zone: traits.timezone.value as string, ...(country && { country }) };
  const entries = await all<{ at: string; reasons: Reason[] }>(`profiles/${customer}/timeline`);
  const messages = await all<{ id: string; state: string; at: string }>(`profiles/${customer}/messages`);
  const notes = entries.toReversed().flatMap(({ at, reasons }) => reasons.map((reason) => ({ at, ...reason })));
  const sent = messages.flatMap(({ id, state, at }): Line[] => {
    if (state !== 'sent') return [];
    const {
      at: decided,
      message: _,
      code: __,
      ...place
    } = notes.findLast(
      ({ code, ...one }) => code === 'message.decided' && (one as { message?: string }).message === id,
    ) as never as { at: string; message: string; code: string } & Extract<Line, { line: 'sent' }>;
    return [{ ...place, ...about, line: 'sent', decided, handed: at }];
  });
  return [...notes.map((note): Line => ({ ...note, ...about, line: 'note' })), ...sent];
}

it(`G10: ${customers} customers for ${days} days: no cap, gap, quiet hour, consent or priority is broken`, async () => {
  for (const topic of documents.topics) await api('PUT', `topics/${topic.id}`, topic, { 'if-none-match': '*' });
  for (const template of documents.templates) {
    await api('PUT', `templates/${template.id}`, template, { 'if-none-match': '*' });
  }
  await api('PUT', 'policy', documents.policy, { 'if-match': '"default"' });
  for (const journey of documents.journeys) await env.publish(journey);

  const acts = [...customersOf(Population.parse(population(customers)), FROM, 'cloud')].flatMap((one) => one.acts);
  const slots = Map.groupBy(acts, ({ at }) => Math.ceil((at - FROM) / SLOT));
  for (const slot of [...slots.keys()].sort((a, b) => a - b)) {
    const at = FROM + slot * SLOT;
    if (at > FROM + days * DAY) break;
    if (at > env.cloud.now()) await env.cloud.advance(at - env.cloud.now());
    await tell(slots.get(slot)!);
    await env.cloud.settle();
  }
  await env.cloud.advance(FROM + days * DAY - env.cloud.now());

  const lines: Line[] = [];
  for (let n = 1; n <= customers; n += 1) lines.push(...(await logOf(`customer-${n}`)));
  expect(checkLog(lines, documents)).toEqual([]);
  const codes = new Set(lines.map((line) => (line.line === 'sent' ? 'sent' : line.code)));
  expect(['sent', 'cap.reached', 'quiet-hours'].filter((one) => !codes.has(one))).toEqual([]);
  expect(env.cloud.messages({}).length, 'the provider saw as many as are on record').toBe(
    lines.filter(({ line }) => line === 'sent').length,
  );
  expect(env.cloud.denied).toEqual([]);
});
