import { digest } from '../../kernel/ids.ts';
import { HOUR_MS } from '../../kernel/time.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { Decision } from '../decision.ts';
import type { OwnRecord, ToldRecord } from '../mail-record.ts';
import { addressHash } from '../messaging/address.ts';
import type { Turn } from '../turn.ts';
import { isOfGone } from './gone-holders.ts';
import { MAX_DEVICES, MAX_PROFILE_BYTES, profileBytes } from './limits.ts';
import { ofInc } from './links.ts';
import { forward } from './merge-mail.ts';
import { keyOfToken } from './named-of.ts';
import type { Device, Profile } from './profile.ts';
import { type Platform, platformOf } from './push-token.ts';

/**
 * Devices of a customer, by push token.
 *
 * 1. Of one token the newest word counts, whichever comes last: told by the app, signed out, or gone at the provider.
 *    What ended is remembered, so that an event from before does not bring it back.
 * 2. A token is of one profile: it is an actor of its own, which is told who has it. Whoever told it last keeps it, and
 *    the one before is told that it is lost, so that nobody's messages go to a phone that is somebody else's by now.
 * 3. That it is still in use is written down once an hour at most: every event tells it.
 */
export function deviceFromEvent(turn: Turn, { name, at, context }: CustomerEvent): void {
  const { token } = context.device ?? {};
  if (token === undefined || turn.isTest) return;
  if (name === SIGNED_OUT) endDevice(turn, token, at, 'signed-out');
  else addDevice(turn, token, at);
}

/** Segment Spec, "B2B SaaS": the app's user has logged out. */
const SIGNED_OUT = 'Signed Out';

/** By the API. */
export function takeDevice(turn: Turn, { token, change, platform, at }: Extract<ToldRecord, { t: 'device' }>): void {
  if (turn.isTest) return;
  if (change === 'add') addDevice(turn, token, at, platform);
  else endDevice(turn, token, at, 'removed');
}

function addDevice(turn: Turn, token: string, at: number, told?: Platform): void {
  const known = deviceIn(turn.profile, token);
  if (known !== undefined && known.at >= at) return;
  const platform = told ?? known?.platform ?? platformOf(token);
  const isNews = known === undefined || known.off === true;
  if (!isNews && known.platform === platform && at - known.at < HOUR_MS) return;
  const next = { ...turn.profile, devices: newest({ ...turn.profile.devices, [token]: { platform, at } }) };
  const bytes = profileBytes(next);
  if (bytes > MAX_PROFILE_BYTES && bytes > profileBytes(turn.profile)) {
    turn.because({ code: 'profile.too-large', saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes } });
    return;
  }
  if (!Object.hasOwn(next.devices, token)) {
    turn.because({ code: 'device.too-many', saw: { limit: MAX_DEVICES } });
    return;
  }
  turn.change({ devices: next.devices });
  if (!isNews) return;
  turn.because({ code: 'device.added', saw: { platform } });
  tellToken(turn, token, at);
}

function endDevice(turn: Turn, token: string, at: number, why: 'signed-out' | 'removed' | 'gone'): void {
  const known = deviceIn(turn.profile, token);
  if (known === undefined || known.off === true || known.at > at) return;
  turn.change({ devices: { ...turn.profile.devices, [token]: { platform: known.platform, at, off: true } } });
  turn.because({ code: `device.${why}`, saw: { platform: known.platform } });
}

/** Of tokens that the provider knows no more, as hashes. One that only the trait has is not written to again. */
export function endGoneDevices(turn: Turn, gone: readonly string[], at: number, trait: string | undefined): void {
  for (const token of Object.keys(turn.profile.devices ?? {})) {
    if (gone.includes(addressHash('push', token))) endDevice(turn, token, at, 'gone');
  }
  const hash = trait === undefined ? undefined : addressHash('push', trait);
  const { deadAddresses } = turn.profile;
  if (hash === undefined || !gone.includes(hash) || Object.hasOwn(deadAddresses, hash)) return;
  turn.change({ deadAddresses: { ...deadAddresses, [hash]: 'bounce' } });
}

