import { connectProject } from '../config/project.ts';
import { columns } from '../terminal.ts';
import { mustConfirm, UsageError, verb } from '../verb.ts';

export interface OpenSession {
  readonly id: string;
  readonly who: string;
  readonly roles: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly current: boolean;
}

export const sessions = verb({
  name: 'sessions',
  takes: '[end ID]',
  summary: 'who is signed in; ends a session',
  help: `With keys:admin those of everybody, else those that you opened yourself, on whatever machine. An ended one works for 10
seconds more at most. Your own on this machine: godwit logout.`,
  options: {},
  words: [0, 2],
  async run(call) {
    const [action, id] = call.words;
    if (action !== undefined && (action !== 'end' || id === undefined)) {
      throw new UsageError(`sessions ${action}: there is only "sessions" and "sessions end ID"`);
    }
    const { environment, api } = connectProject(call);
    if (id !== undefined) {
      await mustConfirm(call, [], `End the session ${id} in ${environment.name}?`);
      await api.remove(`/v1/sessions/${encodeURIComponent(id)}`);
      return { exit: 0, text: [`the session ${id} is ended`], json: { ended: id } };
    }
    const { data } = await api.get<{ data: readonly OpenSession[] }>('/v1/sessions');
    const rows = data.map(({ id: of, who, roles, expiresAt, current }) => [
      ...[of, who, roles.join(' '), `until ${expiresAt}`],
      current ? 'this one' : '',
    ]);
    const text = rows.length === 0 ? [`${environment.name}: nobody is signed in`] : columns(rows, '');
    return { exit: 0, text, json: { data } };
  },
});
