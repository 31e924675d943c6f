import { describe, expect, it } from 'vitest';
import { armTimers, MAX_COHORT } from '../../shared/app/arm-timers.ts';
import type { Cohort, Mailbox, OutgoingMail, StoredProfile } from '../../shared/app/ports.ts';
import { sweep } from '../../shared/app/sweep.ts';
import { wakeCohort } from '../../shared/app/wake-cohort.ts';
import { wakeSoon } from '../../shared/app/wake-soon.ts';
import { emptyProfile, type Run } from '../../shared/domain/profiles/profile.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS, MINUTE_MS, parseInstant } from '../../shared/kernel/time.ts';
import { timing } from '../../shared/resources.ts';
import fc from '../property.ts';
import { memoryJournal, memoryProfiles } from '../protocol/memory-stores.ts';

const now = Date.UTC(2026, 10, 22, 9);
const key = (index: number) => profileKey('user', `u${index}`);
/** A mailbox that keeps what it is given. */
const outbox = (sent: OutgoingMail[]): Mailbox => ({
  async send(mails) {
    sent.push(...mails);
    return [];
  },
});
const request = '0b1f6f0e-6f0c-4a38-9a55-0f4f7f1d7a10';

async function arm(waits: readonly { readonly id: string; readonly key: string; readonly due: number }[]) {
  const started = new Map<string, Cohort>();
  const machine = { start: async (name: string, cohort: Cohort) => void started.set(name, cohort) };
  const failed = await armTimers(waits, request, { clock: () => now, machine });
  return { started, failed };
}

