import type { MessageRequest } from '../domain/decision.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import { incarnationOf, type Profile } from '../domain/profiles/profile.ts';
import { Transient } from '../kernel/errors.ts';
import { chance } from '../kernel/ids.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { timing } from '../resources.ts';
import { isSettled, madeOf, messageRecord, type ReportPorts, report } from './outcome.ts';
import type {
  Hand,
  HandResult,
  MessageRecord,
  MessageStore,
  ProfileStore,
  QueuedMessage,
  Ready,
  StoredProfile,
} from './ports.ts';
import { isQuiet } from './quiet-claim.ts';

export interface MessageDelivery extends QueuedMessage {
  readonly receives: number;
  /** This delivery and no other: id of the invocation and index in its batch. */
  readonly by: string;
  /** Which copy in the queue; of what an older release has put there, the SQS message id. */
  readonly copy: string;
}

export interface SendPorts extends ReportPorts {
  readonly messages: MessageStore;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly hand: Hand;
}

/** 'ack': the message has an outcome that is final, or is the actor's again. Else it must come again. */
export type SendResult = 'ack' | Nack;

interface Nack {
  readonly nackAfterSeconds: number;
  /** Nobody was asked: a rate of ours, or an outage of the provider's, is against it. */
  readonly parked?: true;
}

const MAX_SIGNPOSTS = 10;

/**
 * Hands one message over at most once (docs: protocol.md, steps 15 and 16; guarantee G3).
 *
 * 1. A claim comes before the call, and whatever can be said before the call is in it. Who dies between the two leaves
 *    `handing`, which turns into `unknown` after the grace period and is not sent blindly again (unless the step says
 *    `onUnknown: resend`, or the channel is one that takes a message only once).
 * 2. Every change of a claim is conditional on whose it is; a young claim of another sender is left alone.
 * 3. The copy in the queue that has claimed answers for the message until it is final or held: other copies are acknowledged,
 *    and may not take it over, because what was acknowledged may be delivered once more and then is not there to come again.
 * 4. Only what is final is acknowledged, and a quiet claim whose message was handed over (quiet-claim.ts). A report that may
 *    be missing is repeated: the mailbox knows its id.
 * 5. A message is given up after so many attempts of ours, which the claim counts. Receives are none: a function that is
 *    throttled is received for all the same.
 * 6. A journal entry that the message carries is written with the claim, and stays with its row.
 */
export async function sendMessage(delivery: MessageDelivery, ports: SendPorts): Promise<SendResult> {
  const state = await readState(delivery.request, ports.profiles).catch(asResult);
  const made = 'profile' in state ? await ports.hand(delivery.request, state).catch(asResult) : state;
  let claim: SendResult | 'mine' | undefined;
  try {
    claim = await claimMessage(delivery, made, carriedBy(delivery, state), ports);
    if (claim !== 'mine') return claim;
  } finally {
    if (claim !== 'mine' && 'call' in made) made.giveBack?.();
  }
  const result = 'call' in made ? await made.call().catch(asResult) : made;
  return record(delivery, { ...madeOf(made), ...result }, ports);
}

async function claimMessage(
  delivery: MessageDelivery,
  made: Ready | HandResult,
  carried: Carried,
  ports: SendPorts,
): Promise<SendResult | 'mine'> {
  const { request, by } = delivery;
  const { messages, clock } = ports;
  const more = { ...carried, ...madeOf(made) };
  if (await messages.put(messageRecord(delivery, 'handing', clock(), more), 'absent')) return 'mine';

  const found = await messages.read(request.key, request.id);
  if (found === undefined) return nack(delivery);
  if (isSettled(found, delivery)) {
    await report(found, delivery, ports);
    return 'ack';
  }
  if (found.st !== 'handing') return take(delivery, found, more, ports);
  // Our own put, answered late.
  if (found.by === by) return 'mine';

  const graceLeftMs = found.at + timing.claimGraceSeconds * SECOND_MS - clock();
  if (graceLeftMs > 0) return { nackAfterSeconds: Math.ceil(graceLeftMs / SECOND_MS) };
  if (isSentAgain(request)) return take(delivery, found, more, ports);
  const unknown = messageRecord(delivery, 'unknown', clock(), { why: 'sender.died', ...madeOf(found) });
  if (!(await messages.put(unknown, [{ st: 'handing', by: found.by }]))) return nack(delivery);
  await report(unknown, delivery, ports, 'first');
  return 'ack';
}

