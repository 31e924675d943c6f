import { storeKey } from '../config/keys.ts';
import { chooseEnvironment, type Environment, findProject } from '../config/project.ts';
import { ApiClient, RemoteProblem } from '../remote/api-client.ts';
import { credentialsOf, requestSession, signingRegion } from '../remote/request-session.ts';
import { type Call, UsageError, verb } from '../verb.ts';

const options = {
  aws: { type: 'boolean', says: 'signs in with AWS credentials, for an hour' },
  profile: {
    type: 'string',
    takes: 'NAME',
    says: 'of the AWS configuration; else what the AWS command line would use',
  },
  region: { type: 'string', takes: 'REGION', says: 'of the API; needed when its address does not say it' },
} as const;

export const login = verb({
  name: 'login',
  takes: '[--aws [--profile NAME]]',
  summary: 'keeps an API key or a session of an environment for this user',
  help: `With --aws you get a session for an hour, with the roles that the environment's configuration gives you (docs/access.md).
Else a key is read from GODWIT_API_KEY, or from stdin, and tried out. What you get lies in godwit/keys.json in your configuration folder,
which only you can read (mode 600), under the address of the API. It is never printed. In CI, set GODWIT_API_KEY instead.`,
  options,
  words: [0, 0],
  async run(call) {
    const environment = chooseEnvironment(call, findProject(call));
    return call.options.aws === true ? loginByAws(call, environment) : loginByKey(call, environment);
  },
});

async function loginByAws({ options: { profile, region }, world }: Call<typeof options>, environment: Environment) {
  const { name, api } = environment;
  const where = region ?? signingRegion(api, world.env);
  if (where === undefined) {
    throw new UsageError(`the address ${api} does not say its region`, 'add --region, or set AWS_REGION');
  }
  const { token, who, roles, expiresAt } = await requestSession(api, where, await credentialsOf(profile));
  const file = storeKey(api, token, world.env);
  return {
    exit: 0 as const,
    text: [`${who} is ${roles.join(' and ')} of ${name} (${api}) until ${expiresAt}; the session lies in ${file}`],
    json: { environment: name, api, file, who, roles, expiresAt },
  };
}

async function loginByKey({ world }: Call<typeof options>, { name, api }: Environment) {
  const given = world.env['GODWIT_API_KEY']?.trim();
  const key = given || (await world.terminal.readSecret(`API key of ${name} (${api}): `));
  // By its form alone: what was typed by mistake may be another secret.
  if (!/^gw_api_[A-Za-z0-9_-]{1,190}$/.test(key)) {
    throw new UsageError(
      `that is no API key: it must begin with gw_api_, and has ${key.length} characters`,
      key.startsWith('gw_ingest_') ? 'a write key only sends events' : 'POST /v1/keys makes one',
    );
  }
  await tryOut(new ApiClient(api, key));
  const file = storeKey(api, key, world.env);
  return {
    exit: 0 as const,
    text: [`the key of ${name} (${api}) lies in ${file}`],
    json: { environment: name, api, file },
  };
}

/** A key without this scope is a key all the same. */
async function tryOut(api: ApiClient): Promise<void> {
  try {
    await api.get('/v1/journeys?limit=1');
  } catch (error) {
    if (!(error instanceof RemoteProblem) || error.status !== 403) throw error;
  }
}
