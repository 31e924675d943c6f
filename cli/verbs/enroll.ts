import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { connectProject } from '../config/project.ts';
import { type Chunk, chunksOf, openProgress } from '../enrolling/progress.ts';
import { type DeclaredTypes, readCustomers } from '../enrolling/read-customers.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { mustConfirm, UsageError, verb, wholeNumber } from '../verb.ts';

/** The API takes 1,000; small chunks keep a pace even, and lose little when they must be sent again. */
const chunkSize = 100;

interface Refused {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

export const enroll = verb({
  name: 'enroll',
  takes: 'JOURNEY --file FILE [--per-minute N]',
  summary: 'enrols the customers of a CSV or NDJSON file through the API entry',
  help: `CSV: columns id, idType, key, traits.NAME and properties.NAME (with :number and the like behind a name).
NDJSON: one object per line, {"id": …, "traits": {…}, "properties": {…}}. Sent in chunks of 100. When it breaks off, the
same command goes on where it was: what was answered is not sent again, and a chunk that was sent twice counts once.
Accepted means in the mailbox; whether a customer enters is decided there, and "godwit why" says it. Exit code 1: some were refused.`,
  options: {
    file: { type: 'string', takes: 'FILE', says: '.csv, .ndjson or .jsonl' },
    'per-minute': { type: 'string', takes: 'N', says: 'at most so many customers a minute' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world } = call;
    const journey = call.words[0]!;
    const perMinute = wholeNumber('per-minute', options['per-minute'], 1, 1_000_000);
    if (options.file === undefined) throw new UsageError('enroll needs --file FILE');
    const path = resolve(world.cwd, options.file);
    if (!existsSync(path)) throw new UsageError(`--file: there is no file ${path}`);
    const { environment, api } = connectProject(call);
    const customers = readCustomers(path, options.file, await declaredTypes(api, journey));
    if (customers.length === 0) throw new UsageError(`${options.file} names no customer`);
    const progress = openProgress(
      world.env,
      [api.base, journey, customers],
      Math.min(chunkSize, perMinute ?? chunkSize),
    );
    const chunks = chunksOf(customers, progress.size, api.base, journey);
    const open = chunks.filter(({ key }) => !progress.isDone(key));
    const left = open.reduce((sum, chunk) => sum + chunk.customers.length, 0);
    const goingOn = left === customers.length ? '' : ` (${customers.length - left} were answered before)`;
    await mustConfirm(call, [], `Enrol ${left} customers in ${journey} of ${environment.name}${goingOn}?`);

    const refused: Refused[] = [];
    let sent = 0;
    for (const chunk of open) {
      const started = performance.now();
      refused.push(...(await send(api, journey, chunk)));
      progress.done(chunk.key);
      sent += chunk.customers.length;
      if (sent < left) {
        world.terminal.note(`${sent} of ${left} sent, ${refused.length} refused`);
        await pace(chunk.customers.length, perMinute, performance.now() - started);
      }
    }
    progress.forget();
    const accepted = left - refused.length;
    return {
      exit: refused.length === 0 ? 0 : 1,
      text: [
        ...refused.slice(0, 50).map(({ line, code, detail }) => `${options.file}:${line}: ${code}: ${detail}`),
        ...(refused.length > 50 ? [`… ${refused.length - 50} more were refused; --json lists all`] : []),
        `${accepted} accepted, ${refused.length} refused${goingOn}; who enters is decided in their mailboxes`,
      ],
      json: { journey, environment: environment.name, accepted, answeredBefore: customers.length - left, refused },
    };
  },
});

interface JourneyEntry {
  readonly on: string;
  readonly properties?: Readonly<Record<string, { readonly type: string }>>;
}

/** What the API entry of the live version declares. A journey without one is refused by the first chunk. */
async function declaredTypes(api: ApiClient, journey: string): Promise<DeclaredTypes> {
  const path = `/v1/journeys/${encodeURIComponent(journey)}?version=live`;
  const { entry } = await api.get<{ entry: readonly JourneyEntry[] }>(path);
  const properties = entry.find(({ on }) => on === 'api')?.properties ?? {};
  return Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, type]));
}

async function send(api: ApiClient, journey: string, { key, customers }: Chunk): Promise<Refused[]> {
  const { results } = await api.post<{
    results: readonly { index: number; status: 'accepted' | 'refused'; code?: string; detail?: string }[];
  }>(
    `/v1/journeys/${encodeURIComponent(journey)}/enrollments`,
    { customers: customers.map(({ request }) => request) },
    { 'idempotency-key': key },
  );
  return results.flatMap(({ index, status, code = '', detail = '' }) =>
    status === 'accepted' ? [] : [{ line: customers[index]!.line, code, detail }],
  );
}

async function pace(customers: number, perMinute: number | undefined, tookMs: number): Promise<void> {
  if (perMinute === undefined) return;
  const pauseMs = (customers / perMinute) * 60_000 - tookMs;
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