describe('arm-timers', () => {
  it('G6: every wait is in a cohort that wakes at or after its due time, within the minute', async () => {
    const dues = fc.array(fc.integer({ min: 1, max: 250 * 24 * 60 * 60 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(dues, async (seconds) => {
        const waits = seconds.map((s, i) => ({ id: `m${i}`, key: key(i % 7), due: now + s * 1_000 }));
        const { started, failed } = await arm(waits);
        expect(failed).toEqual([]);
        for (const wait of waits) {
          const wakes = [...started.values()]
            .filter(({ keys }) => keys.includes(wait.key))
            .map(({ due }) => parseInstant(due)!);
          expect(wakes.some((at) => at >= wait.due && at < wait.due + MINUTE_MS)).toBe(true);
        }
        for (const name of started.keys()) expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
      }),
      { numRuns: 60 },
    );
  });

  it('says when and who in the name, and names a profile once', async () => {
    const { started } = await arm([1, 2, 1].map((i, n) => ({ id: `m${n}`, key: key(i), due: now + n })));
    expect([...started.keys()]).toEqual([`2026-11-22T09-00Z-${request}-0`, `2026-11-22T09-01Z-${request}-1`]);
    expect([...started.values()].map(({ due, keys }) => [due, keys.length])).toEqual([
      ['2026-11-22T09:00:00.000Z', 1],
      ['2026-11-22T09:01:00.000Z', 2],
    ]);
  });

  it('splits a cohort that would not fit into 256 KiB', async () => {
    const waits = Array.from({ length: MAX_COHORT + 1 }, (_, i) => ({ id: `m${i}`, key: key(i), due: now + DAY_MS }));
    const { started } = await arm(waits);
    expect([...started.values()].map(({ keys }) => keys.length)).toEqual([MAX_COHORT, 1]);
    for (const cohort of started.values()) expect(JSON.stringify(cohort).length).toBeLessThan(256 * 1024);
  });

  it('G6: hops of 300 days, and the wake tells the real end', async () => {
    const due = now + 364 * DAY_MS;
    const { started } = await arm([{ id: 'm', key: key(1), due }]);
    const [cohort] = started.values();
    expect(parseInstant(cohort!.due)).toBe(now + timing.maxHopDays * DAY_MS);
    const sent: OutgoingMail[] = [];
    const mailbox = outbox(sent);
    await wakeCohort('x', cohort!, { clock: () => now, mailbox });
    expect(sent[0]!.mail.records).toEqual([expect.objectContaining({ t: 'wake', due })]);
  });

  it('fails only the members of what could not be started', async () => {
    const machine = {
      start: async (_: string, cohort: Cohort) => {
        if (cohort.keys.includes(key(2))) throw new Transient('test', 'throttled');
      },
    };
    const waits = [1, 2, 3, 2].map((i, n) => ({ id: `m${n}`, key: key(i), due: now + i * MINUTE_MS }));
    expect(await armTimers(waits, request, { clock: () => now, machine })).toEqual(['m1', 'm3']);
  });
});

describe('wakes', () => {
  const send = async (act: (ports: Parameters<typeof wakeCohort>[2]) => Promise<void>) => {
    const sent: OutgoingMail[] = [];
    await act({ clock: () => now, mailbox: outbox(sent) });
    return sent;
  };
  const cohort: Cohort = { schema: 1, due: '2026-11-22T09:00:00.000Z', keys: [key(1), key(2)] };

  it('G6: two waits of one profile in one minute are two records; one execution tried again is the same', async () => {
    const first = await send((ports) => wakeCohort('one', cohort, ports));
    const again = await send((ports) => wakeCohort('one', cohort, ports));
    const other = await send((ports) => wakeCohort('two', cohort, ports));
    expect(again).toEqual(first);
    expect(new Set([...first, ...other].map(({ id }) => id)).size).toBe(4);
    expect(first.map(({ mail }) => mail.hop)).toEqual([0, 0]);
  });

  it('of the delay queue are named by its messages', async () => {
    const [one] = await send((ports) => wakeSoon([{ id: 'a', key: key(1), due: 5 }], ports));
    const [two] = await send((ports) => wakeSoon([{ id: 'b', key: key(1), due: 5 }], ports));
    expect(one!.id).not.toBe(two!.id);
    expect(one!.mail.records).toEqual([{ t: 'wake', id: one!.id, due: 5 }]);
  });

  it('fail whole when one is refused, so that the state machine tries again', async () => {
    const mailbox = { send: async () => [{ index: 1, code: 'queue.x' }] };
    await expect(wakeCohort('x', cohort, { clock: () => now, mailbox })).rejects.toBeInstanceOf(Transient);
  });
});

describe('sweep', () => {
  const pending = (at: number) => ({ v: 1, at, ids: [], last: 'l', eff: [], hop: 0 });
  const profile = (index: number, more: Partial<StoredProfile>): StoredProfile => ({
    key: key(index),
    version: 1,
    at: now,
    epoch: 1,
    profile: emptyProfile,
    ...more,
  });
  async function run(
    profiles: readonly StoredProfile[],
    isTimeUp = () => false,
    resumed?: { readonly at: number; readonly epoch: number },
  ) {
    const sent: OutgoingMail[] = [];
    const journal = memoryJournal();
    await journal.put({ key: key(1), jk: 'l', v: 1, st: 'moved', t: 'event', why: [], at: now });
    await journal.put({ key: key(2), jk: 'l', v: 2, st: 'moved', t: 'event', why: [], at: now });
    const ports = {
      clock: () => now,
      metrics: { count: () => undefined },
      journal,
      profiles: memoryProfiles(new Map(profiles.map((one) => [one.key, one]))),
      mailbox: outbox(sent),
    };
    const options = { journalRetentionDays: 90, isTimeUp };
    const first = await sweep(resumed ?? { at: now }, options, ports);
    return { sent, first, goOn: () => sweep(first!, { ...options, isTimeUp: () => false }, ports) };
  }

  it('G3, G7: nudges what has no certificate of its version, and what may outlive it; leaves the rest alone', async () => {
    const { sent } = await run([
      profile(1, { pending: pending(now - 2 * 3_600_000) }),
      profile(2, { pending: pending(now - 2 * 3_600_000) }),
      profile(3, { pending: pending(now - 60_000) }),
      profile(4, { pending: pending(now - 46 * DAY_MS) }),
      profile(5, { pending: pending(now - 20 * DAY_MS) }),
    ]);
    expect(sent.map(({ mail }) => [mail.key, mail.records[0]!.t]).sort()).toEqual(
      [
        [key(2), 'nudge'],
        [key(4), 'nudge'],
      ].sort(),
    );
  });

  it('G6: after a resumption it wakes all that is due, by a catalog that knows of it, under ids of its own', async () => {
    const due = (index: number, at: number) => {
      const run: Run = { journey: 'j', version: 1, step: 's', since: 0, enteredAt: 0, due: at, stand: 'wait' };
      return profile(index, { profile: { ...emptyProfile, runs: { r: run } } });
    };
    const all = [due(1, now), due(2, now - DAY_MS), due(3, now + 60_000)];
    const daily = await run(all);
    const resumed = await run(all, () => false, { at: now + 1_000, epoch: 7 });
    expect(daily.sent.map(({ mail }) => mail.records[0])).toMatchObject([{ t: 'wake', due: now - DAY_MS }]);
    expect(daily.sent[0]!.mail.records[0]).not.toHaveProperty('epoch');
    const found = new Map(resumed.sent.map(({ mail }) => [mail.key, mail.records[0]]));
    expect(found.get(key(1))).toMatchObject({ t: 'wake', due: now, epoch: 7 });
    expect(found.get(key(2))).toMatchObject({ t: 'wake', due: now - DAY_MS, epoch: 7 });
    expect(found.size).toBe(2);
    expect(resumed.sent.map(({ id }) => id)).not.toContain(daily.sent[0]!.id);
  });

  it('goes on where its time was up, with the same ids, and meets everybody once', async () => {
    const all = Array.from({ length: 9 }, (_, i) => profile(10 + i, { pending: pending(0) }));
    const { sent, first, goOn } = await run(all, () => true);
    expect(first?.cursor).toBeDefined();
    expect(sent.length).toBeLessThan(9);
    expect(await goOn()).toBeUndefined();
    expect(sent.map(({ mail }) => mail.key).sort()).toEqual(all.map((one) => one.key).sort());
    expect(sent[0]!.id).toBe(`sweep-${now}-nudge-${sent[0]!.mail.key}`);
  });
});
