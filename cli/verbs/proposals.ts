import { connectProject } from '../config/project.ts';
import { columns } from '../terminal.ts';
import { verb } from '../verb.ts';

export interface Proposal {
  readonly id: string;
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly who: string;
  readonly at: string;
  readonly approvals: readonly { readonly who: string }[];
  readonly body?: unknown;
}

export const proposals = verb({
  name: 'proposals',
  takes: '[ID]',
  summary: 'changes of what is sent that wait for somebody else to approve them; with ID what one would do',
  help: `There are some only where the configuration says approval: 'second-person-everywhere' (docs/access.md). "godwit approve --proposal ID"
approves one; whoever asked for it then does it again.`,
  options: {},
  words: [0, 1],
  async run(call) {
    const { environment, api } = connectProject(call);
    const [id] = call.words;
    if (id !== undefined) {
      const found = await api.get<Proposal>(`/v1/proposals/${encodeURIComponent(id)}`);
      return { exit: 0, text: JSON.stringify(found, null, 2).split('\n'), json: found };
    }
    const { data } = await api.get<{ data: readonly Proposal[] }>('/v1/proposals');
    const rows = data.map((one) => [
      ...[one.id, `${one.method} ${one.what}`, `by ${one.who}`, one.at],
      one.approvals.length === 0 ? 'not approved' : `approved by ${one.approvals.map(({ who }) => who).join(', ')}`,
    ]);
    const text = rows.length === 0 ? [`${environment.name}: nothing waits for an approval`] : columns(rows, '');
    return { exit: 0, text, json: { data } };
  },
});
