import { resolve } from 'node:path';
import { connectProject } from '../config/project.ts';
import { fetchExport, requireEmpty } from '../remote/fetch-export.ts';
import type { RemoteJob } from '../remote/follow-job.ts';
import type { Paint } from '../terminal.ts';
import { mustConfirm, type Outcome, UsageError, verb, type World } from '../verb.ts';
import { tellConsents } from './profile-consents.ts';
import { eraseProfile } from './profile-erase.ts';
import { type ExplainedMerges, explainMerges } from './profile-merges.ts';

interface Profile {
  readonly ids: unknown;
  readonly version: number;
  readonly createdAt: string;
  readonly decidedAt: string;
  readonly traits: Readonly<Record<string, { readonly value: unknown; readonly at: string; readonly source?: string }>>;
  readonly computed: Readonly<Record<string, { readonly value?: unknown; readonly completeSince?: string }>>;
  readonly consents: readonly { channel: string; topic: string; state: string; at: string; source: string }[];
  readonly devices?: readonly { token: string; platform: string; lastSeenAt: string }[];
  readonly runs: readonly { journey: string; version: number; step: string; since: string; due: string | null }[];
}

const actions: readonly string[] = ['get', 'consents', 'merge-explain', 'export', 'erase'];

export const profile = verb({
  name: 'profile',
  takes: 'get|consents|merge-explain|erase CUSTOMER | export CUSTOMER FOLDER [--id-type TYPE]',
  summary:
    'what is known of a customer; every consent statement; which identities are one person and why; all that is stored; or erases them',
  help: `TYPE: userId (when absent), anonymousId, email, phone, device, email-sha256, phone-sha256, or external:<type>.
\`export\` writes all that is stored of the customer into FOLDER, which is made or is empty: lines for programs and a page to read.`,
  options: {
    'id-type': { type: 'string', takes: 'TYPE', says: 'what CUSTOMER is; a userId when absent' },
    anonymous: { type: 'boolean', says: 'as --id-type anonymousId' },
  },
  words: [2, 3],
  async run(call) {
    const [action, customer, folder] = call.words as [string, string, string?];
    if (!actions.includes(action)) {
      throw new UsageError(`profile ${action}: not in this release`, `profile ${actions.join(', ')} are`);
    }
    if ((action === 'export') !== (folder !== undefined)) {
      throw new UsageError('profile export takes a customer and a folder; the others take a customer');
    }
    const { options } = call;
    if (options.anonymous === true && options['id-type'] !== undefined) {
      throw new UsageError('--anonymous and --id-type: one of them', 'leave one out');
    }
    const { api } = connectProject(call);
    const { paint } = call.world.terminal;
    // Not in the path: an id may hold a slash.
    const idType = options.anonymous === true ? 'anonymousId' : (options['id-type'] ?? 'userId');
    const query = new URLSearchParams({ idType, id: customer });
    if (action === 'merge-explain') {
      const found = await api.get<ExplainedMerges>(`/v1/profiles/by/merges?${query}`);
      return { exit: 0, text: explainMerges(customer, found, paint), json: found };
    }
    if (action === 'export') return exportProfile(customer, query, folder!, api, call.world);
    if (action === 'erase') {
      const plan = [`${customer} (${idType}): everything that is known of them, for good`];
      await mustConfirm(call, plan, 'Erase?');
      return eraseProfile(query, api, paint, call.world.terminal.note);
    }
    if (action === 'consents') return tellConsents(customer, query, api, paint);
    const found = await api.get<Profile>(`/v1/profiles/by?${query}`);
    return { exit: 0, text: showProfile(customer, found, paint), json: found };
  },
});

async function exportProfile(
  customer: string,
  query: URLSearchParams,
  word: string,
  api: ReturnType<typeof connectProject>['api'],
  { cwd, terminal }: World,
): Promise<Outcome> {
  const folder = resolve(cwd, word);
  requireEmpty(folder, word);
  const { id } = await api.post<RemoteJob>(`/v1/profiles/by/exports?${query}`, {});
  const { files } = await fetchExport(api, id, folder, ({ progress }) =>
    terminal.note(`${progress['scanned'] ?? 0} items seen`),
  );
  return { exit: 0, text: [`${customer}: ${files} files in ${word}`], json: { id, folder, files } };
}

function showProfile(customer: string, found: Profile, paint: Paint): string[] {
  const traits = Object.entries(found.traits);
  const computed = Object.entries(found.computed);
  return [
    `${paint.bold(customer)}: known since ${found.createdAt}, last decided ${found.decidedAt}`,
    `ids: ${JSON.stringify(found.ids)}`,
    '',
    paint.bold('traits'),
    ...(traits.length === 0
      ? ['  none']
      : traits.map(([name, { value, at }]) => `  ${name}: ${JSON.stringify(value)}  ${paint.dim(at)}`)),
    ...(computed.length === 0 ? [] : [paint.bold('computed traits')]),
    ...computed.map(
      ([name, { value, completeSince }]) =>
        `  ${name}: ${JSON.stringify(value)}${completeSince === undefined ? '' : `  ${paint.dim(`complete since ${completeSince}`)}`}`,
    ),
    paint.bold('consents'),
    ...(found.consents.length === 0 ? ['  none recorded: the topics say what holds'] : []),
    ...found.consents.map(
      ({ channel, topic, state, at, source }) => `  ${channel} / ${topic}: ${state} (${source})  ${paint.dim(at)}`,
    ),
    ...showDevices(found.devices ?? [], paint),
    paint.bold('runs'),
    ...(found.runs.length === 0 ? ['  none'] : []),
    ...found.runs.map(
      ({ journey, version, step, since, due }) =>
        `  ${journey} v${version}: at ${step} since ${since}${due === null ? '' : `, until ${due}`}`,
    ),
  ];
}

/** A token is long, and tells nothing beyond its beginning. */
const showDevices = (devices: NonNullable<Profile['devices']>, paint: Paint): string[] => [
  ...(devices.length === 0 ? [] : [paint.bold('devices')]),
  ...devices.map(({ token, platform, lastSeenAt }) => {
    const short = token.length > 24 ? `${token.slice(0, 23)}…` : token;
    return `  ${platform} ${short}  ${paint.dim(lastSeenAt)}`;
  }),
];
