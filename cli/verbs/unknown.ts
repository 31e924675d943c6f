import { connectProject } from '../config/project.ts';
import type { Paint } from '../terminal.ts';
import { UsageError, verb } from '../verb.ts';

interface Message {
  readonly id: string;
  readonly state: string;
  readonly channel: string;
  readonly reason: string | null;
  readonly journey: string | null;
  readonly step: string | null;
  readonly times: { readonly [what: string]: string };
}
interface Page {
  readonly data: readonly Message[];
  readonly nextCursor: string | null;
}

export const unknown = verb({
  name: 'unknown',
  takes: '[--day DAY] [--settled]',
  summary: 'messages of which nobody can tell whether they were handed over',
  help: 'Newest first, of one day. "godwit why CUSTOMER --message ID" shows how one came about.',
  options: {
    day: { type: 'string', takes: 'DAY', says: '2026-11-26, in UTC; today when absent' },
    settled: { type: 'boolean', says: 'those that were found out since' },
  },
  words: [0, 0],
  async run(call) {
    const { day, settled } = call.options;
    if (day !== undefined && !/^\d{4}-\d\d-\d\d$/.test(day)) {
      throw new UsageError(`--day: a day such as 2026-11-26, not ${JSON.stringify(day)}`);
    }
    const { environment, api } = connectProject(call);
    const state = settled === true ? 'settled' : 'unknown';
    const query = new URLSearchParams({ state, limit: '200', ...(day !== undefined && { day }) });
    const data: Message[] = [];
    let next: string | null;
    do {
      const page: Page = await api.get<Page>(`/v1/messages?${query}`);
      data.push(...page.data);
      next = page.nextCursor;
      if (next !== null) query.set('cursor', next);
    } while (next !== null);
    return { exit: 0, text: show(environment.name, state, data, call.world.terminal.paint), json: { data } };
  },
});

function show(environment: string, state: string, messages: readonly Message[], paint: Paint): string[] {
  const groups = Map.groupBy(messages, ({ channel, reason }) => `${channel} ${reason ?? ''}`);
  return [
    `${paint.bold(environment)}: ${messages.length} ${state}`,
    ...[...groups].map(([group, { length }]) => `  ${length} ${group}`),
    ...messages.map(({ id, state: st, channel, reason, journey, step, times }) =>
      [
        paint.dim(times['unknown'] ?? ''),
        ...[id, st, channel, reason ?? '', journey === null ? '' : `${journey} / ${step}`].filter(
          (word) => word !== '',
        ),
      ].join('  '),
    ),
  ];
}
