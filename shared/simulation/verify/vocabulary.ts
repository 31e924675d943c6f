import type { Predicate } from '../../domain/audiences/predicate.ts';
import { parseRef } from '../../domain/audiences/ref.ts';
import { whereOf } from '../../domain/audiences/segment-kind.ts';
import type { CompiledCatalog } from '../../domain/compiled-catalog.ts';
import { scheduleEntries } from '../../domain/journeys/engine/schedule-entries.ts';
import { predicatesOf, walkPredicate } from '../../domain/journeys/predicates-of.ts';
import type { Channel } from '../../domain/messaging/channel.ts';
import { templateChannels } from '../../domain/messaging/channel-order.ts';
import { channelSpecs } from '../../domain/messaging/channels/registry.ts';
import { parseTemplateName } from '../../domain/messaging/template-name.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { nominalMs, readDuration } from '../../kernel/duration.ts';
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from '../../kernel/time.ts';
import { offsetAt } from '../../kernel/zone-offset.ts';

/** What the journeys, their templates and the rules speak of: everything else could make no difference to them. */
export interface Vocabulary {
  readonly events: readonly {
    readonly name: string;
    readonly enters: boolean;
    readonly properties: readonly string[];
  }[];
  readonly journeysByApi: readonly { readonly journey: string; readonly properties: readonly string[] }[];
  /** By the name of the property, so that `event.cart_id` and `entry.cart_id` meet. */
  readonly propertyValues: ReadonlyMap<string, readonly Json[]>;
  readonly traitValues: ReadonlyMap<string, readonly Json[]>;
  readonly consents: readonly { readonly topic: string; readonly channel: Channel }[];
  /** Times that may pass between two acts: at, right before and right after everything that waits. */
  readonly spans: readonly number[];
  /** Where a life may begin. */
  readonly starts: readonly number[];
}

/** Two of everything, so that things can be the same or different. */
const anyValues: readonly Json[] = ['a', 'b'];

export function vocabularyOf(catalog: CompiledCatalog, asked: readonly Predicate[], from: number): Vocabulary {
  const journeys = [...catalog.journeys.values()].map(({ journey }) => journey.document);
  const predicates = [
    ...journeys.flatMap((journey) => predicatesOf(journey).map(({ predicate }) => predicate)),
    ...[...catalog.segments.values()].flatMap((segment) => whereOf(segment) ?? []),
    ...[...catalog.computed.feeds.values()].flatMap(({ source }) => ('event' in source && source.where) || []),
    ...(catalog.policy.channelOrder ?? []).flatMap((rule) => rule.if ?? []),
    ...asked,
  ];
  const variants = [...catalog.templates.values()].flatMap(({ document }) => document.variants);
  predicates.push(...variants.flatMap((variant) => variant.if ?? []));

  const values = { profile: new Map<string, Set<Json>>(), property: new Map<string, Set<Json>>() };
  const names = new Map<string, boolean>();
  const learn = (ref: string, found: readonly Json[]) => {
    const parts = parseRef(ref);
    if (parts === undefined || parts.root === 'steps') return;
    const map = parts.root === 'profile' ? values.profile : values.property;
    const known = map.get(parts.path[0]!) ?? new Set();
    // What lies deeper in a property is not made up.
    for (const value of parts.path.length === 1 ? found : []) known.add(value);
    map.set(parts.path[0]!, known);
  };
  for (const predicate of predicates) {
    for (const { predicate: part } of walkPredicate(predicate, '')) {
      if ('ref' in part) {
        learn(part.ref, valuesAround(part));
        for (const ref of refsBeside(part)) learn(ref, []);
      } else if ('did' in part) {
        names.set(part.did, names.get(part.did) ?? false);
        if (part.sum !== undefined) learn(part.sum.of, valuesAround(part.sum));
      } else if ('sequence' in part) {
        for (const step of part.sequence) {
          const event = 'did' in step ? step.did : step.didNot;
          names.set(event, names.get(event) ?? false);
        }
      }
    }
  }
  for (const { source, path = [] } of catalog.computed.feeds.values()) {
    if (!('event' in source)) continue;
    names.set(source.event, names.get(source.event) ?? false);
    if (typeof path[0] === 'string' && path.length === 1) learn(`event[${JSON.stringify(path[0])}]`, [1, 60, 'a']);
  }
  for (const { document } of catalog.templates.values()) {
    for (const [ref, { example }] of Object.entries(document.variables)) learn(ref, [example as Json]);
  }
  const journeysByApi: Vocabulary['journeysByApi'][number][] = [];
  for (const journey of journeys) {
    for (const entry of journey.entry) {
      if (entry.on === 'event') names.set(entry.event, true);
      if (entry.on === 'date') learn(entry.trait, daysAround(from, entry.offset));
      if (entry.on === 'api')
        journeysByApi.push({ journey: journey.id, properties: Object.keys(entry.properties ?? {}) });
    }
    for (const name of Object.keys(journeysByApi.at(-1)?.properties ?? {})) learn(`entry.${name}`, []);
    if (journey.reentry.key !== undefined) learn(journey.reentry.key, []);
    if (journey.goal?.value !== undefined) learn(journey.goal.value, [1]);
    for (const name of eventsHeardBy(journey)) names.set(name, names.get(name) ?? false);
  }
  for (const { address } of Object.values(channelSpecs)) if (address) values.profile.delete(address.trait);
  for (const name of catalog.computed.byName.keys()) values.profile.delete(name);
  const zones = new Set([catalog.policy.zone, ...journeys.flatMap(({ zone }) => zone ?? []), 'America/New_York']);
  values.profile.set('timezone', zones);
  const countries = catalog.policy.quietHours.flatMap((window) => window.countries ?? []);
  if (countries.length > 0) values.profile.set('country', new Set([...countries, 'XX']));
  const locales = variants.flatMap(({ locale }) => locale ?? []);
  if (locales.length > 0) values.profile.set('locale', new Set([catalog.policy.locale, ...locales]));

  const properties = [...values.property.keys()].sort();
  return {
    events: [...names].sort(byName).map(([name, enters]) => ({ name, enters, properties })),
    journeysByApi,
    propertyValues: filled(values.property),
    traitValues: filled(values.profile),
    consents: [...catalog.topics.values()].flatMap(({ id }) =>
      [...channelsOf(journeys, catalog)].map((channel) => ({ topic: id, channel })),
    ),
    spans: spansOf([journeys, journeys.flatMap(scheduleEntries).map(({ every }) => rhythms[every])], catalog, asked),
    starts: startsOf(catalog, from),
  };
}

