import type { Paint } from '../terminal.ts';

interface Named {
  readonly profile: string;
  readonly idType: string | null;
  readonly id: string | null;
}

/** As `GET /v1/profiles/{id}/merges` answers. */
export interface ExplainedMerges {
  readonly key: string;
  readonly ids: unknown;
  readonly merges: readonly (Named & {
    readonly at: string | null;
    readonly by: string | null;
    readonly brought: Readonly<Record<string, unknown>> | null;
  })[];
  readonly declined: readonly Named[];
  readonly decisions: readonly {
    readonly at: string;
    readonly cause: string;
    readonly id: string | null;
    readonly reasons: readonly { readonly code: string; readonly saw?: unknown; readonly fix?: string }[];
  }[];
  readonly complete: boolean;
}

export function explainMerges(customer: string, found: ExplainedMerges, paint: Paint): string[] {
  // `origin` is how much the merge may do, by the words of the Segment Spec: an identity that merges known users counts as an alias.
  const causes = new Map(found.decisions.map(({ id, cause }) => [id, cause]));
  return [
    `${paint.bold(customer)}: ${JSON.stringify(found.ids)}`,
    '',
    paint.bold('one person with'),
    ...(found.merges.length === 0 ? ['  nobody'] : []),
    ...found.merges.flatMap(({ at, by, brought, ...named }) => [
      `  ${nameOf(named)}: ${at === null ? 'longer than is remembered' : `since ${at}`}${
        by === null ? '' : `, by ${causes.get(by) ?? 'event or command'} ${by}`
      }`,
      ...(brought === null ? [] : [paint.dim(`    brought ${showCounts(brought)}`)]),
    ]),
    paint.bold('declined: belongs to somebody else'),
    ...(found.declined.length === 0 ? ['  none'] : found.declined.map((named) => `  ${nameOf(named)}`)),
    paint.bold('decisions, newest first'),
    ...(found.decisions.length === 0 ? ['  none in the journal'] : []),
    ...found.decisions.flatMap(({ at, cause, id, reasons }) => [
      `  ${paint.dim(at)} ${cause}${id === null ? '' : ` ${id}`}`,
      ...reasons.map(
        ({ code, saw, fix }) =>
          `    ${code}${saw === undefined ? '' : ` ${JSON.stringify(saw)}`}${fix === undefined ? '' : `; to change it: ${fix}`}`,
      ),
    ]),
    ...(found.complete ? [] : ['the journal holds more than was read']),
  ];
}

const nameOf = ({ profile, idType, id }: Named) => (id === null ? profile : `${idType} ${id}`);

/** `traits` are those that became the person's, `ofTraits` all that there were; consents are named where they were decided anew. */
function showCounts(brought: Readonly<Record<string, unknown>>): string {
  const { ofTraits, ofConsents, ...others } = brought;
  const all: Readonly<Record<string, unknown>> = { traits: ofTraits, consents: ofConsents };
  const words: Readonly<Record<string, string>> = { endedRuns: 'runs ended by it' };
  const shown = Object.entries(others).flatMap(([what, value]) => {
    const count = Array.isArray(value) ? value.length : value;
    const most = all[what] ?? count;
    if (most === 0) return [];
    const names = Array.isArray(value) && value.length > 0 ? ` (${value.join(', ')})` : '';
    return [`${words[what] ?? what}: ${most === count ? count : `${count} of ${most}`}${names}`];
  });
  return shown.join(', ') || 'nothing';
}
