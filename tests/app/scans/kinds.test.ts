import { describe, expect, it } from 'vitest';
import type { StoredProfile } from '../../../shared/app/ports.ts';
import { type Counts, type Job, progressOf } from '../../../shared/app/scans/job.ts';
import { type WhoParams, whoKind } from '../../../shared/app/scans/kinds/who.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { ARM_WITHIN_MS } from '../../../shared/domain/journeys/engine/date-entries.ts';
import { emptyProfile, type Run } from '../../../shared/domain/profiles/profile.ts';
import { testKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/kernel/time.ts';
import { having, jobOf, key, now, scanWorld, stored } from './world.ts';

async function run(job: Job, profiles: readonly StoredProfile[]) {
  const world = scanWorld(profiles, [job]);
  const entry = { jk: 'l', st: 'moved', t: 'event', why: [], at: now } as const;
  await world.ports.journal.put({ ...entry, key: key(1), v: 1 });
  await world.ports.journal.put({ ...entry, key: key(2), v: 2 });
  await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, world.ports);
  const kept = (await world.ports.jobs.listKept(job.id, { limit: 100 })).data;
  return { sent: world.sent, progress: await progressOf(world.ports.jobs, job.id), kept };
}
const standing = (journey: string, due?: number): Run => ({
  journey,
  version: 1,
  step: 's',
  since: 0,
  enteredAt: 0,
  stand: 'wait',
  ...(due !== undefined && { due }),
});
const runIn = (index: number, journey: string, due?: number) => having(index, { runs: { r: standing(journey, due) } });

