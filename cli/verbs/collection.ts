import { connectProject } from '../config/project.ts';
import type { ApiClient, Problem } from '../remote/api-client.ts';
import { Findings, mustConfirm, type Outcome, UsageError, verb } from '../verb.ts';

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
  takes: 'list COLLECTION | get COLLECTION ITEM | put COLLECTION ITEM JSON | delete COLLECTION [ITEM]',
  summary: 'the items of a collection: all of them, one, one saved anew, or one less',
  help: `put takes the values of all its fields as JSON: '{"name": "Rain jacket", "price": "89.50 EUR"}'. Many at once: godwit import items.
The collection itself is a document of the folder: collections/ID.yaml. delete --all removes it, with all of its items.`,
  options: { all: { type: 'boolean', says: 'of delete: the collection itself, unless templates use it' } },
  words: [2, 4],
  async run(call) {
    const [action, id, item, values] = call.words as [string, string, string?, string?];
    const whole = call.options.all === true;
    const takes = { list: 2, get: 3, put: 4, delete: whole ? 2 : 3 }[action];
    if (takes === undefined) throw new UsageError(`collection ${action}: there is list, get, put and delete`);
    if (whole && action !== 'delete') throw new UsageError('--all goes with delete');
    if (call.words.length !== takes) {
      throw new UsageError(`collection ${action} takes ${takes - 1} words behind it`, 'see godwit collection --help');
    }
    const read = action === 'put' ? readValues(values!) : {};
    const { environment, api } = connectProject(call);
    const collection = `/v1/collections/${encodeURIComponent(id)}`;
    if (whole) {
      await mustConfirm(call, [`${environment.name}: ${id} goes, with all of its items`], 'Delete it?');
      const job = await api.remove<{ readonly id: string }>(collection);
      return { exit: 0, text: [`${id} is gone; job ${job.id} deletes its items`], json: { job: job.id } };
    }
    const path = `${collection}/items`;
    if (action === 'list') return shown(await api.list<Item>(path, {}));
    const one = `${path}/by?item=${encodeURIComponent(item!)}`;
    if (action === 'delete') {
      await api.remove(one);
      return { exit: 0, text: [`${item} is gone`], json: { id: item } };
    }
    if (action === 'put') await save(api, path, item!, read);
    return shown([await api.get<Item>(one)]);
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
