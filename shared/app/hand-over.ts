import { type CompiledCatalog, onlyTested } from '../domain/compiled-catalog.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { hasEnded } from '../domain/journeys/engine/schedule.ts';
import { zoneOf } from '../domain/journeys/engine/scope.ts';
import { addressHash, asHashed, normaliseAddress } from '../domain/messaging/address.ts';
import { withCanary } from '../domain/messaging/canary.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import { consentKey } from '../domain/messaging/consent.ts';
import type { Check, Proposal } from '../domain/messaging/policy/check.ts';
import { addressesIn, checkAddress, checkDeadAddress, deadBecause } from '../domain/messaging/policy/check-address.ts';
import { checkAge } from '../domain/messaging/policy/check-age.ts';
import { checkConsent } from '../domain/messaging/policy/check-consent.ts';
import { checkHoldout } from '../domain/messaging/policy/check-holdout.ts';
import { checkHours } from '../domain/messaging/policy/check-hours.ts';
import { type Suppression, suppressedBy } from '../domain/messaging/suppression.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { GodwitError, Transient } from '../kernel/errors.ts';
import { MINUTE_MS } from '../kernel/time.ts';
import type { DeliveryChannel } from '../resources.ts';
import type { Settings } from '../settings.ts';
import type { ReadItems } from './collections/items.ts';
import type { Deliver, Outgoing, ProviderResult } from './delivery.ts';
import { isAllowedTarget, isTestRecipient, readTestRecipient } from './delivery-mode.ts';
import type { KillSwitchWatch } from './kill-switch-watch.ts';
import { isUnprepared, type Material, type Prepared, type Unprepared, withLookups } from './outgoing/making.ts';
import { makingOf } from './outgoing/registry.ts';
import type { Catalogs, Clock, Hand, HandResult, Metrics, StoredProfile, SuppressionReader } from './ports.ts';
import type { WarmUp } from './sending/warm-up.ts';
import type { SignedLinks } from './signed-links.ts';

export interface HandOverPorts {
  readonly now: Clock;
  readonly settings: Settings;
  readonly killSwitches: KillSwitchWatch;
  readonly catalogs: Catalogs;
  /** A pinned version that is not the live one. */
  readonly templateVersion: (id: string, version: number) => Promise<Template | undefined>;
  readonly suppressions: SuppressionReader;
  /** Of collections; possibly seconds old. */
  readonly items: ReadItems;
  readonly links: SignedLinks;
  /** A `send` function has the adapter of its own channel. */
  readonly deliver: { readonly [C in DeliveryChannel]?: Deliver<Extract<Outgoing, { readonly channel: C }>> };
  readonly metrics: Metrics;
  /** Where new senders have one. */
  readonly warmUp?: WarmUp;
}

interface Subject {
  readonly request: MessageRequest;
  readonly proposal: Proposal;
  readonly catalog: CompiledCatalog;
  /** Normalised; none for a channel without addresses, several where they are devices. */
  readonly addresses: readonly string[];
}

/** To be called with, and what is to be undone if the provider does not take it. */
interface Allowed extends Prepared {
  readonly giveBack?: () => void;
}

type Refusal = Extract<HandResult, { refused: string }>;
type Hold = Extract<HandResult, { holdUntil: number }>;

/** A message of a paused journey goes back to the actor, and is looked at again then. */
const pausedHoldMs = 15 * MINUTE_MS;

/** The rules of decision that can have changed since. Places in caps were reserved then, and so was the time before the next message. */
const rules: readonly Check[] = [checkConsent, checkAddress, checkDeadAddress, checkAge, checkHoldout, checkHours];

/**
 * Checks everything once more as it is now, renders, and then calls the provider once (protocol.md, step 16).
 *
 * 1. In this order, and the first no is the reason: kill switch, expiry, the journey's state, topic, suppression and
 *    the rules of decision, sender, template, delivery mode (guarantees G9, G10).
 * 2. What cannot be read stops the message for now; it never lets it through.
 * 3. Nothing leaves before all of them have said yes.
 *
 * The profile is the one where the state lies: whoever calls has followed signposts.
 *
 * A message of a test run is checked as its customer's would be, at the test's own time, and goes to its author.
 */