/** How long it is from one occurrence to the next, as a duration. */
const rhythms = { once: '', day: 'P1D', week: 'P7D', month: 'P31D' };

const byName = ([a]: readonly [string, boolean], [b]: readonly [string, boolean]) => (a < b ? -1 : 1);

function filled(values: ReadonlyMap<string, ReadonlySet<Json>>): ReadonlyMap<string, readonly Json[]> {
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([name, found]) => [name, found.size < 2 ? [...found, ...anyValues] : [...found]]));
}

/** A value that makes the comparison true, and its neighbours. */
function valuesAround(op: object): Json[] {
  const found: Json[] = [];
  for (const [key, operand] of Object.entries(op)) {
    if (key === 'ref' || key === 'of') continue;
    if (key === 'near') {
      const { lat, lon } = operand as { lat: number; lon: number };
      found.push({ lat, lon }, { lat: -lat, lon: lon > 0 ? lon - 180 : lon + 180 });
      continue;
    }
    const all = key === 'between' || Array.isArray(operand) ? (operand as Json[]) : [operand as Json];
    for (const one of all) {
      if (typeof one === 'number') found.push(one - 1, one, one + 1);
      else if (key === 'exists') found.push('a');
      else if (typeof one === 'boolean') found.push(one, !one);
      else if (typeof one === 'string' && key !== 'withinLast' && key !== 'withinNext') found.push(one, `${one}!`);
    }
  }
  return found;
}

/** Days whose occurrences come soon: tomorrow, in a week, in two months. */
function daysAround(from: number, offset = 'PT0S'): Json[] {
  return [1, 2, 7, 60].map((days) => formatInstant(from + days * DAY_MS - nominalMs(offset)).slice(0, 10));
}

function refsBeside(op: object): string[] {
  return Object.values(op).flatMap((operand) =>
    typeof operand === 'object' && operand !== null && 'ref' in operand ? [String(operand.ref)] : [],
  );
}

type Document = ReturnType<CompiledCatalog['version']>['document'];

function eventsHeardBy({ exitWhen, goal, steps }: Document): string[] {
  const waits = Object.values(steps).flatMap((step) => (step.type === 'wait-for' ? step.any : []));
  const triggers = [...(exitWhen ?? []), ...waits];
  return [
    ...triggers.flatMap((one) => (one.on === 'event' ? [one.event] : [])),
    ...(goal === undefined ? [] : [goal.event]),
  ];
}

function channelsOf(journeys: readonly Document[], catalog: CompiledCatalog): ReadonlySet<Channel> {
  const steps = journeys.flatMap(({ steps }) => Object.values(steps)).filter((step) => step.type === 'message');
  return new Set(
    steps.flatMap(({ channels, template }) =>
      channels === 'by-policy' ? templateChannels(catalog, parseTemplateName(template).id) : channels,
    ),
  );
}

/** Every duration that is written anywhere, and one minute less and more. */
function spansOf(...documents: unknown[]): number[] {
  const spans = new Set([0, MINUTE_MS, HOUR_MS, DAY_MS]);
  const visit = (node: unknown): void => {
    if (typeof node === 'string') {
      if (!/^P/.test(node) || typeof readDuration(node) !== 'object') return;
      const span = nominalMs(node);
      for (const one of [span - MINUTE_MS, span, span + MINUTE_MS]) if (one > 0) spans.add(one);
    } else if (node instanceof Map || Array.isArray(node)) {
      for (const one of node.values()) visit(one);
    } else if (typeof node === 'object' && node !== null) {
      for (const one of Object.values(node)) visit(one);
    }
  };
  const [journeys, catalog, asked] = documents as [unknown, CompiledCatalog, unknown];
  visit([journeys, catalog.policy, catalog.snapshot.computedTraits, asked]);
  return [...spans].sort((a, b) => a - b);
}

/** At the given start, around the ends of quiet hours, and on the day before clocks change. */
function startsOf({ policy }: CompiledCatalog, from: number): number[] {
  const starts = new Set([from]);
  const times = policy.quietHours.flatMap((window) => [window.from, window.to]);
  const midnight = Math.floor(from / DAY_MS) * DAY_MS;
  for (const time of times) {
    const [hour, minute] = time.split(':').map(Number) as [number, number];
    // In UTC, so only near the local time; the spans do the rest.
    for (const offset of [-1, 1]) {
      const start = midnight + hour * HOUR_MS + minute * MINUTE_MS + offset * MINUTE_MS;
      if (start >= from) starts.add(start);
      else starts.add(start + DAY_MS);
    }
  }
  for (let day = from; day < from + 366 * DAY_MS; day += DAY_MS) {
    if (offsetAt(day, policy.zone) !== offsetAt(day + DAY_MS, policy.zone)) starts.add(day);
  }
  return [...starts].filter((start) => start >= from);
}
