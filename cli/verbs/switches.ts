import { KillSwitchTarget } from '../../shared/domain/messaging/kill-switch.ts';
import { connectProject } from '../config/project.ts';
import { type Call, mustConfirm, type Options, type Outcome, UsageError, verb } from '../verb.ts';

interface Switched {
  readonly state: string;
  readonly effectiveWithinSeconds: number;
  readonly alreadyHandedOver: number;
}

async function switchJourney(call: Call<Options>, action: string, body: object): Promise<Outcome> {
  const { environment, api } = connectProject(call);
  const id = call.words[0]!;
  const now = await api.post<Switched>(`/v1/journeys/${encodeURIComponent(id)}/${action}`, body);
  const text = [
    `${id} in ${environment.name} is ${now.state}; everywhere within ${now.effectiveWithinSeconds} seconds`,
    `${now.alreadyHandedOver} messages were handed over by now`,
  ];
  return { exit: 0, text, json: { journey: id, ...now } };
}

export const pause = verb({
  name: 'pause',
  takes: 'JOURNEY',
  summary: 'nobody enters, nothing is sent; those inside wait',
  options: {},
  words: [1, 1],
  run: (call) => switchJourney(call, 'pause', {}),
});

export const resume = verb({
  name: 'resume',
  takes: 'JOURNEY [--skip-overdue]',
  summary: 'goes on after a pause; waits that ended meanwhile go on at once',
  options: { 'skip-overdue': { type: 'boolean', says: 'but without the messages that they lead to' } },
  words: [1, 1],
  run: (call) => switchJourney(call, 'resume', { overdue: call.options['skip-overdue'] === true ? 'skip' : 'run' }),
});

export const stop = verb({
  name: 'stop',
  takes: 'JOURNEY [--now]',
  summary: 'nobody enters any more; those inside go on to their end, or with --now leave',
  options: { now: { type: 'boolean', says: 'those inside leave' } },
  words: [1, 1],
  async run(call) {
    const mode = call.options.now === true ? 'now' : 'drain';
    const what = mode === 'now' ? 'those inside leave' : 'those inside go on to their end';
    await mustConfirm(call, [], `Stop ${call.words[0]} for good (${what})?`);
    return switchJourney(call, 'stop', { mode });
  },
});

export const kill = verb({
  name: 'kill',
  takes: 'TARGET [--off] [--note TEXT]',
  summary: 'stops sending: all, channel:CHANNEL or journey:ID; it does not ask',
  help: `Messages that come to be sent while a switch is on are not sent later either. --off takes it back, and asks.`,
  options: {
    off: { type: 'boolean', says: 'send again' },
    note: { type: 'string', takes: 'TEXT', says: 'why; for the audit' },
  },
  words: [1, 1],
  async run(call) {
    const target = KillSwitchTarget.safeParse(call.words[0]);
    if (!target.success) {
      throw new UsageError(
        `${JSON.stringify(call.words[0])} is nothing that can be killed`,
        'write all, channel:email (sms, push, in-app, webhook) or journey:ID',
      );
    }
    const { environment, api } = connectProject(call);
    const { off, note } = call.options;
    if (off === true) await mustConfirm(call, [], `Send again in ${environment.name} (${target.data})?`);
    const body = { on: off !== true, ...(note !== undefined && { note }) };
    const set = await api.set<{ effectiveWithinSeconds: number; alreadyHandedOver?: number }>(
      `/v1/kill-switches/${encodeURIComponent(target.data)}`,
      body,
    );
    const word = off === true ? 'off' : 'on: nothing of it is sent';
    const text = [
      `switch ${target.data} in ${environment.name} is ${word}; everywhere within ${set.effectiveWithinSeconds} seconds`,
      ...(set.alreadyHandedOver === undefined ? [] : [`${set.alreadyHandedOver} messages were handed over by now`]),
    ];
    return { exit: 0, text, json: set };
  },
});
