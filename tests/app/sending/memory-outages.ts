import type { Outage, OutageStore } from '../../../shared/app/sending/breaker.ts';

export function memoryOutages(): OutageStore {
  const outages = new Map<string, Outage>();
  return {
    read: async (provider) => outages.get(provider),
    async put(outage, expectedTryAt) {
      if (outages.get(outage.provider)?.tryAt !== expectedTryAt) return false;
      outages.set(outage.provider, outage);
      return true;
    },
    async delete(provider) {
      outages.delete(provider);
    },
    all: async () => [...outages.values()],
  };
}