/** Those that messages go to, the one that was used last first. A merge may have brought more than it takes. */
export const tokensIn = ({ devices = {} }: Profile): string[] =>
  Object.keys(devices)
    .filter((token) => devices[token]!.off !== true)
    .sort((a, b) => devices[b]!.at - devices[a]!.at || (a < b ? -1 : 1))
    .slice(0, MAX_DEVICES);

export const deviceIn = ({ devices }: Profile, token: string): Device | undefined =>
  devices !== undefined && Object.hasOwn(devices, token) ? devices[token] : undefined;

/** What has ended makes room first, then what was not used for longest. */
function newest(devices: { readonly [token: string]: Device }): { readonly [token: string]: Device } {
  const all = Object.entries(devices);
  const kept = all
    .sort(([a, x], [b, y]) => Number(x.off ?? false) - Number(y.off ?? false) || y.at - x.at || (a < b ? -1 : 1))
    .slice(0, MAX_DEVICES);
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

// ---- the token's own actor ------------------------------------------------------------------------------------

function tellToken(turn: Turn, token: string, at: number): void {
  const to = keyOfToken(token);
  const record = { t: 'token-held', token, by: turn.key, at, ...ofInc(turn.profile) } as const;
  turn.effect({ e: 'mail', to, id: digest('token-held', to, turn.key, String(at)), record });
}

/** The token's actor: who told it last has it; of two at once, the one with the higher key. */
export function takeToken(turn: Turn, record: Extract<OwnRecord, { t: 'token-held' }>): Decision {
  const { token, by, at } = record;
  if (isOfGone(turn, record)) return turn.decision();
  const { holder, since, gone } = holderOfToken(turn.profile);
  const wins = holder === undefined || at > since || (at === since && by > holder);
  if (holder === by && !wins) return turn.decision();
  // Also where nothing has changed: that the other one is told is committed first.
  turn.change(wins ? { holders: { ...gone, [by]: at } } : {});
  if (wins) turn.because({ code: 'device.held', saw: { by } });
  if (holder === undefined || holder === by || (wins && Object.hasOwn(gone, holder))) return turn.decision();
  const [loser, winner, when] = wins ? [holder, by, at] : [by, holder, since];
  const lost = { t: 'token-lost', token, by: winner, at: when } as const;
  turn.effect({ e: 'mail', to: loser, id: digest('token-lost', turn.key, loser, winner, String(when)), record: lost });
  return turn.decision();
}

/** The newest of who has it and of those who had it when they were erased. */
function holderOfToken({ holders = {} }: Profile) {
  const all = Object.entries(holders);
  const [holder, since = 0] = all.sort(([, x], [, y]) => Math.abs(y) - Math.abs(x))[0] ?? [];
  return { holder, since: Math.abs(since), gone: Object.fromEntries(all.filter(([, at]) => at < 0)) };
}

/** Somebody else told this token. Who has heard of it later than that says so. */
export function loseToken(turn: Turn, record: Extract<OwnRecord, { t: 'token-lost' }>): Decision {
  const { token, by, at } = record;
  const { profile, key } = turn;
  if (profile.movedTo !== undefined) return forward(turn, record, digest('token-lost', token, by, String(at)));
  const device = deviceIn(profile, token);
  if (device === undefined || device.off === true || by === key || profile.aliases.includes(by)) return turn.decision();
  if (device.at > at || (device.at === at && key > by)) {
    turn.change({});
    tellToken(turn, token, device.at);
    return turn.decision();
  }
  const { [token]: _, ...others } = profile.devices ?? {};
  turn.change({ devices: others });
  turn.because({ code: 'device.moved', saw: { to: by } });
  return turn.decision();
}
