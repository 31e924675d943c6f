import { connectProject } from '../config/project.ts';
import { UsageError, verb } from '../verb.ts';

interface Profile {
  readonly ids: unknown;
  readonly version: number;
  readonly createdAt: string;
  readonly decidedAt: string;
  readonly traits: Readonly<Record<string, { readonly value: unknown; readonly at: string; readonly source?: string }>>;
  readonly consents: readonly { channel: string; topic: string; state: string; at: string; source: string }[];
  readonly runs: readonly { journey: string; version: number; step: string; since: string; due: string | null }[];
}

export const profile = verb({
  name: 'profile',
  takes: 'get CUSTOMER',
  summary: 'what is known of a customer: traits, consents, runs',
  options: { anonymous: { type: 'boolean', says: 'CUSTOMER is an anonymousId' } },
  words: [2, 2],
  async run(call) {
    const [action, customer] = call.words as [string, string];
    if (action !== 'get') {
      throw new UsageError(`profile ${action}: not in this release`, 'profile get CUSTOMER is');
    }
    const { api } = connectProject(call);
    const { paint } = call.world.terminal;
    // Not in the path: an id may hold a slash.
    const query = new URLSearchParams({
      idType: call.options.anonymous === true ? 'anonymousId' : 'userId',
      id: customer,
    });
    const found = await api.get<Profile>(`/v1/profiles/by?${query}`);
    const traits = Object.entries(found.traits);
    return {
      exit: 0,
      text: [
        `${paint.bold(customer)}: known since ${found.createdAt}, last decided ${found.decidedAt}`,
        `ids: ${JSON.stringify(found.ids)}`,
        '',
        paint.bold('traits'),
        ...(traits.length === 0
          ? ['  none']
          : traits.map(([name, { value, at }]) => `  ${name}: ${JSON.stringify(value)}  ${paint.dim(at)}`)),
        paint.bold('consents'),
        ...(found.consents.length === 0 ? ['  none recorded: the topics say what holds'] : []),
        ...found.consents.map(
          ({ channel, topic, state, at, source }) => `  ${channel} / ${topic}: ${state} (${source})  ${paint.dim(at)}`,
        ),
        paint.bold('runs'),
        ...(found.runs.length === 0 ? ['  none'] : []),
        ...found.runs.map(
          ({ journey, version, step, since, due }) =>
            `  ${journey} v${version}: at ${step} since ${since}${due === null ? '' : `, until ${due}`}`,
        ),
      ],
      json: found,
    };
  },
});
