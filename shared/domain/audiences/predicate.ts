import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import { Duration, Id, type Window, Windows } from '../../kernel/schema.ts';
import { Channel } from '../messaging/channel.ts';
import { Circle } from './place.ts';
import { parsePredicate } from './predicate-text.ts';
import { Ref } from './ref-schema.ts';
import { PredicateSyntaxError } from './text-reader.ts';

/**
 * The one predicate language of branches, entry filters, segments and reports. JSON is the stored form; text is
 * accepted wherever a predicate stands and becomes JSON here (`parsePredicate`, `printPredicate`).
 *
 * 1. A predicate has exactly one head key, a comparison exactly one operator.
 * 2. `parsePredicate(printPredicate(p))` is p, for every p this schema accepts.
 *
 * The recursive type is written out, because TypeScript cannot infer it; the last line of the file keeps it equal to
 * the schema.
 */
export type Scalar = string | number | boolean | null;
export type Span = Duration | 'ever' | 'today' | 'run';

export type Op =
  | { is: Scalar | { ref: Ref } }
  | { isNot: Scalar | { ref: Ref } }
  | { in: Scalar[] | { ref: Ref } }
  | { notIn: Scalar[] }
  | { gt: number | string }
  | { gte: number | string }
  | { lt: number | string }
  | { lte: number | string }
  | { between: [number | string, number | string] }
  | { exists: boolean }
  | { contains: Scalar }
  | { startsWith: string }
  | { endsWith: string }
  | { withinLast: Duration }
  | { withinNext: Duration }
  | { near: { lat: number; lon: number; km: number } }
  | { inside: Id };

export type Count = { atLeast: number } | { atMost: number } | { exactly: number };
export type Comparison = { ref: Ref } & Op;
export type Sum = { of: Ref } & Op;
export interface Did {
  did: string;
  where?: Predicate;
  within: Span;
  times?: Count;
  sum?: Sum;
}
export type SequenceStep =
  | { did: string; where?: Predicate; within?: Duration }
  | { didNot: string; where?: Predicate };
export interface Sequence {
  sequence: SequenceStep[];
  within: Duration;
}
export interface InSegment {
  segment: Id;
  is: 'member' | 'not-member';
  since?: { atLeast: Duration };
}
export interface HadMessage {
  message: { journey?: Id; step?: Id; topic?: Id; channel?: Channel };
  was: 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced';
  by?: 'human' | 'anyone';
  within: Span;
  times?: Count;
}
export interface InJourney {
  journey: Id;
  is: 'inside' | 'finished' | 'exited' | 'never-entered';
  reason?: Id;
}
export interface HasConsent {
  consent: { channel: Channel; topic: Id };
  is: 'granted' | 'pending' | 'withdrawn' | 'none';
}
export interface Clock {
  clock: 'local';
  windows: Window[];
}
export type Predicate =
  | { all: Predicate[] }
  | { any: Predicate[] }
  | { not: Predicate }
  | Comparison
  | Did
  | Sequence
  | InSegment
  | HadMessage
  | InJourney
  | HasConsent
  | Clock;

/** What users may write: text in place of any predicate, at any depth. */
export type PredicateInput = string | Written<Predicate>;
type Written<T> = T extends unknown
  ? {
      [K in keyof T]: K extends 'all' | 'any'
        ? PredicateInput[]
        : K extends 'not' | 'where'
          ? PredicateInput
          : K extends 'sequence'
            ? Written<SequenceStep>[]
            : T[K];
    }
  : never;

const ScalarSchema = oneOf([z.string(), z.number(), z.boolean(), z.null()]);
const RefOperand = z.strictObject({ ref: Ref });
const Num = oneOf([z.number(), z.string()]);
export const EventName = z.string().min(1).max(200);
export const SpanSchema = oneOf([z.enum(['ever', 'today', 'run']), Duration]);
export const CountSchema = oneOf([
  z.strictObject({ atLeast: z.int().min(0) }),
  z.strictObject({ atMost: z.int().min(0) }),
  z.strictObject({ exactly: z.int().min(0) }),
]);

