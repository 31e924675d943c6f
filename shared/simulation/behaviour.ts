import * as z from 'zod';
import type { MessageRequest } from '../domain/decision.ts';
import { resolveRef } from '../domain/journeys/engine/facts.ts';
import { Channel } from '../domain/messaging/channel.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { isRecord } from '../domain/profiles/reserved-traits.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { nominalMs } from '../kernel/duration.ts';
import { chance } from '../kernel/ids.ts';
import { Duration, Id } from '../kernel/schema.ts';
import { SECOND_MS } from '../kernel/time.ts';

const share = z.number().min(0).max(1);

const MessageBehaviour = z.strictObject({
  /** Which messages; absent: all. */
  template: Id.exactOptional(),
  journey: Id.exactOptional(),
  step: Id.exactOptional(),
  channel: Channel.exactOptional(),
  /** For good, instead of being delivered. */
  bounces: share.exactOptional(),
  /** Of the delivered ones. */
  complains: share.exactOptional(),
  unsubscribes: share.exactOptional(),
  opens: share.exactOptional(),
  /** Of the opened ones. */
  clicks: share.exactOptional(),
  /** How long after the hand-over at most; evenly spread. Default P1D. */
  within: Duration.exactOptional(),
  /** What customers then do, each with its own probability. */
  followedBy: z
    .array(
      z.strictObject({
        event: z.string().min(1).max(200),
        probability: share,
        /** After the delivery, the open or the click. */
        after: z.enum(['delivered', 'opened', 'clicked']).exactOptional(),
        within: Duration,
        /** `{ ref: 'entry.cart_id' }` is what the message carried. */
        properties: z.record(z.string().min(1).max(200), z.json()).exactOptional(),
      }),
    )
    .exactOptional(),
});
type MessageBehaviour = z.infer<typeof MessageBehaviour>;

/** What customers and endpoints do with messages. Nobody does anything by default: every message is delivered, and read by nobody. */
export const Behaviour = z.strictObject({
  /** The first that fits holds. */
  messages: z.array(MessageBehaviour).max(1_000).exactOptional(),
  webhooks: z
    .array(
      z.strictObject({ endpoint: Id.exactOptional(), fails: share.exactOptional(), answer: z.json().exactOptional() }),
    )
    .max(100)
    .exactOptional(),
});
export type Behaviour = z.infer<typeof Behaviour>;

type Reaction = { readonly at: number } & (
  | { readonly t: 'receipt'; readonly was: 'delivered' | 'bounced' | 'complained' | 'opened' | 'clicked' }
  | { readonly t: 'unsubscribe' }
  | {
      readonly t: 'event';
      readonly id: string;
      readonly name: string;
      readonly properties: { readonly [name: string]: Json };
    }
);

const DELIVERED_AFTER_MS = 2 * SECOND_MS;
/** The mailbox simulator of SES: its addresses bounce or complain each time (Amazon SES, "Using the mailbox simulator"). */
const simulator = /^(bounce|complaint|suppressionlist)(?:\+[^@]*)?@simulator\.amazonses\.com$/i;

/**
 * What comes of one message that was handed over at `at`. Everything is a hash of the seed and the message's id, which is
 * made of the customer, the run, the step and the visit: so it does not depend on who else is simulated, or in which order.
 */
export function reactionsTo(
  request: MessageRequest,
  at: number,
  { behaviour, seed, profile, address, policy }: Surroundings,
): Reaction[] {
  const roll = (...what: string[]) => chance('behaviour', seed, request.id, ...what);
  const happens = (probability: number | undefined, ...what: string[]) =>
    probability !== undefined && probability > 0 && roll(...what) < probability;
  const own: MessageBehaviour = behaviour.messages?.find((one) => fits(one, request)) ?? {};
  const within = nominalMs(own.within ?? 'P1D');
  const later = (from: number, span: number, ...what: string[]) =>
    from + Math.max(SECOND_MS, Math.ceil((roll('delay', ...what) * span) / SECOND_MS) * SECOND_MS);

  const simulated = simulator.exec(address ?? '')?.[1]?.toLowerCase();
  const delivered = at + DELIVERED_AFTER_MS;
  if (simulated === 'bounce' || simulated === 'suppressionlist' || happens(own.bounces, 'bounces')) {
    return [{ t: 'receipt', at: delivered, was: 'bounced' }];
  }
  const reactions: Reaction[] = [{ t: 'receipt', at: delivered, was: 'delivered' }];
  if (simulated === 'complaint' || happens(own.complains, 'complains')) {
    const complained = simulated === 'complaint' ? delivered : later(delivered, within, 'complains');
    reactions.push({ t: 'receipt', at: complained, was: 'complained' });
  }
  const opened = happens(own.opens, 'opens') ? later(delivered, within, 'opens') : undefined;
  const clicked = opened !== undefined && happens(own.clicks, 'clicks') ? later(opened, within, 'clicks') : undefined;
  if (opened !== undefined) reactions.push({ t: 'receipt', at: opened, was: 'opened' });
  if (clicked !== undefined) reactions.push({ t: 'receipt', at: clicked, was: 'clicked' });
  if (happens(own.unsubscribes, 'unsubscribes')) {
    reactions.push({ t: 'unsubscribe', at: later(opened ?? delivered, within, 'unsubscribes') });
  }
  for (const [index, one] of (own.followedBy ?? []).entries()) {
    const from = { delivered, opened, clicked }[one.after ?? 'delivered'];
    if (from === undefined || !happens(one.probability, 'followed-by', String(index))) continue;
    reactions.push({
      t: 'event',
      at: later(from, nominalMs(one.within), 'followed-by', String(index)),
      id: `${request.id}-${index}`,
      name: one.event,
      properties: valuesOf(one.properties ?? {}, request, profile, at, policy),
    });
  }
  return reactions;
}

interface Surroundings {
  readonly behaviour: Behaviour;
  readonly seed: string;
  readonly profile: Profile;
  readonly address: string | undefined;
  readonly policy: Policy;
}

/** What the endpoint of a webhook step answers. */
export function answerOf(
  request: MessageRequest,
  behaviour: Behaviour,
  seed: string,
): { fails: boolean; answer?: Json } {
  const endpoint = request.webhook?.endpoint;
  const own = behaviour.webhooks?.find((one) => one.endpoint === undefined || one.endpoint === endpoint);
  return {
    fails: own?.fails !== undefined && chance('behaviour', seed, request.id, 'fails') < own.fails,
    ...(own?.answer !== undefined && { answer: own.answer }),
  };
}

function fits({ template, journey, step, channel }: MessageBehaviour, request: MessageRequest): boolean {
  return (
    (template ?? request.template?.id) === request.template?.id &&
    (journey ?? request.origin?.journey) === request.origin?.journey &&
    (step ?? request.origin?.step) === request.origin?.step &&
    (channel ?? request.channel) === request.channel
  );
}

type Values = { readonly [name: string]: Json };

function valuesOf(properties: Values, request: MessageRequest, profile: Profile, now: number, policy: Policy): Values {
  const { entry, event, steps } = request.values as { entry?: Values; event?: Values; steps?: never };
  const scope = {
    entry: entry ?? {},
    fields: steps ?? {},
    ...(event !== undefined && { event: { data: event } as never }),
  };
  const values: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(properties)) {
    const ref = isRecord(value) ? value.ref : undefined;
    const found = typeof ref === 'string' ? resolveRef({ profile, now, catalog: { policy } }, ref, scope) : value;
    if (found !== undefined) values[name] = found;
  }
  return values;
}
