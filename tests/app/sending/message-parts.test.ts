import { describe, expect, it } from 'vitest';
import type { OutgoingSms } from '../../../shared/app/delivery.ts';
import { Breakers } from '../../../shared/app/sending/breaker.ts';
import { Sending } from '../../../shared/app/sending/sending.ts';
import type { SendingSettings } from '../../../shared/settings.ts';
import { memoryCounters } from '../../protocol/memory-stores.ts';
import { queuedMessage } from '../../protocol/scenario.ts';
import { memoryOutages } from './memory-outages.ts';

const start = Date.UTC(2026, 10, 26, 9);
const TICK_MS = 100;

/** One container that hands over text messages as they come. */
function world(sms: SendingSettings['sms']) {
  const at = { now: start, handed: 0, parts: 0, asked: 0 };
  const clock = () => at.now;
  const metrics = { count: () => undefined };
  const waiting = async () => {
    at.asked += 1;
    return 0;
  };
  const ports = { clock, metrics, waiting, counters: memoryCounters() };
  const sending = new Sending(
    'sms',
    { senders: [], ...(sms && { sending: { sms } }) },
    { ...ports, breakers: new Breakers(memoryOutages(), clock, metrics) },
  );
  const guarded = sending.guarded(async ({ parts }: OutgoingSms) => {
    at.handed += 1;
    at.parts += parts;
    return { handed: 'p' };
  });
  let sequence = 0;
  const text = (parts: number, from = 'SHOP', transactional = false) =>
    guarded({
      ...{ channel: 'sms', id: `m${sequence++}`, to: '+4915100000000', from, text: 'x', parts, transactional },
      transport: 'end-user-messaging',
    });
  /** For so long, as often as it can be. */
  const send = async (seconds: number, parts: number, from?: string) => {
    for (const end = at.now + seconds * 1_000; at.now < end; at.now += TICK_MS) {
      for (;;) if ('throttled' in (await text(parts, from))) break;
    }
  };
  return { at, text, send, admit: () => sending.admit(queuedMessage(`m${sequence++}`).request, 1) };
}

describe('a text message before the rate of its sender', () => {
  it.each([1, 2, 3, 5])('counts as its parts: %s', async (parts) => {
    const { at, send } = world({ senders: { SHOP: 10 }, containers: 1 });
    await send(60, parts);
    expect(at.parts).toBeLessThanOrEqual(10 * (60 + 2) + 1);
    expect(at.parts, 'what may be sent is sent').toBeGreaterThan(10 * 60 * 0.9);
    expect(at.handed).toBe(at.parts / parts);
  });

  it('goes, with more parts than the rate has in a second, and then the others wait for it', async () => {
    const { at, text } = world({ senders: { SHOP: 1 }, containers: 1 });
    expect(await text(6)).toEqual({ handed: 'p' });
    const waits = await text(6);
    expect(waits).toMatchObject({ throttled: 'sending.rate', parked: true, retryAfterSeconds: expect.any(Number) });
    const { retryAfterSeconds } = waits as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(3);
    at.now += retryAfterSeconds * 1_000;
    expect(await text(6)).toEqual({ handed: 'p' });
  });

  it('does not wait for another sender', async () => {
    const { at, send, text } = world({ senders: { SHOP: 1, OTHER: 1 }, containers: 1 });
    await send(1, 1);
    expect(await text(1)).toHaveProperty('throttled');
    const { asked } = at;
    expect(await text(1, 'OTHER')).toHaveProperty('handed');
    expect(await text(3, 'UNLIMITED'), 'without a rate').toHaveProperty('handed');
    expect(at.asked, 'the queue is asked only for who waits').toBe(asked);
  });

  it('counts once before the rate of the channel, whose parts nobody knows yet', async () => {
    const { at, admit } = world({ perSecond: 10, containers: 1 });
    let admitted = 0;
    for (; at.now < start + 60_000; at.now += TICK_MS) {
      while ((await admit()) === undefined) admitted += 1;
    }
    expect(admitted).toBeLessThanOrEqual(10 * (60 + 2) + 1);
    expect(admitted).toBeGreaterThan(10 * 60 * 0.9);
  });
});
