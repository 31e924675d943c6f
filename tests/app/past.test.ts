import { expect, it } from 'vitest';
import { readPast } from '../../shared/app/past.ts';
import type { JournalState, Pending, StoredProfile } from '../../shared/app/ports.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';

const [user, device] = [profileKey('user', 'u'), profileKey('anonymous', 'a')];
const pending = (v: number): Pending => ({
  v,
  at: 0,
  ids: [
    { jk: 'told', st: 'moved', t: 'event', why: [] },
    { jk: 'last', st: 'moved', t: 'yield', why: [] },
  ],
  last: 'last',
  eff: [],
  hop: 0,
});
const signpost = { key: device, version: 2, at: 0, epoch: 1, profile: { ...emptyProfile, movedTo: user } };
const frozen: StoredProfile = { ...signpost, profile: { ...signpost.profile, frozen: true }, pending: pending(2) };

/** @param entries of one journal, whoever's */
const past = (alias: StoredProfile | undefined, entries: { [jk: string]: JournalState }, own?: Pending) =>
  readPast(
    {
      key: user,
      profile: { ...emptyProfile, aliases: alias ? [device] : [] },
      ...(own && { pending: own }),
    },
    { events: new Set(['Counted']), messages: false },
    {
      clock: () => 0,
      profiles: { read: async () => alias },
      journal: { read: async (_, jk) => entries[jk] },
      past: { retentionDays: 90, read: async () => ({ entries: [], bytes: 0 }) },
    },
  );
const moved = { v: 2, st: 'moved' } as const;
const lacking = { ...moved, lacksInput: true } as const;

it.each([
  ['an alias has certified', frozen, { told: moved, last: lacking }, undefined, true],
  ['an alias has not certified', frozen, { told: moved }, undefined, false],
  ['an alias has certified another commit', frozen, { told: moved, last: { ...moved, v: 1 } }, undefined, false],
  ['an alias has certified, and lacks what was in an event', frozen, { told: lacking, last: moved }, undefined, false],
  ['an alias is stripped', { ...frozen, profile: signpost.profile }, {}, undefined, true],
  ['the own last commit has its inputs', undefined, { told: moved, last: lacking }, pending(2), true],
  ['the own last commit lacks what was in an event', undefined, { told: lacking, last: moved }, pending(2), false],
] as const)('a past is read when %s, or not', async (_, alias, entries, own, isRead) => {
  const found = await past(alias, entries, own);
  expect(found).toEqual(isRead ? { events: [], messages: [], since: expect.any(Number) } : 'unsettled');
});
