import type { JournalEntry } from '../../shared/app/ports.ts';
import { digest, isKnown, type ProfileKey } from '../../shared/kernel/ids.ts';
import { ledgerOf } from './audit.ts';
import { type ClientEvent, type Person, people, persons } from './scenario.ts';
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

/** Whether some profile's journal says this of the event. */
function recorder(world: World): (st: JournalEntry['st'], event: ClientEvent) => boolean {
  const recorded = new Set([...world.journal.values()].map(({ entry }) => `${entry.st} ${entry.jk}`));
  return (st, { id, first }) => recorded.has(`${st} ${first?.sent ?? '~'}|${digest(id)}`);
}

/** G1, G2, G3, G7: what every event and every message has come to, once everything is quiet. */
export function checkOutcomes(world: World, events: readonly ClientEvent[], when: string): Violation | undefined {
  const applied = timesApplied(world);
  const was = recorder(world);
  for (const event of events) {
    const times = applied.get(event.id) ?? 0;
    const label = `${event.id}:${event.kind} ${when}`;
    if (times > 1) return broken('G2 applied twice', `${label}: ${times} times`);
    if (times === 1 && was('inert', event)) return broken('G2 without effect, then applied', label);
    const isAccountedFor = times === 1 || was('inert', event) || was('parked', event);
    if (event.accepted && !isAccountedFor) return broken('G1 lost', label);
  }
  for (const [id, times] of world.handed) if (times > 1) return broken('G3 handed over twice', `${id}: ${times} times`);
  for (const [id, times] of world.decided) {
    if (times > 1) return broken('G3 decided twice', id);
    const record = [...world.messages.values()].find((one) => one.id === id);
    const handed = world.handed.get(id) ?? 0;
    const isFinal = record !== undefined && ['sent', 'unknown', 'failed'].includes(record.st);
    if (!isFinal) return broken('G7 message without outcome', `${id}: ${record?.st ?? 'never reached send'}`);
    world.coverage.add(`message ${record.st}`);
    if (record.st === 'unknown' && !world.cutOff.has(id)) return broken('G3 unknown without a reason', id);
    if ((record.st === 'sent') !== (handed === 1) && record.st !== 'unknown') {
      return broken('G7 wrong outcome', `${id}: ${record.st}, handed over ${handed} times`);
    }
    if (!world.sendHit && handed !== 1) return broken('G7 not handed over though nothing failed', id);
  }
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
      : Object.values(profile.runs)
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