export function handOver(ports: HandOverPorts): Hand {
  return async (request, state) => {
    const { test } = state.profile;
    const own = test === undefined ? ports : { ...ports, now: () => state.at };
    const ready = await checked(own, request, state).catch((error: unknown) => {
      // Nothing was handed over yet, whatever broke: said so, it comes again instead of being counted as unknown.
      throw error instanceof GodwitError ? error : new Transient('hand-over.broken', `${(error as Error)?.name}`);
    });
    if (!('message' in ready)) return ready;
    const { detail, giveBack } = ready;
    const renderedAt = ports.now();
    return {
      renderedAt,
      ...(detail !== undefined && { detail }),
      ...(giveBack && { giveBack }),
      call: () => calledWith(ports, ready),
    };
  };
}

async function calledWith(ports: HandOverPorts, { message, detail, giveBack }: Allowed): Promise<HandResult> {
  const result = await deliver(ports, message).catch((error: unknown) => {
    // Thrown before the provider was called (a rate, an outage that cannot be read).
    if (error instanceof Transient) giveBack?.();
    throw error;
  });
  if (!('handed' in result) && !('unknown' in result)) giveBack?.();
  return classed(ports, result, detail);
}

/** Everything before the call. */
async function checked(
  ports: HandOverPorts,
  request: MessageRequest,
  { profile, epoch }: StoredProfile,
): Promise<HandResult | Allowed> {
  const stop = await stopped(ports, request);
  if (stop !== undefined) return stop;
  const { origin } = request;
  const needed = origin === undefined ? [] : [{ journey: origin.journey, version: origin.version }];
  const current = await ports.catalogs.current(epoch, needed);
  const { test } = profile;
  const tested = test === undefined ? current : onlyTested(current, test);
  const catalog = request.canary === true ? withCanary(tested) : tested;
  const state = origin === undefined ? undefined : catalog.journeys.get(origin.journey)?.state;
  if (state === 'paused') return { holdUntil: ports.now() + pausedHoldMs, why: 'journey.paused' };
  if (state === 'stopped' || state === 'archived') return notSent('journey.stopped');
  if (origin !== undefined && hasEnded(catalog.version(origin.journey, origin.version).document, ports.now())) {
    return notSent('journey.ended');
  }

  const subject = await subjectOf(ports, request, profile, catalog);
  if ('refused' in subject || 'holdUntil' in subject) return subject;
  const prepared = await prepare(ports, subject);
  if (isUnprepared(prepared)) return unsent(prepared);
  const { message, detail } = prepared;
  const { targets, owner, inSink } = makingOf(message.channel)!;
  if (request.canary === true) return notSent('canary.arrived', { ...detail, ...inSink?.(message) });
  const author = hasAddresses(message.channel) ? test?.sendTo : undefined;
  if (author !== undefined && !isTestRecipient(catalog.policy, ports.settings, author)) {
    return notSent('test.recipient-not-allowed');
  }
  const mayGet = (target: string) => isAllowedTarget(ports.settings.delivery, target);
  const whose = owner?.(message);
  if ((whose !== undefined && mayGet(whose)) || targets(message).every(mayGet)) return inTurn(ports, subject, prepared);
  return notSent('delivery.not-allowed', { mode: ports.settings.delivery.mode, ...detail, ...inSink?.(message) });
}

