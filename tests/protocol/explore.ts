import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { checkErasures } from './check-erasure.ts';
import { checkIdentities } from './check-identities.ts';
import { checkFilled, checkMerges, checkOutcomes, checkWaits } from './checks.ts';
import type { Mutation } from './mutations.ts';
import {
  askToFill,
  type ClientEvent,
  catalogsOf,
  epochs,
  introduce,
  mailboxOf,
  queuedMessage,
  randomEvent,
  request,
} from './scenario.ts';
import { type Choose, faults, type Violation } from './scheduler.ts';
import { type ScriptName, scriptAt, scriptNames } from './scripts.ts';
import { World } from './world.ts';

export interface Run {
  readonly world: World;
  readonly choices: readonly number[];
  readonly violation: Violation | undefined;
}

const steps = [1, 20, 60, 200, 310, 1_800, 3_600, 86_400];
/** So many of these steps a process lives through. */
const WITHIN_TIME_OUT = 2;
const SENDS_BEFORE_DEAD = 4;
const LOOKS = 8;
const THROTTLED = faults.indexOf('throttled');

/** One schedule: a script, random scheduling with faults, then quiet, sweeps, and a late retry of everything. */
async function schedule(choose: Choose, off: ReadonlySet<Mutation>, trace?: string[]): Promise<World> {
  const script = scriptAt(choose(scriptNames.length));
  const { kinds, who } = script;
  const world = new World(choose, catalogsOf(script), off, trace);
  world.mayBeLate = script.late === true;
  // What cannot be decided is parked after three receives, if it gets that far.
  world.mailboxMaxReceives = kinds.includes('poison') || script.late ? 1_000 : [1_000, 1, 2, 3][choose(4)]!;
  const budget = choose(9);
  const percent = [0, 4, 10, 25][choose(4)]!;
  const many = 1 + choose(6);
  const events =
    kinds.length === 0 ? [] : Array.from({ length: many }, (_, i) => randomEvent(world, `e${i + 1}`, kinds, who));
  const length = 60 + choose(100);

  await introduce(world, who);
  await drain(world);
  if (kinds.length === 0) enqueue(world, 1 + (many % 2));
  world.faultsLeft = budget;
  for (let turn = 0; turn < length && world.violation === undefined; turn++) await act(world, events, percent);
  if (world.violation === undefined) await finish(world, events);
  return world;
}

/** Messages as evaluate queues them; performed twice, an effect makes two copies. */
function enqueue(world: World, many: number): void {
  for (let index = 0; index < many; index++) {
    const body = queuedMessage(`message-${index}`);
    world.decided.set(body.request.id, 1);
    for (let copy = 0; copy <= world.choose(3); copy++) {
      world.messageQueue.push({ id: world.nextId('copy'), body, receives: 0, visibleAt: 0 });
    }
  }
}

