import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readFolder } from '../../cli/folder/read-folder.ts';
import type { Population } from '../../shared/simulation/population.ts';

type Document = Readonly<Record<string, unknown>> & { readonly id: string };

/** One thing that is saved: where, and what. */
export interface Saving {
  readonly path: string;
  readonly document: Document;
}

export interface Library {
  /** In an order in which each finds what it needs. */
  readonly savings: readonly Saving[];
  readonly journeys: readonly Document[];
  /** By journey: who made-up customers of it are, and what they do. */
  readonly populations: ReadonlyMap<string, Population>;
  /** What every event of the name adds to, in the ledger of each customer. */
  readonly ledger: readonly string[];
}

const examples = join(import.meta.dirname, '../../examples');
const rooms = { topic: 'topics', endpoint: 'endpoints', 'computed-trait': 'computed-traits', segment: 'segments' };
const more = { block: 'blocks', collection: 'collections', template: 'templates' };
const paths: Readonly<Record<string, string>> = { ...rooms, ...more };

/**
 * All journeys of the example library in one environment. Trades have templates of the same name, so these get the
 * trade's in front; the policy is the shop's, with its caps, quiet hours and reserve.
 *
 * Beside them a ledger: of every event name that customers use, how many a profile has taken in and the sum of their
 * weights. Both are exact whatever the order, and add up in a merge: so an event that is lost or counted twice is seen in
 * the profile itself, without asking any journal.
 */
export async function library(): Promise<Library> {
  const savings: Saving[] = [];
  const journeys: Document[] = [];
  const populations = new Map<string, Population>();
  for (const trade of readdirSync(examples).filter((name) => existsSync(join(examples, name, 'journeys')))) {
    for (const { kind, value } of await readFolder(join(examples, trade))) {
      const document = value as Document;
      if (kind === 'policy') continue;
      if (kind === 'journey') journeys.push(withTemplatesOf(trade, document));
      else if (kind === 'template') savings.push(template(trade, document));
      else savings.push({ path: `${paths[kind]}/${document.id}`, document });
    }
    for (const file of readdirSync(join(examples, trade, 'simulations')).filter((name) => name.endsWith('.yaml'))) {
      const { population } = parse(readFileSync(join(examples, trade, 'simulations', file), 'utf8'));
      if (population !== undefined) populations.set(file.replace('.yaml', ''), population);
    }
  }
  populations.set('double-opt-in', doubleOptIn);
  populations.delete('two-weeks');
  const names = [...populations.values()].flatMap(({ events }) => events.map(({ name }) => name));
  const ledger = [...new Set([...names, ...followers, 'Page Viewed', 'Review Submitted'])].sort();
  const policy = parse(readFileSync(join(examples, 'shop/policy.yaml'), 'utf8')) as Document;
  savings.push({ path: 'policy', document: policy }, ...ledger.flatMap(ledgerOf));
  const unique = new Map(savings.map((saving) => [saving.path, saving]));
  return { savings: [...unique.values()], journeys, populations, ledger };
}

/** What customers do on clicks, so that goals are reached and runs leave early. */
export const followers = ['Order Completed', 'Deposit Made', 'Membership Bought', 'Demo Booked', 'Pricing Viewed'];

export const ledgerId = (event: string, function_: 'count' | 'sum'): string =>
  `ledger-${event.toLowerCase().replaceAll(' ', '-')}-${function_}`;

function ledgerOf(event: string): Saving[] {
  const save = (function_: 'count' | 'sum', of: object): Saving => {
    const id = ledgerId(event, function_);
    const document = { schemaVersion: 1, id, name: id, function: function_, of, within: 'ever' };
    return { path: `computed-traits/${id}`, document };
  };
  return [save('count', { event }), save('sum', { event, property: 'w' })];
}

const template = (trade: string, document: Document): Saving => {
  const id = `${trade}-${document.id}`;
  return { path: `templates/${id}`, document: { ...document, id } };
};

function withTemplatesOf(trade: string, journey: Document): Document {
  const steps = Object.entries(journey['steps'] as Readonly<Record<string, Document>>).map(([id, step]) => [
    id,
    step['template'] === undefined ? step : { ...step, template: `${trade}-${step['template']}` },
  ]);
  return { ...journey, steps: Object.fromEntries(steps) };
}

/** Half of those who ask confirm, most of them before they are asked again; its simulation tells histories instead. */
const doubleOptIn: Population = {
  customers: 1,
  traits: { firstName: { oneOf: ['Ada', 'Bela', 'Chidi', 'Dana'] } },
  consents: [{ topic: 'newsletter', channel: 'email', state: 'pending' }],
  events: [{ name: 'Consent Requested', day: [0, 9], hour: [0, 14], properties: { topic: 'newsletter' } }],
};
