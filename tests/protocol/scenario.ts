import type { QueuedMessage } from '../../shared/app/ports.ts';
import { didClause } from '../../shared/domain/audiences/did-clauses.ts';
import type { Did } from '../../shared/domain/audiences/predicate.ts';
import { Segment } from '../../shared/domain/audiences/segment.ts';
import { whereOf } from '../../shared/domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import { type CompiledCatalog, compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import type { CustomerEvent } from '../../shared/domain/customer-event.ts';
import type { Journey } from '../../shared/domain/journeys/journey.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { addressHash, keyOfAddress } from '../../shared/domain/messaging/address.ts';
import type { Policy } from '../../shared/domain/messaging/policy.ts';
import type { IdentityRules } from '../../shared/domain/profiles/identity-rules.ts';
import { keyOfNamed, type NamedId } from '../../shared/domain/profiles/named-id.ts';
import type { Profile } from '../../shared/domain/profiles/profile.ts';
import { digest, type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { formatInstant, HOUR_MS, MINUTE_MS, parseInstant, SECOND_MS } from '../../shared/kernel/time.ts';
import { POISON } from './audit.ts';
import { name, nameKey } from './scheduler.ts';
import type { Script } from './scripts.ts';
import type { World } from './world.ts';

/** Two devices and two users. */
export const people = {
  a: profileKey('anonymous', 'a'),
  b: profileKey('anonymous', 'b'),
  u: profileKey('user', 'u'),
  v: profileKey('user', 'v'),
} as const;
export type Person = keyof typeof people;
export const persons = Object.keys(people) as Person[];
for (const person of persons) nameKey(people[person], person);

/** Addresses that everybody may have, and never merge by; ids of a CRM, which merge whoever is not known. */
const addresses = ['x@example.com', 'y@example.com'];
const numbers = ['1', '2'];
export const email = (id: string): NamedId => ({ kind: 'email', id });
const crm = (id: string): NamedId => ({ kind: 'external:crm', id });
for (const id of addresses) nameKey(keyOfNamed(email(id)), id[0]!);
for (const id of numbers) nameKey(keyOfNamed(crm(id)), `crm${id}`);

const journey = (id: string, more: Partial<Journey>): Journey =>
  ({
    schemaVersion: 1,
    id,
    name: id,
    topic: 'news',
    entry: [],
    reentry: { again: 'after-exit', whileInside: 'ignore' },
    start: 'end',
    steps: {},
    ...more,
  }) as Journey;

/** Of the journey `few`, for all together. */
export const fewEntries = 3;

/** A long wait (execution), a message, a short wait (delay queue), a message; one that counts an event for ever; one that few may enter. */
const documents = [
  journey('welcome', {
    entry: [{ on: 'event', event: 'Started', maxAge: 'P30D' }],
    start: 'long',
    steps: {
      long: { type: 'wait', for: 'PT1H', next: 'first' },
      first: { type: 'message', template: 'hello', channels: ['email'], next: 'short' },
      short: { type: 'wait', for: 'PT10M', next: 'second' },
      second: { type: 'message', template: 'hello', channels: ['email'], next: 'end' },
    },
    exitWhen: [{ on: 'event', event: 'Stopped', reason: 'stopped' }],
  }),
  journey('counting', {
    entry: [{ on: 'event', event: 'Never' }],
    where: { did: 'Counted', within: 'ever', times: { atLeast: 1_000 } },
    start: 'out',
    steps: { out: { type: 'exit', reason: 'done' } },
  }),
  journey('few', {
    entry: [{ on: 'event', event: 'Started', maxAge: 'P30D' }],
    start: 'out',
    steps: { out: { type: 'exit', reason: 'done' } },
    limits: { entriesTotal: fewEntries },
  }),
];

/** From the second epoch on there is a segment that counts something new. */
const segment = Segment.parse({
  schemaVersion: 1,
  id: 'counters',
  name: 'Counters',
  where: 'did "Counted" sum event.amount >= 1 ever',
});
const clause = didClause(whereOf(segment) as Did).id;
const FILLED_FROM = 2;

export const epochs = 4;
const catalogsWith = (identities?: IdentityRules, erasure?: Policy['erasure']): readonly CompiledCatalog[] =>
  Array.from({ length: epochs }, (_, index) => {
    const snapshot: CatalogSnapshot = {
      epoch: index + 1,
      journeys: documents.map((document) => ({ id: document.id, state: 'live', version: index + 1, document })),
      templates: [
        {
          id: 'hello',
          version: 1,
          document: {
            schemaVersion: 1,
            id: 'hello',
            variables: {},
            variants: [{ channel: 'email', content: { subject: 'Hello', text: 'Hello' } }],
          },
        },
      ],
      topics: [{ id: 'news', kind: 'transactional', consent: { email: 'opt-out' } }],
      endpoints: [],
      ...(index + 1 >= FILLED_FROM && { segments: [segment] }),
      policy: {
        schemaVersion: 1,
        zone: 'UTC',
        locale: 'en',
        quietHours: [],
        caps: [],
        ...(identities && { identities }),
        ...(erasure && { erasure }),
      },
    };
    // Every version is at hand; which of them may decide is what the explorer asks.
    const pinned = Array.from({ length: epochs }, (_, version) =>
      documents.map((document) => ({ id: document.id, version: version + 1, document })),
    ).flat();
    return compileCatalog(snapshot, pinned);
  });
export const catalogs = catalogsWith();
const identities: IdentityRules = { email: { merge: 'never' }, 'external:crm': { merge: 'unknown', max: 2 } };
export const catalogsWithIdentities = catalogsWith(identities);
export const catalogsOf = ({ named, recreate }: Pick<Script, 'named' | 'recreate'>) =>
  recreate === undefined
    ? named
      ? catalogsWithIdentities
      : catalogs
    : catalogsWith(named ? identities : undefined, { recreate });

export type Kind =
  | 'count'
  | 'start'
  | 'stop'
  | 'page'
  | 'identify'
  | 'alias'
  | 'poison'
  | 'address'
  | 'number'
  | 'partner'
  | 'consent'
  | 'letter'
  | 'erase';

/** An event as its client knows it, and what became of its requests. */
export interface ClientEvent {
  readonly id: string;
  readonly kind: Kind;
  readonly person: Person;
  readonly other?: Person;
  /** address: what the person’s becomes, or null. number: which one is theirs. partner: who it is about, instead of a person. */
  readonly named?: NamedId | null;
  readonly hasTime: boolean;
  /** Retries carry a new sentAt. */
  readonly refreshes: boolean;
  readonly skewMs: number;
  readonly delayMs: number;
  readonly resends: number;
  first?: { readonly sent: string | null; readonly sentAt: number };
  tries: number;
  accepted: boolean;
  /** Its request reached the mailbox, whether or not the client heard of it. */
  arrived: boolean;
}

const names: { readonly [K in Kind]: string } = {
  count: 'Counted',
  start: 'Started',
  stop: 'Stopped',
  page: 'Page Viewed',
  identify: 'Identified',
  alias: 'Alias Created',
  poison: POISON,
  address: 'Identified',
  number: 'Identified',
  partner: 'Counted',
  consent: 'consent',
  letter: 'letter',
  erase: 'erase',
};

/** What everybody has from the beginning, and is written to alone. */
const ownAddress = (person: Person): string => `${person}@example.com`;
export const strangerAt = (address: string): ProfileKey => keyOfAddress(addressHash('email', address));
for (const person of persons) nameKey(strangerAt(ownAddress(person)), `${person}@`);

/** Whose mailbox an event is sent to. */
export function mailboxOf({ kind, person, named }: ClientEvent): ProfileKey {
  if (kind === 'partner') return keyOfNamed(named!);
  return kind === 'letter' ? strangerAt(ownAddress(person)) : people[person];
}

export function clientEvent(id: string, kind: Kind, person: Person, more: Partial<ClientEvent> = {}): ClientEvent {
  const steady = { hasTime: true, refreshes: true, skewMs: 0, delayMs: 0, resends: 0 };
  return { id, kind, person, ...steady, tries: 0, accepted: false, arrived: false, ...more };
}

export function randomEvent(world: World, id: string, kinds: readonly Kind[], who: readonly Person[]): ClientEvent {
  const { choose } = world;
  const kind = kinds[choose(kinds.length)]!;
  const isLink = kind === 'identify' || kind === 'alias';
  const users = who.filter((person) => people[person].startsWith('u'));
  const asker = isLink ? users : who;
  const person = asker[choose(asker.length)]!;
  const others = who.filter((one) => kind !== 'identify' || !users.includes(one));
  return clientEvent(id, kind, person, {
    ...(isLink && { other: others[choose(others.length)]! }),
    ...namedIn(world, kind),
    hasTime: choose(5) !== 4,
    refreshes: choose(4) !== 3,
    skewMs: [0, 0, 10 * MINUTE_MS, -10 * MINUTE_MS, 2 * HOUR_MS][choose(5)]!,
    delayMs: [0, 0, 0, 400 * SECOND_MS][choose(4)]!,
    resends: choose(3),
  });
}

function namedIn({ choose }: World, kind: Kind): Pick<ClientEvent, 'named'> {
  switch (kind) {
    case 'address':
      return { named: [...addresses.map(email), null][choose(addresses.length + 1)]! };
    case 'partner':
      return { named: email(addresses[choose(addresses.length)]!) };
    case 'number':
      return { named: crm(numbers[choose(numbers.length)]!) };
    default:
      return {};
  }
}

/** As ingest makes it of a request that arrives `now`. */
export function toCustomerEvent(now: number, event: ClientEvent): CustomerEvent {
  const { id, kind, person, other, named } = event;
  const { sent, sentAt } = event.first!;
  const drift = now - (event.refreshes ? now + event.skewMs : sentAt);
  const at = sent === null ? now : Math.min(now, (parseInstant(sent) ?? now) + drift);
  const isUser = people[person].startsWith('u');
  const wire =
    kind === 'alias' || kind === 'page'
      ? kind
      : names[kind] === 'Identified'
        ? ('identify' as const)
        : ('track' as const);
  return {
    id,
    sent,
    at,
    kind: wire,
    name: names[kind],
    ...(kind === 'partner' ? {} : isUser ? { userId: person } : { anonymousId: person }),
    ...(named != null && kind !== 'address' && { named: [named] }),
    ...(kind === 'identify' && other !== undefined && { anonymousId: other }),
    ...(kind === 'alias' && other !== undefined && { previousId: other }),
    data: kind === 'address' ? { email: named === null ? null : named!.id } : {},
    context: {},
  };
}

/** One request of one client, as ingest makes a mail of it. It may be lost, or its answer may be. */
export function request(world: World, events: readonly ClientEvent[]): void {
  const { choose } = world;
  for (const event of events) {
    event.first ??= {
      sent: event.hasTime ? formatInstant(world.now - event.delayMs + event.skewMs) : null,
      sentAt: world.now + event.skewMs,
    };
    event.tries += 1;
    if (names[event.kind] === 'Counted') world.counting.add(event.id);
  }
  const outcome = world.faultsLeft > 0 ? choose(8) : 0;
  const label = events
    .map(({ id, kind, other }) => `${id}:${kind}${other === undefined ? '' : `(${other})`}`)
    .join('+');
  const key = mailboxOf(events[0]!);
  world.log(`client ${label} -> ${name(key)}${['', '', '', '', '', '', ' lost', ' answer lost'][outcome]}`);
  if (outcome >= 6) world.faultsLeft -= 1;
  if (outcome === 6) return;
  const erased = events.find(({ kind }) => kind === 'erase');
  if (erased !== undefined) {
    world.ask({ job: erased.id, key, at: world.now });
    accept([erased], outcome);
    return;
  }
  const records = events.map((event) => toRecord(world.now, event));
  const identity = events.flatMap(({ id, first }) => [first!.sent ?? '~', id]);
  world.post(digest(key, ...identity), { schema: 1, key, received: world.now, hop: 0, records });
  accept(events, outcome);
}

function accept(events: readonly ClientEvent[], outcome: number): void {
  for (const event of events) {
    event.arrived = true;
    if (outcome !== 7) event.accepted = true;
  }
}

/** Commands are of the time at which the API took them; it knows a letter again, and one is of its first. */
function toRecord(now: number, event: ClientEvent): MailRecord {
  if (event.kind === 'letter') return toLetter(event);
  if (event.kind !== 'consent') return { t: 'event', event: toCustomerEvent(now, event) };
  const at = now;
  const consent = { channel: 'email', topic: 'news', state: 'granted', at, source: 'test' } as const;
  return { t: 'consent', id: event.id, at, consents: [consent] };
}

function toLetter({ id, person, first, skewMs }: ClientEvent): MailRecord {
  const letter = { template: 'hello', properties: {}, to: ownAddress(person) } as const;
  return { t: 'message', id, at: first!.sentAt - skewMs, ...letter };
}

/** What the segment's clause has counted for this profile. */
export const countedBy = ({ seen }: Profile): number => seen[clause]?.total ?? 0;

/** They count it again from their journals, as a backfill tells them. */
export function askToFill(world: World, keys: readonly ProfileKey[]): void {
  for (const key of keys) {
    const id = world.nextId('fill');
    const epoch = Math.max(FILLED_FROM, world.epoch);
    world.epoch = epoch;
    const record = { t: 'fill', id, epoch, clauses: [clause], isNew: true } as const;
    world.post(id, { schema: 1, key, received: world.now, hop: 0, records: [record] });
  }
}

/** Everybody is known and has an address before anything happens. */
export async function introduce(world: World, who: readonly Person[]): Promise<void> {
  for (const person of who) {
    const key = people[person];
    const isUser = key.startsWith('u');
    const event: CustomerEvent = {
      id: `hello-${person}`,
      sent: null,
      at: world.now,
      kind: 'identify',
      name: 'Identified',
      ...(isUser ? { userId: person } : { anonymousId: person }),
      data: { email: ownAddress(person) },
      context: {},
    };
    world.post(`hello-${person}`, { schema: 1, key, received: world.now, hop: 0, records: [{ t: 'event', event }] });
  }
}

export const queuedMessage = (id: string): QueuedMessage => ({
  schema: 1,
  hop: 0,
  request: {
    id,
    key: people.u,
    channel: 'email',
    decidedAt: 0,
    topic: 'news',
    transactional: true,
    origin: { journey: 'welcome', version: 1, step: 'first', run: 'r1' },
    template: { id: 'hello' },
    values: {},
    onUnknown: 'count',
    report: 'non-success',
  },
});
