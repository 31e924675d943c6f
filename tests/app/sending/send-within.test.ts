import { describe, expect, it } from 'vitest';
import type { Outgoing, OutgoingEmail, ProviderResult } from '../../../shared/app/delivery.ts';
import type { MessageRecord, QueuedMessage, StoredProfile } from '../../../shared/app/ports.ts';
import { asShown } from '../../../shared/app/quiet-claim.ts';
import type { MessageDelivery } from '../../../shared/app/send.ts';
import { Breakers } from '../../../shared/app/sending/breaker.ts';
import { sendWithin } from '../../../shared/app/sending/send-within.ts';
import { Sending } from '../../../shared/app/sending/sending.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { timing } from '../../../shared/resources.ts';
import type { SendingSettings } from '../../../shared/settings.ts';
import { memoryCounters, memoryMessages, memoryProfiles } from '../../protocol/memory-stores.ts';
import { people, queuedMessage } from '../../protocol/scenario.ts';
import { memoryOutages } from './memory-outages.ts';

const start = Date.UTC(2026, 10, 26, 9);
const email: Omit<OutgoingEmail, 'id'> = {
  channel: 'email',
  ...{ to: 'ada@example.org', sender: 'news', from: 'news@shop.example', subject: 'Hi', text: 'Hi' },
  ...{ configurationSet: 'marketing', transactional: false },
};

/** One container with a queue that delivers a message as soon as it may be seen again, and counts how often. */
function world(sending: SendingSettings['email'], result: ProviderResult = { handed: 'p' }) {
  const claims = new Map<string, MessageRecord>();
  const profile: StoredProfile = { key: people.u, version: 1, at: start, epoch: 1, profile: emptyProfile };
  const at = {
    now: start,
    result,
    handed: [] as { readonly id: string; readonly at: number }[],
    mostReceives: 0,
    fresh: 0,
  };
  const queue: { readonly due: number; readonly receives: number; readonly message: QueuedMessage }[] = [];
  const clock = () => at.now;
  const metrics = { count: () => undefined };
  const breakers = new Breakers(memoryOutages(), clock, metrics);
  const counters = memoryCounters();
  const waiting = async () => queue.length;
  const gate = new Sending(
    'email',
    {
      senders: [{ id: 'news', from: email.from, postalAddress: 'here' }],
      ...(sending && { sending: { email: sending } }),
    },
    { clock, counters, breakers, metrics, waiting },
  );
  const deliver = gate.guarded(async ({ id }: Outgoing): Promise<ProviderResult> => {
    if ('handed' in at.result) at.handed.push({ id, at: at.now });
    return at.result;
  });
  const ports = {
    ...{ clock, metrics, sending: gate },
    mailbox: { send: async () => [] },
    messages: memoryMessages(claims),
    profiles: memoryProfiles(new Map([[people.u, profile]])),
    hand: async ({ id }: { readonly id: string }) => ({
      renderedAt: at.now,
      async call() {
        const answer = await deliver({ ...email, id });
        return 'refused' in answer ? { ...answer, as: 'failed' as const } : answer;
      },
    }),
    again: async (message: QueuedMessage) => {
      at.fresh += 1;
      expect(message.copy).toBeDefined();
      queue.push({ due: at.now, receives: 0, message });
    },
  };
  const post = (id: string, transactional = false) => {
    const message = queuedMessage(id);
    const request = { ...message.request, transactional };
    const entry = { jk: id, v: 3, at: at.now, why: [] };
    queue.push({ due: at.now, receives: 0, message: { ...message, request, entry, unasked: true } });
  };
  /** Until nothing is left, or so much time has passed. */
  const work = async (seconds: number): Promise<void> => {
    const end = at.now + seconds * 1_000;
    for (;;) {
      queue.sort((a, b) => a.due - b.due);
      const due = queue[0]?.due;
      if (due === undefined || due > end) break;
      at.now = Math.max(at.now, due);
      const batch = queue.splice(0, Math.min(10, queue.findLastIndex((one) => one.due <= at.now) + 1));
      await Promise.all(
        batch.map(async ({ receives, message }, index) => {
          const copy = `of-${message.request.id}`;
          const delivery: MessageDelivery = { copy, ...message, receives: receives + 1, by: `${at.now}/${index}` };
          at.mostReceives = Math.max(at.mostReceives, receives + 1);
          const outcome = await sendWithin(delivery, ports);
          if (outcome === 'ack') return;
          queue.push({ due: at.now + outcome.nackAfterSeconds * 1_000, receives: receives + 1, message });
        }),
      );
    }
    at.now = end;
  };
  /** As they are shown some minutes later. */
  const states = () => [...claims.values()].map((row) => asShown(row, at.now + 5 * MINUTE_MS).st);
  return { at, post, work, states, queue, claims, breakers };
}

