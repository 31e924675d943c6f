import { carriedIn } from '../../shared/app/carried-entry.ts';
import type { JournalEntry, StoredProfile } from '../../shared/app/ports.ts';
import { asShown } from '../../shared/app/quiet-claim.ts';
import { incarnationOf } from '../../shared/domain/profiles/profile.ts';
import { digest, isKnown, type ProfileKey } from '../../shared/kernel/ids.ts';
import { ledgerOf } from './audit.ts';
import { type ClientEvent, countedBy, type Person, people, persons } from './scenario.ts';
import { name, type Violation } from './scheduler.ts';
import type { World } from './world.ts';

const broken = (law: string, detail: string): Violation => ({ law, detail });

function timesApplied(world: World): ReadonlyMap<string, number> {
  const applied = new Map<string, number>();
  for (const { profile } of world.profiles.values()) {
    if (profile.movedTo !== undefined && !profile.frozen) continue;
    for (const [id, times] of Object.entries(ledgerOf(profile))) applied.set(id, (applied.get(id) ?? 0) + times);
  }
  return applied;
}

/** Its journal key. */
export const keyOfEvent = ({ id, kind, first }: ClientEvent): string =>
  kind in commands ? `~|${digest(commands[kind as keyof typeof commands], id)}` : `${first?.sent ?? '~'}|${digest(id)}`;
const commands = { consent: 'consent', letter: 'message' } as const;

/** Whether some profile's journal says this of the event. */
function recorder(world: World): (st: JournalEntry['st'], event: ClientEvent) => boolean {
  const recorded = new Set([...world.journal.values()].map(({ entry }) => `${entry.st} ${entry.jk}`));
  return (st, event) => recorded.has(`${st} ${keyOfEvent(event)}`);
}

/** G1, G2, G3, G7: what every event and every message has come to, once everything is quiet. */
export function checkOutcomes(world: World, events: readonly ClientEvent[], when: string): Violation | undefined {
  const applied = timesApplied(world);
  const was = recorder(world);
  for (const event of events) {
    const times = applied.get(event.id) ?? 0;
    const label = `${event.id}:${event.kind} ${when}`;
    // What was deleted from the journal is not known again.
    if (times > 1 && !world.erased.has(event)) return broken('G2 applied twice', `${label}: ${times} times`);
    const isRetold = world.erased.has(event);
    if (times === 1 && was('inert', event) && !isRetold) return broken('G2 without effect, then applied', label);
    const isAccountedFor =
      times === 1 || was('inert', event) || was('parked', event) || event.kind === 'erase' || world.erased.has(event);
    if (event.kind in commands && was('moved', event)) continue;
    if (event.accepted && !isAccountedFor) return broken('G1 lost', label);
  }
  return checkMessages(world) ?? checkReasons(world);
}

/** G7: what every wake has changed can be read: in the journal, with a message, or in what is being performed. */
function checkReasons(world: World): Violation | undefined {
  const carried = [...world.messages.values()].flatMap(carriedIn);
  const committed = [...world.profiles.values()].flatMap(({ key, pending }) =>
    (pending?.ids ?? []).map(({ jk }) => ({ key, jk })),
  );
  if (carried.length > 0) world.coverage.add('reasons carried by a message');
  const readable = new Set([...carried, ...committed].map(({ key, jk }) => `${key} ${jk}`));
  for (const [at, { key, jk, inc }] of world.woken) {
    const isErased = incarnationOf(world.profiles.get(key)!.profile) > inc;
    if (!isErased && !readable.has(at) && !world.journal.has(at))
      return broken('G7 reasons lost', `${name(key)} ${jk}`);
  }
}

/** Of a message id, the visit of a run to a step: a merge gives the message another key in front. */
export const visitOf = (id: string) => id.slice(-22);
const byVisit = (counts: ReadonlyMap<string, number>) => {
  const sums = new Map<string, number>();
  for (const [id, times] of counts) sums.set(visitOf(id), (sums.get(visitOf(id)) ?? 0) + times);
  return sums;
};

function checkMessages(world: World): Violation | undefined {
  const [handed, held] = [byVisit(world.handed), byVisit(world.held)];
  const lost = new Set(
    [...world.journal.values()].flatMap(({ entry }) =>
      entry.why.flatMap(({ code, message }) => (code === 'message.lost-its-run' ? visitOf(message!) : [])),
    ),
  );
  const records = [...world.messages.values()];
  const noted = new Set([...world.notes.values()].map(({ id, at }) => `${id} ${at}`));
  for (const { id, st, at } of records) {
    if (st === 'unknown' && !noted.has(`${id} ${at}`)) return broken('G7 unknown, and in no list', id);
  }
  for (const [visit, times] of handed) {
    // Nobody knows it again whose claim was deleted.
    if (times > 1 && !world.erased.hasMessage(visit)) return broken('G3 handed over twice', `${visit}: ${times} times`);
  }
  for (const [id] of world.decided) {
    if (world.erased.hasMessage(id)) continue;
    const visit = visitOf(id);
    const times = byVisit(world.decided).get(visit)!;
    if (times > 1 + (held.get(visit) ?? 0)) return broken('G3 decided twice', id);
    const rows = records.filter((one) => visitOf(one.id) === visit);
    if (rows.some(({ st }) => st === 'handing')) world.coverage.add('quiet claim');
    const states = rows.map((row) => asShown(row, world.now).st);
    const final = states.find((st) => ['sent', 'unknown', 'failed', 'not-sent'].includes(st));
    if (final === undefined) {
      const isLost = states.includes('held') && lost.has(visit);
      if (!isLost) return broken('G7 message without outcome', `${id}: ${states.join() || 'never reached send'}`);
      world.coverage.add('message lost its run');
      continue;
    }
    world.coverage.add(`message ${final}`);
    const wasCutOff = [...world.cutOff].some((one) => visitOf(one) === visit);
    if (states.includes('unknown') && !wasCutOff) return broken('G3 unknown without a reason', id);
    const count = handed.get(visit) ?? 0;
    if ((final === 'sent') !== (count === 1) && !states.includes('unknown')) {
      return broken('G7 wrong outcome', `${id}: ${states.join()}, handed over ${count} times`);
    }
    if (!world.sendHit && count !== 1) return broken('G7 not handed over though nothing failed', id);
  }
}

