import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedSecrets, linksSecret, type SecretKeys } from '../../shared/app/secrets.ts';
import { type LinkClaims, readLink, signedLinks, signLink, type TaskClaims } from '../../shared/app/signed-links.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import fc from '../property.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const keys: SecretKeys = { current: 'k2', keys: { k1: key(1), k2: key(2) } };
const claims: LinkClaims = {
  profile: 'uAAAAAAAAAAAAAAAAAAAAAA',
  channel: 'email',
  topic: 'offers',
  addressHash: 'BBBBBBBBBBBBBBBBBBBBBB',
  message: 'uAAAAAAAAAAAAAAAAAAAAAA-CCCCCCCCCCCCCCCCCCCCCC',
};

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,46}$/);
const anyClaims: fc.Arbitrary<LinkClaims> = fc.record({
  profile: id,
  channel: fc.constantFrom('email' as const, 'sms' as const),
  topic: id,
  addressHash: id,
  message: id,
});

describe('a signed link', () => {
  it('says what it was made of, and is short and URL-safe', () => {
    fc.assert(
      fc.property(anyClaims, (given) => {
        const token = signLink(keys, 'unsubscribe', given);
        expect(readLink(keys, 'unsubscribe', token)).toEqual(given);
        expect(token).toMatch(/^[A-Za-z0-9._-]+$/);
      }),
    );
    // With the host it must fit into a List-Unsubscribe header: 996 characters (SES, "Header fields").
    expect(signLink(keys, 'unsubscribe', claims).length).toBeLessThan(300);
  });

  it('G10 is refused with any one character changed, dropped or added', () => {
    const token = signLink(keys, 'unsubscribe', claims);
    const alphabet = 'ABCXYZabcxyz0189-_.=+/% ';
    for (let at = 0; at < token.length; at++) {
      const others = [...alphabet].filter((character) => character !== token[at]);
      for (const other of others) {
        expect(typeof readLink(keys, 'unsubscribe', token.slice(0, at) + other + token.slice(at + 1))).toBe('string');
      }
      expect(typeof readLink(keys, 'unsubscribe', token.slice(0, at) + token.slice(at + 1))).toBe('string');
      expect(typeof readLink(keys, 'unsubscribe', `${token.slice(0, at)}A${token.slice(at)}`)).toBe('string');
    }
  });

  it('G10 of one customer cannot be turned into another’s: payload and MAC of two links do not mix', () => {
    fc.assert(
      fc.property(anyClaims, anyClaims, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const [, payload] = signLink(keys, 'unsubscribe', one).split('.');
        const [keyId, , mac] = signLink(keys, 'unsubscribe', other).split('.');
        expect(readLink(keys, 'unsubscribe', `${keyId}.${payload}.${mac}`)).toBe('invalid');
      }),
    );
  });

  it('is for one purpose', () => {
    expect(readLink(keys, 'preferences', signLink(keys, 'unsubscribe', claims))).toBe('invalid');
  });

  it('to a task is for that visit of that step, and for nothing else', async () => {
    const task: TaskClaims = {
      profile: claims.profile,
      message: claims.message,
      journey: 'j'.repeat(64),
      version: 12,
      step: 's'.repeat(64),
      run: 'DDDDDDDDDDDDDDDD',
      visit: 3,
    };
    const links = signedLinks({ keys: async () => keys, reload: async () => keys }, 'https://links.example');
    const url = await links.taskUrl(task);
    expect(url.length).toBeLessThan(500);
    const token = /^https:\/\/links\.example\/v1\/tasks\/([\w.-]+)\/outcome$/.exec(url)![1]!;
    expect(await links.read('task', token)).toEqual(task);
    expect(await links.read('unsubscribe', token)).toBeUndefined();
    expect(await links.read('task', signLink(keys, 'unsubscribe', claims))).toBeUndefined();
  });

  it('made with an older key is read, with a key of somebody else’s is not', () => {
    expect(readLink(keys, 'unsubscribe', signLink({ ...keys, current: 'k1' }, 'unsubscribe', claims))).toEqual(claims);
    const foreign: SecretKeys = { current: 'k2', keys: { k2: key(9) } };
    expect(readLink(keys, 'unsubscribe', signLink(foreign, 'unsubscribe', claims))).toBe('invalid');
    const unknown: SecretKeys = { current: 'constructor', keys: { constructor: key(9) } as never };
    expect(readLink(keys, 'unsubscribe', signLink(unknown, 'unsubscribe', claims))).toBe('unknown-key');
  });

  it('nothing that somebody types is taken, and nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        expect(typeof readLink(keys, 'unsubscribe', text)).toBe('string');
      }),
    );
  });
});

describe('the keys', () => {
  let emulator: DynamoEmulator;
  let table: string;
  beforeAll(async () => {
    emulator = await startDynoxide();
    table = await createTable(emulator.client, 'access');
  });
  afterAll(() => emulator.stop());

  it('are made once, whoever comes first: 20 at the same time get the same', async () => {
    const stores = Array.from({ length: 20 }, () => secretStore(emulator.client, table));
    const all = await Promise.all(stores.map((store) => store.keys('raced')));
    expect(
      new Set(all.map(({ current, keys: { [current]: bytes } }) => Buffer.from(bytes!).toString('hex'))).size,
    ).toBe(1);
    expect(all[0]!.keys[all[0]!.current]).toHaveLength(32);
  });

  it('differ by name', async () => {
    const store = secretStore(emulator.client, table);
    expect((await store.keys('one')).keys).not.toEqual((await store.keys('two')).keys);
  });

  it('a link of one container is read in another, also after a key was replaced meanwhile', async () => {
    let now = 0;
    const store = secretStore(emulator.client, table);
    const reader = signedLinks(
      cachedSecrets(store, () => now),
      'https://links.example',
    );
    const before = await reader.unsubscribeUrl(claims);
    expect(before).toMatch(/^https:\/\/links\.example\/u\//);

    const kept = await store.keys(linksSecret);
    const rotated: SecretKeys = { current: 'newer', keys: { ...kept.keys, newer: randomBytes(32) } };
    const rotatedStore = { keys: async () => rotated };
    let reads = 0;
    const counted = {
      keys: async (name: string) => {
        reads += 1;
        return reads === 1 ? store.keys(name) : rotatedStore.keys();
      },
    };
    const writer = signedLinks(
      cachedSecrets(rotatedStore, () => now),
      'https://links.example',
    );
    const late = signedLinks(
      cachedSecrets(counted, () => now),
      'https://links.example',
    );
    const tokenOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);
    expect(await late.read('unsubscribe', tokenOf(before))).toEqual(claims);
    now += 60_000;
    expect(await late.read('unsubscribe', tokenOf(await writer.unsubscribeUrl(claims)))).toEqual(claims);
    expect(await late.read('unsubscribe', tokenOf(before))).toEqual(claims);
    // Made-up key ids do not make it read again and again.
    const after = reads;
    for (let i = 0; i < 20; i++)
      expect(await late.read('unsubscribe', `made${i}.AAAA.${'A'.repeat(22)}`)).toBeUndefined();
    expect(reads).toBe(after);
  });
});
