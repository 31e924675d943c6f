import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import { flowOf } from '../../cli/simulation-page/flow.ts';
import { simulationPage } from '../../cli/simulation-page/simulation-page.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { type SimulationResult, simulate } from '../../shared/simulation/index.ts';
import { documents, message } from '../simulation/documents.ts';

/** Name and attributes of every element, in order; throws where the text is not well-formed XML. */
function elementsOf(page: string): { readonly name: string; readonly attributes: ReadonlyMap<string, string> }[] {
  const open: string[] = [];
  const elements: { name: string; attributes: Map<string, string> }[] = [];
  let end = 0;
  const body = page.replace(/^<!DOCTYPE html>/, '');
  for (const tag of body.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const between = body.slice(end, tag.index);
    if (/[<]|&(?!(?:amp|lt|gt|quot|#39);)/.test(between)) throw new Error(`not well-formed: ${between.slice(0, 200)}`);
    end = tag.index + tag[0].length;
    const [, closing, name, attributes, empty] = tag as unknown as [string, string, string, string, string];
    if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else`);
      continue;
    }
    const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]): [string, string] => [
      key!,
      value!,
    ]);
    elements.push({ name, attributes: new Map(pairs) });
    if (empty !== '/') open.push(name);
  }
  expect(open).toEqual([]);
  expect(body.slice(end).trim()).toBe('');
  return elements;
}

const textOf = (page: string) =>
  page
    .replaceAll(/<style>[\s\S]*<\/style>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const written = (number: number) => number.toLocaleString('en-US');

describe('the page of a simulation', () => {
  let journeys: Journey[];
  let result: SimulationResult;
  let page: string;

  beforeAll(async () => {
    const shop = groupDocuments(await readFolder(join(import.meta.dirname, '../../examples/shop')));
    journeys = shop.journeys.map((one) => Journey.parse(one));
    result = simulate({
      ...shop,
      from: '2026-11-23T07:00:00Z',
      days: 12,
      population: {
        customers: 400,
        events: [
          { name: 'Signed Up', probability: 0.6, day: [0, 3] },
          {
            name: 'Product Added',
            day: [0, 6],
            properties: { cart_id: '{n}-{i}', name: 'Hat', price: { between: [1, 90] } },
          },
          {
            name: 'Order Completed',
            probability: 0.3,
            after: { event: 'Product Added', between: ['PT1H', 'P1D'], same: ['cart_id'] },
          },
        ],
      },
      behaviour: { messages: [{ opens: 0.4, clicks: 0.3, bounces: 0.02, unsubscribes: 0.05 }] },
      traces: 3,
    });
    page = simulationPage(result, journeys);
  });

  it('is one well-formed document that asks for nothing and runs nothing', () => {
    const elements = elementsOf(page);
    expect(elements.filter(({ name }) => ['script', 'img', 'link', 'iframe', 'object'].includes(name))).toEqual([]);
    const addresses = elements.flatMap(({ attributes }) =>
      ['href', 'src', 'action'].map((name) => attributes.get(name)),
    );
    expect(addresses.filter((address) => address !== undefined)).toEqual([]);
    const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const named = elements.flatMap(({ attributes }) => attributes.get('aria-labelledby')?.split(' ') ?? []);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('has a picture with a name and a description for each journey, and one for the days', () => {
    const pictures = elementsOf(page).filter(({ name }) => name === 'svg');
    expect(pictures).toHaveLength(journeys.length + 1);
    expect(pictures.every(({ attributes }) => attributes.get('role') === 'img')).toBe(true);
    expect(page.match(/<title id=/g)).toHaveLength(pictures.length);
    expect(page.match(/<desc id=/g)).toHaveLength(pictures.length);
  });

  it('says the numbers of the result', () => {
    const text = textOf(page);
    expect(text).toContain(`Customers ${written(400)}`);
    expect(text).toContain(`Messages ${written(result.messages.sent)}`);
    expect(text).toContain(`Together ${result.cost.dollars.toFixed(4)}`);
    expect(text).toContain(`Most in a minute ${written(result.peakSendsPerMinute.count)}`);
    const bars = [...page.matchAll(/<title>\w+ (\d+ \w+): ([\d,]+) by email<\/title>/g)];
    expect(bars.map(([, , count]) => Number(count!.replaceAll(',', '')))).toEqual(Object.values(result.messages.byDay));
    for (const { id, name } of journeys) {
      const { entered, stillInside, exits, steps } = result.journeys[id]!;
      const section = textOf(page.slice(page.indexOf(`<section aria-labelledby="j-${id}"`)).split('</section>')[0]!);
      expect(section).toContain(`${name} ${id} ${written(entered)} entered`);
      expect(section).toContain(`${written(stillInside)} were still inside`);
      for (const count of Object.values(exits)) expect(section).toContain(` ${written(count)} `);
      for (const [step, { visits }] of Object.entries(steps))
        expect(section, step).toContain(`; ${written(visits)} came here`);
    }
    for (const trace of result.traces) expect(text).toContain(trace.customer);
  });

  it('leads everybody who came to a step out of it, or says that they are there', () => {
    for (const journey of journeys) {
      const { nodes, edges } = flowOf(journey, result.journeys[journey.id]!);
      for (const { id, visits, left, stillInside, kind } of nodes) {
        if (kind === 'exit' || kind === 'end') continue;
        const on = edges.filter(({ from }) => from === id).reduce((sum, { count }) => sum + count, 0);
        const gone = Object.values(left).reduce((sum, count) => sum + count, 0);
        expect(on + gone + stillInside, `${journey.id} ${id}`).toBe(visits);
      }
    }
  });

  it('shows what documents and customers say as text', () => {
    const name = `<script>alert(1)</script> & "co" 'x'`;
    const evil = documents({ name, steps: { one: message('end', { name }) } });
    const histories = [{ userId: '<b>&', at: '2026-11-23T09:00:00Z', event: 'Signed Up', properties: { note: '<b>' } }];
    const result = simulate({ ...evil, histories, from: '2026-11-23T07:00:00Z', days: 2 });
    const made = simulationPage(
      result,
      evil.journeys.map((one) => Journey.parse(one)),
    );
    expect(elementsOf(made).filter(({ name: tag }) => tag === 'script')).toEqual([]);
    expect(made).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot; &#39;x&#39;');
    expect(made).toContain('<b>&lt;b&gt;&amp;</b>');
  });

  it('is there when nothing happened', () => {
    const population = { customers: 1, events: [] };
    const quiet = documents({ steps: { one: message() } });
    const nothing = simulate({ ...quiet, population, from: '2026-11-23T07:00:00Z', days: 1, traces: 0 });
    const made = simulationPage(
      nothing,
      quiet.journeys.map((one) => Journey.parse(one)),
    );
    elementsOf(made);
    expect(textOf(made)).toContain('No message was sent.');
  });
});
