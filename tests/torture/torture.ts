import { bootCloud, FaultInjector, type FaultKind, type LocalCloud } from '../../local/cloud.ts';
import { unpackEntries } from '../../shared/app/carried-entry.ts';
import type { CompiledCatalog } from '../../shared/domain/compiled-catalog.ts';
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { checkEvents, checkLedger } from './checker/check-events.ts';
import { checkMessages, endsOf, type Row } from './checker/check-messages.ts';
import { checkPolicy } from './checker/check-policy.ts';
import { checkStops } from './checker/check-stops.ts';
import { certificateOf, checkStuck } from './checker/check-stuck.ts';
import { type Finding, Replay } from './checker/replay.ts';
import { Client } from './client.ts';
import { type Library, library } from './documents.ts';
import { Erasures } from './erasures.ts';
import { Operator } from './operator.ts';
import { deedsOf } from './population.ts';
import { settingsOf } from './settings.ts';
import { drain, Traffic } from './traffic.ts';
import { Witness } from './witness.ts';

/** A Monday morning; the examples name days of the weeks after it. */
const FROM = Date.parse('2026-11-02T07:00:00Z');
const TELL_EVERY_MS = 20_000;
/** Of each function: while one waits to try again, others work. */
const WORKERS = 4;

export interface TortureOptions {
  readonly assembly: string;
  readonly seed: number;
  readonly customers: number;
  /** Pages that each looks at around everything that they do. */
  readonly pages: number;
  /** Days of traffic, and days until everything has ended. */
  readonly days: number;
  /** Of real time; then nobody does anything any more. */
  readonly minutes?: number;
  /** After so many that were accepted, too. */
  readonly events?: number;
  readonly kinds?: readonly FaultKind[];
  readonly severity?: number;
  readonly slotHours?: number;
  /** So long nothing new happens, half of it under faults. By default all but the longest journeys have ended by then. */
  readonly drainedDays?: number;
  readonly schedules?: 'off';
  readonly log?: (line: string) => void;
}

export interface TortureResult {
  readonly findings: readonly Finding[];
  readonly figures: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
}

