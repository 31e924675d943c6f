import { storeKey } from '../config/keys.ts';
import { chooseEnvironment, findProject } from '../config/project.ts';
import { ApiClient, RemoteProblem } from '../remote/api-client.ts';
import { UsageError, verb } from '../verb.ts';

export const login = verb({
  name: 'login',
  takes: '',
  summary: 'keeps an API key of an environment for this user',
  help: `The key is read from GODWIT_API_KEY, else from stdin, and tried out. It lies in godwit/keys.json in your configuration folder,
which only you can read (mode 600), under the address of the API. It is never printed. In CI, set GODWIT_API_KEY instead.`,
  options: {},
  words: [0, 0],
  async run(call) {
    const { world } = call;
    const environment = chooseEnvironment(call, findProject(call));
    const given = world.env['GODWIT_API_KEY']?.trim();
    const key = given || (await world.terminal.readSecret(`API key of ${environment.name} (${environment.api}): `));
    // By its form alone: what was typed by mistake may be another secret.
    if (!/^gw_api_[A-Za-z0-9_-]{1,190}$/.test(key)) {
      throw new UsageError(
        `that is no API key: it must begin with gw_api_, and has ${key.length} characters`,
        key.startsWith('gw_ingest_') ? 'a write key only sends events' : 'POST /v1/keys makes one',
      );
    }
    await tryOut(new ApiClient(environment.api, key));
    const file = storeKey(environment.api, key, world.env);
    return {
      exit: 0,
      text: [`the key of ${environment.name} (${environment.api}) lies in ${file}`],
      json: { environment: environment.name, api: environment.api, file },
    };
  },
});

/** A key without this scope is a key all the same. */
async function tryOut(api: ApiClient): Promise<void> {
  try {
    await api.get('/v1/journeys?limit=1');
  } catch (error) {
    if (!(error instanceof RemoteProblem) || error.status !== 403) throw error;
  }
}
