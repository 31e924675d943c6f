import { noteMessage } from '../computed-traits/note.ts';
import { runsMeetOutcome, runsMeetReceipt, takeBack } from '../journeys/engine/runs.ts';
import type { ToldRecord } from '../mail-record.ts';
import { endGoneDevices } from '../profiles/devices.ts';
import { forgetSent, rememberMessage } from '../profiles/remember.ts';
import { traitValue } from '../profiles/set-traits.ts';
import type { Turn } from '../turn.ts';
import { addressHash } from './address.ts';
import { channelSpecs } from './channels/registry.ts';
import { release } from './decide-message.ts';
import { factOfReceipt } from './fact-of-receipt.ts';
import { addressIn } from './policy/check-address.ts';
import { withdrawChannel } from './take-keyword.ts';

type Outcome = Extract<ToldRecord, { readonly t: 'outcome' }>;
type Receipt = Extract<ToldRecord, { readonly t: 'receipt' }>;
type About = Pick<Receipt, 'message' | 'channel' | 'at'>;

/** What `send` says of a message: caps get back what was not used, and a run that waits for it goes on. */
export function takeOutcome(turn: Turn, outcome: Outcome): void {
  const { message, reason, notBefore } = outcome;
  const saw = { ...(reason !== undefined && { reason }), ...(notBefore !== undefined && { notBefore }) };
  turn.because({ code: `message.${outcome.outcome}`, message, ...(Object.keys(saw).length > 0 && { saw }) });
  // Before the message gives its place back: only there it says which address it was given.
  takeSuppression(turn, outcome);
  takeGoneDevices(turn, outcome);
  if (outcome.outcome === 'not-sent' || outcome.outcome === 'failed') {
    release(turn, message);
    takeBackSent(turn, outcome);
  }
  if (outcome.outcome === 'not-sent' && reason?.startsWith('held.')) {
    if (takeBack(turn, outcome)) return;
    turn.because({
      code: 'message.lost-its-run',
      message,
      fix: 'the run had ended when its message was held at hand-over',
    });
    return;
  }
  runsMeetOutcome(turn, outcome);
}

/** A provider that will not write to an address says so when it is asked to, not by a receipt. */
function takeSuppression(turn: Turn, { message, at, channel, suppress }: Outcome): void {
  if (channel === undefined || suppress === undefined) return;
  if (suppress === 'bounce' || suppress === 'complaint') buryAddress(turn, { message, at, channel }, suppress);
  else if (suppress === 'unsubscribe') withdraw(turn, { message, at, channel });
}

function takeGoneDevices(turn: Turn, { channel, gone, at }: Outcome): void {
  if (channel === undefined || gone === undefined) return;
  const { trait = '' } = channelSpecs[channel].address ?? {};
  const value = traitValue(turn.profile, trait);
  endGoneDevices(turn, gone, at, typeof value === 'string' ? value : undefined);
}

/** Absent of an outcome that an earlier release reported, and of the call of a webhook step, which never counted: `topic`. */
function takeBackSent(turn: Turn, { channel, topic, origin, decidedAt }: Outcome): void {
  if (channel === undefined || topic === undefined || decidedAt === undefined) return;
  const from = origin && { journey: origin.journey, step: origin.step };
  forgetSent(turn, { was: 'sent', at: decidedAt, channel, topic, ...from });
}

/**
 * What a provider says of a message. What changes whether an address may be used moves the profile, and so does what
 * a trigger of a run or a predicate asks for; otherwise that a message was delivered, opened or clicked is kept in the journal.
 */
export function takeReceipt(turn: Turn, receipt: Receipt): void {
  const { message, channel, was, permanent, suppress } = receipt;
  turn.because({
    code: `receipt.${was}`,
    message,
    channel,
    ...(permanent !== undefined && { saw: { permanent } }),
  });
  if (was === 'complained' || suppress === 'complaint') buryAddress(turn, receipt, 'complaint');
  else if ((was === 'bounced' && permanent === true) || suppress === 'bounce') buryAddress(turn, receipt, 'bounce');
  if (suppress === 'unsubscribe') withdraw(turn, receipt);
  const fact = factOfReceipt(receipt);
  if (fact !== undefined) {
    rememberMessage(turn, fact);
    noteMessage(turn, fact);
  }
  runsMeetReceipt(turn, receipt);
}

/**
 * The receipt does not name the address. It is the one that the request gave, else the profile's own, unless that
 * was changed since.
 */
function addressOf({ profile }: Turn, { message, channel, at }: About): string | undefined {
  const given = profile.sends.find(({ id }) => id === message)?.to;
  if (given !== undefined) return given;
  const own = addressIn(profile, channel);
  const trait = channelSpecs[channel].address?.trait;
  const changedSince = trait !== undefined && (profile.traits[trait]?.at ?? 0) > at;
  return own === undefined || changedSince ? undefined : addressHash(channel, own);
}

function buryAddress(turn: Turn, about: About, reason: 'bounce' | 'complaint'): void {
  const hash = addressOf(turn, about);
  const { deadAddresses } = turn.profile;
  if (hash === undefined) return;
  if (Object.hasOwn(deadAddresses, hash) && (deadAddresses[hash] === reason || deadAddresses[hash] === 'complaint'))
    return;
  turn.change({ deadAddresses: { ...deadAddresses, [hash]: reason } });
  turn.effect({ e: 'suppress', channel: about.channel, addressHash: hash, topic: null, reason });
}

/** Somebody told the provider to stop: of every topic on the channel that is not transactional. */
function withdraw(turn: Turn, about: About): void {
  const { channel, at } = about;
  const hash = addressOf(turn, about);
  const own = addressIn(turn.profile, channel);
  const before = turn.profile;
  // Of an address that only one message was given, the customer's own says nothing.
  if (hash === undefined || own === undefined || hash === addressHash(channel, own)) {
    withdrawChannel(turn, channel, at, 'receipt');
    if (turn.profile === before) return;
  }
  if (hash !== undefined)
    turn.effect({ e: 'suppress', channel, addressHash: hash, topic: null, reason: 'unsubscribe' });
}
