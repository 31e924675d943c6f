// `npm run bench:segments`: what live segments cost the decision of one event. How many are evaluated is counted; CPU is timed, of
// the decision alone, and the least of several rounds stands, because other work on the machine only ever adds.
import { cpus } from 'node:os';
import { Segment } from '../shared/domain/audiences/segment.ts';
import { type CompiledCatalog, compileCatalog } from '../shared/domain/compiled-catalog.ts';
import { ComputedTrait } from '../shared/domain/computed-traits/computed-trait.ts';
import { decide } from '../shared/domain/decide.ts';
import type { MailRecord } from '../shared/domain/mail-record.ts';
import { emptyProfile, type Profile } from '../shared/domain/profiles/profile.ts';
import { profileKey } from '../shared/kernel/ids.ts';
import { fiftyTouched, MEMBER_OF, order, tenComputedTraits, untouched } from './commerce-catalog.ts';
import { writeSection } from './write-section.ts';

const EVENTS = 2_000;
const ROUNDS = 7;
const ORDERS = 4;
const key = profileKey('user', 'ann');
const begin = Date.UTC(2026, 10, 26, 9);
const MINUTE = 60_000;

interface Case {
  readonly what: string;
  readonly segments: readonly object[];
  readonly event: string;
  /** Evaluations of a segment's rule for each event: the control. */
  readonly evaluations: number;
}

const cases: readonly Case[] = [
  { what: 'no live segment', segments: [], event: 'Order Completed', evaluations: 0 },
  { what: '1,000, which ask for other things', segments: untouched(1_000), event: 'Order Completed', evaluations: 0 },
  { what: '50, all of which ask for it', segments: fiftyTouched, event: 'Order Completed', evaluations: 50 },
  {
    what: '1,000, of which 50 ask for it',
    segments: [...fiftyTouched, ...untouched(950)],
    event: 'Order Completed',
    evaluations: 50,
  },
  {
    what: 'the same 1,000, an event that feeds nothing',
    segments: [...fiftyTouched, ...untouched(950)],
    event: 'Looked Around',
    evaluations: 0,
  },
];

let evaluated = 0;
/** Whoever reads a live segment's rule evaluates it. */
function counting(catalog: CompiledCatalog): CompiledCatalog {
  for (const one of catalog.live.inOrder) {
    const { where } = one;
    Object.defineProperty(one, 'where', {
      get() {
        evaluated += 1;
        return where;
      },
    });
  }
  return catalog;
}

const catalogOf = (segments: readonly object[]): CompiledCatalog =>
  compileCatalog({
    ...{ epoch: 1, journeys: [], templates: [], topics: [], endpoints: [] },
    computedTraits: tenComputedTraits.map((one) => ComputedTrait.parse(one)),
    segments: segments.map((one) => Segment.parse(one)),
    policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
  });

function record(number: number, name: string): MailRecord {
  const at = begin + number * MINUTE;
  const data = order(number);
  return {
    t: 'event',
    event: { id: `m-${number}`, kind: 'track', name, userId: 'ann', sent: null, at, data, context: {} },
  };
}

function decided(profile: Profile, catalog: CompiledCatalog, number: number, name: string): Profile {
  return decide(profile, key, record(number, name), catalog, begin + number * MINUTE).profile;
}

function measure({ what, segments, event, evaluations }: Case) {
  const counted = counting(catalogOf(segments));
  let profile = emptyProfile;
  for (let i = 0; i < ORDERS; i += 1) profile = decided(profile, counted, i, 'Order Completed');
  const members = Object.keys(profile.memberships?.in ?? {}).length;
  evaluated = 0;
  decided(profile, counted, ORDERS, event);
  const isRight = evaluated === evaluations && members === expectedMembers(segments);
  if (!isRight) throw new Error(`${what}: ${evaluated} evaluations, ${members} memberships: the counts are wrong`);

  const catalog = catalogOf(segments);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const started = process.cpuUsage();
    // The same event for the same profile: each is the fifth order.
    for (let i = 0; i < EVENTS; i += 1) decided(profile, catalog, ORDERS, event);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / EVENTS;
  });
  return { what, evaluations, micros: Math.min(...rounds) };
}

const expectedMembers = (segments: readonly object[]): number =>
  segments.some((one) => fiftyTouched.includes(one as (typeof fiftyTouched)[number])) ? MEMBER_OF : 0;

const found = cases.map(measure);
const { model = 'unknown processor' } = cpus()[0] ?? {};
const text = `## Live segments: what one event costs to decide

Written by \`npm run bench:segments\`. One event that feeds ten computed traits, the fifth of its customer, who belongs to ten of the
segments. An evaluation is of one segment's rule.

| live segments | evaluations | CPU, this time |
| --- | --: | --: |
${found.map(({ what, evaluations, micros }) => `| ${what} | ${evaluations} | ${micros.toFixed(0)} µs |`).join('\n')}

Evaluations are the same on every machine; microseconds are not: ${model}, Node ${process.version}, the least of ${ROUNDS} rounds of
${EVENTS.toLocaleString('en-US')} events, after the compiler has warmed up. What the decision writes, and what that costs, is counted by \`npm run bench:cost -- --only segments\`.
`;
writeSection('segments', text);
process.stdout.write(text);
