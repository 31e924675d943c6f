import { dayName } from '../../kernel/zone.ts';
import { deliveryChannels } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import type { Outage, OutageStore } from './breaker.ts';
import { providerName } from './sending.ts';
import { placesOn } from './warm-up.ts';

export interface ShowSendingPorts {
  readonly outages: Pick<OutageStore, 'all'>;
  readonly placesTaken: (sender: string, day: string) => Promise<number>;
}

/** One channel, or one sender of it. */
export interface ShownProvider {
  readonly channel: string;
  /** Null: all of the channel. */
  readonly sender: string | null;
  readonly perSecond: number | null;
  /** What does not work; null: it does, as far as anybody has noticed. */
  readonly outage: Omit<Outage, 'provider'> | null;
  /** Today's plan of a new sender; null: no plan, or it is over. */
  readonly warmUp: { readonly day: string; readonly places: number; readonly taken: number } | null;
}

/** Every provider of which there is something to say: a rate, a plan, an outage. */
export async function showSending(
  { outages, placesTaken }: ShowSendingPorts,
  { senders, sending, zone }: Pick<Settings, 'senders' | 'sending' | 'zone'>,
  now: number,
): Promise<readonly ShownProvider[]> {
  const down = new Map((await outages.all()).map(({ provider, ...outage }) => [provider, outage]));
  const day = dayName(now, zone);
  const plans = new Map(
    await Promise.all(
      senders.map(async ({ id, warmUp }) => {
        const places = warmUp && placesOn(warmUp, day);
        const taken = places === undefined ? 0 : Math.min(places, await placesTaken(id, day));
        return [providerName('email', id), places === undefined ? null : { day, places, taken }] as const;
      }),
    ),
  );
  const rates = new Map(
    deliveryChannels.flatMap((channel) => {
      const { perSecond, senders: bySender = {} } = sending?.[channel] ?? {};
      const own = Object.entries(bySender).map(([sender, rate]) => [providerName(channel, sender), rate] as const);
      return perSecond === undefined ? own : [[channel as string, perSecond] as const, ...own];
    }),
  );
  const planned = [...plans].flatMap(([provider, plan]) => (plan === null ? [] : [provider]));
  return [...new Set([...rates.keys(), ...planned, ...down.keys()])].sort().map((provider) => {
    const [channel = '', sender = null] = provider.split(/#(.*)/s);
    return {
      ...{ channel, sender, perSecond: rates.get(provider) ?? null },
      outage: down.get(provider) ?? null,
      warmUp: plans.get(provider) ?? null,
    };
  });
}
