import { nominalMs } from '../kernel/duration.ts';
import { digest, type ProfileKey } from '../kernel/ids.ts';
import type { CompiledCatalog } from './compiled-catalog.ts';
import { noteEvent } from './computed-traits/note.ts';
import type { CustomerEvent } from './customer-event.ts';
import type { Decision } from './decision.ts';
import { enter, refuse } from './journeys/engine/enter.ts';
import { enterByApi } from './journeys/engine/enter-by-api.ts';
import { letFollowersIn } from './journeys/engine/follow.ts';
import { meetDates } from './journeys/engine/meet-dates.ts';
import { meetPlans, rememberPlans } from './journeys/engine/meet-plans.ts';
import { catchUp, isUnmet, meetAllSegments, meetMerged, meetSegments } from './journeys/engine/meet-segments.ts';
import { leave, lookAround, runsMeetEvent, runsMeetTask, wakeHeld, wakeRuns } from './journeys/engine/runs.ts';
import { beginTest, catalogFor, tellTime } from './journeys/engine/test-run.ts';
import type { MailRecord, ToldRecord } from './mail-record.ts';
import { decideCanary } from './messaging/canary.ts';
import { decideDirectMessage } from './messaging/direct-message.ts';
import { takeOutcome, takeReceipt } from './messaging/feedback.ts';
import { takeKeyword } from './messaging/take-keyword.ts';
import type { Permit } from './permit.ts';
import { refuseErased } from './profiles/after-erasure.ts';
import { allRuns, tidied } from './profiles/as-if.ts';
import { claimFromEvent, claimNamed, followAddresses } from './profiles/claim-ids.ts';
import { loseToken, takeDevice, takeToken } from './profiles/devices.ts';
import { absorbOfErased, decideErase } from './profiles/erase.ts';
import { fill } from './profiles/fill.ts';
import { passToHolder, takeHolding } from './profiles/holders.ts';
import { recordNamedIdentity } from './profiles/identities.ts';
import { learn } from './profiles/learn.ts';
import { link, linkFromEvent } from './profiles/links.ts';
import { decideMerge, forward } from './profiles/merge-mail.ts';
import type { Past } from './profiles/past.ts';
import { isErased, isNobody, type Profile, testedJourney } from './profiles/profile.ts';
import { remember } from './profiles/remember.ts';
import { setConsents } from './profiles/set-consents.ts';
import { setList } from './profiles/set-list.ts';
import { setTraits } from './profiles/set-traits.ts';
import { Turn } from './turn.ts';

/**
 * The one function that decides what happens to a customer.
 *
 * 1. Pure: it reads no clock, no chance and no network. The same profile, record, catalog and `now` give the same
 *    bytes (guarantee G5).
 * 2. Total: a "no" is a reason. Thrown are CatalogMiss (load the version, decide again), PermitMiss (get the permit,
 *    decide again) and defects.
 * 3. A record that changes nothing gives back the same profile object, so that it costs no write.
 * 4. A signpost decides nothing: what customers and providers tell it goes on to its target.
 * 5. Before anything else of a record, runs meet the publish plans that they have not met (guarantee G8).
 *
 * @param now epoch milliseconds, never earlier than at the profile's last decision.
 * @param frozen the signpost's profile that an `absorb` reads.
 * @param permits of limits that customers share; `spent` of the decision says which were used up.
 * @param past what the journal holds, which a `fill` counts.
 */
export function decide(
  profile: Profile,
  key: ProfileKey,
  record: MailRecord,
  catalog: CompiledCatalog,
  now: number,
  frozen?: Profile,
  permits: readonly Permit[] = [],
  past?: Past,
): Decision {
  const turn = new Turn(profile, key, catalogFor(catalog, profile, record), now, permits);
  tellTime(turn);
  if (profile.movedTo === undefined) meetPlans(turn);
  const decision = decideRecord(turn, record, frozen, past);
  if (!decision.changed) return decision;
  rememberPlans(turn);
  return turn.decision(decision.forwarded);
}

