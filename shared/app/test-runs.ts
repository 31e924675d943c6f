import type { Reason } from '../domain/decision.ts';
import type { Journey } from '../domain/journeys/journey.ts';
import type { TestCustomer } from '../domain/mail-record.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { emptyProfile, type Profile, type Run, type TestRun } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { InvalidInput, NotFound } from '../kernel/errors.ts';
import { testKey } from '../kernel/ids.ts';
import { DAY_MS, parseInstant } from '../kernel/time.ts';
import type { Settings } from '../settings.ts';
import { checkJourney } from './catalog/check-journey.ts';
import { readJourney, readJourneyHead, type WantedVersion } from './catalog/journey-lifecycle.ts';
import { readPolicy } from './catalog/live-documents.ts';
import type { Actor, CatalogStore } from './catalog/ports.ts';
import { isTestRecipient, nameOfRecipient, readTestRecipient } from './delivery-mode.ts';
import type { Clock, JournalEntry, Mailbox, MessageRecord, ProfileStore } from './ports.ts';
import { findProfile, type IdType, identityOf, keyOfIdentity } from './profiles/find-profile.ts';
import type { ProfileHistory } from './profiles/ports.ts';
import { tellProfile } from './profiles/tell-profile.ts';

export interface TestRunPorts {
  readonly now: Clock;
  readonly catalog: CatalogStore;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly history: ProfileHistory;
  readonly mailbox: Mailbox;
  readonly settings: Settings;
}

type Properties = { readonly [name: string]: Json };

export interface TestRequest {
  /** Whose copy it is; without one, somebody of whom only `traits` are known. */
  readonly profile?: string;
  readonly idType?: IdType;
  /** On top of what is copied. */
  readonly traits?: Properties;
  readonly sendTo: string;
  readonly speed: number;
  readonly version: WantedVersion;
  readonly event?: { readonly event: string; readonly properties?: Properties };
  readonly properties?: Properties;
}

/**
 * Begins a test run of a journey: an actor of its own gets a copy of the customer, and then everything takes the way
 * that it takes for customers. What may be seen of the test is in `readTestRun`.
 *
 * @param run names it, `[A-Za-z0-9_-]`, at most 80 characters.
 * @returns the version that is tested: `draft`, or a number.
 */
export async function startTestRun(
  ports: TestRunPorts,
  journeyId: string,
  run: string,
  request: TestRequest,
  actor: Actor,
): Promise<number | 'draft'> {
  const { version, found } = await readJourney(ports.catalog, journeyId, request.version);
  const journey = found.document as Journey;
  const sendTo = await mayReceive(ports, request.sendTo);
  mustEnter(journey, request.event?.event);
  if (version === 'draft') await mustBeSound(ports, journey);
  const customer = await copyOf(ports, journeyId, request);
  const tested = version === 'draft' ? await ports.catalog.saveTestVersion(journeyId, found, actor) : version;
  const at = ports.now();
  const { speed, event, properties } = request;
  const record = {
    t: 'test',
    id: run,
    at,
    epoch: await ports.catalog.readEpoch('newest'),
    test: { journey: journeyId, version: tested, sendTo, speed },
    customer,
    ...(event !== undefined && { event: eventOf(run, event.event, event.properties, at) }),
    ...(properties !== undefined && { properties }),
  } as const;
  await tellProfile(ports.mailbox, { key: testKey(journeyId, run), record }, at);
  return version;
}

/** The author plays the customer. */
export async function tellTestRun(
  ports: TestRunPorts,
  journey: string,
  run: string,
  id: string,
  event: string,
  properties: Properties | undefined,
): Promise<void> {
  await storedTest(ports, journey, run);
  const at = ports.now();
  const told = { t: 'event', event: eventOf(id, event, properties, at) } as const;
  const mail = { schema: 1, key: testKey(journey, run), received: at, hop: 0, records: [told] } as const;
  for (const { code } of await ports.mailbox.send([{ id, mail }])) {
    throw new InvalidInput('mailbox.refused', `the mailbox does not take this: ${code}`);
  }
}

export interface TestReport {
  readonly test: TestRun;
  /** The test's own time, epoch milliseconds. */
  readonly at: number;
  readonly state: 'running' | 'ended';
  readonly inside: readonly Run[];
  /** Oldest first, each at the test's own time. */
  readonly way: readonly { readonly at: number; readonly cause: JournalEntry['t']; readonly reason: Reason }[];
  readonly messages: readonly MessageRecord[];
  readonly complete: boolean;
}

/** How far a test has come, and why it went there. */
export async function readTestRun(ports: TestRunPorts, journey: string, run: string): Promise<TestReport> {
  const { key, at, profile, pending } = await storedTest(ports, journey, run);
  const [journal, messages] = await Promise.all([ports.history.journal(key), ports.history.messages(key)]);
  const told = (pending?.ids ?? []).map(({ jk, t, why }) => ({ jk, t, why, at: pending!.at }));
  const byKey = new Map([...told, ...journal.data].map((entry) => [entry.jk, entry]));
  const way = [...byKey.values()]
    .map(({ t, why, at: decidedAt }) => ({ cause: t, why, decidedAt, at: timeIn(why) ?? decidedAt }))
    .sort((a, b) => a.at - b.at || a.decidedAt - b.decidedAt)
    .flatMap(({ at: then, cause, why }) =>
      why.filter(({ code }) => code !== 'test.time').map((reason) => ({ at: then, cause, reason })),
    );
  const inside = Object.values(profile.runs);
  const isOpen = ({ st }: MessageRecord) => st === 'handing' || st === 'retry';
  const known = new Set(messages.data.map(({ id }) => id));
  const queued = way.some(
    ({ reason: { code, channel, message } }) =>
      code === 'message.decided' && channel !== 'webhook' && message !== undefined && !known.has(message),
  );
  const isRunning = inside.length > 0 || queued || messages.data.some(isOpen);
  return {
    test: profile.test!,
    at,
    state: isRunning ? 'running' : 'ended',
    inside,
    way,
    messages: [...messages.data].sort((a, b) => a.decidedAt - b.decidedAt || (a.id < b.id ? -1 : 1)),
    complete: journal.complete && messages.complete,
  };
}

