import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubjectItems } from '../../../shared/app/rights/ports.ts';
import { subjectOf } from '../../../shared/app/rights/subject.ts';
import type { ExportedFile } from '../../../shared/app/scans/kinds/export.ts';
import { exportProfileKind } from '../../../shared/app/scans/kinds/export-profile.ts';
import type { ScanPorts } from '../../../shared/app/scans/scan-kind.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import { storedKinds } from '../../../shared/data/stored-kinds.ts';
import { subjectItems } from '../../../shared/data/subject-items.ts';
import { allTables, ann, bob, fillStores, woken } from '../../data/filled-stores.ts';
import { type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { type Mortal, mortal } from '../scans/mortal.ts';
import { jobOf, scanWorld } from '../scans/world.ts';

let dynamo: DynamoEmulator;
let subjects: SubjectItems;
beforeAll(async () => {
  dynamo = await startDynoxide();
  await fillStores(dynamo.client);
  subjects = subjectItems(dynamo.client, Object.fromEntries(allTables.map((table) => [table, table])));
});
afterAll(() => dynamo.stop());

const kind = exportProfileKind.kind;
type Line = { readonly [field: string]: unknown };

/** One page a call, as when the time of each is up. */
async function exportOf(key: string, over: Partial<ScanPorts> = {}, life: Mortal | undefined = undefined) {
  const { ports: rest, written } = scanWorld([], [jobOf(kind, { params: { key } })]);
  const all: ScanPorts = { ...rest, profiles: profileStore(dynamo.client, 'profiles'), subjects, ...over };
  const { profiles, jobs, files: bucket } = all;
  const ports: ScanPorts = life
    ? {
        ...{ ...all, profiles: life.port(profiles), subjects: life.port(all.subjects) },
        ...{ jobs: life.port(jobs), files: life.port(bucket) },
      }
    : all;
  const page = () => scanSegment({ job: `${kind}-1`, run: 0, segment: 0 }, () => true, ports);
  let deaths = 0;
  const call = async () => {
    const tried = (await life?.tried(page)) ?? { answer: await page(), deaths: 0 };
    deaths += tried.deaths;
    return tried.answer;
  };
  let calls = 1;
  while ((await call()).next === 'more') calls += 1;
  const kept = (await ports.jobs.listKept(`${kind}-1`, { limit: 100 })).data.flat() as ExportedFile[];
  const files = kept.map(({ name, bytes }) => {
    const file = written.get(`exports/${name}`)!;
    expect(file.length).toBe(bytes);
    return { name, text: file.toString() };
  });
  const lines = files
    .filter(({ name }) => name.endsWith('.ndjson'))
    .flatMap(({ text }) => text.trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Line);
  return { files, lines, calls, deaths };
}

describe('the export of one customer', () => {
  it('has everything that erasing them would take, and says what it is', async () => {
    const { lines } = await exportOf(ann.user);
    const profiles = profileStore(dynamo.client, 'profiles');
    const subject = await subjectOf(profiles, (await profiles.read(ann.user))!);
    const labels = new Map(storedKinds.map((one) => [one.kind, one.personalData]));
    const gone: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await subjects.page(subject, cursor);
      for (const { kind: of, key } of page.items) {
        if (labels.get(of) === 'erase' || labels.get(of) === 'anonymise')
          gone.push(`${of} ${Object.values(key).join(' ')}`);
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    const told = new Set(lines.map((line) => `${line['kind']} ${line['key']}`));
    expect(gone.length).toBeGreaterThan(15);
    expect(gone.filter((one) => !told.has(one))).toEqual([]);
    const erased = storedKinds.filter(({ personalData }) => personalData === 'erase' || personalData === 'anonymise');
    expect(new Set(lines.map((line) => line['kind']))).toEqual(
      new Set([...erased.map((one) => one.kind), 'suppression']),
    );
  });

  it('tells what is stored as people and programs read it', async () => {
    const { lines } = await exportOf(ann.user, { clock: () => Date.UTC(2026, 10, 22, 9, 5) });
    const of = (wanted: string) => lines.filter((line) => line['kind'] === wanted);
    const root = of('profile').find((line) => line['key'] === ann.user);
    expect(root).toMatchObject({
      userId: 'ann',
      traits: { email: { value: ann.email, at: '2026-11-22T09:00:00.000Z' } },
    });
    expect(of('profile').find((line) => line['key'] === ann.visitor)).toEqual({
      ...{ kind: 'profile', key: ann.visitor, movedTo: ann.user },
    });
    expect(of('journal-entry')[0]).toMatchObject({ in: { name: 'Seen' }, at: '2026-11-22T09:00:00.000Z', st: 'moved' });
    // As an entry of the journal, and not within the message.
    const carried = of('journal-entry').find((line) => line['t'] === 'wake');
    expect(carried).toEqual({
      ...{ kind: 'journal-entry', key: `${ann.user} ${woken.jk}`, st: 'moved', t: 'wake' },
      ...{ why: woken.why, at: '2026-11-22T09:00:00.000Z' },
    });
    expect(JSON.stringify(of('message'))).not.toContain(woken.why[0]!.code);
    const quiet = of('message').find((line) => line['key'] === `${ann.user} ${ann.user}-m1`);
    expect(quiet).toMatchObject({ st: 'sent', at: '2026-11-22T09:00:00.000Z' });
    expect(quiet).not.toHaveProperty('quiet');
    expect(of('inbox-message')[0]).toMatchObject({ content: { title: 'Hello', body: 'ann' } });
    expect(of('identity')[0]).toMatchObject({
      holders: [{ profile: ann.user, since: '2026-11-22T09:00:00.000Z' }],
    });
    expect(of('consent-statement')[0]).toMatchObject({ state: 'granted', recordedAt: '2026-11-22T09:00:00.000Z' });
  });

  it('is a page as well, in which a value is never markup', async () => {
    const { files } = await exportOf(ann.user);
    const [, page] = files;
    expect(files.map(({ name }) => name)).toEqual([`${kind}-1/1.ndjson`, `${kind}-1/1.html`]);
    expect(page!.text).toContain('&lt;b&gt;ann&lt;/b&gt;');
    expect(page!.text).not.toContain('<b>ann');
    expect(page!.text).toContain('What you agreed to, and what you withdrew');
  });

  it('is the same when its function dies behind every call, and is tried again', async () => {
    const whole = await exportOf(ann.user);
    const { deaths, files, lines } = await exportOf(ann.user, {}, mortal());
    expect(deaths).toBeGreaterThan(20);
    expect(files.map(({ name }) => name)).toEqual(whole.files.map(({ name }) => name));
    expect(lines).toEqual(whole.lines);
  });

  it('names nobody else', async () => {
    const text = (await exportOf(ann.user)).files.map((file) => file.text).join('');
    // That a device was asked that went to somebody else is all that is left of it.
    for (const foreign of [bob.user, bob.asked, bob.email, bob.phone, bob.token]) expect(text).not.toContain(foreign);
  });

  it('of somebody large is cut into parts, and goes on where it was cut off', async () => {
    const big = (cursor: string | undefined) => {
      const n = Number(cursor ?? 0);
      const item = {
        pk: 'x',
        jk: `${n}`,
        st: 'moved',
        t: 'event',
        in: JSON.stringify({ text: `${n}`.repeat(900_000) }),
      };
      const items = [{ kind: 'journal-entry', table: 'journal', key: { pk: 'x', jk: `${n}` }, item }];
      return { items, ...(n < 7 && { cursor: `${n + 1}` }) };
    };
    const { files, lines, calls } = await exportOf(ann.user, {
      subjects: { page: async (_, cursor) => big(cursor) },
    });
    expect(calls).toBe(2);
    expect(files.map(({ name }) => name.split('/')[1])).toEqual(['1.ndjson', '1.html', '2.ndjson', '2.html']);
    expect(lines.map((line) => line['key'])).toEqual(Array.from({ length: 8 }, (_, n) => `x ${n}`));
    expect(files[1]!.text).toContain('part 1. The next part goes on.');
    expect(files[3]!.text).toContain('part 2. Times');
  });

  it('begins the walk anew when a merge has changed whose items they are', async () => {
    const asked: (string | undefined)[] = [];
    const profiles = profileStore(dynamo.client, 'profiles');
    let merged = false;
    const { lines } = await exportOf(ann.user, {
      profiles: {
        ...profiles,
        async read(key) {
          const found = await profiles.read(key);
          if (key !== ann.user || found === undefined || !merged) return found;
          return { ...found, profile: { ...found.profile, aliases: [...found.profile.aliases, 'a-newly-merged'] } };
        },
      },
      subjects: {
        async page(_, cursor) {
          asked.push(cursor);
          const item = { at: 0, in: JSON.stringify('x'.repeat(5_000_000)) };
          const page = {
            items: [{ kind: 'journal-entry', table: 'journal', key: { pk: 'x', jk: `${cursor}` }, item }],
          };
          if (cursor === undefined && !merged) {
            merged = true;
            return { ...page, cursor: 'second' };
          }
          return page;
        },
      },
    });
    expect(asked).toEqual([undefined, undefined]);
    expect(lines).toHaveLength(2);
  });
});