/** What is counted again from journals, by whom it was absorbed too, is what changed the state; and then stays right. */
export function checkFilled(world: World, when: string): Violation | undefined {
  for (const stored of world.profiles.values()) {
    const violation = stored.profile.movedTo === undefined ? checkCount(world, stored, when) : undefined;
    if (violation !== undefined) return violation;
  }
}

export function checkCount(world: World, { key, profile }: StoredProfile, when: string): Violation | undefined {
  const counted = countedBy(profile);
  const applied = Object.keys(ledgerOf(profile)).filter((id) => world.counting.has(id)).length;
  if (counted !== applied) return broken('fill: not what happened', `${name(key)} ${when}: ${counted}, not ${applied}`);
  if (counted > 0) world.coverage.add('filled');
  if (counted > 0 && profile.aliases.length > 0) world.coverage.add('filled after a merge');
}

export function rootOf(world: World, key: ProfileKey): ProfileKey | undefined {
  let at = key;
  for (let hops = 0; hops < 10; hops++) {
    const movedTo = world.profiles.get(at)?.profile.movedTo;
    if (movedTo === undefined) return at;
    at = movedTo;
  }
  return undefined;
}

/** G6: no run stands where its time has passed, wherever its state lies. */
export function checkWaits(world: World, when: string): Violation | undefined {
  const overdue = [...world.profiles.values()].flatMap(({ key, profile }) =>
    profile.movedTo !== undefined && !profile.frozen
      ? []
      : [...Object.values(profile.runs), ...Object.values(profile.held).map(({ at }) => at)]
          .filter(({ due }) => due !== undefined && due < world.now)
          .map(({ step }) => `${name(key)}: ${step}`),
  );
  return overdue.length === 0 ? undefined : broken(`G6 not fired ${when}`, overdue.join());
}

/** Every conversation has come to its end, and nobody is left behind. */
export function checkMerges(world: World, events: readonly ClientEvent[]): Violation | undefined {
  for (const person of persons) {
    const key = people[person];
    const root = rootOf(world, key);
    if (root === undefined) return broken('merge: signposts form a circle', person);
    const profile = world.profiles.get(key)?.profile;
    if (profile?.movedTo !== undefined && profile.frozen) return broken('merge: state left behind', person);
    if (profile?.movedTo === undefined && Object.keys(profile?.asked ?? {}).length > 0) {
      return broken('merge: question never answered', `${person} asked ${Object.keys(profile!.asked).map(name)}`);
    }
    if (root !== key && !world.profiles.get(root)?.profile.aliases.includes(key)) {
      return broken('merge: alias missing', `${name(root)} lacks ${person}`);
    }
  }
  // Who names the same number is one person as well: check-identities.ts.
  if (events.some(({ kind }) => kind === 'number' || kind === 'erase')) return undefined;
  const applied = timesApplied(world);
  const was = recorder(world);
  // What is parked did not happen yet.
  const links = events.filter(
    (event) => event.arrived && event.other !== undefined && (applied.has(event.id) || !was('parked', event)),
  );
  return links.some(({ kind }) => kind === 'identify') ? checkSharedDevices(world, links) : checkCommutes(world, links);
}

/** Of aliases, who ends up with whom is a function of the set of links; the highest key is the root. */
function checkCommutes(world: World, links: readonly ClientEvent[]): Violation | undefined {
  const parts = components(links.map(({ person, other }) => [person, other!]));
  for (const part of parts) {
    const expected = part
      .map((person) => people[person])
      .sort()
      .at(-1)!;
    for (const person of part) {
      const root = rootOf(world, people[person])!;
      if (root !== expected)
        return broken('merge: did not converge', `${person} -> ${name(root)}, not ${name(expected)}`);
    }
  }
}

/** An identify never joins two users: each keeps itself, and a device belongs to one of those who used it. */
function checkSharedDevices(world: World, links: readonly ClientEvent[]): Violation | undefined {
  for (const person of persons) {
    const key = people[person];
    const root = rootOf(world, key)!;
    if (isKnown(key) && root !== key)
      return broken('merge: two users joined by a device', `${person} -> ${name(root)}`);
    const users = links.filter(({ other }) => other === person).map((link) => people[link.person]);
    if (!isKnown(key) && users.length > 0 && !users.includes(root)) {
      return broken('merge: device without owner', `${person} -> ${name(root)}`);
    }
    if (users.length > 1) world.coverage.add('device shared');
    for (const user of users) {
      const declined = world.profiles.get(user)?.profile.declined ?? [];
      if (user !== root && !declined.includes(key)) return broken('merge: no decline', `${name(user)} of ${person}`);
    }
  }
}

function components(pairs: readonly (readonly [Person, Person])[]): Person[][] {
  let parts: Person[][] = persons.map((person) => [person]);
  for (const [x, y] of pairs) {
    const joined = parts.filter((part) => part.includes(x) || part.includes(y));
    parts = [...parts.filter((part) => !joined.includes(part)), joined.flat()];
  }
  return parts;
}
