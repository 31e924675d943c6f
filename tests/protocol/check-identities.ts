import { keyOfNamed } from '../../shared/domain/profiles/named-id.ts';
import { namedBy, namedOf } from '../../shared/domain/profiles/named-of.ts';
import { holdersOf } from '../../shared/domain/profiles/profile.ts';
import { isKnown } from '../../shared/kernel/ids.ts';
import { rootOf } from './checks.ts';
import { type ClientEvent, people, persons } from './scenario.ts';
import { name, type Violation } from './scheduler.ts';
import type { World } from './world.ts';

const broken = (law: string, detail: string): Violation => ({ law, detail });

/** Once all is quiet, an identity leads to exactly those who go by it. */
export function checkIdentities(world: World, events: readonly ClientEvent[]): Violation | undefined {
  for (const { key, profile } of world.profiles.values()) {
    if (profile.movedTo !== undefined) continue;
    for (const holder of holdersOf(profile)) {
      const held = world.profiles.get(holder)?.profile;
      if (held?.movedTo !== undefined) return broken('identity: held by a signpost', `${name(key)}: ${name(holder)}`);
      // Of two words of one millisecond the later to come counts, which a redrive turns round; the next use finds it out.
      if (held === undefined || (namedBy(held, key) === undefined && !world.coverage.has('redrive'))) {
        return broken('identity: held by who gave it up', `${name(key)}: ${name(holder)}`);
      }
    }
    if (holdersOf(profile).length > 1) world.coverage.add('identity held by several');
    for (const named of namedOf(profile)) {
      const actor = keyOfNamed(named);
      const isHeld = holdersOf(world.profiles.get(actor)?.profile ?? profile).includes(key);
      if (!isHeld && rootOf(world, actor) !== key)
        return broken('identity: leads elsewhere', `${name(actor)}, not ${name(key)}`);
      if (!isHeld) world.coverage.add('identity merged');
    }
  }
  if (events.some(({ kind }) => kind === 'alias')) return undefined;
  const joined = persons.find((person) => isKnown(people[person]) && rootOf(world, people[person]) !== people[person]);
  return joined && broken('identity: joined two users', joined);
}
