import { connectProject } from '../config/project.ts';
import type { Paint } from '../terminal.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly method: string;
  readonly route: string;
  readonly resource: string;
  readonly fields?: readonly string[];
  readonly outcome: {
    readonly status: number;
    readonly code?: string;
    readonly changes?: readonly { readonly pointer: string; readonly before?: string; readonly after?: string }[];
    readonly moreChanges?: number;
    readonly noted?: Readonly<Record<string, string>>;
  } | null;
}
interface Page {
  readonly data: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

export const audit = verb({
  name: 'audit',
  takes: '[--from DAY] [--to DAY] [--who WHO] [--resource PATH] [--limit N]',
  summary: 'who changed what, newest first',
  help: `WHO is what the list says: key:ID, or the ARN of somebody who logged in. PATH is one of the API, or how it begins:
/v1/journeys/welcome. Of a customer it is the whole one, /v1/profiles/ann; the list itself only knows a hash.`,
  options: {
    from: { type: 'string', takes: 'DAY', says: '2026-11-26, in UTC; 30 days before the end when absent' },
    to: { type: 'string', takes: 'DAY', says: 'the last day; today when absent' },
    who: { type: 'string', takes: 'WHO', says: 'only what they did' },
    resource: { type: 'string', takes: 'PATH', says: 'only what was done to it' },
    limit: { type: 'string', takes: 'N', says: 'at most so many, 1 to 10000 (200 when absent)' },
  },
  words: [0, 0],
  async run(call) {
    const { from, to, who, resource, limit } = call.options;
    const most = wholeNumber('limit', limit, 1, 10_000) ?? 200;
    const query = new URLSearchParams({
      limit: String(Math.min(most, 200)),
      ...(from !== undefined && { from: `${dayIn('from', from)}T00:00:00.000Z` }),
      ...(to !== undefined && { to: `${dayIn('to', to)}T23:59:59.999Z` }),
      ...(who !== undefined && { who }),
      ...(resource !== undefined && { resource }),
    });
    const { environment, api } = connectProject(call);
    const data: AuditEntry[] = [];
    let next: string | null;
    do {
      const page: Page = await api.get<Page>(`/v1/audit?${query}`);
      data.push(...page.data);
      next = page.nextCursor;
      if (next !== null) query.set('cursor', next);
    } while (next !== null && data.length < most);
    const shown = data.slice(0, most);
    const complete = next === null && data.length <= most;
    return {
      exit: 0,
      text: show(environment.name, shown, complete, call.world.terminal.paint),
      json: { data: shown, complete },
    };
  },
});

function dayIn(name: string, text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new UsageError(`--${name}: a day such as 2026-11-26, not ${JSON.stringify(text)}`);
}

function show(environment: string, entries: readonly AuditEntry[], complete: boolean, paint: Paint): string[] {
  return [
    `${paint.bold(environment)}: ${entries.length} entries${complete ? '' : ', and more behind them (--limit, --to)'}`,
    ...entries.flatMap((entry) => [
      `${paint.dim(entry.at)}  ${auditLine(entry)}`,
      ...(entry.outcome?.changes ?? []).map(
        ({ pointer, before = 'nothing', after = 'nothing' }) =>
          `  ${pointer || '(the document)'}: ${before} → ${after}`,
      ),
      ...(entry.outcome?.moreChanges === undefined ? [] : [`  and ${entry.outcome.moreChanges} more places`]),
    ]),
  ];
}

/** Without its time. */
export function auditLine({ who, method, resource, fields = [], outcome }: AuditEntry): string {
  const said = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  const noted = Object.entries(outcome?.noted ?? {}).map(([name, value]) => ` ${name}=${value}`);
  const result =
    outcome === null ? 'nobody knows what became of it' : `${outcome.status}${outcome.code ? ` ${outcome.code}` : ''}`;
  return `${method} ${resource}${said} by ${who}: ${result}${noted.join('')}`;
}
