import { setTimeout as sleep } from 'node:timers/promises';
import { connectProject } from '../config/project.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

interface Fate {
  readonly state: string;
  readonly reason?: string | null;
}

const pauseMs = 1_000;
const waitMs = 60_000;
const under = ['undecided', 'queued', 'handing', 'retry'];

export const testSend = verb({
  name: 'test-send',
  takes: 'TEMPLATE --to ADDRESS [--profile ID] [--channel CHANNEL]',
  summary: 'sends a template to you, as a customer would get it',
  help: `What is live there; ADDRESS must be among the testRecipients of the policy. Without --profile the customer is made of the
template's examples. Waits until it was handed over.`,
  options: {
    to: { type: 'string', takes: 'ADDRESS', says: 'who gets it' },
    profile: { type: 'string', takes: 'ID', says: 'the userId of the customer to copy' },
    channel: {
      type: 'string',
      takes: 'CHANNEL',
      says: 'email (when absent), sms with a phone number as ADDRESS, or push with push:TOKEN',
    },
    version: { type: 'string', takes: 'N', says: 'of the template, instead of the live one' },
    locale: { type: 'string', takes: 'LOCALE', says: "instead of the customer's own" },
    topic: { type: 'string', takes: 'ID', says: 'marketing mails have a link to unsubscribe' },
    'no-follow': { type: 'boolean', says: 'start it, and do not wait' },
  },
  words: [1, 1],
  async run(call) {
    const { options } = call;
    const template = call.words[0]!;
    if (options.to === undefined) throw new UsageError('test-send needs --to ADDRESS');
    const version = wholeNumber('version', options.version, 1, 999_999_999);
    const { api } = connectProject(call);
    const { id } = await api.post<{ id: string }>(`/v1/templates/${encodeURIComponent(template)}/test-sends`, {
      to: options.to,
      channel: options.channel ?? 'email',
      ...(options.profile !== undefined && { profile: { id: options.profile } }),
      ...(version !== undefined && { version }),
      ...(options.locale !== undefined && { locale: options.locale }),
      ...(options.topic !== undefined && { topic: options.topic }),
    });
    if (options['no-follow'] === true) return { exit: 0, text: [`message ${id}`], json: { id } };
    let fate = await api.get<Fate>(`/v1/messages/${id}`);
    for (let waitedMs = 0; under.includes(fate.state) && waitedMs < waitMs; waitedMs += pauseMs) {
      await sleep(pauseMs);
      fate = await api.get<Fate>(`/v1/messages/${id}`);
    }
    const why = fate.reason == null ? '' : `: ${fate.reason}`;
    return {
      exit: fate.state === 'sent' ? 0 : 1,
      text: [`message ${id} to ${options.to}: ${fate.state}${why}`],
      json: { id, ...fate },
    };
  },
});
