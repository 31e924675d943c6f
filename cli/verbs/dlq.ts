import { connectProject } from '../config/project.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { type Call, mustConfirm, type Options, type Outcome, UsageError, verb } from '../verb.ts';

interface Place {
  readonly queue: string;
  readonly waiting: number;
  readonly inWork: number;
  readonly more: boolean;
  readonly goesBack: boolean;
}

interface Letter {
  readonly id: string;
  readonly at: string;
  readonly receives?: number;
  readonly reasons: readonly { readonly code: string }[];
  readonly what: Readonly<Record<string, unknown>>;
}

interface Redriven {
  readonly queue: string;
  /** Of a queue. */
  readonly moving?: number;
  /** Of what is parked. */
  readonly sent?: number;
  readonly over?: number;
  readonly left?: readonly { readonly id: string; readonly code: string }[];
}

export const dlq = verb({
  name: 'dlq',
  takes: 'ls [QUEUE] | show QUEUE ID | redrive QUEUE [ID]',
  summary: 'what was given up: dead letters and parked records; look at them, and send them back',
  help: `QUEUE is mailbox, wakes, soon, receipts, cohorts or parked. Nothing of what customers said is shown, and looking hides no letter.
redrive moves all letters of a queue; of parked records up to 200, or the one with ID. First mend what they died of:
docs/runbooks/dead-letters.md.`,
  options: {},
  words: [1, 3],
  async run(call) {
    const [action, queue, id] = call.words as [string, string?, string?];
    const fits = { ls: [1, 2], show: [3, 3], redrive: [2, 3] }[action];
    if (fits === undefined) throw new UsageError(`dlq ${action}: there is ls, show and redrive`);
    if (call.words.length < fits[0]! || call.words.length > fits[1]!) {
      throw new UsageError(`dlq ${action} is called otherwise`, 'see godwit dlq --help');
    }
    const { environment, api } = connectProject(call);
    if (action === 'redrive') return redrive(call, api, environment.name, queue!, id);
    if (queue === undefined) return places(api, environment.name);
    const path = `/v1/dead-letters/${encodeURIComponent(queue)}`;
    if (id !== undefined) return whole(await api.get<Letter>(`${path}/${encodeURIComponent(id)}`));
    const data = await api.list<Letter>(path, {});
    return { exit: 0, text: data.length === 0 ? [`${queue}: nothing`] : data.map(lineOf), json: { data } };
  },
});

async function places(api: ApiClient, environment: string): Promise<Outcome> {
  const { data } = await api.get<{ data: readonly Place[] }>('/v1/dead-letters');
  const found = data.filter(({ waiting, inWork }) => waiting + inWork > 0);
  const text = found.map(({ queue, waiting, more, goesBack }) =>
    [`${queue}: ${waiting}${more ? ' and more' : ''}`, ...(goesBack ? [] : ['(no way back: sweep)'])].join(' '),
  );
  return { exit: 0, text: text.length === 0 ? [`${environment}: nothing was given up`] : text, json: { data } };
}

const lineOf = ({ id, at, receives, reasons, what }: Letter): string =>
  [
    at,
    id,
    reasons.map(({ code }) => code).join(','),
    ...(receives === undefined ? [] : [`${receives} receives`]),
    JSON.stringify(what),
  ].join('  ');

const whole = (letter: Letter): Outcome => ({
  exit: 0,
  text: JSON.stringify(letter, null, 2).split('\n'),
  json: letter,
});

async function redrive(
  call: Call<Options>,
  api: ApiClient,
  environment: string,
  queue: string,
  id: string | undefined,
): Promise<Outcome> {
  const what = id === undefined ? `what was given up in ${queue}` : `${id} of ${queue}`;
  await mustConfirm(call, [`${environment}: ${what} goes back`], 'Is what it died of mended?');
  const told = await api.post<Redriven>('/v1/dead-letters/redrives', { queue, ...(id !== undefined && { id }) });
  const { moving, sent, over = 0, left = [] } = told;
  if (moving !== undefined) return { exit: 0, text: [`SQS moves about ${moving} letters back`], json: told };
  const text = [
    `${sent} sent again${over > 0 ? `, ${over} had been decided meanwhile` : ''}`,
    ...left.map((one) => `${one.id} stays: ${one.code}`),
  ];
  return { exit: left.length > 0 ? 1 : 0, text, json: told };
}