type Carried = Pick<MessageRecord, 'entries'>;

/**
 * Of somebody who was erased nothing more may be kept (guarantee G12): whoever is erased after the look at their profile has
 * what is written behind it deleted with the rest, because an erasure waits for senders. Where nobody can tell, the
 * journal has to certify.
 */
const carriedBy = ({ entry }: MessageDelivery, state: StoredProfile | HandResult): Carried =>
  entry !== undefined && 'profile' in state ? { entries: [entry] } : {};

/** What is unknown: by the step's own wish, or because the channel takes a message only once. */
const isSentAgain = ({ onUnknown, channel }: MessageRequest) =>
  onUnknown === 'resend' || channelSpecs[channel].repeatable === true;

/** Conditional on the one who left it. A lost condition may be our own put, answered late. */
async function take(
  delivery: MessageDelivery,
  found: MessageRecord,
  more: Partial<MessageRecord>,
  { messages, clock }: SendPorts,
) {
  // What was held and decided anew was asked for when it was decided first, and tried never.
  const asked = found.st === 'held' ? { requestedAt: found.requestedAt ?? found.decidedAt, tries: 0 } : {};
  const claim = messageRecord(delivery, 'handing', clock(), { ...asked, ...more });
  if (await messages.put(claim, [{ st: found.st, by: found.by }])) return 'mine';
  const now = await messages.read(claim.key, claim.id);
  return now?.by === delivery.by && now.st === 'handing' ? 'mine' : nack(delivery);
}

