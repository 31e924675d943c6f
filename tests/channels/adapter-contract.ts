import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderResult } from '../../shared/app/delivery.ts';
import { type Behaviour, closedPort, hang, type Provider, type Received, reset, startProvider } from './provider.ts';

type Class = 'handed' | 'refused' | 'throttled' | 'unknown';

export interface AdapterUnderTest {
  readonly name: string;
  /** Delivers one message with this id to a provider on this port; gives up after a second or less. */
  readonly deliver: (port: number, id: string) => Promise<ProviderResult>;
  readonly idOf: (received: Received) => string | undefined;
  readonly accepts: Behaviour;
  /** The address of the customer, and a text that no result may repeat. */
  readonly personal: readonly string[];
  /** What the provider may say, and how that is to be classed. */
  readonly says: readonly (readonly [what: string, behaviour: Behaviour, expected: ProviderResult])[];
}

const classOf = (result: ProviderResult) =>
  Object.keys(result).find((key) => /^(handed|refused|throttled|unknown)$/.test(key)) as Class;

/** What every adapter must do, whatever its provider: guarantee G3 stands on it. */
export function adapterContract(adapter: AdapterUnderTest): void {
  describe(`${adapter.name}: the contract of adapters`, () => {
    let provider: Provider;
    let sequence = 0;
    beforeAll(async () => {
      provider = await startProvider();
    });
    afterAll(() => provider.stop());
    const deliver = () => adapter.deliver(provider.port, `uAAAAAAAAAAAAAAAAAAAAAA-message_${sequence++}`);

    it('hands a message over under our id', async () => {
      provider.plays(adapter.accepts);
      const id = 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB';
      expect(await adapter.deliver(provider.port, id)).toHaveProperty('handed');
      expect(provider.received.map(adapter.idOf)).toEqual([id]);
    });

    it.each(adapter.says)('classes what the provider says: %s', async (_what, behaviour, expected) => {
      provider.plays(behaviour);
      expect(await deliver()).toEqual(expected);
    });

    it.each<[string, Behaviour]>([
      ['no answer in time', hang],
      ['a connection that is cut after the request', reset],
    ])('G3 nobody can tell whether it was taken: %s', async (_what, behaviour) => {
      provider.plays(behaviour);
      const result = await deliver();
      expect(provider.received).toHaveLength(1);
      expect(classOf(result)).toBe('unknown');
    });

    it('G3 nothing was sent, certainly, where nobody listens', async () => {
      expect(classOf(await adapter.deliver(await closedPort(), 'uAAAAAAAAAAAAAAAAAAAAAA-x'))).toBe('throttled');
    });

    it('G3 calls once, whatever comes of it', async () => {
      for (const behaviour of [...adapter.says.map(([, one]) => one), hang, reset]) {
        provider.plays(behaviour);
        await deliver();
        expect(provider.received).toHaveLength(1);
      }
    });

    it('says nothing of the customer, and nothing in the provider’s words', async () => {
      for (const behaviour of [...adapter.says.map(([, one]) => one), hang, reset]) {
        provider.plays(behaviour);
        const text = JSON.stringify(await deliver());
        for (const personal of adapter.personal) expect(text).not.toContain(personal);
      }
    });

    it('codes are dotted words', async () => {
      for (const [, behaviour] of adapter.says) {
        provider.plays(behaviour);
        const result = await deliver();
        if (!('handed' in result))
          expect((result as Record<string, unknown>)[classOf(result)]).toMatch(/^[a-z]+(\.[a-z0-9-]+)+$/);
      }
    });
  });
}