/** A new sender may send so many on a day: what is beyond waits, or another one sends it. */
async function inTurn(ports: HandOverPorts, subject: Subject, prepared: Prepared): Promise<HandResult | Allowed> {
  const { request, proposal } = subject;
  const { message } = prepared;
  if (ports.warmUp === undefined || message.channel !== 'email' || proposal.profile.test !== undefined) return prepared;
  const turn = await ports.warmUp(ports.settings.senders.find(({ id }) => id === message.sender)!, request);
  if ('until' in turn) return { holdUntil: turn.until, notBefore: turn.until, why: 'sender.warm-up' };
  if ('giveBack' in turn) return { ...prepared, giveBack: turn.giveBack };
  const sender = turn.instead;
  const through = await prepare(ports, { ...subject, request: { ...request, sender } });
  if (isUnprepared(through)) return unsent(through);
  return { ...through, detail: { ...through.detail, sender } };
}

async function stopped(ports: HandOverPorts, request: MessageRequest): Promise<HandResult | undefined> {
  const answer = await ports.killSwitches({
    channel: request.channel,
    ...(request.origin !== undefined && { journey: request.origin.journey }),
  });
  if ('unreadable' in answer) return { throttled: 'kill-switch.unreadable', retryAfterSeconds: 30 };
  if ('stoppedBy' in answer) return notSent('kill-switch.on', { target: answer.stoppedBy.target });
  const lateMs = request.expiresAt === undefined ? -1 : ports.now() - request.expiresAt;
  return lateMs < 0 ? undefined : notSent('message.expired', { lateSeconds: Math.round(lateMs / 1_000) });
}

async function subjectOf(
  ports: HandOverPorts,
  request: MessageRequest,
  profile: Profile,
  catalog: CompiledCatalog,
): Promise<Subject | Refusal | Hold> {
  const { channel, origin, to } = request;
  const topic = catalog.topics.get(request.topic);
  if (topic === undefined) return notSent('topic.unknown', { topic: request.topic });
  const journey = origin === undefined ? undefined : catalog.version(origin.journey, origin.version).document;
  const proposal: Proposal = {
    profile,
    catalog,
    now: ports.now(),
    zone: zoneOf({ profile, now: ports.now(), catalog }, journey),
    channel,
    topic,
    ...(to !== undefined && { to }),
    ...(journey !== undefined && { journey }),
    seed: request.id,
  };
  let hold: Hold | undefined;
  // A webhook step tells a system something, and a test send its author what they asked for: what protects people from
  // messages does not apply.
  const spares = request.webhook === undefined && !(request.testSend === true && profile.test !== undefined);
  for (const rule of spares ? rules : []) {
    const verdict = rule(proposal);
    if (verdict === undefined) continue;
    if ('no' in verdict) return notSent(verdict.no, verdict.saw);
    hold ??= { holdUntil: verdict.until, why: verdict.hold };
  }
  const addresses: string[] = [];
  let suppressed: Suppression | undefined;
  const usable = usableAddresses(proposal);
  const listed = await Promise.all(usable.map((address) => suppressionsOf(ports, channel, address)));
  for (const [index, address] of usable.entries()) {
    const found = suppressedBy(listed[index]!, {
      topic: topic.id,
      transactional: topic.kind === 'transactional',
      grantedAt: profile.consents[consentKey(channel, topic.id)]?.at,
    });
    if (found === undefined) addresses.push(address);
    suppressed ??= found;
  }
  if (addresses.length === 0 && suppressed !== undefined) {
    return notSent(`suppressed.${suppressed.reason}`, { topic: suppressed.topic });
  }
  const sendTo = hasAddresses(channel) ? profile.test?.sendTo : undefined;
  if (sendTo !== undefined) {
    const author = readTestRecipient(sendTo);
    if (author?.channel !== channel) return notSent('test.recipient-on-other-channel');
    const ofAuthor = await suppressionsOf(ports, channel, author.address);
    if (suppressedBy(ofAuthor, { topic: topic.id, transactional: true, grantedAt: undefined }) !== undefined) {
      return notSent('test.recipient-suppressed');
    }
    return hold ?? { request, proposal, catalog, addresses: [author.address] };
  }
  return hold ?? { request, proposal, catalog, addresses };
}

