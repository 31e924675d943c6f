import { setTimeout as sleep } from 'node:timers/promises';
import { connectProject } from '../config/project.ts';
import { type ApiClient, RemoteProblem } from '../remote/api-client.ts';
import type { Paint } from '../terminal.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

interface Started {
  readonly id: string;
  readonly version: number | 'draft';
}
interface TestRun {
  readonly state: 'running' | 'ended';
  readonly at: string;
  readonly inside: readonly { readonly step: string; readonly stand: string; readonly due: string | null }[];
  readonly way: readonly Turn[];
  readonly messages: readonly Message[];
}
interface Turn {
  readonly at: string;
  readonly cause: string;
  readonly code: string;
  readonly step?: string;
  readonly saw?: unknown;
  readonly fix?: string;
}
interface Message {
  readonly id: string;
  readonly state: string;
  readonly step: string | null;
  readonly channel: string;
  readonly reason: string | null;
}

const pauseMs = 1_000;
/** So long it may take from the answer of the API until the actor has begun. */
const beginsWithinMs = 60_000;

export const testRun = verb({
  name: 'test-run',
  takes: 'JOURNEY --to ADDRESS [--profile ID] [--speed N]',
  summary: 'lets a copy of a customer walk through a journey; the mail goes to you',
  help: `Of the draft, when there is one, else of what is live. Waits pass N times as fast. Consent, caps and hours are the customer's.
ADDRESS must be among the testRecipients of the policy. Follows the test until it ends; Ctrl-C ends only the looking.`,
  options: {
    to: { type: 'string', takes: 'ADDRESS', says: 'who gets the mail' },
    profile: { type: 'string', takes: 'ID', says: 'the userId of the customer to copy' },
    traits: { type: 'string', takes: 'JSON', says: 'on top of the copy, or instead of one' },
    speed: { type: 'string', takes: 'N', says: '1 to 100000; 3600 makes an hour a second (1 when absent)' },
    version: { type: 'string', takes: 'VERSION', says: 'draft, live or a number' },
    event: { type: 'string', takes: 'NAME', says: 'enter by this event; else as if enrolled' },
    properties: { type: 'string', takes: 'JSON', says: 'of the event, or of the enrollment' },
    'no-follow': { type: 'boolean', says: 'start it, and do not wait' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world } = call;
    const journey = call.words[0]!;
    if (options.to === undefined) throw new UsageError('test-run needs --to ADDRESS');
    if (options.profile === undefined && options.traits === undefined) {
      throw new UsageError('test-run needs --profile ID, or --traits JSON for somebody made up');
    }
    const speed = wholeNumber('speed', options.speed, 1, 100_000);
    const properties = readObject('properties', options.properties);
    const traits = readObject('traits', options.traits);
    const { api } = connectProject(call);
    const path = `/v1/journeys/${encodeURIComponent(journey)}/test-runs`;
    const started = await api.post<Started>(path, {
      sendTo: options.to,
      ...(options.profile !== undefined && { profile: options.profile }),
      ...(traits !== undefined && { traits }),
      ...(speed !== undefined && { speed }),
      ...(options.version !== undefined && { version: options.version }),
      ...(options.event !== undefined
        ? { event: { event: options.event, ...(properties !== undefined && { properties }) } }
        : properties !== undefined && { properties }),
    });
    const of = `${journey}, ${started.version === 'draft' ? 'the draft' : `version ${started.version}`}`;
    if (options['no-follow'] === true) {
      return { exit: 0, text: [`${of}: test run ${started.id}`], json: started };
    }
    const { note, paint } = world.terminal;
    note(paint.dim(`${of}: test run ${started.id}; POST ${path}/${started.id}/events plays the customer`));
    const ended = await follow(api, `${path}/${started.id}`, paint, note);
    return { exit: 0, text: [`ended at ${ended.at} of its own time`], json: { ...started, ...ended } };
  },
});

/** Says what is new, until the test has ended. */
async function follow(api: ApiClient, path: string, paint: Paint, note: (line: string) => void): Promise<TestRun> {
  const said = new Set<string>();
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const test = await look(api, path, waitedMs);
    for (const line of test === undefined ? [] : [...test.way.map(turnLine), ...test.messages.flatMap(messageLine)]) {
      if (said.has(line)) continue;
      said.add(line);
      note(line);
    }
    if (test?.state === 'ended') return test;
    await sleep(pauseMs);
  }

  function turnLine({ at, cause, code, step = '', saw, fix }: Turn): string {
    const more = saw === undefined ? '' : paint.dim(`  saw ${JSON.stringify(saw).slice(0, 200)}`);
    const mend = fix === undefined ? '' : paint.yellow(`  → ${fix}`);
    return `${paint.dim(at)}  ${cause.padEnd(7)}  ${paint.bold(code.padEnd(20))}  ${step}${more}${mend}`.trimEnd();
  }

  function messageLine({ id, state, step, channel, reason }: Message): string[] {
    if (state === 'handing' || state === 'retry') return [];
    const why = reason === null ? '' : `: ${reason}`;
    return [`${paint.green('message')}  ${step ?? ''}  ${channel} ${state}${why}  ${paint.dim(id)}`];
  }
}

/** Undefined: it has not begun yet. */
async function look(api: ApiClient, path: string, waitedMs: number): Promise<TestRun | undefined> {
  try {
    return await api.get<TestRun>(path);
  } catch (error) {
    const isEarly = error instanceof RemoteProblem && error.code === 'test-run.not-found' && waitedMs < beginsWithinMs;
    if (isEarly) return undefined;
    throw error;
  }
}

function readObject(name: string, text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through.
  }
  throw new UsageError(`--${name}: a JSON object, {"name": "value"}`);
}
