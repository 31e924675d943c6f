import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canHold } from '../../../shared/domain/audiences/can-hold.ts';
import { type Because, evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import { Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { printPredicate } from '../../../shared/domain/audiences/print-predicate.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { decide } from '../../../shared/domain/decide.ts';
import { factsOf } from '../../../shared/domain/journeys/engine/facts.ts';
import { walkPredicate } from '../../../shared/domain/journeys/predicates-of.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant, parseInstant } from '../../../shared/kernel/time.ts';
import { never } from '../../../shared/simulation/index.ts';
import type { Trace } from '../../../shared/simulation/trace.ts';
import { askedIn, eventsIn, factsOfCase, type Given, segmentsIn } from './case-facts.ts';

interface Case {
  readonly why?: string;
  readonly given?: Partial<Given>;
  readonly text: string;
  readonly json: Predicate;
  readonly value: boolean;
  readonly validUntil: string | null;
  readonly completeSince?: string;
  readonly because?: readonly Because[];
}
interface Table {
  readonly specVersion: 1;
  readonly groups: readonly { readonly name: string; readonly given: Given; readonly cases: readonly Case[] }[];
}

const table = JSON.parse(readFileSync(join(import.meta.dirname, 'predicate.cases.json'), 'utf8')) as Table;
const cases = table.groups.flatMap(({ name, given, cases: all }) =>
  all.map((one) => {
    const traits = { ...given.traits, ...one.given?.traits };
    return { name, ...one, given: { ...given, ...one.given, traits } };
  }),
);
const instant = (at: number | null | undefined) => (at ? formatInstant(at).replace('.000Z', 'Z') : at);
const titled = cases.map((one) => [`${one.name}: ${one.text}${one.why ? ` (${one.why})` : ''}`, one] as const);

it('covers the whole grammar', () => {
  const parts = cases.flatMap(({ json }) => [...walkPredicate(json, '')].map(({ predicate }) => predicate));
  const words = new Set(parts.flatMap((part) => Object.keys(part)));
  for (const head of [
    'all',
    'any',
    'not',
    'ref',
    'did',
    'sequence',
    'segment',
    'message',
    'journey',
    'consent',
    'clock',
  ]) {
    expect(words, head).toContain(head);
  }
  const ops =
    'is isNot in notIn gt gte lt lte between exists contains startsWith endsWith withinLast withinNext near inside';
  for (const op of ops.split(' ')) expect(words, op).toContain(op);
});

describe('a predicate says what the table says', () => {
  it.each(titled)('%s', (_title, { text, json, given, value, validUntil, completeSince, because }) => {
    expect(parsePredicate(text)).toEqual(json);
    expect(parsePredicate(printPredicate(json))).toEqual(json);
    expect(Predicate.parse(json)).toEqual(json);
    const found = evaluatePredicate(json, factsOfCase(given));
    expect([found.value, instant(found.validUntil), instant(found.completeSince)]).toEqual([
      value,
      validUntil,
      completeSince,
    ]);
    if (because !== undefined) expect(found.because).toEqual(because);
    // What is true, or false, of somebody must not be called impossible.
    if (value) expect(canHold([json])).toBe(true);
    else expect(canHold([], [json])).toBe(true);
  });
});

describe('so it does to the engine, which learned the same record by record', () => {
  const told = titled.filter(([, { given, text }]) => {
    const { entry, steps, run, messages, journeys, untracked, since } = given;
    const isOfRun = entry ?? steps ?? run ?? messages ?? journeys ?? untracked ?? since;
    // A trait that is set to null is taken away.
    const hasNull = Object.values(given.traits ?? {}).includes(null);
    return isOfRun === undefined && !hasNull && !text.includes('loop');
  });
  it.each(told)('%s', (_title, { json, given, value, validUntil }) => {
    const { profile, catalog, now } = learned(json, given);
    const found = evaluatePredicate(json, factsOf({ profile, catalog, now }, { entry: {}, fields: {} }));
    expect([found.value, instant(found.validUntil)]).toEqual([value, validUntil]);
  });
  it('which are enough', () => expect(told.length).toBeGreaterThan(150));
});

describe('so it does to rules of simulations, which look from outside', () => {
  const known = titled.filter(([, { given, json }]) => {
    const { entry, steps, run, messages, journeys, untracked, since, segments, geofences } = given;
    const isMore = entry ?? steps ?? run ?? messages ?? journeys ?? untracked ?? since ?? segments ?? geofences;
    const isKnowable = [...walkPredicate(json, '')].every(({ predicate, pointer }) =>
      'ref' in predicate
        ? predicate.ref.startsWith('profile.') || pointer.includes('/where')
        : !('journey' in predicate),
    );
    return isMore === undefined && isKnowable;
  });
  it.each(known)('%s', (_title, { json, given, value }) => {
    expect(never({ who: json, template: 'hello' }).check(lived(given)) !== undefined).toBe(value);
  });
  it('which are enough', () => expect(known.length).toBeGreaterThan(100));
});

/** A customer whose events are decided one by one, in a catalog that asks the predicate. */
function learned(predicate: Predicate, given: Given) {
  const now = parseInstant(given.now)!;
  const asked = askedIn(predicate, given).map((where, i) =>
    Segment.parse({ schemaVersion: 1, id: `asked-${i}`, name: 'x', where }),
  );
  const snapshot: CatalogSnapshot = {
    epoch: 1,
    journeys: [],
    templates: [],
    topics: [],
    endpoints: [],
    segments: [...asked, ...segmentsIn(given).values()],
    policy: {
      schemaVersion: 1,
      zone: given.zone,
      locale: 'en',
      quietHours: [],
      caps: [],
      ...(given.geofences !== undefined && { geofences: given.geofences }),
    },
  };
  const catalog = compileCatalog(snapshot);
  const trait = (value: unknown) => ({ value, at: 0, source: 'api' }) as Profile['traits'][string];
  let profile: Profile = {
    ...emptyProfile,
    createdAt: 1,
    traits: Object.fromEntries(Object.entries(given.traits ?? {}).map(([name, value]) => [name, trait(value)])),
    consents: Object.fromEntries(
      Object.entries(given.consents ?? {}).map(([name, state]) => {
        const [channel, topic] = name.split('/') as ['email', string];
        return [name, { channel, topic, state, at: 0, source: 'test' }];
      }),
    ),
  };
  for (const [i, { event, at, properties }] of eventsIn(given).entries()) {
    const parts = { id: `e${i}`, sent: null, kind: 'track', name: event, data: properties, context: {} } as const;
    const told: CustomerEvent = { ...parts, at };
    profile = decide(profile, profileKey('user', 'u'), { t: 'event', event: told }, catalog, now).profile;
  }
  return { profile, catalog, now };
}

function lived(given: Given): Trace {
  const now = parseInstant(given.now)!;
  const events = eventsIn(given).map(({ event, at, properties }) => ({
    at: formatInstant(at),
    name: event,
    properties,
  }));
  const consents = Object.entries(given.consents ?? {}).map(([name, state]) => {
    const [channel, topic] = name.split('/');
    return { at: formatInstant(0), channel, topic, state };
  });
  const message = {
    at: formatInstant(now),
    template: 'hello',
    channel: 'email',
    topic: 'news',
    outcome: 'sent',
    transactional: false,
    traits: given.traits ?? {},
    zone: given.zone,
    eventsBefore: events.length,
  };
  return {
    events,
    consents,
    messages: [message],
    runs: [],
    until: formatInstant(now),
    zone: given.zone,
  } as unknown as Trace;
}
