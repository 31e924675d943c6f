import { Analytics } from '@segment/analytics-node';
import type { LocalCloud } from '../cloud.ts';
import { type Customer, type ShopEvent, shoppers } from './population.ts';

export interface ShopResult {
  readonly customers: number;
  readonly events: number;
  readonly unsubscribed: number;
}

const halfHour = 30 * 60_000;
const day = 48 * halfHour;

/**
 * Lets made-up customers shop through the real Segment client while the clock moves in half hours, then lets the quiet
 * days pass. Customers who are annoyed press the one-click unsubscribe button of their first message.
 */
export async function runShop(
  cloud: LocalCloud,
  options: { writeKey: string; customers: number; days: number; seed: number; log: (line: string) => void },
): Promise<ShopResult> {
  const shoppingDays = Math.min(4, options.days);
  const { customers, events } = shoppers(options.customers, shoppingDays, options.seed);
  const start = cloud.now();
  const annoyed = new Map(
    customers.filter((c) => c.unsubscribes && c.traits.email).map((c) => [c.traits.email as string, c]),
  );

  const slots = new Map<number, ShopEvent[]>();
  for (const event of events) {
    const slot = slots.get(event.after);
    if (slot) slot.push(event);
    else slots.set(event.after, [event]);
  }
  const stops = new Set([...slots.keys(), ...Array.from({ length: options.days + 1 }, (_, i) => i * day)]);
  let sent = 0;
  for (const after of [...stops].sort((a, b) => a - b)) {
    if (after > options.days * day) break;
    await cloud.advance(Math.max(0, start + after - cloud.now()));
    const slot = slots.get(after) ?? [];
    if (slot.length > 0) {
      await post(cloud, options.writeKey, slot);
      sent += slot.length;
      await cloud.settle();
    }
    await unsubscribeAnnoyed(cloud, annoyed);
    if (after % day === 0)
      options.log(`day ${String(after / day).padStart(2)}: ${sent} events, ${cloud.messages().length} messages`);
  }
  const waiting = annoyed.size;
  return {
    customers: customers.length,
    events: sent,
    unsubscribed: customers.filter((c) => c.unsubscribes && c.traits.email).length - waiting,
  };
}

/**
 * One client per slot, as one server process of the shop would post it; resolves when every event is answered. The
 * client stamps its events itself: its clock is this machine's, and the difference to the cloud's cancels out
 * (`sentAt`, Segment Spec).
 */
async function post(cloud: LocalCloud, writeKey: string, slot: readonly ShopEvent[]): Promise<void> {
  const client = new Analytics({
    writeKey,
    host: cloud.api,
    path: '/v1/batch',
    flushAt: 100,
    flushInterval: 1_000,
    maxRetries: 3,
  });
  const failures: unknown[] = [];
  client.on('error', (error) => failures.push(error));
  for (const event of slot) {
    const who = event.anonymous ? { anonymousId: event.customer.anonymousId } : { userId: event.customer.userId };
    const common = { messageId: event.id, context: { timezone: 'Europe/Berlin' } };
    if (event.kind === 'identify')
      client.identify({
        ...common,
        userId: event.customer.userId,
        anonymousId: event.customer.anonymousId,
        traits: event.customer.traits,
      });
    else if (event.kind === 'page')
      client.page({ ...common, ...who, name: event.name ?? '', properties: event.properties ?? {} });
    else client.track({ ...common, ...who, event: event.name ?? '', properties: event.properties ?? {} });
  }
  await client.closeAndFlush({ timeout: 30_000 });
  if (failures.length > 0)
    throw new Error(`the client reported ${failures.length} failures: ${JSON.stringify(failures[0])}`);
}

async function unsubscribeAnnoyed(cloud: LocalCloud, annoyed: Map<string, Customer>): Promise<void> {
  if (annoyed.size === 0) return;
  for (const message of cloud.messages()) {
    if (!message.to || !annoyed.delete(message.to)) continue;
    const link = Object.entries(message.headers).find(([name]) => name.toLowerCase() === 'list-unsubscribe')?.[1];
    const url = /<(https?:[^>]+)>/.exec(link ?? '')?.[1];
    if (!url) throw new Error('a marketing message without a List-Unsubscribe link');
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    if (!answer.ok) throw new Error(`one-click unsubscribe answered ${answer.status}`);
  }
  await cloud.settle();
}
