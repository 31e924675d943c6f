import * as z from 'zod';
import { counterKey, type Need } from '../../domain/permit.ts';
import { chance } from '../../kernel/ids.ts';
import { Instant } from '../../kernel/schema.ts';
import { DAY_MS, parseInstant } from '../../kernel/time.ts';
import { Counters } from '../counters.ts';
import { catalogOf, type Documents } from '../documents.ts';
import type { RecordedAct } from '../histories.ts';
import { lifeOf, live } from '../live.ts';
import { parsePart, refusal } from '../parse-part.ts';
import { Paths } from '../paths.ts';
import { type Trace, TraceWriter } from '../trace.ts';
import { customerOf, generateLife, type Life, recordsOf } from './generate.ts';
import type { Rule } from './rules.ts';
import { shrink } from './shrink.ts';
import { storyOf } from './story.ts';
import { vocabularyOf } from './vocabulary.ts';

export interface VerifyOptions {
  /** How many lives are made up. Default 500. */
  readonly tries?: number;
  /** Other lives. Default 1. */
  readonly seed?: number | string;
  /** When lives begin, at the earliest. Default 2026-10-19T09:00:00Z, a week before clocks change in Europe. */
  readonly from?: string;
}

export type Verdict =
  | { readonly holds: true; readonly tried: number }
  | { readonly holds: false; readonly tried: number; readonly rule: string; readonly counterExample: CounterExample };

export interface CounterExample {
  /** What is wrong. */
  readonly detail: string;
  readonly story: readonly string[];
  readonly trace: Trace;
  /** The same life for `simulate({ histories })`: a regression test for the journey that is mended. */
  readonly histories: readonly RecordedAct[];
}

const Options = z.strictObject({
  tries: z.int().min(1).max(1_000_000).default(500),
  seed: z.union([z.number(), z.string().max(200)]).default(1),
  from: Instant.default('2026-10-19T09:00:00Z'),
});

const LEAST_HORIZON_MS = 30 * DAY_MS;
const MOST_HORIZON_MS = 800 * DAY_MS;

/** Messages are opened and clicked by some: what waits for that goes either way. */
const behaviour = { messages: [{ opens: 0.5, clicks: 0.5 }] };

/**
 * What others took of the limits that all share: by chance nothing, a part of what is left, or all of it. Whoever is
 * verified must do with any of them.
 */
const othersBy =
  (seed: string) =>
  ({ counter, floor, ceiling }: Need): number => {
    const share = 3 * chance('others', seed, counterKey(counter), String(floor)) - 1;
    return share <= 0 ? 0 : floor + Math.ceil(share * (ceiling - floor));
  };

/**
 * Looks for a customer whose life breaks a rule: lives are made of what the journeys and the rules speak of (their
 * events, the values around their comparisons, the times around their waits, quiet hours and changes of clocks), and
 * each is decided by the core itself. What is found is made as small as it gets. Nothing found is no proof; `tried` says
 * how hard it looked.
 */
export function verify(documents: Documents, rules: readonly Rule[], options: VerifyOptions = {}): Verdict {
  const { tries, seed, from: fromText } = parsePart(Options, options, '/options');
  if (rules.length === 0) throw refusal('/rules', 'too-short', 'no rule', 'give at least one');
  const catalog = catalogOf(documents);
  const from = parseInstant(fromText)!;
  const vocabulary = vocabularyOf(
    catalog,
    rules.flatMap(({ predicates }) => predicates ?? []),
    from,
  );
  const horizon = Math.min(
    MOST_HORIZON_MS,
    Math.max(LEAST_HORIZON_MS, 3 * (vocabulary.spans.at(-1) ?? 0), ...rules.map(({ horizonMs }) => horizonMs ?? 0)) +
      DAY_MS,
  );

  const traceOf = (life: Life, number: number): Trace => {
    const customer = customerOf(life);
    const until = (customer.acts.at(-1)?.at ?? life.start) + horizon;
    const paths = new Paths();
    const writer = new TraceWriter(catalog);
    const living = lifeOf(
      customer,
      {
        catalog,
        behaviour,
        counters: new Counters(othersBy(`${seed} ${number}`)),
        seed: String(seed),
        until,
      },
      {
        decided(decided) {
          paths.decided(decided);
          writer.decided(decided);
        },
        handed: (handed) => writer.handed(handed),
        unsubscribed: () => {},
        arrived: (arrived) => writer.arrived(arrived),
      },
    );
    live([living]);
    return writer.finish(customer.name, until, living.zone(), paths.all());
  };

  for (let number = 1; number <= tries; number += 1) {
    const life = generateLife(vocabulary, String(seed), number);
    const trace = traceOf(life, number);
    const broken = rules.find(({ check }) => check(trace) !== undefined);
    if (broken === undefined) continue;
    const smallest = shrink(
      life,
      vocabulary,
      from,
      (candidate) => broken.check(traceOf(candidate, number)) !== undefined,
    );
    const found = traceOf(smallest, number);
    const detail = broken.check(found)!;
    const story = storyOf(found, `${broken.name}: ${detail}`);
    return {
      holds: false,
      tried: number,
      rule: broken.name,
      counterExample: { detail, story, trace: found, histories: recordsOf(smallest) },
    };
  }
  return { holds: true, tried: tries };
}
