import { describe, expect, it } from 'vitest';
import { decide } from '../../../shared/domain/decide.ts';
import type { MailRecord, ToldRecord } from '../../../shared/domain/mail-record.ts';
import { addressHash, keyOfAddress } from '../../../shared/domain/messaging/address.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import { catalogsOf } from '../../protocol/scenario.ts';

const now = Date.UTC(2026, 10, 22, 9);
const at = now - 1_000;
const [u, w, device] = [profileKey('user', 'u'), profileKey('user', 'w'), profileKey('anonymous', 'a')];
const catalogs = {
  always: catalogsOf({ recreate: 'always' })[0]!,
  'on-consent': catalogsOf({ recreate: 'on-consent' })[0]!,
};
const decided = (
  profile: Profile,
  key: ProfileKey,
  record: MailRecord,
  recreate: keyof typeof catalogs = 'on-consent',
) => decide(profile, key, record, catalogs[recreate], now);
const marker: Profile = { ...emptyProfile, inc: 1, erased: { at, from: 1 } };

const consent = (state: 'granted' | 'pending' | 'withdrawn', time: number): ToldRecord => ({
  t: 'consent',
  id: 'c',
  at: time,
  consents: [{ channel: 'email', topic: 'news', state, at: time, source: 'test' }],
});
const patch = (time: number): ToldRecord => ({ t: 'patch', id: 'p', at: time, traits: { plan: 'pro' } });
const receipt: ToldRecord = { t: 'receipt', id: 'r', at: now, message: 'm', channel: 'email', was: 'opened' };
const outcome: ToldRecord = { t: 'outcome', id: 'o', at: now, decidedAt: at - 1, message: 'm', outcome: 'not-sent' };

describe('what is told of who was erased (G12)', () => {
  it.each([
    ['what was before', patch(at), 'always', 'erased.before'],
    ['a consent of before', consent('granted', at), 'on-consent', 'erased.before'],
    ['a change', patch(now), 'on-consent', 'erased.not-recreated'],
    ['a withdrawal', consent('withdrawn', now), 'on-consent', 'erased.not-recreated'],
    ['a receipt', receipt, 'always', 'erased.message'],
    ['an outcome of before', outcome, 'always', 'erased.before'],
  ] as const)('%s is dropped, and changes nothing', (_, record, recreate, code) => {
    const decision = decided(marker, u, record, recreate);
    expect([decision.profile, decision.effects, decision.reasons]).toEqual([marker, [], [{ code }]]);
  });

  it.each([
    ['a grant', consent('granted', now), 'on-consent'],
    ['one that is to be confirmed', consent('pending', now), 'on-consent'],
    ['a change', patch(now), 'always'],
  ] as const)('%s lets them in, as another incarnation', (_, record, recreate) => {
    const { profile } = decided(marker, u, record, recreate);
    expect(profile).toMatchObject({ createdAt: now, inc: 1, erased: { at, from: 1 } });
  });
});

describe('erasing (G12)', () => {
  const known: Profile = {
    ...emptyProfile,
    createdAt: 1,
    traits: { email: { value: 'u@example.com', at: 1, source: 'identify' } },
    aliases: [device],
  };

  it('leaves a marker, tells whom it absorbed and who was written to at its address, and does nothing when it was done since it was asked for', () => {
    const first = decided(known, u, { t: 'erase', job: 'j', at });
    expect(first.profile).toMatchObject({ inc: 1, traits: {}, aliases: [], erased: { at: now } });
    expect(JSON.stringify(first)).not.toContain('example.com');
    const stranger = keyOfAddress(addressHash('email', 'u@example.com'));
    expect(first.effects).toMatchObject([
      { e: 'mail', to: stranger, record: { t: 'wipe', by: u, how: 'address' } },
      { e: 'mail', to: device, record: { t: 'wipe', by: u, how: 'alias' } },
    ]);
    expect(decided(first.profile, u, { t: 'erase', job: 'k', at }).changed).toBe(false);
  });

  it('asked for again before all have answered, asks them again: their answers to the first are none to the second', () => {
    const first = decided(known, u, { t: 'erase', job: 'j', at });
    const second = decide(first.profile, u, { t: 'erase', job: 'k', at: now + 1 }, catalogs.always, now + 1);
    const whom = ({ effects }: typeof first) => effects.map((one) => (one.e === 'mail' ? one.to : one.e)).sort();
    expect(whom(second)).toEqual(whom(first));
    expect(second.effects).toMatchObject([{ record: { at: now + 1 } }, { record: { at: now + 1 } }]);
  });

  it('makes a marker of what was sent to an address alone, once, also where nobody is', () => {
    const stranger = keyOfAddress(addressHash('email', 'u@example.com'));
    const wipe = { t: 'wipe', by: u, inc: 0, at, how: 'address' } as const;
    for (const before of [emptyProfile, { ...emptyProfile, createdAt: 1 }]) {
      const { profile, effects } = decided(before, stranger, wipe);
      expect(profile).toMatchObject({ createdAt: 0, inc: 1, erased: { at, from: 1, left: { by: u } } });
      expect(effects).toMatchObject([{ to: u, record: { t: 'wiped', from: stranger, gone: true } }]);
      expect(decided(profile, stranger, wipe).profile).toBe(profile);
    }
  });

  it('wipes a signpost once: what it has come to since is somebody else’s', () => {
    const signpost: Profile = { ...emptyProfile, movedTo: u };
    const wipe = { t: 'wipe', by: u, inc: 0, at, how: 'alias' } as const;
    const wiped = decided(signpost, device, wipe).profile;
    expect([wiped.inc, wiped.movedTo]).toEqual([1, undefined]);
    const others: Profile = { ...wiped, createdAt: now, movedTo: w, frozen: true };
    expect(decided(others, device, wipe).profile).toBe(others);
  });

  it('lets a strip of before take nothing from a state that is frozen for somebody else', () => {
    const frozen: Profile = { ...known, inc: 1, movedTo: w, frozen: true, aliases: [] };
    expect(decided(frozen, device, { t: 'strip' }).profile).toBe(frozen);
    expect(decided(frozen, device, { t: 'strip', of: 1 }).profile.frozen).toBeUndefined();
  });

  it('forgets a holder so that its words of before say nothing, and nobody reads who that was', () => {
    const held: Profile = { ...emptyProfile, holders: { [u]: 5, [w]: 6 } };
    const { profile } = decided(held, device, { t: 'wipe', by: u, inc: 0, at, how: 'hold' });
    expect(JSON.stringify(profile)).not.toContain(u);
    expect(profile.holders).toMatchObject({ [w]: 6 });
    expect(decided(profile, device, { t: 'hold', by: u, at: 7 }).changed).toBe(false);
    expect(decided(profile, device, { t: 'hold', by: u, at: 7, inc: 1 }).profile.holders).toMatchObject({ [u]: 7 });
  });
});