function decideRecord(turn: Turn, record: MailRecord, frozen: Profile | undefined, past: Past | undefined): Decision {
  const { before: profile, now } = turn;
  switch (record.t) {
    case 'yield':
    case 'declined':
    case 'strip':
      return decideMerge(turn, record, frozen);
    case 'absorb': {
      const stale = absorbOfErased(turn, record, frozen);
      if (stale !== undefined) return stale;
      if (profile.movedTo === undefined) catchUp(turn);
      const root = turn.profile;
      const decision = decideMerge(turn, record, frozen);
      if (decision.forwarded) return decision;
      meetPlans(turn);
      if (frozen !== undefined && root.aliases !== turn.profile.aliases) meetMerged(turn, root, frozen);
      settle(turn);
      followAddresses(turn, record.from, true);
      return decided(turn);
    }
    case 'hold':
    case 'release':
      return takeHolding(turn, record);
    case 'token-held':
      return takeToken(turn, record);
    case 'token-lost':
      return loseToken(turn, record);
    case 'erase':
    case 'wipe':
    case 'wiped':
    case 'purged':
      return decideErase(turn, record);
    case 'nudge':
      return turn.decision();
    case 'fill':
      if (profile.movedTo !== undefined) return forward(turn, record, record.id);
      if (isNobody(profile) || isErased(profile)) return turn.decision();
      if (past === undefined) throw new Error('fill was decided without the past');
      catchUp(turn);
      // Whoever turns out to be a member has not entered: the customer did nothing.
      turn.isQuiet = true;
      fill(turn, record, past);
      if (turn.profile !== profile) settle(turn);
      return decided(turn);
    case 'wake':
      if (profile.movedTo !== undefined) return forward(turn, record, record.id);
      if (isErased(profile)) return turn.decision();
      catchUp(turn);
      if (record.epoch !== undefined) meetAllSegments(turn);
      wakeRuns(turn);
      wakeHeld(turn);
      settle(turn);
      followAddresses(turn, record.id, false);
      return decided(turn);
    default: {
      const refused = refuseErased(turn, record);
      if (refused !== undefined) return refused;
      if (profile.movedTo !== undefined) return forward(turn, record, toldId(record));
      const passed = passToHolder(turn, record, () => toldId(record));
      if (passed !== undefined) return passed;
      catchUp(turn);
      takeTold(turn, record);
      settle(turn);
      followAddresses(turn, causeOf(record), false);
      if (turn.profile !== profile && turn.profile.createdAt === 0) turn.change({ createdAt: now });
      return decided(turn);
    }
  }
}

/** Rounds of steps that write traits which name days, or which segments ask for. */
const MAX_ROUNDS = 3;

/**
 * What follows of everything that was learned. A step that writes a trait may name another day, and move its customer
 * into a segment; memberships are exact at the end, whoever has gone round too often to enter by them.
 */
function settle(turn: Turn): void {
  let traits: Profile['traits'] | undefined;
  for (let round = 0; round < MAX_ROUNDS && (turn.profile.traits !== traits || isUnmet(turn)); round += 1) {
    ({ traits } = turn.profile);
    meetDates(turn);
    meetSegments(turn, true);
    lookAround(turn);
    letFollowersIn(turn);
  }
  meetSegments(turn, false);
}

/** The versions that runs and held messages are pinned to, and those whose goals may still be reached; the caller loads them first. */
export function neededVersions(profile: Profile): { readonly journey: string; readonly version: number }[] {
  const needed = new Map<string, { readonly journey: string; readonly version: number }>();
  if (profile.test !== undefined) {
    const tested = testedJourney(profile.test);
    return tested === undefined ? [] : [tested];
  }
  const need = (journey: string, version: number) => needed.set(`${journey}@${version}`, { journey, version });
  for (const [, run] of allRuns(profile)) need(run.journey, run.version);
  for (const { at } of Object.values(profile.held)) need(at.journey, at.version);
  for (const [key, { goal }] of [...Object.entries(profile.entered), ...Object.entries(profile.asIf?.entered ?? {})]) {
    if (goal !== undefined) need(key.split('|')[0]!, goal.version);
  }
  return [...needed.values()];
}

/**
 * Whether somebody stands in a journey that is paused here, or would enter it on a day that has come. What falls due then
 * is left to the sweep that follows the resumption, so a catalog that is seconds old will not do: the sweep may have been.
 */
