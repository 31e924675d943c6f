import { connectProject } from '../config/project.ts';
import type { ApiClient, Problem } from '../remote/api-client.ts';
import { Findings, type Outcome, UsageError, verb } from '../verb.ts';

interface Item {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly savedAt: string;
  readonly expiresAt?: string;
}

interface Saved {
  readonly results: readonly { readonly status: 'saved' | 'refused'; readonly errors?: readonly Problem[] }[];
}

export const collection = verb({
  name: 'collection',
  takes: 'list COLLECTION | get COLLECTION ITEM | put COLLECTION ITEM JSON',
  summary: 'the items of a collection: all of them, one, or one saved anew',
  help: `put takes the values of all its fields as JSON: '{"name": "Rain jacket", "price": "89.50 EUR"}'. Many at once: godwit import items.
The collection itself is a document of the folder: collections/ID.yaml.`,
  options: {},
  words: [2, 4],
  async run(call) {
    const [action, id, item, values] = call.words as [string, string, string?, string?];
    const path = `/v1/collections/${encodeURIComponent(id)}/items`;
    const takes = { list: 2, get: 3, put: 4 }[action];
    if (takes === undefined) throw new UsageError(`collection ${action}: there is list, get and put`);
    if (call.words.length !== takes) {
      throw new UsageError(`collection ${action} takes ${takes - 1} words behind it`, 'see godwit collection --help');
    }
    const read = action === 'put' ? readValues(values!) : {};
    const { api } = connectProject(call);
    if (action === 'list') return shown(await api.list<Item>(path, {}));
    if (action === 'put') await save(api, path, item!, read);
    return shown([await api.get<Item>(`${path}/by?item=${encodeURIComponent(item!)}`)]);
  },
});

const shown = (items: readonly Item[]): Outcome => ({
  exit: 0,
  text: items.map(({ id, values, expiresAt }) =>
    [id, JSON.stringify(values), ...(expiresAt === undefined ? [] : [`until ${expiresAt}`])].join('  '),
  ),
  json: { items },
});

function readValues(text: string): object {
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values;
  } catch {
    // Said below, as of what is JSON and no object.
  }
  throw new UsageError('the values are no JSON object', `write '{"name": "Rain jacket"}'`);
}

async function save(api: ApiClient, path: string, id: string, values: object): Promise<void> {
  const { results } = await api.post<Saved>(path, { items: [{ id, values }] });
  const errors = results.flatMap((one) => one.errors ?? []);
  if (errors.length === 0) return;
  const placed = errors.map((one) => ({ ...one, severity: 'error' as const, file: id }));
  throw new Findings(`${id} was not saved`, placed);
}