/** Every operator beside the given keys: `{ ref, is }`, `{ of, gte }`. */
function compared<S extends { ref: typeof Ref } | { of: typeof Ref }>(subject: S) {
  return [
    z.strictObject({ ...subject, is: oneOf([ScalarSchema, RefOperand]) }),
    z.strictObject({ ...subject, isNot: oneOf([ScalarSchema, RefOperand]) }),
    z.strictObject({ ...subject, in: oneOf([z.array(ScalarSchema).min(1).max(500), RefOperand]) }),
    z.strictObject({ ...subject, notIn: z.array(ScalarSchema).min(1).max(500) }),
    z.strictObject({ ...subject, gt: Num }),
    z.strictObject({ ...subject, gte: Num }),
    z.strictObject({ ...subject, lt: Num }),
    z.strictObject({ ...subject, lte: Num }),
    z.strictObject({ ...subject, between: z.tuple([Num, Num]) }),
    z.strictObject({ ...subject, exists: z.boolean() }),
    z.strictObject({ ...subject, contains: ScalarSchema }),
    z.strictObject({ ...subject, startsWith: z.string() }),
    z.strictObject({ ...subject, endsWith: z.string() }),
    z.strictObject({ ...subject, withinLast: Duration }),
    z.strictObject({ ...subject, withinNext: Duration }),
    z.strictObject({ ...subject, near: Circle }),
    z.strictObject({ ...subject, inside: Id }),
  ] as const;
}

const nested: z.ZodType<Predicate, PredicateInput> = z.lazy(() => Predicate);
const where = nested.exactOptional();

const DidSchema = z.strictObject({
  did: EventName,
  where,
  within: SpanSchema,
  times: CountSchema.exactOptional(),
  sum: oneOf(compared({ of: Ref })).exactOptional(),
});

const PredicateObject = oneOf([
  z.strictObject({ all: z.array(nested) }),
  z.strictObject({ any: z.array(nested) }),
  z.strictObject({ not: nested }),
  ...compared({ ref: Ref }),
  DidSchema,
  z.strictObject({
    sequence: z
      .array(
        oneOf([
          z.strictObject({ did: EventName, where, within: Duration.exactOptional() }),
          z.strictObject({ didNot: EventName, where }),
        ]),
      )
      .min(1),
    within: Duration,
  }),
  z.strictObject({
    segment: Id,
    is: z.enum(['member', 'not-member']),
    since: z.strictObject({ atLeast: Duration }).exactOptional(),
  }),
  z.strictObject({
    message: z.strictObject({
      journey: Id.exactOptional(),
      step: Id.exactOptional(),
      topic: Id.exactOptional(),
      channel: Channel.exactOptional(),
    }),
    was: z.enum(['sent', 'delivered', 'opened', 'clicked', 'bounced']),
    by: z.enum(['human', 'anyone']).exactOptional(),
    within: SpanSchema,
    times: CountSchema.exactOptional(),
  }),
  z.strictObject({
    journey: Id,
    is: z.enum(['inside', 'finished', 'exited', 'never-entered']),
    reason: Id.exactOptional(),
  }),
  z.strictObject({
    consent: z.strictObject({ channel: Channel, topic: Id }),
    is: z.enum(['granted', 'pending', 'withdrawn', 'none']),
  }),
  z.strictObject({ clock: z.literal('local'), windows: Windows }),
]);

const PredicateText = z.string().transform((text, ctx): Predicate => {
  try {
    return parsePredicate(text);
  } catch (error) {
    if (!(error instanceof PredicateSyntaxError)) throw error;
    ctx.issues.push({
      code: 'custom',
      message: `column ${error.column}: expected ${error.expected}`,
      input: text,
      params: { code: 'predicate-syntax', limit: error.expected, actual: `column ${error.column}` },
    });
    return z.NEVER;
  }
});

export const Predicate: z.ZodType<Predicate, PredicateInput> = oneOf([PredicateText, ...PredicateObject.options]).meta({
  id: 'Predicate',
  description: 'a predicate, as JSON or as text',
});

/** Both directions, so that neither the written type nor the schema can move alone. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<Predicate, z.output<typeof PredicateObject>>;
