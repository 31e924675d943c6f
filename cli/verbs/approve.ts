import { connectProject } from '../config/project.ts';
import { mustConfirm, UsageError, verb } from '../verb.ts';

interface Approved {
  readonly draftEtag: string;
  readonly who: string;
  readonly at: string;
}

export const approve = verb({
  name: 'approve',
  takes: 'JOURNEY [--etag ETAG] [--note TEXT]',
  summary: 'approves the draft of a journey, for somebody else to publish',
  help: `Of the draft that is there now; with --etag only if it is that one, which is what whoever reviewed it wants in a script.
"godwit diff" and "godwit plan JOURNEY" show what it would change.`,
  options: {
    etag: { type: 'string', takes: 'ETAG', says: 'of the draft that was reviewed' },
    note: { type: 'string', takes: 'TEXT', says: 'kept with it' },
  },
  words: [1, 1],
  async run(call) {
    const { etag, note } = call.options;
    const { environment, api } = connectProject(call);
    const id = call.words[0]!;
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
