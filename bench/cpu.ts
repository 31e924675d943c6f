// `npm run bench:cpu`: who computes, and what, between an event's request and the captured message; how long it takes.
// Written down in BENCHMARKS.md; `-- 120` takes another number of events than 1,000.
import { join } from 'node:path';
import { BARE, DEFAULT, measureClients, SHORT } from './cpu/clients.ts';
import { measureLatency } from './cpu/latency.ts';
import { type Measured, type Part, renderCpu } from './cpu/report.ts';
import { whatOf } from './cpu/what.ts';
import { functionsMicros, readCpu, since } from './cpu/who.ts';
import { inParallel, startWorkload, synthesizeBench } from './cpu/workload.ts';
import { writeSection } from './write-section.ts';

const EVENTS = Number(process.argv[2] ?? 1_000);
const AT_ONCE = 8;
const ROUNDS = 3;
const CLIENT_ROUNDS = 20;
const MESSAGE = 'event that is answered with a message';
const functionsFolder = join(import.meta.dirname, '..', 'dist', 'functions');

async function main(): Promise<void> {
  const clients = await measureClients(CLIENT_ROUNDS);
  process.stderr.write('clients measured\n');
  const workload = await startWorkload(await synthesizeBench());
  const { cloud, post, order, addressOf } = workload;
  try {
    const users = Array.from({ length: EVENTS }, (_, index) => `customer-${index}`);
    const singly = (make: (userId: string) => object) => () =>
      inParallel(users, AT_ONCE, (userId) => post([make(userId)]));
    const tens = users
      .filter((_, index) => index % 10 === 0)
      .map((_, index) => users.slice(index * 10, index * 10 + 10));
    const measure = async (work: () => Promise<void>): Promise<Measured> => {
      await cloud.settle();
      const [before, began] = [await readCpu(cloud), performance.now()];
      await work();
      await cloud.settle();
      return { cpu: since(await readCpu(cloud), before), seconds: (performance.now() - began) / 1_000 };
    };
    const identify = (userId: string) => ({
      type: 'identify',
      userId,
      traits: { firstName: 'Ada', email: addressOf(userId) },
    });
    const works: Record<string, () => Promise<void>> = {
      'event that changes nothing': singly((userId) => ({
        type: 'track',
        userId,
        event: 'Looked Around',
        properties: { page: 7 },
      })),
      [MESSAGE]: singly(order),
      'the same, ten to a request': () => inParallel(tens, AT_ONCE, (some) => post(some.map(order))),
    };
    await singly(identify)();
    // Rounds take turns, so that what else the machine does meets all alike; the first are for the compiler, which one row shows.
    const parts = new Map<string, Part>();
    let first: Part | undefined;
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [what, work] of Object.entries(works)) {
        const measured = await measure(work);
        process.stderr.write(
          `${what}, round ${round}: ${(functionsMicros(measured.cpu) / 1e3 / EVENTS).toFixed(2)} ms each\n`,
        );
        if (round === 0 && what === MESSAGE)
          first = { what: 'the first of new containers', events: EVENTS, ...measured };
        const least = parts.get(what);
        if (round > 0 && (least === undefined || functionsMicros(measured.cpu) < functionsMicros(least.cpu)))
          parts.set(what, { what, events: EVENTS, ...measured });
      }
    }
    const stop = await cloud.startProfiles();
    await singly(order)();
    await cloud.settle();
    const profiles = Object.entries(await stop());
    const kinds = profiles.map(([name, some]) => ({ name, micros: whatOf(some, functionsFolder) }));
    const latencies = [await measureLatency(workload, users, 5, 100), await measureLatency(workload, users, 50, 500)];
    const rows = [...parts.values()];
    const report = renderCpu({ clients, parts: [...rows, first!], message: parts.get(MESSAGE)!, kinds, latencies });
    process.stdout.write(report);
    writeSection('cpu', report);
    requireControls(rows, new Map(clients.map(({ what, micros }) => [what, micros])));
  } finally {
    await cloud.stop();
  }
}

/** What must come out different, whatever the machine. */
function requireControls([inert, message, together]: readonly Part[], clients: ReadonlyMap<string, number>): void {
  const isLess = (less: number, more: number, what: string) => {
    if (!(less < more)) throw new Error(`not as it must be: ${what}`);
  };
  isLess(
    functionsMicros(inert!.cpu),
    functionsMicros(message!.cpu),
    'an event that changes nothing costs less than a message',
  );
  isLess(functionsMicros(together!.cpu), functionsMicros(message!.cpu), 'ten events to a request cost less than one');
  isLess(clients.get(BARE)!, clients.get(SHORT)!, 'a signed and understood call costs more than its bytes');
  isLess(clients.get(SHORT)!, clients.get(DEFAULT)!, 'the short way costs less than the SDK');
}

await main();
