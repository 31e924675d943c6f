import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredProfile } from '../../../shared/app/ports.ts';
import { journal } from '../../../shared/data/journal.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import type { MailRecord, ToldRecord } from '../../../shared/domain/mail-record.ts';
import { addressHash, keyOfAddress } from '../../../shared/domain/messaging/address.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { at, everyItem, fillStores } from '../../data/filled-stores.ts';
import { type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { emulatedErasure } from './emulated-erasure.ts';

const address = 'family@example.com';
const [mother, child] = [profileKey('user', 'mother'), profileKey('user', 'child')];
const identity = profileKey('email', address);
const stranger = keyOfAddress(addressHash('email', address));

let emulator: DynamoEmulator;
let erasure: ReturnType<typeof emulatedErasure>;
beforeAll(async () => {
  emulator = await startDynoxide();
  await fillStores(emulator.client);
  const profiles = profileStore(emulator.client, 'profiles');
  const commit = (key: ProfileKey, profile: Partial<Profile>) =>
    profiles.commit({ ...{ key, version: 1, at, epoch: 3 }, profile: { ...emptyProfile, createdAt: at, ...profile } });
  for (const [key, user] of [
    [mother, 'mother'],
    [child, 'child'],
  ] as const) {
    const email = { value: address, at, source: 'identify' } as const;
    await commit(key, { ids: { user, named: { email: [address] } }, traits: { email } });
  }
  await commit(identity, { createdAt: 0, holders: { [mother]: at, [child]: at } });
  await commit(stranger, { sends: [{ id: 'm', at, channel: 'email', topic: 'news' }] });
  const entries = journal(emulator.client, 'journal', 90);
  const entry = { v: 1, st: 'moved', t: 'hold', at } as const;
  for (const by of [mother, child]) {
    const why = [{ code: 'identity.held', saw: { by } }];
    await entries.put({ ...entry, key: identity, jk: `2026-11-22|hold-${by}|1`, why });
  }
  await entries.put({ ...entry, key: stranger, jk: '~|sent', t: 'message', why: [] });
  erasure = emulatedErasure(emulator.client, at + MINUTE_MS);
  expect((await erasure.erase(mother)).state).toBe('done');
});
afterAll(() => emulator.stop());

const read = async (key: ProfileKey): Promise<StoredProfile> =>
  (await profileStore(emulator.client, 'profiles').read(key))!;
const journaled = async (key: ProfileKey): Promise<string[]> => {
  const all = await everyItem(emulator.client);
  return all
    .filter(({ table, item }) => table === 'journal' && item['pk']?.S === key)
    .map(({ item }) => JSON.stringify(item));
};

it('the identity keeps whoever else has it, and forgets that the customer had it', async () => {
  expect((await read(child)).profile.traits).toHaveProperty('email');
  const { holders = {} } = (await read(identity)).profile;
  expect(Object.keys(holders)).toContain(child);
  expect(Object.keys(holders)).not.toContain(mother);
  const entries = await journaled(identity);
  expect(entries.filter((text) => text.includes(child))).toHaveLength(1);
  expect(entries.filter((text) => text.includes(mother))).toEqual([]);
});

it('what was sent to the address alone goes, whoever else has it', async () => {
  expect((await read(stranger)).profile).toMatchObject({ sends: [], erased: { from: 1 } });
  expect((await journaled(stranger)).filter((text) => text.includes('~|sent'))).toEqual([]);
});

const toAddress = (id: string, time: number): ToldRecord => ({
  ...{ t: 'message', id, at: time, epoch: 3, template: 'absent', properties: {}, to: address },
});
const codesOf = async (record: MailRecord): Promise<string> => {
  await erasure.tell(stranger, record);
  return (await journaled(stranger)).join();
};

it('a message to it that was asked for before is dropped, and a later one is decided as anybody’s', async () => {
  expect(await codesOf(toAddress('before', at))).toContain('erased.before');
  const later = await codesOf(toAddress('later', at + 60 * MINUTE_MS));
  expect(later).toContain('topic.unknown');
  expect(later).not.toContain('erased.not-recreated');
});

it('whoever else has the address is erased in turn', async () => {
  expect((await erasure.erase(child)).state).toBe('done');
  expect((await read(child)).profile.erased).not.toHaveProperty('left');
  expect((await read(stranger)).profile.erased).toMatchObject({ from: 2 });
  expect(Object.values((await read(identity)).profile.holders ?? {}).filter((since) => since > 0)).toEqual([]);
});
