import * as z from 'zod';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import type { Problem } from '../../kernel/errors.ts';
import { oneOf } from '../../kernel/one-of.ts';
import { Id } from '../../kernel/schema.ts';
import { notYetIn } from '../journeys/not-yet.ts';
import { walkPredicate } from '../journeys/predicates-of.ts';
import { Predicate } from './predicate.ts';
import { parseRef } from './ref.ts';
import { isKept, whereOf } from './segment-kind.ts';

const named = {
  $schema: z.string().max(500).exactOptional(),
  schemaVersion: z.literal(1),
  id: Id,
  name: z.string().min(1).max(200),
  description: z.string().max(5_000).exactOptional(),
};
const notify = Id.meta({
  description: 'the endpoint that is told who enters and who leaves',
}).exactOptional();

/**
 * A rule over customers: worked out when it is used and stored nowhere; or, when it is `live`, kept exact in every
 * profile. Or a list, whose members are named one by one.
 */
export const Segment = oneOf([
  z.strictObject({ ...named, where: Predicate, live: z.literal(true).exactOptional(), notify }),
  z.strictObject({ ...named, list: z.literal(true), notify }),
]).meta({ title: 'Segment' });
export type Segment = z.infer<typeof Segment>;

/** Segments that a predicate asks for, each once. */
export function segmentsIn(predicate: Predicate | undefined): string[] {
  if (predicate === undefined) return [];
  const parts = [...walkPredicate(predicate, '')];
  return [...new Set(parts.flatMap(({ predicate: part }) => ('segment' in part ? [part.segment] : [])))];
}

/**
 * What keeps a segment from being saved, among the others. It is about a customer, not about a run: only `profile.*` has
 * a value, and `event.*` where events are counted. Segments that lead back to themselves would belong to nobody.
 */
export function checkSegment(segment: Segment, others: ReadonlyMap<string, Segment>): Problem[] {
  const all = new Map([...others, [segment.id, segment]]);
  if ('list' in segment) return [];
  const problems = notYetIn(segment.where, '/where').map((problem) => ({ ...problem, code: 'segment.not-yet' }));
  if (segment.notify !== undefined && segment.live !== true) {
    problems.push({
      pointer: '/notify',
      code: 'segment.notify',
      detail: 'only of a live segment is it noticed who enters and who leaves',
      fix: 'add live: true',
    });
  }
  for (const { predicate: part, pointer } of walkPredicate(segment.where, '/where')) {
    problems.push(...sinceProblems(part, pointer, all).map((one) => ({ ...one, code: `segment.${one.code}` })));
    if ('ref' in part) {
      for (const ref of [part.ref, ...refsBeside(part)]) {
        const root = parseRef(ref)?.root;
        if (root === 'profile' || (root === 'event' && isCounted(pointer))) continue;
        const fix = 'compare profile.*, or event.* within did';
        problems.push({ pointer: `${pointer}/ref`, code: 'segment.ref', detail: `${ref}: no run is at hand`, fix });
      }
    }
    if ('within' in part && part.within === 'run') {
      problems.push({
        pointer: `${pointer}/within`,
        code: 'segment.within-run',
        detail: 'in this run: no run is at hand',
        fix: 'give a duration, ever or today',
      });
    }
    if ('segment' in part && !all.has(part.segment)) {
      const like = didYouMean(part.segment, others.keys());
      problems.push({
        pointer: `${pointer}/segment`,
        code: 'segment.unknown',
        detail: `no segment is called "${part.segment}"`,
        ...(like !== undefined && { fix: `did you mean "${like}"?` }),
      });
    }
  }
  const circle = circleFrom(segment, all);
  if (circle !== undefined) {
    problems.push({
      pointer: '/where',
      code: 'segment.circle',
      detail: circle.join(' → '),
      fix: 'leave one of them out',
    });
  }
  return problems;
}

/** A `where` that is asked when an event comes, at any depth. */
const isCounted = (pointer: string): boolean => pointer.indexOf('/where', 1) > 0;

function refsBeside(part: object): string[] {
  return Object.values(part).flatMap((value) =>
    typeof value === 'object' && value !== null && 'ref' in value ? [String((value as { ref: unknown }).ref)] : [],
  );
}

function circleFrom(segment: Segment, all: ReadonlyMap<string, Segment>): string[] | undefined {
  const visit = (id: string, way: readonly string[]): string[] | undefined => {
    if (id === segment.id && way.length > 0) return [...way, id];
    if (way.includes(id)) return undefined;
    const found = all.get(id);
    if (found === undefined) return undefined;
    for (const next of segmentsIn(whereOf(found))) {
      const circle = visit(next, [...way, id]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  return visit(segment.id, []);
}

/** `for at least` needs a segment that remembers since when; of who is not in it, nothing is stored. Codes without a prefix. */
export function sinceProblems(part: Predicate, pointer: string, all: ReadonlyMap<string, Segment>): Problem[] {
  if (!('segment' in part) || part.since === undefined) return [];
  const found = all.get(part.segment);
  if (part.is === 'not-member') {
    return [
      {
        pointer: `${pointer}/since`,
        code: 'since-when-out',
        detail: 'of who is not in a segment, nothing is remembered',
        fix: 'write not (in segment … for at least …)',
      },
    ];
  }
  if (found === undefined || isKept(found)) return [];
  return [
    {
      pointer: `${pointer}/since`,
      code: 'since-on-demand',
      detail: `segment ${part.segment} is worked out when it is asked: since when is not known`,
      fix: 'make that segment live: true',
    },
  ];
}