/** Also those that lists of hashed addresses hold. */
const suppressionsOf = ({ suppressions }: HandOverPorts, channel: Channel, address: string) =>
  suppressions.ofAddress(channel, addressHash(channel, address), asHashed(channel, address));

const hasAddresses = (channel: Channel): boolean => channelSpecs[channel].address !== undefined;

/** Of several, those that are none and those that are dead are left out; what is left of one address was checked before. */
function usableAddresses({ to, profile, channel }: Proposal): string[] {
  const all = to === undefined ? addressesIn(profile, channel) : [to];
  const normalised = all.flatMap((address) => normaliseAddress(channel, address) ?? []);
  return normalised.filter((one) => normalised.length === 1 || deadBecause(profile, channel, one) === undefined);
}

async function prepare(ports: HandOverPorts, subject: Subject): Promise<Prepared | Unprepared> {
  const { request, proposal, catalog, addresses } = subject;
  const { profile, topic, now, zone } = proposal;
  const template = await templateOf(ports, request, catalog);
  if (template === undefined && request.template !== undefined) {
    return { refused: 'template.missing', detail: { template: request.template.id } };
  }
  const { policy, endpoints, segments, computed } = catalog;
  const making = makingOf(request.channel);
  if (making === undefined) return { refused: 'channel.no-adapter', detail: { channel: request.channel } };
  const material: Material = {
    ...{ request, profile, topic, addresses, policy, endpoints, segments, computed, now, zone },
    address: addresses[0] ?? '',
    ...(template !== undefined && { template }),
  };
  const full = await withLookups(material, ports.items);
  if (isUnprepared(full)) return full;
  const prepared = await making.make(full, ports);
  if (profile.test === undefined || isUnprepared(prepared)) return prepared;
  return { ...prepared, message: making.forTest?.(prepared.message) ?? prepared.message };
}

/** The live version, or the one that the step pinned. */
async function templateOf(ports: HandOverPorts, request: MessageRequest, catalog: CompiledCatalog) {
  if (request.template === undefined) return undefined;
  const { id, version } = request.template;
  const live = catalog.templates.get(id);
  if (version === undefined || live?.version === version) return live;
  const document = await ports.templateVersion(id, version);
  return document === undefined ? undefined : { document, version };
}

async function deliver({ deliver: adapters }: HandOverPorts, message: Outgoing): Promise<ProviderResult> {
  const adapter = adapters[message.channel] as Deliver | undefined;
  return adapter?.(message) ?? { refused: 'channel.no-adapter', detail: { channel: message.channel } };
}

function classed(ports: HandOverPorts, result: ProviderResult, detail: Prepared['detail']): HandResult {
  if ('refused' in result) {
    const { gone } = result;
    const rest = { ...suppressing(ports, result), ...(gone !== undefined && { gone }) };
    return { ...failed(result.refused, result.detail), ...rest };
  }
  if ('unknown' in result) return result;
  const { alarm, ...said } = result;
  if (alarm !== undefined) ports.metrics.count('ProviderMisconfigured');
  if (typeof alarm === 'string') ports.metrics.count(alarm);
  return 'handed' in said ? { ...said, detail: { ...detail, ...said.detail } } : said;
}

/** Of somebody who told the provider STOP we should have heard ourselves, before we wrote once more. */
function suppressing(
  { metrics }: HandOverPorts,
  { suppress }: Extract<ProviderResult, { readonly refused: string }>,
): Pick<Refusal, 'suppress'> {
  if (suppress === 'unsubscribe') metrics.count('OptOutsLearntLate');
  return suppress === undefined ? {} : { suppress };
}

const unsent = ({ refused, as, detail }: Unprepared): Refusal =>
  as === 'not-sent' ? notSent(refused, detail) : failed(refused, detail);

function notSent(code: string, detail?: Json): Refusal {
  return { refused: code, as: 'not-sent', ...(detail !== undefined && { detail }) };
}

function failed(code: string, detail?: Json): Refusal {
  return { refused: code, as: 'failed', ...(detail !== undefined && { detail }) };
}