describe('a message that a rate is against', () => {
  it('comes when there is room, with few receives and no claim before; all of them go, and no faster', async () => {
    const { at, post, work, states, claims } = world({ perSecond: 5, containers: 1 });
    for (let message = 0; message < 600; message++) post(`m${message}`);
    await work(0);
    expect(claims.size, 'only who goes has a claim').toBe(at.handed.length);
    await work(400);
    expect(new Set(at.handed.map(({ id }) => id)).size).toBe(600);
    expect(at.handed).toHaveLength(600);
    expect(states().every((st) => st === 'sent')).toBe(true);
    for (let second = 0; second < 200; second++) {
      const from = start + second * 1_000;
      const within = at.handed.filter((one) => one.at >= from && one.at < from + 10_000).length;
      expect(within).toBeLessThanOrEqual(5 * 12 + 1);
    }
    const ideal = (600 / 5) * 1_000;
    expect(at.handed[540]!.at - start, 'nine in ten are not much slower either').toBeLessThan(1.4 * ideal);
    expect(at.handed.at(-1)!.at - start, 'and the last one is not left behind').toBeLessThan(2.5 * ideal);
    expect(at.mostReceives).toBeLessThan(25);
  });

  it('a transactional message overtakes thousands', async () => {
    const { at, post, work } = world({ perSecond: 5, containers: 1 });
    for (let message = 0; message < 2_000; message++) post(`m${message}`);
    await work(20);
    post('code', true);
    await work(30);
    const place = at.handed.findIndex(({ id }) => id === 'code');
    expect(at.handed[place]!.at - start).toBeLessThan(36_000);
  });

  it('a sender with a rate of its own waits alone', async () => {
    const { at, post, work, states } = world({ senders: { news: 2 }, containers: 1 });
    for (let message = 0; message < 40; message++) post(`m${message}`);
    await work(120);
    expect(at.handed).toHaveLength(40);
    expect(at.handed.at(-1)!.at - start).toBeGreaterThan(15_000);
    expect(states()).not.toContain('failed');
  });
});

describe('a message of a provider that does not work', () => {
  it('is parked, however long that takes, and goes when it works again: nothing is lost or doubled', async () => {
    const { at, post, work, states, queue, claims } = world(undefined, {
      throttled: 'email.sending-paused',
      alarm: true,
    });
    for (let message = 0; message < 30; message++) post(`m${message}`);
    await work(5 * 24 * 3_600);
    expect(queue).toHaveLength(30);
    expect(at.fresh).toBeGreaterThan(30);
    expect(at.mostReceives).toBeLessThan(timing.messageFreshFromReceives + 10);
    at.result = { handed: 'p' };
    await work(3_600);
    expect(at.handed.map(({ id }) => id).sort()).toEqual(Array.from({ length: 30 }, (_, n) => `m${n}`).sort());
    expect(states()).toEqual(Array.from({ length: 30 }, () => 'sent'));
    // What was put into the queue anew is the same copy, and says the same.
    for (const { id, entries, unasked, copy } of claims.values()) {
      expect([id, unasked, copy]).toEqual([entries?.[0]?.jk, true, `of-${id}`]);
    }
  });

  it('few are lost to doubt: of those the provider may have taken', async () => {
    const { at, post, work, states } = world(undefined, { unknown: 'email.server-error' });
    for (let message = 0; message < 100; message++) post(`m${message}`);
    await work(600);
    const doubtful = states().filter((st) => st === 'unknown').length;
    // A batch is on its way before five answers are there; then a try at 30, 90, 210 and 450 seconds.
    expect(doubtful).toBeLessThanOrEqual(10 + 4);
    at.result = { handed: 'p' };
    await work(3_600);
    expect(at.handed).toHaveLength(100 - doubtful);
  });
});