/** One thing that may happen next. */
async function act(world: World, events: readonly ClientEvent[], percent: number): Promise<void> {
  const { choose } = world;
  const actions: { readonly weight: number; readonly run: () => unknown }[] = [];
  const may = (weight: number, run: () => unknown) => actions.push({ weight, run });
  const spend = () => {
    world.faultsLeft -= 1;
  };

  for (const process of world.processes) {
    if (process.isStuck && process.calls.every(({ name }) => name === 'journal.put')) continue;
    may(6, () => {
      const index = choose(process.calls.length);
      const isHit = world.faultsLeft > 0 && percent > 0 && choose(100) >= 100 - percent;
      if (isHit) spend();
      // That a provider throttles is no fault.
      const isThrottled = process.calls[index]?.name === 'provider.call' && choose(4) === 3;
      return world.step(process, index, isHit ? 1 + choose(faults.length - 1) : isThrottled ? THROTTLED : 0);
    });
  }
  const fresh = events.find(({ accepted, tries }) => !accepted && tries < 6);
  if (fresh !== undefined) {
    may(4, () => {
      const mates = events.filter((one) => one !== fresh && mailboxOf(one) === mailboxOf(fresh) && one.tries < 6);
      request(world, choose(3) === 2 ? [fresh, ...mates.slice(0, 1)] : [fresh]);
    });
  }
  const again = events.find(({ accepted, tries, resends }) => accepted && tries <= resends);
  if (again !== undefined) may(1, () => request(world, [again]));
  const groups = world.receivableGroups();
  groups.forEach((key, index) => {
    may(3, () => {
      const chosen = [key];
      if (groups.length > 1 && choose(3) === 2) chosen.push(groups[(index + 1) % groups.length]!);
      return world.startEvaluate(
        chosen.map((one) => ({ key: one, most: 1 + choose(3) })),
        false,
      );
    });
  });
  for (const queued of world.messageQueue) {
    if (queued.visibleAt <= world.now) may(2, () => sendOrBury(world, queued));
    else if (world.faultsLeft > 0) {
      may(1, () => {
        spend();
        world.sendHit = true;
        return world.startSend(queued, { duplicate: true });
      });
    }
  }
  const dead = world.deadMessages.find(({ visibleAt }) => visibleAt <= world.now);
  if (dead !== undefined) may(1, () => world.startSend(dead, { dead: true }));
  const wakes = world.wakes.filter(({ visibleAt }) => visibleAt <= world.now);
  if (wakes.length > 0) may(2, () => world.startArm(wakes.slice(0, 1 + choose(3))));
  const soon = world.soon.filter(({ visibleAt }) => visibleAt <= world.now);
  if (soon.length > 0) may(2, () => world.startSoon(soon.slice(0, 1 + choose(3))));
  for (const queue of [world.wakes, world.soon]) {
    if (queue.length === 0 || world.faultsLeft === 0) continue;
    may(1, () => {
      spend();
      if (choose(2) === 0) queue.push({ ...queue[0]!, id: world.nextId('wake') });
      else {
        world.wakeLost = true;
        world.log('a wake is lost');
        queue.shift();
      }
    });
  }
  for (const execution of world.executions) {
    if (!execution.isOpen || world.isRunning(execution.process)) continue;
    if (execution.due <= world.now) may(3, () => world.startCohort(execution));
    if (world.faultsLeft === 0) continue;
    may(1, () => {
      spend();
      world.wakeLost = true;
      world.log(`${execution.name} fails for good`);
      execution.isOpen = false;
    });
  }
  for (const erasure of world.erasures) {
    if (erasure.isDone || world.isRunning(erasure.process) || erasure.nextAt > world.now) continue;
    may(2, () => world.startErase(erasure));
  }
  // Seldom over a running process: that is its time-out.
  may(world.processes.length === 0 ? 3 : 1, () => {
    const isAnyStuck = world.processes.some(({ isStuck }) => isStuck);
    let ms = steps[choose(isAnyStuck ? WITHIN_TIME_OUT : steps.length)]! * SECOND_MS;
    const dues = world.executions
      .filter(({ isOpen, due }) => isOpen && due > world.now)
      .map(({ due }) => due - world.now);
    if (dues.length > 0 && choose(2) === 1) ms = Math.min(ms, ...dues);
    world.advance(ms);
  });
  if (world.deadMail.length > 0) may(1, () => world.redrive());
  may(1, () => choose(8) === 7 && world.startSweep());
  may(1, () => {
    if (choose(8) !== 7 || world.profiles.size === 0) return;
    const keys = [...world.profiles.keys()];
    askToFill(world, [keys[choose(keys.length)]!]);
  });
  if (world.epoch < epochs) {
    may(1, () => {
      if (choose(4) === 3) world.epoch += 1;
    });
  }

  let at = choose(actions.reduce((sum, { weight }) => sum + weight, 0));
  for (const { weight, run } of actions) {
    if (at < weight) return void (await run());
    at -= weight;
  }
}

