import { keyFile, removeKey, storedKey } from '../config/keys.ts';
import { chooseEnvironment, findProject } from '../config/project.ts';
import { ApiClient, RemoteProblem } from '../remote/api-client.ts';
import { verb } from '../verb.ts';
import type { OpenSession } from './sessions.ts';

export const logout = verb({
  name: 'logout',
  takes: '',
  summary: 'ends the session of this user, and forgets what login kept',
  help: `The session is ended in the environment too, within 10 seconds. An API key is only forgotten: godwit keys revoke ends it. When the
environment cannot be asked, the session is forgotten all the same, and ends by itself within its hour (exit code 1).`,
  options: {},
  words: [0, 0],
  async run(call) {
    const { env } = call.world;
    const { name, api } = chooseEnvironment(call, findProject(call));
    const kept = storedKey(api, env);
    if (kept === undefined) return { exit: 0, text: [`nothing is kept for ${name} (${api})`], json: { kept: null } };
    // First here: whatever the environment says, it is out of the file.
    removeKey(api, env);
    const forgotten = `what was kept for ${name} (${api}) is out of ${keyFile(env)}`;
    if (!kept.startsWith('gw_session_')) {
      const still = 'the key itself is still good: godwit keys revoke ID, by somebody with keys:admin';
      return { exit: 0, text: [forgotten, still], json: { kept: 'key', ended: false } };
    }
    const open = await endRemotely(new ApiClient(api, kept));
    const told =
      open === undefined ? 'the session is ended' : `the session was not ended, and ends by its hour: ${open}`;
    const json = { kept: 'session', ended: open === undefined, ...(open !== undefined && { reason: open }) };
    return { exit: open === undefined ? 0 : 1, text: [forgotten, told], json };
  },
});

/** Why it is open still; undefined: it is over. */
async function endRemotely(api: ApiClient): Promise<string | undefined> {
  try {
    const { data } = await api.get<{ data: readonly OpenSession[] }>('/v1/sessions');
    const own = data.find(({ current }) => current);
    if (own !== undefined) await api.remove(`/v1/sessions/${own.id}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    // Over already, or ended from somewhere else.
    return error.status === 401 || error.status === 404 ? undefined : error.message;
  }
}
