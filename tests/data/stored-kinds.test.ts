import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubjectItem } from '../../shared/app/rights/ports.ts';
import { type Subject, subjectOf } from '../../shared/app/rights/subject.ts';
import { storedFiles } from '../../shared/data/file-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import type { StoredKind } from '../../shared/data/stored-kind.ts';
import { kindsOf, storedKinds } from '../../shared/data/stored-kinds.ts';
import { subjectItems } from '../../shared/data/subject-items.ts';
import { files, tables } from '../../shared/resources.ts';
import { type DynamoEmulator, expectKnownKinds, startDynoxide } from '../emulators/dynamo.ts';
import { allTables, ann, bob, everyItem, fillStores } from './filled-stores.ts';

let emulator: DynamoEmulator;
beforeAll(async () => {
  emulator = await startDynoxide();
  await fillStores(emulator.client);
});
afterAll(() => emulator.stop());

describe('every stored thing', () => {
  it('is of one declared kind, and every declared kind is stored by some store', async () => {
    const met = (await everyItem(emulator.client)).map(({ table, item }) =>
      kindsOf(table, item).map(({ kind }) => kind),
    );
    expect(met.filter((kinds) => kinds.length !== 1)).toEqual([]);
    expect([...new Set(met.flat())].sort()).toEqual(storedKinds.map(({ kind }) => kind).sort());
  });

  it('is deleted by DynamoDB when its kind says so, and only then', async () => {
    for (const { table, item } of await everyItem(emulator.client)) {
      const [{ kind, kept }] = kindsOf(table, item) as [StoredKind];
      const hasTtl = item['ttl'] !== undefined;
      if (kept === 'until deleted') expect(hasTtl, kind).toBe(false);
      else if ('for' in kept) expect(hasTtl, kind).toBe(true);
      if (hasTtl) expect(tables[table], kind).toHaveProperty('ttl', 'ttl');
    }
  });

  it('has a name of its own, and every table and folder has some', () => {
    const all = [...storedKinds, ...storedFiles];
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(all.length);
    expect([...new Set(storedKinds.map(({ table }) => table))].sort()).toEqual([...allTables].sort());
    const folders = Object.keys(files).filter((name) => name !== 'keptDays');
    expect([...new Set(storedFiles.map(({ folder }) => folder))].sort()).toEqual(folders.sort());
  });

  it('that is erased can be found', () => {
    const lost = storedKinds.filter((kind) => kind.personalData === 'erase' && 'not' in kind.found);
    expect(lost).toEqual([]);
  });

  it.each([
    ['profiles', { pk: { S: 'somebody' } }],
    ['messages', { pk: { S: 'new-thing#1' }, id: { S: 'x' } }],
    ['catalog', { pk: { S: 'welcome' }, sk: { S: 'x' } }],
  ] as const)('of no kind is an error when the emulator of a test stops: %s', async (TableName, Item) => {
    const { client } = emulator;
    await client.send(new PutItemCommand({ TableName, Item }));
    await expect(expectKnownKinds(client)).rejects.toThrow(`${TableName}: ${Item.pk.S}`);
    await client.send(new DeleteItemCommand({ TableName, Key: Item }));
    await expectKnownKinds(client);
  });
});

describe('what is stored of one customer', () => {
  const read = async (name: keyof typeof who): Promise<Subject> => {
    const profiles = profileStore(emulator.client, 'profiles');
    return subjectOf(profiles, (await profiles.read(who[name].user))!);
  };
  const who = { ann, bob };
  const names = Object.fromEntries(allTables.map((table) => [table, table]));
  const walk = async (subject: Subject): Promise<SubjectItem[]> => {
    const items: SubjectItem[] = [];
    let cursor: string | undefined;
    do {
      const page = await subjectItems(emulator.client, names).page(subject, cursor);
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return items;
  };
  const nameOf = ({ table, key }: Pick<SubjectItem, 'table' | 'key'>) => `${table} ${Object.values(key).join(' ')}`;

  it('is met whole, by every way in which a kind can be found', async () => {
    const items = await walk(await read('ann'));
    const found = storedKinds.filter((kind) => kind.personalData !== 'none' && 'by' in kind.found);
    expect([...new Set(items.map(({ kind }) => kind))].sort()).toEqual(found.map(({ kind }) => kind).sort());
    expect(items.filter(({ kind }) => kind === 'unknown-message')).toHaveLength(2);
    expect(items.filter(({ kind }) => kind === 'suppression').map(({ item }) => item['channel'])).toEqual(
      expect.arrayContaining(['email', 'sms', 'push']),
    );
    expect(items.filter(({ kind }) => kind === 'identity')).toHaveLength(2);
    expect(new Set(items.map(nameOf)).size).toBe(items.length);
  });

  it('is all that names them, and nothing of another customer', async () => {
    const [hers, his] = [await walk(await read('ann')), await walk(await read('bob'))].map((all) => all.map(nameOf));
    expect(hers!.filter((one) => his!.includes(one))).toEqual([]);
    // Everything that kinds with a way to find them hold is of one of the two.
    const all = (await everyItem(emulator.client)).flatMap(({ table, item }) => {
      const [kind] = kindsOf(table, item) as [StoredKind];
      if (kind.personalData === 'none' || 'not' in kind.found) return [];
      const { sort }: { readonly partition: string; readonly sort?: string } = tables[table];
      return [`${table} ${[item['pk']!.S, ...(sort === undefined ? [] : [item[sort]!.S])].join(' ')}`];
    });
    expect([...hers!, ...his!].sort()).toEqual(all.sort());
  });
});
