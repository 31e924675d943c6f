import { describe, expect, it } from 'vitest';
import type { ProviderResult } from '../../../shared/app/delivery.ts';
import { Breakers, failureOf, type OutageStore } from '../../../shared/app/sending/breaker.ts';
import { Transient } from '../../../shared/kernel/errors.ts';
import { memoryOutages } from './memory-outages.ts';

const start = Date.UTC(2026, 10, 26, 9);
const SECOND = 1_000;
const broken: ProviderResult = { unknown: 'email.server-error' };
const works: ProviderResult = { handed: 'p1' };

function world(store: OutageStore = memoryOutages()) {
  const at = { now: start, reads: 0, calls: 0, counted: [] as string[], answers: broken };
  const counted: OutageStore = {
    ...store,
    read(provider) {
      at.reads += 1;
      return store.read(provider);
    },
  };
  const container = () => new Breakers(counted, () => at.now, { count: (name) => at.counted.push(name) });
  /** What came of a message: handed to the provider or parked, and until when. */
  const send = async (breakers: Breakers, provider = 'email#news'): Promise<'called' | number> => {
    const outage = await breakers.enter(provider);
    if (outage !== undefined) return outage.tryAt - at.now;
    at.calls += 1;
    await breakers.report(provider, at.answers);
    return 'called';
  };
  return { at, container, send, store };
}

describe('what is no fault of a message', () => {
  it.each<[string, ProviderResult, string | undefined]>([
    ['no answer', { unknown: 'email.no-answer' }, 'email.no-answer'],
    ['a server error', { throttled: 'webhook.status-503' }, 'webhook.status-503'],
    ['nobody there', { throttled: 'sms.unreachable' }, 'sms.unreachable'],
    ['our configuration', { throttled: 'email.sending-paused', alarm: true }, 'email.sending-paused'],
    ['too many', { throttled: 'email.throttled' }, undefined],
    ['too many, of a webhook', { throttled: 'webhook.status-429' }, undefined],
    ['a bad address', { refused: 'email.rejected' }, undefined],
    ['taken', works, undefined],
  ])('%s', (_name, result, why) => {
    expect(failureOf(result)).toBe(why);
  });
});

describe('a circuit breaker', () => {
  it('costs one read for each container of a provider that works', async () => {
    const { at, container, send } = world();
    at.answers = works;
    const one = container();
    for (let message = 0; message < 50; message++) expect(await send(one)).toBe('called');
    expect(at.reads).toBe(1);
  });

  it('opens after five failures in a row, for its provider alone, and other containers hear of it', async () => {
    const { at, container, send } = world();
    const [one, other, fresh] = [container(), container(), container()];
    at.answers = works;
    await send(other);
    at.answers = broken;
    for (let message = 0; message < 5; message++) expect(await send(one)).toBe('called');
    expect(await send(one)).toBe(30 * SECOND);
    expect(one.isOpen('email#news')?.why).toBe('email.server-error');
    expect(await send(other), 'by a failure of its own').toBe('called');
    expect(await send(other)).toBe(30 * SECOND);
    expect(await send(fresh), 'by its first look').toBe(30 * SECOND);
    expect(await send(one, 'email#account')).toBe('called');
    expect(at.counted).toContain('ProviderDown');
  });

  it('a failure now and then opens nothing', async () => {
    const { at, container, send } = world();
    const one = container();
    for (let message = 0; message < 40; message++) {
      at.answers = message % 5 === 4 ? works : broken;
      expect(await send(one)).toBe('called');
    }
  });

  it('lets one message of all containers try, at growing distances, and closes by itself', async () => {
    const { at, container, send, store } = world();
    const all = [container(), container(), container()];
    for (let message = 0; message < 5; message++) await send(all[0]!);
    const tried: number[] = [];
    for (; at.now < start + 2 * 3_600 * SECOND; at.now += 10 * SECOND) {
      at.calls = 0;
      await Promise.all(all.flatMap((one) => [send(one), send(one)]));
      if (at.now > start && at.calls > 0) tried.push((at.now - start) / SECOND);
      // Each of the other two hears of it by one failure of its own.
      expect(at.calls).toBeLessThanOrEqual(at.now === start ? 4 : 1);
    }
    expect(tried.slice(0, 6)).toEqual([30, 90, 210, 450, 930, 1_830]);
    expect(new Set(tried.slice(6).map((second, index) => second - tried[index + 5]!))).toEqual(new Set([900]));

    at.answers = works;
    const outage = (await store.read('email#news'))!;
    at.now = outage.tryAt;
    await Promise.all(all.map((one) => send(one)));
    expect(await store.all()).toEqual([]);
    at.now += 15 * 60 * SECOND;
    expect(await Promise.all(all.map((one) => send(one)))).toEqual(['called', 'called', 'called']);
  });

  it('a refusal that is about the message, or about how many there are, shows that it works again', async () => {
    for (const answers of [{ refused: 'email.rejected' }, { throttled: 'email.throttled' }]) {
      const { at, container, send } = world();
      const one = container();
      for (let message = 0; message < 5; message++) await send(one);
      at.now += 30 * SECOND;
      at.answers = answers;
      expect(await send(one)).toBe('called');
      expect(await send(one)).toBe('called');
    }
  });

  it('what cannot be read lets nothing through, and is asked for again', async () => {
    const store = memoryOutages();
    let fails = true;
    const { container, send } = world({
      ...store,
      read: (provider) => (fails ? Promise.reject(new Transient('aws.Throttling', 'slow down')) : store.read(provider)),
    });
    const one = container();
    await expect(send(one)).rejects.toThrow(Transient);
    fails = false;
    expect(await send(one)).toBe('called');
  });
});