export function isPaused(profile: Profile, catalog: CompiledCatalog, now: number): boolean {
  if (profile.test !== undefined) return false;
  const isWaiting = Object.entries(profile.dates?.next ?? {}).some(
    ([place, { due }]) => due !== undefined && due <= now && catalog.dates.byId.get(place)?.live.state === 'paused',
  );
  if (isWaiting) return true;
  const runs = allRuns(profile).map(([, run]) => run);
  const ids = [...runs, ...Object.values(profile.held).map(({ at }) => at)].map(({ journey }) => journey);
  return ids.some((id) => catalog.journeys.get(id)?.state === 'paused');
}

function decided(turn: Turn): Decision {
  const { profile, before, catalog } = turn;
  if (profile !== before) turn.profile = tidied(profile, (id) => catalog.journeys.get(id)?.dryRun === true);
  return turn.decision();
}

function takeTold(turn: Turn, record: ToldRecord): void {
  turn.isQuiet = 'quiet' in record && record.quiet === true;
  if ('identity' in record && record.identity !== undefined) {
    recordNamedIdentity(turn, record.identity);
    claimNamed(turn, record.identity, record.id);
  }
  switch (record.t) {
    case 'event':
      takeEvent(turn, record.event);
      break;
    case 'test':
      if (turn.before.test !== undefined) break;
      beginTest(turn, record);
      if (record.event !== undefined) takeEvent(turn, record.event);
      break;
    case 'enroll':
      if (turn.profile.test !== undefined && turn.profile.test.journey !== record.journey) {
        turn.because({ code: 'test.other-journey', journey: record.journey });
        break;
      }
      if (record.traits !== undefined) setTraits(turn, record.traits, record.at, 'api');
      enterByApi(turn, record);
      break;
    case 'unenroll':
      leave(turn, record.journey, 'unenrolled');
      break;
    case 'patch':
      setTraits(turn, record.traits, record.at, 'api');
      break;
    case 'consent':
      setConsents(turn, record.consents);
      break;
    case 'merge':
      link(turn, record.with, 'alias', record.id);
      break;
    case 'list':
      setList(turn, record);
      break;
    case 'device':
      takeDevice(turn, record);
      break;
    case 'message':
      decideDirectMessage(turn, record);
      break;
    case 'outcome':
      takeOutcome(turn, record);
      break;
    case 'keyword':
      takeKeyword(turn, record);
      break;
    case 'task':
      runsMeetTask(turn, record);
      break;
    case 'receipt':
      // A test's click counts at its own time.
      takeReceipt(turn, turn.profile.test === undefined ? record : { ...record, at: turn.now });
      break;
  }
}

/**
 * First what the event says of the customer, so that every filter sees it; then what it does to the runs there are;
 * then who enters, so that no run meets the event that began it.
 */
function takeEvent(turn: Turn, told: CustomerEvent): void {
  const isTest = turn.profile.test !== undefined;
  const event = isTest ? { ...told, at: turn.now } : told;
  learn(turn, event);
  if (!isTest) linkFromEvent(turn, event);
  claimFromEvent(turn, event);
  remember(turn, event);
  noteEvent(turn, event);
  if (!turn.isQuiet) runsMeetEvent(turn, event);
  decideCanary(turn, event);
  const entries = turn.catalog.entriesByEvent.get(event.name);
  if (entries === undefined) return;
  const entered = new Set<string>();
  for (const { live, entry } of entries) {
    const { journey } = live;
    if (entered.has(journey.id)) continue;
    if (turn.isQuiet) {
      refuse(turn, live, { code: 'entry.quiet', fix: 'import with trigger: true' });
      continue;
    }
    const age = turn.now - event.at;
    if (age > nominalMs(entry.maxAge ?? DEFAULT_MAX_AGE)) {
      refuse(turn, live, { code: 'entry.too-old', saw: { maxAge: entry.maxAge ?? DEFAULT_MAX_AGE, ageMs: age } });
      continue;
    }
    const entrant = { properties: event.data, recordId: digest(event.id, event.sent ?? ''), event };
    if (enter(turn, live, entrant, entry.where)) entered.add(journey.id);
  }
}

/** An older event teaches, but does not begin anything: a client that was offline for a day must not send mail. */
const DEFAULT_MAX_AGE = 'PT1H';

const causeOf = (record: ToldRecord): string => (record.t === 'event' ? record.event.id : record.id);

const toldId = (record: ToldRecord): string =>
  record.t === 'event' ? digest(record.event.id, record.event.sent ?? '') : record.id;
