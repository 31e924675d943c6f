import { afterAll, beforeAll, expect, it } from 'vitest';
import { Leases } from '../../shared/app/leases.ts';
import { warmUp } from '../../shared/app/sending/warm-up.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { outageStore } from '../../shared/data/outage-store.ts';
import type { MessageRequest } from '../../shared/domain/decision.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { dayName } from '../../shared/kernel/zone.ts';
import { type Api, settings, startApi } from './api.ts';

const today = dayName(Date.now(), settings.zone);
const shop = settings.senders[0]!;
const fresh = { ...shop, id: 'fresh', warmUp: { from: today, perDay: [3, 5] } };
const over = { ...shop, id: 'over', warmUp: { from: dayName(Date.now() - 9 * DAY_MS, settings.zone), perDay: [3] } };
const later = { ...shop, id: 'later', warmUp: { from: dayName(Date.now() + 9 * DAY_MS, settings.zone), perDay: [3] } };

let api: Api;
beforeAll(async () => {
  api = await startApi({
    senders: [shop, fresh, over, later],
    sending: { email: { perSecond: 12, senders: { shop: 5 }, containers: 20 }, sms: { perSecond: 0.5, containers: 2 } },
  });
});
afterAll(() => api.stop());

const show = async (key?: string) => api.request({ path: '/v1/sending', ...(key !== undefined && { key }) });
const nothing = { perSecond: null, outage: null, warmUp: null };

it('shows rates, the days of new senders and outages, by channel and sender, and nothing else', async () => {
  const limits = counterStore(api.dynamo.client, 'limits');
  const places = warmUp(new Leases(limits, Date.now), settings.zone, Date.now);
  const mail = (id: string) => ({ id, transactional: true }) as MessageRequest;
  for (const id of ['a', 'b', 'c', 'd']) expect(await places(fresh, mail(id))).toHaveProperty('giveBack');
  const outages = outageStore(api.dynamo.client, 'limits');
  const since = Date.UTC(2026, 10, 26, 9);
  const down = { why: 'webhook.status-503', since, tryAt: since + 30_000, tries: 1 };
  // An endpoint may have any name that its document may have.
  await outages.put({ provider: 'webhook#crm-2', ...down }, undefined);

  const shown = await show();
  expect(shown.status).toBe(200);
  const outage = { why: down.why, since: '2026-11-26T09:00:00.000Z', tryAt: '2026-11-26T09:00:30.000Z', tries: 1 };
  expect(shown.json).toEqual({
    data: [
      { ...nothing, channel: 'email', sender: null, perSecond: 12 },
      // Four transactional messages went; no more than the day's places are said to be taken.
      { ...nothing, channel: 'email', sender: 'fresh', warmUp: { day: today, places: 3, taken: 3 } },
      { ...nothing, channel: 'email', sender: 'later', warmUp: { day: today, places: 0, taken: 0 } },
      { ...nothing, channel: 'email', sender: 'shop', perSecond: 5 },
      { ...nothing, channel: 'sms', sender: null, perSecond: 0.5 },
      { ...nothing, channel: 'webhook', sender: 'crm-2', outage },
    ],
  });

  await outages.delete('webhook#crm-2');
  expect((await show()).json.data.map(({ channel }: { channel: string }) => channel)).not.toContain('webhook');
});

it('is for who may read journeys', async () => {
  expect((await show(await api.newKey('journeys:read'))).status).toBe(200);
  expect((await show(await api.newKey('events:read'))).status).toBe(403);
});
