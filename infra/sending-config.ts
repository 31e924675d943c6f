import * as z from 'zod';
import { type DeliveryChannel, deliveryChannels } from '../shared/resources.ts';
import type { SendingSettings } from '../shared/settings.ts';
import type { EnvironmentConfig } from './config.ts';

/** Apps fetch their messages from a table: no provider has a quota for it. */
const channelsWithRates = deliveryChannels.filter((channel) => channel !== 'in-app');

/** Messages a second; one in ten seconds at least, since nothing waits longer than half a day. */
const PerSecond = z.number().min(0.1).max(10_000);

/** As fast as a provider is called; absent: as fast as the function can. */
export const Channels = z.partialRecord(
  z.enum(channelsWithRates),
  z.strictObject({
    /** Keep it below the quota: of SES the account's "maximum send rate" (docs/sending.md says how far below). */
    perSecond: PerSecond.exactOptional(),
    /** By sender: the id of a sender of mail, or the identity that `sms.senders` names. Parts of a text message count. */
    senders: z.record(z.string().min(1).max(160), PerSecond).exactOptional(),
  }),
);

const Day = z.iso.date('must be a day like 2026-12-01');

export const WarmUp = z.strictObject({
  /** The first day, in the environment's zone; no marketing goes before. */
  from: Day,
  /** How many messages on each day from then on; afterwards there is no limit. */
  perDay: z.array(z.number().int().min(1).max(10_000_000)).min(1).max(90),
  /** Sender that sends what is beyond; without one marketing waits for the next day. */
  overflow: z.string().max(32).exactOptional(),
});

type Refuse = (path: (string | number)[], message: string, input: unknown) => void;
type Checked = Pick<EnvironmentConfig, 'channels' | 'senders' | 'sms'>;

export function checkSending({ channels, senders, sms }: Checked, refuse: Refuse): void {
  const known: Partial<Record<DeliveryChannel, readonly string[]>> = {
    email: senders.map(({ id }) => id),
    sms: Object.values(sms?.senders ?? {}),
  };
  for (const [channel, given] of Object.entries(channels)) {
    if (given?.perSecond === undefined && Object.keys(given?.senders ?? {}).length === 0) {
      refuse(['channels', channel], 'needs perSecond or senders', given);
    }
    for (const sender of Object.keys(given?.senders ?? {})) {
      const names = known[channel as DeliveryChannel] ?? [];
      if (names.includes(sender)) continue;
      const which = names.length === 0 ? 'has no sender to name' : `must be one of ${names.join(', ')}`;
      refuse(['channels', channel, 'senders', sender], which, sender);
    }
  }
  senders.forEach(({ id, warmUp }, index) => {
    if (warmUp?.overflow === undefined) return;
    const other = senders.find((one) => one.id === warmUp.overflow);
    const path = ['senders', index, 'warmUp', 'overflow'];
    if (other === undefined || other.id === id) refuse(path, 'must be the id of another sender', warmUp.overflow);
    else if (other.warmUp !== undefined) refuse(path, 'must be a sender that has no warmUp itself', warmUp.overflow);
  });
}

/** What has neither a rate nor a warm-up needs no right to count. */
export function hasPace(
  { channels, senders }: Pick<EnvironmentConfig, 'channels' | 'senders'>,
  channel: DeliveryChannel,
): boolean {
  if (channel === 'email' && senders.some(({ warmUp }) => warmUp !== undefined)) return true;
  return channel in channels;
}

/** Of concurrency.send, where it does not say. */
export const SEND_CONCURRENCY = 20;

export function sendingForFunctions({
  channels,
  concurrency,
}: Pick<EnvironmentConfig, 'channels' | 'concurrency'>): SendingSettings | undefined {
  const given = Object.entries(channels) as [
    keyof typeof channels,
    NonNullable<(typeof channels)[keyof typeof channels]>,
  ][];
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map(([channel, one]) => [channel, { ...one, containers: concurrency.send[channel] ?? SEND_CONCURRENCY }]),
  );
}