async function sendOrBury(world: World, queued: World['messageQueue'][number]): Promise<void> {
  if (queued.receives < SENDS_BEFORE_DEAD) return world.startSend(queued);
  world.messageQueue.splice(world.messageQueue.indexOf(queued), 1);
  world.deadMessages.push(queued);
  world.coverage.add('message dead-lettered');
}

/** Runs everything to quiet, the first choice always, without faults. */
export async function drain(world: World): Promise<void> {
  const most = Math.max(0, ...world.erasures.map(({ looks }) => looks)) + LOOKS;
  for (let guard = 0; world.violation === undefined; guard++) {
    if (guard > 5_000) return world.fail('livelock', `${world.receivableGroups().length} groups have mail`);
    const [process] = world.processes;
    const [group] = world.receivableGroups();
    const isVisible = ({ visibleAt }: { readonly visibleAt: number }) => visibleAt <= world.now;
    const message = world.messageQueue.find(isVisible);
    const dead = world.deadMessages.find(isVisible);
    const wakes = world.wakes.filter(isVisible);
    const soon = world.soon.filter(isVisible);
    const execution = world.executions.find(({ isOpen, due }) => isOpen && due <= world.now);
    // It looks for a while, and again when the sweep has told who has not answered.
    const looking = world.erasures.filter(({ isDone, looks }) => !isDone && looks < most);
    const erasure = looking.find(({ nextAt }) => nextAt <= world.now);
    if (process !== undefined) await world.step(process);
    else if (group !== undefined) await world.startEvaluate([{ key: group, most: 3 }]);
    else if (message !== undefined) await sendOrBury(world, message);
    else if (dead !== undefined) await world.startSend(dead, { dead: true });
    else if (wakes.length > 0) await world.startArm(wakes);
    else if (soon.length > 0) await world.startSoon(soon);
    else if (execution !== undefined) await world.startCohort(execution);
    else if (world.deadMail.length > 0) world.redrive();
    else if (erasure !== undefined) await world.startErase(erasure);
    else {
      const times = [
        ...[...world.mail.values()].flat().map(({ visibleAt }) => visibleAt),
        ...[...world.messageQueue, ...world.deadMessages, ...world.wakes, ...world.soon].map(
          ({ visibleAt }) => visibleAt,
        ),
        ...world.executions.filter(({ isOpen }) => isOpen).map(({ due }) => due),
        ...looking.map(({ nextAt }) => nextAt),
      ];
      const ahead = times.filter((time) => time > world.now);
      if (ahead.length === 0) return;
      world.advance(Math.min(...ahead) - world.now);
    }
  }
}

async function finish(world: World, events: readonly ClientEvent[]): Promise<void> {
  const demand = (law: () => Violation | undefined) => {
    const broken = world.violation === undefined ? law() : undefined;
    if (broken !== undefined) world.fail(broken.law, broken.detail);
  };
  const sweepDaily = async (days: number) => {
    for (let day = 0; day < days && world.violation === undefined; day++) {
      world.advance(DAY_MS);
      await world.startSweep();
      await drain(world);
    }
  };
  world.faultsLeft = 0;
  world.log('--- no more faults');
  await drain(world);
  const isFrozen = [...world.profiles.values()].some(({ profile }) => profile.frozen);
  // A wake that was parked is lost until the sweep.
  const isParked = [...world.journal.values()].some(({ entry }) => entry.t === 'wake' && entry.st === 'parked');
  if (!world.wakeLost && !isParked && !isFrozen) demand(() => checkWaits(world, 'though no wake was lost'));
  await sweepDaily(4);
  demand(() => checkWaits(world, 'after sweeps'));
  demand(() => checkOutcomes(world, events, 'at the end'));
  demand(() => checkMerges(world, events));
  demand(() => checkIdentities(world, events));
  demand(() => checkErasures(world));
  if (world.violation !== undefined) return;
  await fillAll(world);

  world.log('--- every client sends everything once more, hours later');
  world.advance(4 * HOUR_MS + MINUTE_MS);
  for (const event of events) if (event.first !== undefined) request(world, [event]);
  await drain(world);
  await sweepDaily(2);
  demand(() => checkOutcomes(world, events, 'after the late retry of everything'));
  demand(() => checkMerges(world, events));
  demand(() => checkIdentities(world, events));
  demand(() => checkErasures(world));
  // Who was erased has come back by it, and may have been counted by a catalog that did not ask yet.
  if (world.erasures.length > 0) await fillAll(world);
  demand(() => checkFilled(world, 'after the late retry of everything'));
}

