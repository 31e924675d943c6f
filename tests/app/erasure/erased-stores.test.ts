import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Subject, subjectOf } from '../../../shared/app/rights/subject.ts';
import type { Job } from '../../../shared/app/scans/job.ts';
import { resultOf } from '../../../shared/app/scans/job-result.ts';
import { cachedSecrets } from '../../../shared/app/secrets.ts';
import { jobStore } from '../../../shared/data/job-store.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import { secretStore } from '../../../shared/data/secret-store.ts';
import type { StoredItem, StoredKind, StoredTable } from '../../../shared/data/stored-kind.ts';
import { kindsOf, storedKinds } from '../../../shared/data/stored-kinds.ts';
import { subjectItems } from '../../../shared/data/subject-items.ts';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import { addressHash, asHashed, keyOfAddress } from '../../../shared/domain/messaging/address.ts';
import { isErased } from '../../../shared/domain/profiles/profile.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { tables } from '../../../shared/resources.ts';
import { allTables, ann, at, bob, everyItem, fillStores } from '../../data/filled-stores.ts';
import { type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { emulatedErasure } from './emulated-erasure.ts';

/** What stands somewhere in an item of hers, and is no hash. */
const words = [ann.email, ann.phone, ann.token, 'ann-browser', 'ann-phone', '<b>ann</b>', '"ann"'];

/** As tests/data/filled-stores.ts has it. */
const suppressed = [
  ['email', ann.email, 'offers'],
  ['sms', ann.phone, null],
  ['push', ann.token, null],
] as const;

/** What was sent to her addresses alone. */
const strangers = [addressHash('email', ann.email), addressHash('sms', ann.phone)].map(keyOfAddress);

type Items = ReadonlyMap<string, { readonly kind: StoredKind; readonly item: StoredItem }>;

const nameOf = (table: StoredTable, item: StoredItem): string => {
  const { partition, sort }: { readonly partition: string; readonly sort?: string } = tables[table];
  return [table, item[partition]!.S, ...(sort === undefined ? [] : [item[sort]!.S])].join(' ');
};

/** G12, by labels: whoever adds a kind of items and fills it (tests/data/filled-stores.ts) sees here what an erasure leaves. */
describe.each([
  ['suppressions go', undefined],
  ['suppressions stay as salted hashes, by the policy', { erasure: { keepSuppressions: 'salted-hash' } }],
  ['the policy is of an earlier release', { erasure: { keepSuppressions: true } }],
] as const)('when a customer has been erased, and %s', (_, policy) => {
  let emulator: DynamoEmulator;
  let hers: ReadonlySet<string>;
  let before: Items;
  let after: Items;
  let job: Job;
  beforeAll(async () => {
    emulator = await startDynoxide();
    await fillStores(emulator.client);
    hers = await itemsOf(ann);
    before = await everything();
    const erasure = emulatedErasure(emulator.client, at + MINUTE_MS, policy);
    job = await erasure.erase(ann.user);
    // As the daily sweep does: what was committed last does not stay in the actor.
    await erasure.nudge([...hers].filter((name) => name.startsWith('profiles ')).map((name) => name.split(' ')[1]!));
    after = await everything();
  });
  afterAll(() => emulator.stop());

  async function everything(): Promise<Items> {
    const all = (await everyItem(emulator.client)).map(({ table, item }) => {
      const [kind] = kindsOf(table, item) as [StoredKind];
      return [nameOf(table, item), { kind, item }] as const;
    });
    return new Map(all);
  }

  async function itemsOf({ user }: typeof ann): Promise<ReadonlySet<string>> {
    const profiles = profileStore(emulator.client, 'profiles');
    const subject: Subject = await subjectOf(profiles, (await profiles.read(user))!);
    const walk = subjectItems(emulator.client, Object.fromEntries(allTables.map((table) => [table, table])));
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await walk.page(subject, cursor);
      for (const { table, key } of page.items) found.add(nameOf(table as StoredTable, marshall(key)));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  const entriesOf = (items: Items, label: (kind: StoredKind) => boolean) =>
    [...items].filter(([name, { kind }]) => hers.has(name) && label(kind));

  it('the job is done, and tells how much it was', async () => {
    expect(job.state).toBe('done');
    const jobs = jobStore(emulator.client, 'jobs', () => at);
    expect(await resultOf(job, {}, jobs)).toMatchObject({
      askedAt: '2026-11-22T09:01:00.000Z',
      dueBy: '2027-01-06T09:01:00.000Z',
      notShortened: { jobs: { days: 400 }, backups: { days: 35 } },
    });
    const { data } = await jobs.listKept(job.id, { limit: 10 });
    const suppressions = policy === undefined ? 'none' : 'salted-hash';
    expect(data).toMatchObject([{ profiles: 3, addresses: 2, suppressions }]);
    const kinds = (data[0] as { readonly kinds: readonly { readonly kind: string }[] }).kinds;
    expect(kinds).toContainEqual(expect.objectContaining({ kind: 'suppression', items: 3 }));
  });

  it('her addresses are suppressed as before where the policy says so, and by nobody who has not the address', async () => {
    const salts = cachedSecrets(secretStore(emulator.client, 'access'), () => at);
    const store = suppressionStore(emulator.client, 'suppressions', () => at, salts);
    for (const [channel, address, topic] of suppressed) {
      const hashes = [addressHash(channel, address), asHashed(channel, address)] as const;
      const found = await store.ofAddress(channel, ...hashes);
      const { length } = found.filter((one) => one.topic === topic && one.reason === 'unsubscribe');
      expect(length, channel).toBe(policy === undefined ? 0 : 1);
      for (const hash of hashes) expect(JSON.stringify([...after])).not.toContain(`${channel}#${hash}`);
    }
  });

  it('all that is labelled `erase` was there before, and is gone', () => {
    const labelled = storedKinds.filter(({ personalData }) => personalData === 'erase').map(({ kind }) => kind);
    const met = entriesOf(before, ({ personalData }) => personalData === 'erase').map(([, { kind }]) => kind.kind);
    expect([...new Set(met)].sort()).toEqual(labelled.sort());
    const left = entriesOf(after, (kind) => kind.personalData === 'erase' && kind.table !== 'profiles');
    expect(left.map(([name]) => name)).toEqual([]);
  });

  it('of profiles a marker is left, which says nothing', async () => {
    const profiles = profileStore(emulator.client, 'profiles');
    const keys = [ann.user, ann.visitor, ann.asked, ...strangers];
    const kept = entriesOf(after, ({ kind }) => kind === 'profile').map(([, { item }]) => item['pk']!.S!);
    expect(keys).toEqual(expect.arrayContaining(kept));
    for (const key of keys) {
      const { profile, pending } = (await profiles.read(key))!;
      expect(isErased(profile), key).toBe(true);
      expect(profile.erased).not.toHaveProperty('left');
      expect(pending?.eff ?? []).toEqual([]);
    }
  });

  it('what is labelled `anonymise` stays without the customer', () => {
    const names = entriesOf(before, ({ personalData }) => personalData === 'anonymise').map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const text = JSON.stringify(after.get(name)?.item);
      for (const key of [ann.user, ann.visitor, ann.asked]) expect(text).not.toContain(key);
    }
  });

  it('what is labelled `retain` stays as it is', () => {
    const kept = entriesOf(before, ({ personalData }) => typeof personalData === 'object');
    for (const [name, { item }] of kept) expect(after.get(name)?.item, name).toEqual(item);
  });

  it('what is somebody else’s, or nobody’s, stays byte for byte', () => {
    const others = [...before].filter(([name]) => !hers.has(name));
    expect(others.some(([name]) => name.includes(bob.user))).toBe(true);
    for (const [name, { item }] of others) expect(after.get(name)?.item, name).toEqual(item);
  });

  it('nothing new lies anywhere but the job and that there was an erasure, and nothing names the customer', () => {
    const fresh = [...after].filter(([name]) => !before.has(name)).map(([, one]) => one);
    const said = fresh.filter(({ kind }) => kind.kind === 'journal-entry');
    for (const { item } of said) {
      expect(item).not.toHaveProperty('in');
      expect(['erase', 'wipe', 'wiped', 'purged']).toContain(item['t']!.S);
    }
    const kinds = fresh.filter((one) => !said.includes(one)).map(({ kind }) => kind.kind);
    const ofJob = ['job', 'job-findings', 'job-listing', 'job-progress'];
    // The marks of channels, and the key that salts.
    const salted = policy === undefined ? [] : ['hashed-suppressions-mark', 'salted-suppression', 'signing-key'];
    expect([...new Set(kinds)].sort()).toEqual([...ofJob, 'profile', ...salted].sort());
    const naming = [...after].filter(([, { item }]) => words.some((word) => JSON.stringify(item).includes(word)));
    expect(naming.map(([name]) => name)).toEqual([]);
  });
});
