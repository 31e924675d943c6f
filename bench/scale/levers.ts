import { simulateDay } from './day.ts';
import { defaultQuotas, newTable } from './quotas.ts';
import { deploymentOf, type Scenario, scenarios } from './scenarios.ts';
import type { Tally } from './tally.ts';
import { workAtNine } from './work.ts';

const usual = deploymentOf({});

export interface Variant {
  readonly what: string;
  readonly run: Tally;
}

const variant = (of: Scenario, what: string, change: Partial<Scenario>): Variant => ({
  what,
  run: simulateDay({ ...of, ...change }),
});

export const billion: Scenario = scenarios.find(({ name }) => name === '1 billion a day, levers pulled')!;
const broadcast = scenarios.find(({ name }) => name === 'broadcast to 100 million, levers pulled')!;

/** With all levers pulled but one: what that one is good for. */
export function oneLeverBack(): Variant[] {
  const { quotas, deployment, work } = billion;
  const back = (what: string, change: Partial<Scenario>) => variant(billion, what, change);
  return [
    back('all pulled', {}),
    back('one event a request', { work: { ...work, eventsPerRequest: 1 } }),
    back('`throttle.ingest` as it comes: 1,000 requests/s', { deployment: { ...deployment, ingest: usual.ingest } }),
    back('one mailbox with 200 at a time', {
      deployment: { ...deployment, mailboxShards: 1, concurrency: { ...deployment.concurrency, evaluate: 200 } },
    }),
    back('one mailbox in a region of 19,000 calls/s', {
      deployment: { ...deployment, mailboxShards: 1, concurrency: { ...deployment.concurrency, evaluate: 1_000 } },
      quotas: { ...quotas, fifoCallsPerSecond: 19_000 },
    }),
    back('1,000 containers in the account', { quotas: { ...quotas, lambdaConcurrency: 1_000 } }),
    back('tables of 40,000 units/s', {
      quotas: {
        ...quotas,
        tableWriteUnits: defaultQuotas.tableWriteUnits,
        tableReadUnits: defaultQuotas.tableReadUnits,
      },
    }),
    back('new tables', { warm: newTable }),
    back('20 containers of `send`', {
      deployment: { ...deployment, concurrency: { ...deployment.concurrency, send: usual.concurrency.send } },
    }),
    back('20 containers of `receipts`', {
      deployment: { ...deployment, concurrency: { ...deployment.concurrency, receipts: usual.concurrency.receipts } },
    }),
    back('SES 1,000/s', { quotas: { ...quotas, emailsPerSecond: 1_000 } }),
    back('one execution a wait, 300 starts/s', { cohorts: false }),
  ];
}

/** Of the broadcast with all levers pulled: what else could be pulled, or left. */
export function broadcastVariants(): Variant[] {
  const { deployment, load, quotas } = broadcast;
  const change = (what: string, changed: Partial<Scenario>) => variant(broadcast, what, changed);
  return [
    change('all pulled', {}),
    change('one broadcast instead of five', { load: { ...load, broadcast: { ...load.broadcast!, atOnce: 1 } } }),
    change('20 containers of `send`', {
      deployment: { ...deployment, concurrency: { ...deployment.concurrency, send: 20 } },
    }),
    change('SES 1,000/s', { quotas: { ...quotas, emailsPerSecond: 1_000 } }),
    change('new tables', { warm: newTable }),
    change('20 containers of `receipts`', {
      deployment: { ...deployment, concurrency: { ...deployment.concurrency, receipts: usual.concurrency.receipts } },
    }),
  ];
}

/** All waits of a day end at nine in the customers' zones: what then comes within a second. */
export function atNine(): Variant[] {
  const tenMillion = scenarios.find(({ name }) => name === '10 million a day, SES raised')!;
  const nine = (of: Scenario, what: string, change: Partial<Scenario> = {}) =>
    variant(of, what, { work: workAtNine(of.work), ...change });
  const { deployment, quotas } = billion;
  const concurrency = { ...deployment.concurrency, evaluate: 1_000 };
  return [
    nine(tenMillion, '10 million a day, default configuration'),
    nine(billion, '1 billion a day, levers pulled'),
    nine(billion, 'the same, 1,000 at a time for each mailbox', { deployment: { ...deployment, concurrency } }),
    nine(billion, 'the same, and pollers from the beginning (provisioned: not built)', {
      deployment: { ...deployment, concurrency },
      quotas: { ...quotas, pollers: { start: 1_000, growthPerSecond: 100 } },
    }),
    nine(billion, 'levers pulled, one execution a wait (control)', { cohorts: false }),
  ];
}

/** The assumptions, one at a time. */
export function assumptions(): Variant[] {
  const { work, quotas } = billion;
  const assume = (what: string, changed: Partial<typeof work>) =>
    variant(billion, what, { work: { ...work, ...changed } });
  const { latency, cpu, mix } = work;
  return [
    variant(billion, 'as assumed', {}),
    assume('calls take twice as long', {
      latency: { table: 2 * latency.table, queue: 2 * latency.queue, mailProvider: 2 * latency.mailProvider },
    }),
    assume('three times the CPU', {
      cpu: { ingest: 3 * cpu.ingest, evaluate: 3 * cpu.evaluate, send: 3 * cpu.send, receipts: 3 * cpu.receipts },
    }),
    assume('one event in ten moves a run, not one in twenty', { mix: { ...mix, journey: 0.1 } }),
    assume('half of the events move something, not a fifth', { mix: { ...mix, trait: 0.45 } }),
    assume('twenty events a request, not ten', { eventsPerRequest: 20 }),
    variant(billion, 'pollers never more than are needed: full batches', {
      quotas: { ...quotas, pollers: { start: 5, growthPerSecond: 1 } },
    }),
    variant(billion, 'a container begins as many invocations as it has time for, not ten a second', {
      quotas: { ...quotas, requestsPerContainer: Number.POSITIVE_INFINITY },
    }),
    variant(billion, 'all pollers from the beginning: small batches', {
      quotas: { ...quotas, pollers: { start: 500, growthPerSecond: 100 }, lambdaConcurrency: 20_000 },
    }),
  ];
}
