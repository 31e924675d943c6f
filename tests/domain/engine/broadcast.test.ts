import { describe, expect, it } from 'vitest';
import type { Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { joinProfiles } from '../../../shared/domain/profiles/join-profiles.ts';
import { MAX_BROADCASTS } from '../../../shared/domain/profiles/limits.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { journey, World } from './world.ts';

const gold = { ref: 'profile.tier', is: 'gold' } as const;
const spring = journey({
  id: 'spring',
  entry: [{ on: 'api' }],
  reentry: { again: 'after-exit', whileInside: 'restart' },
  steps: { out: { type: 'exit', reason: 'seen' } },
});
const ann = profileKey('user', 'ann');

/** A broadcast's record, under an id of its own. */
function told(w: World, id: string, record: string, where?: Predicate): void {
  const broadcast = { id, ...(where && { where }) };
  w.deliver(ann, { t: 'enroll', id: record, at: w.now, journey: 'spring', broadcast });
}

describe('who is told of a broadcast', () => {
  it('enters once, whatever record tells, and again by another broadcast', () => {
    const w = new World({ journeys: [spring] });
    told(w, 'one', 'r1');
    expect(w.codes()).toContain('entry.entered');
    told(w, 'one', 'r2');
    expect(w.codes().at(-1)).toBe('broadcast.already');
    told(w, 'two', 'r3');
    expect(w.codes().filter((code) => code === 'entry.entered')).toHaveLength(2);
    expect(w.counts).toEqual(
      expect.arrayContaining(['one entered', 'one not-entered/broadcast.already', 'two entered']),
    );
  });

  it('enters only if the predicate holds at that moment, and may then be told again', () => {
    const w = new World({ journeys: [spring] });
    told(w, 'one', 'r1', gold);
    expect(w.codes()).toEqual(['entry.no-match']);
    expect(w.counts).toContain('one not-entered/entry.no-match');
    w.identify('ann', { tier: 'gold' });
    told(w, 'one', 'r2', gold);
    expect(w.codes()).toContain('entry.entered');
  });

  it('is a member of the segment at that moment, by what was counted since it was saved', () => {
    const w = new World({ journeys: [spring], segments: { buyers: 'did "Order" at least 2 times in last 7 days' } });
    const isMember = { segment: 'buyers', is: 'member' } as const;
    w.track('ann', 'Order');
    told(w, 'one', 'r1', isMember);
    expect(w.codes().at(-1)).toBe('entry.no-match');
    w.track('ann', 'Order');
    told(w, 'one', 'r2', isMember);
    expect(w.codes()).toContain('entry.entered');
    w.pass('8d');
    told(w, 'two', 'r3', isMember);
    expect(w.codes().at(-1)).toBe('entry.no-match');
  });

  it('remembers the newest twenty', () => {
    const w = new World({ journeys: [spring] });
    for (let n = 0; n < MAX_BROADCASTS + 5; n++) {
      w.now += 1;
      told(w, `b${n}`, `r${n}`);
    }
    expect(Object.keys(w.profiles.get(ann)!.broadcasts!)).toHaveLength(MAX_BROADCASTS);
    told(w, `b${MAX_BROADCASTS + 4}`, 'again');
    expect(w.codes().at(-1)).toBe('broadcast.already');
  });
});

describe('merged', () => {
  const broadcasts = fc.dictionary(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), fc.integer({ min: 1, max: 9 }));
  const having = (all: { readonly [id: string]: number }): Profile => ({
    ...emptyProfile,
    ...(Object.keys(all).length > 0 && { broadcasts: all }),
  });
  const join = (a: Profile, b: Profile) => joinProfiles(a, ann, b, profileKey('anonymous', 'x')).profile;

  it('knows the broadcasts of both, in whatever order merges come', () => {
    fc.assert(
      fc.property(broadcasts, broadcasts, broadcasts, (a, b, c) => {
        const [x, y, z] = [having(a), having(b), having(c)];
        const one = join(join(x, y), z).broadcasts ?? {};
        const other = join(x, join(z, y)).broadcasts ?? {};
        expect(Object.entries(one).sort()).toEqual(Object.entries(other).sort());
        expect(Object.keys(one).length).toBeLessThanOrEqual(MAX_BROADCASTS);
        const all = Object.keys({ ...a, ...b, ...c });
        if (all.length <= MAX_BROADCASTS) expect(Object.keys(one).sort()).toEqual(all.sort());
      }),
    );
  });
});
