import type { WrittenDocument } from './documents.ts';

/** What a folder holds, by kind, as `simulate` and `verify` take it. Nothing is checked here. */
export function groupDocuments(written: readonly WrittenDocument[]) {
  const of = (kind: WrittenDocument['kind']): unknown[] =>
    written.filter((one) => one.kind === kind).map(({ value }) => value);
  const [policy] = of('policy');
  return {
    journeys: of('journey'),
    templates: of('template'),
    topics: of('topic'),
    endpoints: of('endpoint'),
    computedTraits: of('computed-trait'),
    segments: of('segment'),
    ...(policy !== undefined && { policy }),
  };
}
