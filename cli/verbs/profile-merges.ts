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
    readonly origin: string | null;
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
  return [
    `${paint.bold(customer)}: ${JSON.stringify(found.ids)}`,
    '',
    paint.bold('one person with'),
    ...(found.merges.length === 0 ? ['  nobody'] : []),
    ...found.merges.flatMap(({ at, origin, by, brought, ...named }) => [
      `  ${nameOf(named)}: ${at === null ? 'longer than is remembered' : `since ${at}`}${
        by === null ? '' : `, by ${origin ?? 'event'} ${by}`
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

const showCounts = (brought: Readonly<Record<string, unknown>>) =>
  Object.entries(brought)
    .map(([what, value]) => `${what} ${Array.isArray(value) ? value.join(' ') || 'none' : value}`)
    .join(', ');
