import type { MessageRequest } from '../../domain/decision.ts';
import { Transient } from '../../kernel/errors.ts';
import { chance } from '../../kernel/ids.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { DeliveryChannel } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import type { Deliver, Outgoing } from '../delivery.ts';
import type { Clock, CounterStore, Metrics } from '../ports.ts';
import type { Breakers, Outage } from './breaker.ts';
import { SendingRate } from './sending-rate.ts';

export interface SendingPorts {
  readonly clock: Clock;
  readonly counters: CounterStore;
  readonly breakers: Breakers;
  readonly metrics: Metrics;
  /** How many messages lie in the queue, in work or not. */
  readonly waiting: () => Promise<number>;
}

/** Why a message is not handed over now, and when it should come again. */
export interface Wait {
  readonly why: string;
  readonly seconds: number;
}

/** Longest visibility that SQS knows (API ChangeMessageVisibility). */
const LONGEST_SECONDS = 43_200;
/** After an outage all who waited come back: over so long, if no rate says it better. */
const SPREAD_SECONDS = 60;
/** A transactional message that finds no place looks again within so long. */
const FIRST_SPREAD_SECONDS = 15;

/** More come than there are places: some are sent away again, and no place stays empty. */
const CROWD = 0.7;

/** Partition of a channel's counters, beside those of journeys. */
const partition = (channel: DeliveryChannel) => `sending#${channel}`;

/** Name of a provider: all of a channel, or one sender of it. */
export const providerName = (channel: string, sender: string | undefined): string =>
  sender === undefined ? channel : `${channel}#${sender}`;

/**
 * How fast one `send` function hands over, and whether at all.
 *
 * 1. `admit` comes before the claim, and `guarded` right before the call: what has to wait is told so before it costs
 *    a write wherever that can be known, which is the channel's rate and an outage that this container has heard of.
 * 2. Waiting is no attempt. It needs no receive that the message cannot get back (send-within.ts).
 * 3. Who waits comes back over as long as the queue takes to be worked off at the rate, each at an instant of its own:
 *    so about as many come as there are places.
 */
export class Sending {
  readonly #channel: DeliveryChannel;
  readonly #settings: Pick<Settings, 'senders' | 'sending'>;
  readonly #ports: SendingPorts;
  readonly #rates = new Map<string, SendingRate>();

  constructor(channel: DeliveryChannel, settings: Pick<Settings, 'senders' | 'sending'>, ports: SendingPorts) {
    this.#channel = channel;
    this.#settings = settings;
    this.#ports = ports;
  }

  async admit(request: MessageRequest, receives: number): Promise<Wait | undefined> {
    const outage = this.#ports.breakers.isOpen(providerName(this.#channel, this.#senderOf(request)));
    if (outage !== undefined) return this.#parked(outage, request.id, receives);
    return this.#paced(undefined, 1, request, receives);
  }

  /** The adapter behind rate and breaker of its sender. */
  guarded<M extends Outgoing>(adapter: Deliver<M>): Deliver<M> {
    return async (message) => {
      const provider = providerName(this.#channel, senderOfMessage(message));
      const wait = await this.#inTheWay(provider, message).catch((error: unknown) => {
        // The provider was not called, whatever broke: said so, the message comes again and is not counted as unknown.
        throw error instanceof Transient ? error : new Transient('sending.broken', `${(error as Error)?.name}`);
      });
      if (wait !== undefined) return { throttled: wait.why, retryAfterSeconds: wait.seconds, parked: true };
      const result = await adapter(message);
      // What came of the message is not to be lost with what is said of its provider.
      await this.#ports.breakers.report(provider, result).catch(() => undefined);
      return result;
    };
  }

  async #inTheWay(provider: string, message: Outgoing): Promise<Wait | undefined> {
    const late = await this.#paced(senderOfMessage(message), weightOf(message), message, 1);
    if (late !== undefined) return late;
    const outage = await this.#ports.breakers.enter(provider);
    return outage === undefined ? undefined : this.#parked(outage, message.id, 1);
  }

  #parked({ why, tryAt }: Outage, id: string, receives: number): Wait {
    this.#ports.metrics.count('MessagesParked');
    const untilTry = Math.max(0, tryAt - this.#ports.clock()) / SECOND_MS;
    const seconds = untilTry + chance('parked', id, String(receives)) * SPREAD_SECONDS;
    return { why: `provider.down.${why}`, seconds: Math.ceil(seconds) };
  }

  /** @param sender absent: the whole channel. */
  async #paced(
    sender: string | undefined,
    weight: number,
    message: { readonly id: string; readonly transactional?: boolean },
    receives: number,
  ): Promise<Wait | undefined> {
    const rate = this.#rateOf(sender);
    if (rate === undefined) return undefined;
    const isFirst = message.transactional === true;
    const room = await rate.take(weight, isFirst);
    if (room === 'now') return undefined;
    this.#ports.metrics.count('MessagesPaced');
    const backlog = (CROWD * (await this.#ports.waiting())) / rate.perSecond;
    const spread = isFirst ? Math.min(FIRST_SPREAD_SECONDS, backlog) : backlog;
    const soonest = Math.max(0, room.at - this.#ports.clock()) / SECOND_MS;
    const seconds = soonest + chance('paced', message.id, String(receives), String(room.at)) * spread;
    return { why: 'sending.rate', seconds: Math.max(1, Math.min(LONGEST_SECONDS, Math.ceil(seconds))) };
  }

  #rateOf(sender: string | undefined): SendingRate | undefined {
    const given = this.#settings.sending?.[this.#channel];
    const perSecond = sender === undefined ? given?.perSecond : given?.senders?.[sender];
    if (given === undefined || perSecond === undefined) return undefined;
    const name = sender === undefined ? 'rate' : `rate#${sender}`;
    let rate = this.#rates.get(name);
    if (rate === undefined) {
      const { counters, clock } = this.#ports;
      const counter = { journey: partition(this.#channel), name };
      rate = new SendingRate(counter, { perSecond, containers: given.containers }, counters, clock);
      this.#rates.set(name, rate);
    }
    return rate;
  }

  /** As far as it can be told before the customer is known. */
  #senderOf({ sender, webhook }: MessageRequest): string | undefined {
    if (this.#channel === 'email') return sender ?? this.#settings.senders[0]?.id;
    return webhook?.endpoint;
  }
}

/** Who a provider would refuse, throttle or not reach by itself. */
function senderOfMessage(message: Outgoing): string | undefined {
  switch (message.channel) {
    case 'email':
      return message.sender;
    case 'sms':
      return message.from;
    case 'webhook':
      return message.endpoint.id;
    default:
      return undefined;
  }
}

/** Carriers count parts (End User Messaging SMS user guide, "Message Parts per Second (MPS) limits"). */
const weightOf = (message: Outgoing): number => (message.channel === 'sms' ? message.parts : 1);