async function storedTest({ catalog, profiles, now }: TestRunPorts, journey: string, run: string) {
  await readJourneyHead(catalog, journey);
  const stored = await profiles.read(testKey(journey, run));
  const startedAt = stored?.profile.test?.startedAt;
  // Its item may be there for days more.
  if (stored === undefined || startedAt === undefined || startedAt + TEST_RUN_DAYS * DAY_MS <= now()) {
    throw new NotFound('test-run.not-found', 'there is no such test run: it has not begun yet, or is over for a week');
  }
  return stored;
}

function timeIn(why: readonly Reason[]): number | undefined {
  const saw = why.find(({ code }) => code === 'test.time')?.saw as { readonly at: string } | undefined;
  return saw && parseInstant(saw.at);
}

const eventOf = (id: string, name: string, data: Properties = {}, at: number) =>
  ({ id, sent: null, at, kind: 'track', name, data, context: {} }) as const;

/** The address as we write to it: e-mail, a phone number, or `push:` and a token. */
export async function mayReceive(
  { catalog, settings }: Pick<TestRunPorts, 'catalog' | 'settings'>,
  given: string,
  pointer = '/sendTo',
): Promise<string> {
  const recipient = readTestRecipient(given);
  if (recipient === undefined) {
    const detail = 'is neither an e-mail address nor a phone number, nor push: and a token';
    const problem = { pointer, code: 'test-run.no-address', detail };
    throw new InvalidInput(problem.code, `${pointer.slice(1)} ${problem.detail}`, [problem], 'invalid');
  }
  const sendTo = nameOfRecipient(recipient);
  const policy = (await readPolicy(catalog)).document as Parameters<typeof isTestRecipient>[0];
  if (isTestRecipient(policy, settings, sendTo)) return sendTo;
  const detail = 'this address may not get the messages of test runs';
  const fix = 'add it, or the @domain of an e-mail address, to testRecipients in the policy';
  const problem = { pointer, code: 'test-run.recipient-not-allowed', detail, fix };
  throw new InvalidInput(problem.code, `${detail}: ${fix}`, [problem], 'invalid');
}

function mustEnter({ entry }: Journey, event: string | undefined): void {
  if (event === undefined) return;
  const names = entry.flatMap((one) => (one.on === 'event' ? [one.event] : []));
  if (names.includes(event)) return;
  const detail = 'nobody enters this journey by this event';
  const limit = names.join(', ') || 'no event';
  const problem = { pointer: '/event/event', code: 'test-run.no-entry', detail, limit };
  throw new InvalidInput(problem.code, `${detail}: ${limit}`, [problem], 'invalid');
}

async function mustBeSound(ports: TestRunPorts, journey: Journey): Promise<void> {
  const { errors } = await checkJourney(ports, journey);
  const [first] = errors;
  if (first === undefined) return;
  throw new InvalidInput(first.code, `${errors.length} errors keep this draft from being tested`, errors, 'invalid');
}

/**
 * What decisions about messages and conditions ask for. Not ids, by which somebody could be found; not runs, which are
 * the customer's own; nor that they have been in this journey, which would keep the test out of it.
 */
async function copyOf(ports: TestRunPorts, journey: string, request: TestRequest): Promise<TestCustomer> {
  const at = ports.now();
  const profile: Profile =
    request.profile === undefined
      ? { ...emptyProfile, createdAt: at }
      : (await findProfile(ports.profiles, keyOfIdentity(identityOf(request.idType ?? 'userId', request.profile))))
          .profile;
  const { createdAt, traits, consents, entered, seen, computed, sends, deadAddresses, devices, memberships, lists } =
    profile;
  const given = Object.entries(request.traits ?? {}).map(([name, value]) => [name, { value, at, source: 'api' }]);
  const others = Object.entries(entered).filter(([key]) => key.split('|')[0] !== journey);
  // An open goal would ask for the version of another journey.
  const left = others.map(([key, { goal: _, ...rest }]) => [key, rest]);
  return {
    createdAt,
    traits: { ...traits, ...Object.fromEntries(given) },
    consents,
    entered: Object.fromEntries(left),
    seen,
    ...(computed !== undefined && { computed }),
    sends,
    deadAddresses,
    // Only whether there are any: what is sent goes to the author's.
    ...(devices !== undefined && { devices }),
    // Since when is asked of them; nothing moves them, so nothing is due.
    ...(memberships !== undefined && { memberships: { saw: memberships.saw, in: memberships.in } }),
    ...(lists !== undefined && { lists }),
  };
}
