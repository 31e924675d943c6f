import { connectProject } from '../config/project.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { type Call, mustConfirm, type Options, type Outcome, UsageError, verb } from '../verb.ts';
import type { Proposal } from './proposals.ts';

interface Approved {
  readonly draftEtag: string;
  readonly who: string;
  readonly at: string;
}

export const approve = verb({
  name: 'approve',
  takes: '(JOURNEY [--etag ETAG] | --proposal ID) [--note TEXT]',
  summary: 'approves the draft of a journey, or a proposal, for somebody else to carry out',
  help: `Of the draft that is there now; with --etag only if it is that one, which is what whoever reviewed it wants in a script.
"godwit diff" and "godwit plan JOURNEY" show what it would change. Of another change of what is sent "godwit proposals ID" does.`,
  options: {
    etag: { type: 'string', takes: 'ETAG', says: 'of the draft that was reviewed' },
    proposal: { type: 'string', takes: 'ID', says: 'of godwit proposals, instead of a journey' },
    note: { type: 'string', takes: 'TEXT', says: 'kept with it' },
  },
  words: [0, 1],
  async run(call) {
    const { etag, note, proposal } = call.options;
    const [id] = call.words;
    if ((id === undefined) === (proposal === undefined) || (etag !== undefined && id === undefined)) {
      throw new UsageError('a journey, or --proposal ID');
    }
    const { environment, api } = connectProject(call);
    if (id === undefined) return approveProposal(call, api, environment.name, proposal!, note);
    const path = `/v1/journeys/${encodeURIComponent(id)}`;
    const draftEtag = etag ?? (await api.find(`${path}?version=draft`))?.etag;
    if (draftEtag === undefined) throw new UsageError(`${id} has no draft in ${environment.name}`);
    await mustConfirm(call, [], `Approve the draft ${draftEtag} of ${id} in ${environment.name}?`);
    const body = { draftEtag, ...(note !== undefined && { note }) };
    const approved = await api.post<Approved>(`${path}/approvals`, body);
    const text = [`${approved.who} approves the draft ${draftEtag} of ${id} in ${environment.name}`];
    return { exit: 0, text, json: approved };
  },
});

async function approveProposal(
  call: Call<Options>,
  api: ApiClient,
  environment: string,
  id: string,
  note: string | undefined,
): Promise<Outcome> {
  const path = `/v1/proposals/${encodeURIComponent(id)}`;
  const { method, what, who } = await api.get<Proposal>(path);
  await mustConfirm(call, [], `Approve ${method} ${what} of ${who} in ${environment}?`);
  const approved = await api.post<Proposal>(`${path}/approvals`, note === undefined ? {} : { note });
  return { exit: 0, text: [`${method} ${what} is approved in ${environment}; ${who} may do it again`], json: approved };
}