describe('sweep', () => {
  const pending = (at: number) => ({ v: 1, at, ids: [], last: 'l', eff: [], hop: 0 });

  it('G3, G7: nudges what has no certificate of its version, and what may outlive it; leaves the rest alone', async () => {
    const { sent, progress } = await run(jobOf('sweep'), [
      stored(1, { pending: pending(now - 2 * 3_600_000) }),
      stored(2, { pending: pending(now - 2 * 3_600_000) }),
      stored(3, { pending: pending(now - 60_000) }),
      stored(4, { pending: pending(now - 46 * DAY_MS) }),
      stored(5, { pending: pending(now - 20 * DAY_MS) }),
    ]);
    expect(sent.map(({ mail }) => [mail.key, mail.records[0]!.t]).sort()).toEqual(
      [
        [key(2), 'nudge'],
        [key(4), 'nudge'],
      ].sort(),
    );
    expect(progress).toEqual({ scanned: 5, repaired: 2, armed: 0 });
  });

  it('looks at each commit once, where the sweep before came to its end', async () => {
    const uncertified = [
      stored(3, { pending: pending(now - 26 * HOUR_MS) }),
      stored(4, { pending: pending(now - 24 * HOUR_MS) }),
    ];
    const nudged = async (params: object) =>
      (await run(jobOf('sweep', { params: { ...params } }), uncertified)).sent.map(({ mail }) => mail.key).sort();
    expect(await nudged({ checkedUntil: now - 25 * HOUR_MS })).toEqual([key(4)]);
    expect(await nudged({})).toEqual([key(3), key(4)].sort());
  });

  it('G6: wakes what is overdue by more than two minutes, and asks again what got no answer', async () => {
    const { sent } = await run(jobOf('sweep'), [
      runIn(1, 'j', now - 60_000),
      runIn(2, 'j', now - DAY_MS),
      having(3, { asked: { [key(9)]: { since: 0, origin: 'alias' } } }),
      having(4, { movedTo: key(9), frozen: true }),
      having(5, { movedTo: key(9) }),
    ]);
    const told = sent.map(({ mail }) => [mail.key, mail.records[0]] as const);
    expect(told.sort(([, a], [, b]) => (a!.t < b!.t ? -1 : 1))).toEqual([
      [key(9), { t: 'absorb', from: key(4) }],
      [key(2), { t: 'wake', id: expect.any(String), due: now - DAY_MS }],
      [key(9), { t: 'yield', to: key(3), origin: 'alias' }],
    ]);
  });

  it('tells of days within the horizon, each once and as often as they are, and of no other wait that is to come', async () => {
    const dates = (...dues: number[]) => ({
      saw: 'x',
      next: Object.fromEntries(dues.map((due, i) => [`p${i}`, { on: '2026-11-23', due }])),
    });
    const soon = now + ARM_WITHIN_MS;
    const { sent, progress } = await run(jobOf('sweep'), [
      having(1, { dates: dates(soon - 1) }),
      having(2, { dates: dates(soon) }),
      runIn(3, 'j', now + DAY_MS),
      having(4, { dates: dates(now + DAY_MS, now + HOUR_MS, now + DAY_MS, soon + DAY_MS) }),
      having(5, { dates: dates(now + 2 * HOUR_MS), runs: { r: standing('j', now - HOUR_MS) } }),
      having(6, { dates: dates(now + HOUR_MS), movedTo: key(1) }),
    ]);
    const told = sent.map(({ mail }) => [mail.key, (mail.records[0] as { due: number }).due - now] as const);
    expect(told.toSorted(([, a], [, b]) => a - b)).toEqual([
      [key(5), -HOUR_MS],
      [key(4), HOUR_MS],
      [key(5), 2 * HOUR_MS],
      [key(4), DAY_MS],
      [key(1), ARM_WITHIN_MS - 1],
    ]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(told.length);
    expect(progress).toEqual({ scanned: 6, repaired: 1, armed: 4 });
  });
});

describe('wake', () => {
  const everybody = [
    runIn(1, 'welcome', now),
    runIn(2, 'welcome', now + DAY_MS),
    runIn(3, 'other', now - DAY_MS),
    having(4, { held: { m: { run: 'r', at: { ...standing('welcome'), due: now + 5 } } } }),
    stored(5),
    having(6, { movedTo: key(1), runs: { r: standing('welcome', now) } }),
    having(7, { asIf: { runs: { r: standing('welcome', now) } } }),
  ];
  const woken = async (params: {
    readonly epoch: number;
    readonly journey?: string;
    readonly onlyDue?: boolean;
    readonly traits?: readonly string[];
  }) => {
    const { sent, progress } = await run(jobOf('wake', { params }), everybody);
    const found = sent.map(({ id, mail }) => {
      expect(mail.records).toEqual([{ t: 'wake', id, due: expect.any(Number), epoch: 7 }]);
      return [mail.key, (mail.records[0] as { readonly due: number }).due - now] as const;
    });
    expect(progress['woken']).toBe(found.length);
    return new Map(found);
  };

  it('everybody but signposts looks again, by this catalog', async () => {
    expect([...(await woken({ epoch: 7 })).keys()].sort()).toEqual([1, 2, 3, 4, 5, 7].map(key).sort());
  });

  it('only those who stand in a journey, or have a held message of it', async () => {
    const found = await woken({ epoch: 7, journey: 'welcome' });
    expect(found).toEqual(new Map([1, 2, 4, 7].map((index) => [key(index), 0])));
  });

  it('who has a trait that names a day, beside those who stand in the journey', async () => {
    const of = (value: string | null) => ({ birthday: { value, at: 0, source: 'api' as const } });
    everybody.push(having(7, { traits: of('1992-02-29') }), having(8, { traits: of(null) }));
    expect([...(await woken({ epoch: 7, traits: ['birthday'] })).keys()]).toEqual([key(7)]);
    expect([...(await woken({ epoch: 7, journey: 'other', traits: ['birthday'] })).keys()].sort()).toEqual(
      [key(3), key(7)].sort(),
    );
    everybody.splice(-2);
  });

  it('G6: after a resumption, only those with something due, which their wake names', async () => {
    expect(await woken({ epoch: 7, journey: 'welcome', onlyDue: true })).toEqual(
      new Map([1, 7].map((index) => [key(index), 0])),
    );
    expect((await woken({ epoch: 7, onlyDue: true })).get(key(3))).toBe(-DAY_MS);
  });
});

it.each([
  ['sweep', {}],
  ['wake', { epoch: 7 }],
  ['who', { journey: 'j' }],
  ['broadcast', { journey: 'j', epoch: 7 }],
])('%s leaves test runs alone', async (kind, params) => {
  const test = { journey: 'j', version: 1, sendTo: 'me@team.example', speed: 60, startedAt: 0 };
  const profile = { ...emptyProfile, test, runs: { r: standing('j', now - DAY_MS) } };
  const actor = stored(1, {
    key: testKey('j', 'r'),
    profile,
    pending: { v: 1, at: 0, ids: [], last: 'l', eff: [], hop: 0 },
  });
  const { sent, progress } = await run(jobOf(kind, { params }), [actor]);
  expect([sent, progress['scanned'], progress['at/1/s/wait']]).toEqual([[], 1, undefined]);
});

const whoResult = (counts: Counts) => whoKind.result!({ job: jobOf('who'), counts, kept: async () => [] });

describe('who', () => {
  const people = [
    runIn(1, 'welcome', now),
    having(2, {
      runs: { a: standing('welcome'), b: { ...standing('welcome'), version: 2, step: 't', stand: 'held' } },
    }),
    runIn(3, 'other'),
    having(4, { movedTo: key(1), runs: { r: standing('welcome') } }),
    having(5, { asIf: { runs: { r: standing('welcome') } } }),
  ];
  const ask = async (params: WhoParams) => {
    const { progress, kept } = await run(jobOf('who', { params }), people);
    return { result: whoResult(progress), kept: kept.flat() };
  };

  it('counts runs by version, step and state, and names their profiles by key', async () => {
    const { result, kept } = await ask({ journey: 'welcome' });
    expect(result).toEqual({
      people: 3,
      unnamed: 0,
      at: [
        { version: 2, step: 't', state: 'held', people: 1 },
        { version: 1, step: 's', state: 'wait', people: 2 },
      ],
    });
    expect(kept).toHaveLength(3);
    expect(kept).toContainEqual({ key: key(2), version: 2, step: 't', state: 'held', since: 0 });
  });

  it.each<[WhoParams, number]>([
    [{ journey: 'welcome', step: 't' }, 1],
    [{ journey: 'welcome', state: 'wait' }, 2],
    [{ journey: 'welcome', step: 't', state: 'wait' }, 0],
    [{ journey: 'none' }, 0],
  ])('%j: %i', async (params, howMany) => {
    expect(await ask(params)).toMatchObject({ result: { people: howMany } });
  });

  it('names 200 of a page, and says how many it leaves unnamed', async () => {
    const runs = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`r${index}`, standing('welcome')]));
    const { progress, kept } = await run(jobOf('who', { params: { journey: 'welcome' } }), [having(1, { runs })]);
    expect(whoResult(progress)).toMatchObject({ people: 250, unnamed: 50 });
    expect(kept.flat()).toHaveLength(200);
  });
});

