import { describe, expect, it } from 'vitest';
import { countStopped } from '../../../shared/app/catalog/count-journey.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';

const message = (...channels: string[]) => ({ type: 'message', template: 't', channels, next: 'end' });
const journeys = [
  { id: 'a', state: 'live', version: 2, document: { steps: { mail: message('email'), text: message('sms') } } },
  {
    id: 'b',
    state: 'paused',
    version: 1,
    document: { steps: { both: message('sms', 'email'), hook: { type: 'webhook' } } },
  },
] as unknown as CatalogSnapshot['journeys'];
const counted: Record<string, Record<string, number>> = {
  'a@1': { 'message/mail/decided': 10, 'message/gone/decided': 3 },
  'a@2': { 'message/mail/decided': 5, 'message/mail/not-sent': 2, 'message/text/decided': 7, entered: 50 },
  'b@1': { 'message/both/decided': 20, 'message/both/failed': 1, 'message/hook/decided': 4, 'message/hook/sent': 4 },
};

const ports = {
  catalog: { readSnapshot: async () => ({ journeys }) as CatalogSnapshot },
  stats: {
    read: async (journey: string, version: number) =>
      Object.entries(counted[`${journey}@${version}`] ?? {}).map(([what, count]) => ({
        version,
        day: '2026-11-22',
        what,
        count,
      })),
  },
};

describe('G9: what had left before a kill switch was thrown', () => {
  it.each<[target: string, handedOver: number]>([
    ['all', 46],
    ['journey:a', 23],
    ['journey:b', 23],
    ['journey:nobody', 0],
    // Steps that may use it, and those that only an older version had.
    ['channel:email', 10 + 3 + 3 + 19],
    ['channel:sms', 3 + 7 + 19],
    ['channel:webhook', 3 + 4],
    ['channel:push', 3],
  ])('%s', async (target, handedOver) => {
    expect(await countStopped(ports, target)).toBe(handedOver);
  });
});