/** One environment, all journeys, all faults; then calm, a drain, a sweep, and the checkers. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { assembly, seed, schedules, log = () => {} } = options;
  const verbose = process.env['GODWIT_TEST_LOG'] === undefined ? {} : { log: console.log };
  const cloud = await bootCloud({
    ...{ assembly, seed, startTime: FROM - HOUR_MS, frozen: true, ...verbose },
    overrides: { ...(schedules && { schedules }), maxWorkers: WORKERS },
  });
  try {
    return await run(cloud, await library(), options, log);
  } finally {
    await cloud.stop();
  }
}

async function run(cloud: LocalCloud, documents: Library, options: TortureOptions, log: (line: string) => void) {
  const {
    seed,
    customers,
    pages,
    days,
    minutes = Number.POSITIVE_INFINITY,
    events = Number.POSITIVE_INFINITY,
    kinds,
    severity,
    slotHours = 3,
    drainedDays = 50,
  } = options;
  const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const adminKey = await key({ name: 'torture', kind: 'api', scopes: ['*'] });
  const ingestKey = await key({ name: 'shop', kind: 'ingest' });
  const door = { api: cloud.api, adminKey, ingestKey, now: () => cloud.now() };
  await publish(cloud, documents, adminKey);

  const client = new Client(door);
  const operator = new Operator(cloud);
  const witness = new Witness(cloud);
  const catalogs = new Map<number, CompiledCatalog>();
  const replay = new Replay({
    recordsOf: (profile, jk) => witness.recordsOf(profile, jk),
    catalogAt: (epoch) => catalogs.get(epoch),
  });
  const injector = new FaultInjector({ seed, ...(kinds && { kinds }), ...(severity !== undefined && { severity }) });
  const started = performance.now();
  let told = started;
  const onSlot = async () => {
    const catalog = await operator.catalog();
    catalogs.set(catalog.epoch, catalog);
    const found = replay.findings.length;
    replay.take(witness.take());
    for (const finding of replay.findings.slice(found)) log(JSON.stringify(finding));
    if (performance.now() - told < TELL_EVERY_MS) return;
    told = performance.now();
    const figures = `${client.accepted.size} events, ${cloud.messages().length} messages, ${sum(injector.counts())} faults`;
    log(`${formatInstant(cloud.now())} ${figures}, ${Math.round((told - started) / 1_000)} s`);
  };
  await onSlot();
  const storm = {
    ...{ cloud, client, operator, injector, seed, onSlot },
    isOver: () => performance.now() - started > minutes * MINUTE_MS || client.accepted.size >= events,
  };
  cloud.inject(injector);
  const slotMs = slotHours * HOUR_MS;
  const deeds = deedsOf(documents, { seed, customers, pages, from: FROM, days, slotMs });
  const traffic = new Traffic(storm);
  await traffic.run(deeds, FROM, slotMs);
  const erasures = new Erasures(seed);
  await erasures.ask(client);
  await drain(storm, cloud.now() + (drainedDays * DAY_MS) / 2);
  cloud.inject(undefined);
  log('calm');
  await erasures.askAgain(client);
  await drain(storm, cloud.now() + (drainedDays * DAY_MS) / 2);
  await sweep(cloud, operator);
  await onSlot();
  witness.stop();

  const rows = await rowsOf(operator);
  const now = cloud.now();
  const erased = erasures.keys(client);
  const findings = [
    ...replay.findings,
    ...checkEvents(client.accepted.values(), replay),
    ...checkLedger([...client.accepted.values()], documents.ledger, replay, await operator.catalog(), now, erased),
    ...checkMessages(replay, rows, cloud.messages(), erased),
    ...checkStuck(replay, await certificatesOf(operator), operator.left(), now, erased),
    ...(await erasures.check(cloud, operator)),
    ...checkStops(traffic.stops, cloud.messages()),
    ...client
      .nobodies()
      .filter((key) => replay.states.has(key))
      .map((who) => ({ rule: 'G13 accepted', who, detail: 'a bad event made a profile' })),
    ...checkPolicy(replay, rows, cloud.messages(), settingsOf(documents), erased),
    ...cloud.denied.map(({ action, ...more }) => ({ rule: 'G11 denied', who: action, detail: JSON.stringify(more) })),
  ];
  const faults = injector.counts();
  const figures = {
    customers,
    events: client.accepted.size,
    'sent again by clients': client.retries,
    'bad events among them': client.bad,
    'customers who were erased': erasures.count,
    'times that a journey was stopped': traffic.stops.length,
    faults: sum(faults),
    messages: replay.messages.size,
    captured: cloud.messages().length,
    commits: replay.counts.commits,
    'records decided again': replay.counts.decided,
    'commits not decided again': replay.counts.unknown,
    'workers lost': Object.values(cloud.functions()).reduce((total, { restarts }) => total + restarts, 0),
    ...operator.done,
    seconds: Math.round((performance.now() - started) / 1000),
  };
  return { findings, figures, faults, ends: endsOf(rows) };
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

async function publish(cloud: LocalCloud, { savings, journeys }: Library, adminKey: string): Promise<void> {
  const put = async (path: string, document: unknown, method = 'PUT', condition = {}) => {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...condition };
    const answer = await fetch(`${cloud.api}/v1/${path}`, { method, headers, body: JSON.stringify(document) });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { readonly etag: string };
  };
  for (const { path, document } of savings) {
    await put(path, document, 'PUT', path === 'policy' ? { 'if-match': '"default"' } : { 'if-none-match': '*' });
  }
  for (const journey of journeys) {
    const { etag } = await put(`journeys/${journey.id}`, journey, 'PUT', { 'if-none-match': '*' });
    await put(`journeys/${journey.id}/publish`, { draftEtag: etag }, 'POST');
  }
  // Containers look for a new catalog every few seconds.
  await cloud.advance(30 * MINUTE_MS);
}

/** What the sweep of a night does, and what it has set off. */
async function sweep(cloud: LocalCloud, operator: Operator): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await cloud.invoke('scan-profiles', { do: 'start', kind: 'sweep', id: `last-${round}` });
    await cloud.advance(2 * HOUR_MS);
    if ((await operator.redrive()) === 0) break;
    await cloud.advance(2 * HOUR_MS);
  }
}

async function rowsOf(operator: Operator): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const item of operator.scan('Messages')) {
    if (typeof item['st'] !== 'string' || typeof item['channel'] !== 'string') continue;
    const { id, st, why, channel, quiet } = item as unknown as Row & { readonly quiet?: boolean };
    // When everything stands still nobody is at it any more (ADR 51): whether it is there, the providers' captures say.
    const isQuiet = st === 'handing' && quiet === true;
    rows.push({ id, st: isQuiet ? 'sent' : st, channel, ...(why !== undefined && { why }) });
  }
  return rows;
}

async function certificatesOf(operator: Operator): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for await (const { pk, jk, v } of operator.scan('Journal'))
    versions.set(certificateOf(String(pk), String(jk)), Number(v));
  for await (const row of operator.scan('Messages')) {
    for (const { jk, v } of unpackEntries(Object.entries(row))) versions.set(certificateOf(String(row['pk']), jk), v);
  }
  return versions;
}
