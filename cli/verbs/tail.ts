import { connectProject } from '../config/project.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { type Paint, visible } from '../terminal.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';
import { type AuditEntry, auditLine } from './audit.ts';

interface Line {
  readonly at: string;
  readonly kind: 'rejected' | 'audit' | 'event-type';
  /** The same line is shown once. */
  readonly name: string;
  readonly text: string;
  readonly data: unknown;
}

interface Rejected {
  readonly at: string;
  readonly code: string;
  readonly detail: string;
  readonly pointer: string;
  readonly limit?: string | number;
  readonly actual?: string | number;
  readonly eventId?: string;
  readonly name?: string;
  readonly count?: number;
}
interface EventType {
  readonly name: string;
  readonly kind: string;
  readonly firstSeen: string;
}

export const tail = verb({
  name: 'tail',
  takes: '[--rejected] [--once]',
  summary: 'what is refused at the door, new kinds of events, and who changes what, as it comes',
  help: `Asks every few seconds until Ctrl-C. Decisions are not in it: the API has no stream of them, only a customer's own
("godwit why CUSTOMER") and an event's ("GET /v1/events/{messageId}"). Lists that the key may not read are left out.`,
  options: {
    rejected: { type: 'boolean', says: 'only what was refused at the door' },
    once: { type: 'boolean', says: 'the last ones, and end; --json needs it' },
    every: { type: 'string', takes: 'SECONDS', says: '1 to 3600 (3 when absent)' },
  },
  words: [0, 0],
  async run(call) {
    const { options, world } = call;
    const { terminal } = world;
    const seconds = wholeNumber('every', options.every, 1, 3_600) ?? 3;
    if (options.json === true && options.once !== true) {
      throw new UsageError('--json prints one document, and tail does not end', 'add --once');
    }
    const { environment, api } = connectProject(call);
    const sources = options.rejected === true ? [rejected] : [rejected, audit, eventTypes];
    const first = await look(api, sources);
    if (options.once === true) {
      return {
        exit: 0,
        text: first.map((line) => print(line, terminal.paint)),
        json: first.map(({ at, kind, data }) => ({ at, kind, data })),
      };
    }
    terminal.note(`watching ${environment.name}, every ${seconds} seconds; Ctrl-C ends`);
    const seen = new Set<string>();
    for (let lines = first; ; lines = await look(api, sources)) {
      for (const line of lines) {
        if (!seen.has(line.name)) terminal.show(visible(print(line, terminal.paint)));
        seen.add(line.name);
      }
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  },
});

type Source = (api: ApiClient) => Promise<Line[]>;

/** Oldest first. */
async function look(api: ApiClient, sources: readonly Source[]): Promise<Line[]> {
  const found: Line[] = [];
  for (const source of sources) {
    try {
      found.push(...(await source(api)));
    } catch (error) {
      // One of several that this key may not read; the only one must say so.
      if (sources.length === 1 || (error as { status?: number }).status !== 403) throw error;
    }
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const rejected: Source = async (api) => {
  const { data } = await api.get<{ data: Rejected[] }>('/v1/rejected-events?limit=100');
  return data.map((one) => {
    const sizes = [
      one.limit === undefined ? '' : `limit: ${one.limit}`,
      one.actual === undefined ? '' : `found: ${one.actual}`,
    ].filter(Boolean);
    const event = one.name === undefined ? '' : ` of ${JSON.stringify(one.name)}`;
    const count = one.count === undefined ? '' : `, ${one.count} times`;
    const text = `${one.code} ${one.pointer}${event}: ${one.detail}${sizes.length === 0 ? '' : ` (${sizes.join(', ')})`}${count}${one.eventId === undefined ? '' : `; ${one.eventId}`}`;
    return { at: one.at, kind: 'rejected', name: `rejected ${JSON.stringify(one)}`, text, data: one };
  });
};

const audit: Source = async (api) => {
  const { data } = await api.get<{ data: AuditEntry[] }>('/v1/audit?limit=50');
  return data.map((one) => {
    return { at: one.at, kind: 'audit', name: `audit ${JSON.stringify(one)}`, text: auditLine(one), data: one };
  });
};

const eventTypes: Source = async (api) => {
  const { data } = await api.get<{ data: EventType[] }>('/v1/event-types');
  return data.map((one) => {
    const text = `first seen: ${one.kind} ${JSON.stringify(one.name)}`;
    return { at: one.firstSeen, kind: 'event-type', name: `type ${one.kind} ${one.name}`, text, data: one };
  });
};

function print({ at, kind, text }: Line, paint: Paint): string {
  const word = kind.padEnd(10);
  return `${paint.dim(at)}  ${kind === 'rejected' ? paint.red(word) : word}  ${text}`;
}
