import { connectProject } from '../config/project.ts';
import type { Paint } from '../terminal.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

interface Reason {
  readonly code: string;
  readonly journey?: string;
  readonly version?: number;
  readonly step?: string;
  readonly topic?: string;
  readonly channel?: string;
  readonly saw?: unknown;
  readonly fix?: string;
  readonly dryRun?: true;
}
type Told = Reason & { readonly at: string; readonly cause: string };

interface Explained {
  readonly inside: readonly {
    version: number;
    step: string;
    stand: unknown;
    since: string;
    due: string | null;
    dryRun?: true;
  }[];
  readonly reasons: readonly Told[];
  readonly complete: boolean;
}
interface ExplainedMessage {
  readonly message: {
    readonly id: string;
    readonly state: string;
    readonly channel?: string;
    readonly reason?: string | null;
  };
  readonly reasons: readonly Told[];
  readonly complete: boolean;
}
interface TimelinePage {
  readonly data: readonly { at: string; kind: string; state: string; reasons: readonly Reason[] }[];
  readonly complete: boolean;
}

export const why = verb({
  name: 'why',
  takes: 'CUSTOMER [--journey JOURNEY | --message ID]',
  summary: 'what happened to a customer, with the reason for each decision',
  help: 'Oldest first, so that the newest stands above your prompt. With --journey: only what names it, and where they stand.\nWith --message: the decisions about it, and what became of it; godwit profile get and the API list ids.',
  options: {
    journey: { type: 'string', takes: 'JOURNEY', says: 'only this one' },
    message: { type: 'string', takes: 'ID', says: 'only this one' },
    anonymous: { type: 'boolean', says: 'CUSTOMER is an anonymousId' },
    limit: { type: 'string', takes: 'N', says: 'of the newest records, 1 to 200 (50 when absent)' },
  },
  words: [1, 1],
  async run(call) {
    const { options } = call;
    const { paint } = call.world.terminal;
    const limit = wholeNumber('limit', options.limit, 1, 200) ?? 50;
    const customer = call.words[0]!;
    const idType = options.anonymous === true ? 'anonymousId' : 'userId';
    const { environment, api } = connectProject(call);
    if (options.message !== undefined) {
      if (options.journey !== undefined) throw new UsageError('--journey and --message: one of them', 'leave one out');
      const path = `/v1/messages/${encodeURIComponent(options.message)}/why`;
      const found = await api.get<ExplainedMessage>(path);
      const reasons = found.reasons.slice(0, limit);
      const { state, channel, reason } = found.message;
      const became = [state, channel, reason].filter((word) => word !== undefined && word !== null).join(' / ');
      return {
        exit: 0,
        text: [
          ...lines(inOrderWithin(reasons), paint),
          ...rest(found.complete && found.reasons.length <= limit),
          paint.bold(`is ${became}`),
        ],
        json: { customer, ...found, reasons },
      };
    }
    if (options.journey !== undefined) {
      const query = new URLSearchParams({ profile: customer, idType });
      const found = await api.get<Explained>(`/v1/journeys/${encodeURIComponent(options.journey)}/why?${query}`);
      const reasons = found.reasons.slice(0, limit);
      const inside = found.inside.map(({ version, step, since, due, dryRun }) =>
        paint.bold(
          `${dryRun ? 'dry run: ' : ''}stands at ${step} of version ${version} since ${since}${due === null ? '' : `, until ${due}`}`,
        ),
      );
      const stands = inside.length > 0 ? inside : [`is not inside ${options.journey} in ${environment.name}`];
      return {
        exit: 0,
        text: [
          ...lines(inOrderWithin(reasons), paint),
          ...rest(found.complete && found.reasons.length <= limit),
          ...stands,
        ],
        json: { customer, journey: options.journey, ...found, reasons },
      };
    }
    const query = new URLSearchParams({ limit: String(limit), idType });
    const page = await api.get<TimelinePage & { nextCursor: string | null }>(
      `/v1/profiles/${encodeURIComponent(customer)}/timeline?${query}`,
    );
    const told = page.data.flatMap(({ at, kind, state, reasons }) =>
      reasons.length === 0
        ? [{ at, cause: kind, code: state }]
        : [...reasons].reverse().map((one) => ({ at, cause: kind, ...one })),
    );
    return {
      exit: 0,
      text: [...lines(told, paint), ...rest(page.complete && page.nextCursor === null)],
      json: { customer, data: page.data, complete: page.complete && page.nextCursor === null },
    };
  },
});

/** Reasons of one decision come in its order, decisions newest first; turned round, each decision keeps its order. */
function inOrderWithin(reasons: readonly Told[]): Told[] {
  const decisions: Told[][] = [];
  for (const one of reasons) {
    const last = decisions.at(-1);
    if (last?.[0]?.at === one.at && last[0].cause === one.cause) last.unshift(one);
    else decisions.push([one]);
  }
  return decisions.flat();
}

const rest = (complete: boolean): string[] => (complete ? [] : ['(there is more before; --limit shows up to 200)']);

/** `2026-11-23T11:00:05Z  event   entry.entered    welcome v1 / hello   saw {…}` */
function lines(newestFirst: readonly Told[], paint: Paint): string[] {
  const widest = (of: (one: Told) => string) => Math.max(0, ...newestFirst.map((one) => of(one).length));
  const widths = { cause: widest(({ cause }) => cause), code: widest(({ code }) => code) };
  return [...newestFirst].reverse().map((one) => {
    const { at, cause, code, saw, fix } = one;
    const where = placeOf(one);
    const more = [
      ...(where === '' ? [] : [where]),
      ...(saw === undefined ? [] : [paint.dim(`saw ${short(saw)}`)]),
      ...(fix === undefined ? [] : [paint.yellow(`→ ${fix}`)]),
    ];
    return `${paint.dim(at)}  ${cause.padEnd(widths.cause)}  ${paint.bold(code.padEnd(widths.code))}  ${more.join('  ')}`.trimEnd();
  });
}

function placeOf({ journey, version, step, topic, channel, dryRun }: Told): string {
  const of = journey === undefined ? '' : `${journey}${version === undefined ? '' : ` v${version}`}`;
  const message = [channel, topic].filter((word) => word !== undefined).join('/');
  return [dryRun && 'dry run', of, step, message].filter(Boolean).join(' / ');
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