describe('broadcast', () => {
  const gold = { ref: 'profile.tier', is: 'gold' } as const;
  const tier = (index: number, value: string) => having(index, { traits: { tier: { value, at: now, source: 'api' } } });
  const everybody = [tier(1, 'gold'), tier(2, 'none'), tier(3, 'gold'), stored(4), having(5, { movedTo: key(1) })];
  const params = { journey: 'spring', epoch: 7 };
  const told = async (job: Job) => {
    const { sent, progress } = await run(job, everybody);
    return {
      keys: sent.map(({ mail }) => mail.key).sort(),
      records: sent.map(({ mail }) => mail.records[0]),
      progress,
    };
  };
  const keysOf = (...indexes: number[]) => indexes.map(key).sort();

  it('tells everybody but signposts, in a record that names broadcast and catalog', async () => {
    const { keys, records, progress } = await told(jobOf('broadcast', { params }));
    expect(keys).toEqual(keysOf(1, 2, 3, 4));
    expect(progress).toMatchObject({ scanned: 5, told: 4, noMatch: 0 });
    const record = { t: 'enroll', at: now, epoch: 7, journey: 'spring', broadcast: { id: 'broadcast-1' } };
    for (const one of records) expect(one).toEqual({ ...record, id: expect.stringMatching(/^[\w-]{22}$/) });
    expect(new Set(records.map((one) => (one as { readonly id: string }).id)).size).toBe(4);
  });

  it('leaves out for whom the predicate does not hold, and hands it to the others', async () => {
    const { keys, records, progress } = await told(jobOf('broadcast', { params: { ...params, where: gold } }));
    expect(keys).toEqual(keysOf(1, 3));
    expect(progress).toMatchObject({ told: 2, noMatch: 2 });
    expect(records[0]).toMatchObject({ broadcast: { where: gold } });
  });

  it('tells those on a list that are known, signposts too, which forward', async () => {
    const list = keysOf(5, 3, 9);
    const { keys, progress } = await told(jobOf('broadcast', { params: { ...params, list } }));
    expect(keys).toEqual(keysOf(3, 5));
    expect(progress).toMatchObject({ scanned: 3, told: 2 });
  });

  it('keeps its pace, and goes on with the profile that had no room', async () => {
    const world = scanWorld(everybody, [jobOf('broadcast', { params, perMinute: 1 })]);
    let time = now;
    const ports = { ...world.ports, clock: () => time };
    const answers: string[] = [];
    for (let calls = 0; calls < 20; calls++) {
      const answer = await scanSegment({ job: 'broadcast-1', run: 0, segment: 0 }, () => false, ports);
      answers.push(answer.next);
      if (answer.next === 'done') break;
      if (answer.next === 'wait') {
        expect(answer.seconds).toBe(60);
        time += 60_000;
      }
    }
    expect(world.sent.map(({ mail }) => mail.key).sort()).toEqual(keysOf(1, 2, 3, 4));
    expect(world.sent.map(({ mail }) => mail.received - now)).toEqual([0, 60_000, 120_000, 180_000]);
    expect(await progressOf(ports.jobs, 'broadcast-1')).toMatchObject({ scanned: 5, told: 4 });
  });
});

it('clear deletes all items of a collection that was removed, and nothing that was saved since', async () => {
  const job = jobOf('clear', { params: { collection: 'products', savedBy: now } });
  const w = scanWorld([], [job]);
  const item = (id: string, collection = 'products', savedAt = now) => ({ collection, id, values: {}, savedAt });
  for (let n = 0; n < 150; n += 1) await w.ports.items.put(item(`p${n}`));
  const others = [item('p1', 'others'), item('p1', 'products', now + 1)];
  for (const other of others) await w.ports.items.put(other);
  expect(await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, w.ports)).toEqual({ next: 'done' });
  expect([...w.stock.values()]).toEqual(expect.arrayContaining(others));
  expect(w.stock.size).toBe(2);
  expect(await progressOf(w.ports.jobs, job.id)).toEqual({ scanned: 150, deleted: 149 });
});
