import { describe, expect, it } from 'vitest';
import { armTimers, MAX_COHORT } from '../../shared/app/arm-timers.ts';
import type { Cohort, Mailbox, OutgoingMail } from '../../shared/app/ports.ts';
import { wakeCohort } from '../../shared/app/wake-cohort.ts';
import { wakeSoon } from '../../shared/app/wake-soon.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS, MINUTE_MS, parseInstant } from '../../shared/kernel/time.ts';
import { timing } from '../../shared/resources.ts';
import fc from '../property.ts';

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