/** Everybody counts again from the journal; twice is as good as once. */
async function fillAll(world: World): Promise<void> {
  const versions = () => [...world.profiles.values()].map(({ version }) => version).join();
  askToFill(world, [...world.profiles.keys()]);
  await drain(world);
  const broken = checkFilled(world, 'after all were filled');
  if (broken !== undefined) world.fail(broken.law, broken.detail);
  const before = versions();
  askToFill(world, [...world.profiles.keys()]);
  await drain(world);
  if (world.violation === undefined && versions() !== before) world.fail('fill: written twice', versions());
}

// ---- choices ------------------------------------------------------------------------------------------------------

/** Every choice is drawn from the seed and written down; the first one, of the script, only if none is given. */
export async function explore(seed: number, off: ReadonlySet<Mutation>, script?: ScriptName): Promise<Run> {
  const choices: number[] = [];
  let state = (seed * 2_654_435_761) >>> 0;
  const draw = (): number => {
    // splitmix32: enough for choices, and the same everywhere.
    state = (state + 0x9e3779b9) >>> 0;
    let x = state ^ (state >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  };
  const world = await schedule((n) => {
    if (n <= 1) return 0;
    const drawn = draw() % n;
    const choice = script !== undefined && choices.length === 0 ? scriptNames.indexOf(script) : drawn;
    choices.push(choice);
    return choice;
  }, off);
  return { world, choices, violation: world.violation };
}

/** The same choices again; behind their end everything is harmless. */
export async function replay(choices: readonly number[], off: ReadonlySet<Mutation>, trace?: string[]): Promise<Run> {
  let next = 0;
  const world = await schedule((n) => (n <= 1 ? 0 : (choices[next++] ?? 0) % n), off, trace);
  return { world, choices, violation: world.violation };
}

/**
 * Cuts pieces out of the choices, and makes others harmless, as long as the same law stays broken; pieces get smaller
 * by halves. The number of replays bounds it, so that the result is the same on every machine.
 */
export async function shrink(found: Run, off: ReadonlySet<Mutation>, replays = 600): Promise<Run> {
  let best = found;
  let left = replays;
  const tries = async (choices: readonly number[]): Promise<boolean> => {
    if (left-- <= 0) return false;
    const run = await replay(choices, off);
    if (run.violation?.law !== found.violation?.law) return false;
    if (run.world.steps > best.world.steps && choices.length >= best.choices.length) return false;
    best = run;
    return true;
  };
  for (let piece = best.choices.length >> 1; piece >= 1 && left > 0; piece >>= 1) {
    for (let at = 0; at < best.choices.length && left > 0; ) {
      const head = best.choices.slice(0, at);
      const tail = best.choices.slice(at + piece);
      if (await tries([...head, ...tail])) continue;
      const middle = best.choices.slice(at, at + piece);
      if (middle.some((choice) => choice !== 0)) await tries([...head, ...middle.map(() => 0), ...tail]);
      at += piece;
    }
  }
  return best;
}

/** What happened, line by line, for the report of a failure. */
export async function story(run: Run, off: ReadonlySet<Mutation>): Promise<string> {
  const trace: string[] = [];
  await replay(run.choices, off, trace);
  return trace.join('\n');
}