function asResult(error: unknown): HandResult {
  if (!(error instanceof Transient)) return { unknown: error instanceof Error ? `defect.${error.name}` : 'defect' };
  const { code, retryAfterSeconds } = error;
  return { throttled: code, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

const erased: HandResult = { refused: 'profile.erased', as: 'not-sent' };

/** Where the state lies: a frozen signpost still has it, a stripped one gave it to `movedTo`. */
async function readState(
  request: MessageRequest,
  profiles: SendPorts['profiles'],
): Promise<StoredProfile | HandResult> {
  const { key } = request;
  let at = key;
  let inc = request.inc ?? 0;
  for (let hop = 0; hop <= MAX_SIGNPOSTS; hop++) {
    const stored = await profiles.read(at);
    if (stored === undefined) break;
    const { movedTo, frozen, ...state } = stored.profile;
    // Decided for somebody who has been erased since, or whom they gave themselves up to.
    if (incarnationOf(state) > inc) return erased;
    if (movedTo === undefined) return { ...stored, profile: state };
    if (frozen) return (await isErasedAhead(stored.profile, profiles)) ? erased : { ...stored, profile: state };
    at = movedTo;
    inc = state.movedInc ?? 0;
  }
  throw new Transient('profile.missing', 'no profile where the message was decided');
}

/** A frozen signpost whose root was erased before it could take the state over. */
async function isErasedAhead({ movedTo, movedInc = 0 }: Profile, profiles: SendPorts['profiles']): Promise<boolean> {
  let [to, inc] = [movedTo, movedInc];
  for (let hop = 0; to !== undefined && hop <= MAX_SIGNPOSTS; hop++) {
    const ahead: StoredProfile | undefined = await profiles.read(to);
    if (ahead === undefined) return false;
    if (incarnationOf(ahead.profile) > inc) return true;
    [to, inc] = [ahead.profile.movedTo, ahead.profile.movedInc ?? 0];
  }
  return false;
}

async function record(delivery: MessageDelivery, result: HandResult, ports: SendPorts): Promise<SendResult> {
  const { request, by } = delivery;
  const mine = { st: 'handing', by } as const;
  const end = async (
    st: MessageRecord['st'],
    more: Partial<MessageRecord>,
    // `by` is this delivery's alone: the SDK may have done the put twice, and the second must not look lost.
    expected: Parameters<MessageStore['put']>[1] = [{ by }],
  ): Promise<SendResult> => {
    const next = messageRecord(delivery, st, ports.clock(), more);
    // Lost: another delivery found the claim too old; what it wrote stands, and its report with it.
    if (await ports.messages.put(next, expected)) await report(next, delivery, ports, 'first');
    return 'ack';
  };

  const kept = ({
    answer,
    detail,
    gone,
    renderedAt,
  }: Pick<MessageRecord, 'answer' | 'detail' | 'gone' | 'renderedAt'>) => ({
    ...(gone !== undefined && { gone }),
    ...(renderedAt !== undefined && { renderedAt }),
    ...(detail !== undefined && { detail }),
    ...(request.webhook?.save && answer !== undefined && { answer }),
  });
  if ('handed' in result && isQuiet(request) && result.gone === undefined) {
    ports.metrics.count('MessagesSent');
    return 'ack';
  }
  if ('handed' in result) {
    const providerId = result.handed === '' ? {} : { providerId: result.handed };
    const arrived = channelSpecs[request.channel].arrivesAtHandOver && { receipts: { delivered: ports.clock() } };
    return end('sent', { ...providerId, ...kept(result), ...arrived }, [{ by }, { st: 'unknown' }]);
  }
  if ('refused' in result) {
    const { refused: why, suppress } = result;
    return end(result.as, { why, ...(suppress !== undefined && { suppress }), ...kept(result) });
  }
  if ('holdUntil' in result) {
    const { why, notBefore } = result;
    return end('held', { why, ...(notBefore !== undefined && { notBefore }) });
  }

  if ('unknown' in result && !isSentAgain(request)) return end('unknown', { why: result.unknown, ...kept(result) });
  const why = 'unknown' in result ? result.unknown : result.throttled;
  if ('throttled' in result && result.parked === true) {
    await ports.messages.put(messageRecord(delivery, 'retry', ports.clock(), { why }), [mine]);
    return { nackAfterSeconds: result.retryAfterSeconds ?? nack(delivery).nackAfterSeconds, parked: true };
  }
  const tries = 1 + ((await ports.messages.read(request.key, request.id))?.tries ?? 0);
  const isLast = tries >= timing.messageMaxTries || delivery.receives >= timing.maxReceives;
  if (isLast) return end('unknown' in result ? 'unknown' : 'failed', { why: 'failed.exhausted', ...kept(result) });
  // Nothing else tells of it: SQS leaves what was received three times out of a standard queue's age.
  ports.metrics.count('MessagesRetried');
  await ports.messages.put(messageRecord(delivery, 'retry', ports.clock(), { why, tries }), [mine]);
  return nack(delivery, 'throttled' in result ? result.retryAfterSeconds : undefined, tries);
}

/**
 * Exponential up to an hour, each a little different: half of it at least, so that a throttled batch does not come
 * back as one. The share is a hash, not chance: the same delivery waits the same time.
 */
function nack({ request, receives }: MessageDelivery, retryAfterSeconds = 0, tries = receives): Nack {
  const ceiling = Math.min(3_600, 5 * 2 ** Math.min(tries, 10));
  const seconds = (ceiling / 2) * (1 + chance('back-off', request.id, String(receives)));
  return { nackAfterSeconds: Math.min(43_200, Math.ceil(Math.max(retryAfterSeconds, seconds))) };
}
