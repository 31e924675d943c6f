import type { Journey } from '../../shared/domain/journeys/journey.ts';
import type { SimulationResult } from '../../shared/simulation/index.ts';
import { dayChart } from './day-chart.ts';
import { count, dateWords, dollars, percent, sumOf } from './figures.ts';
import { percentOf } from './flow.ts';
import { type Html, html } from './html.ts';
import { bars, journeySection } from './journey-section.ts';
import { reasonWords } from './reason-words.ts';
import { style } from './style.ts';
import { traceList } from './trace-list.ts';

/**
 * A simulation as one page for people: it asks no network and runs no script, so it can be mailed and kept. It is
 * well-formed XML too.
 *
 * @param real when nobody was made up: whose customers they are, and what else is to be known. Nothing of one of them is shown.
 */
export function simulationPage(
  result: SimulationResult,
  journeys: readonly Journey[],
  real?: { readonly of: string; readonly notes: readonly string[] },
): string {
  const { from, until, seed, customers, messages, cost, journeys: figures } = result;
  const title = `What would happen: ${dateWords(from)} to ${dateWords(until)}`;
  const page = html`<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/><title>${title}</title>
<style>${style}</style></head><body><main>
<header><p class="kind">Simulation</p><h1>${title}</h1><p>${journeys.map(({ name }) => name).join(' · ')}</p></header>
${tiles(result)}
<section aria-labelledby="s-days"><h2 id="s-days">Messages per day</h2>${dayChart(result)}</section>
${journeys.flatMap((journey) => {
  const own = figures[journey.id];
  return own === undefined ? [] : [journeySection(journey, own, result)];
})}
<section aria-labelledby="s-held"><h2 id="s-held">What held messages back</h2>
<div class="columns"><div><h3>Sent later</h3>${none(sumOf(messages.byStep.map(({ held }) => held)), 'Nothing had to wait.')}</div>
<div><h3>Not sent</h3>${none(sumOf(messages.byStep.flatMap(({ skipped, failed }) => [skipped, failed])), 'Everything that was due was sent.')}</div></div></section>
<section aria-labelledby="s-cost"><h2 id="s-cost">What it would cost</h2>
<table><thead><tr><th scope="col">What</th><th scope="col" class="n">How many</th><th scope="col" class="n">Dollars</th></tr></thead><tbody>${[
    ...cost.aws,
    ...cost.provider,
  ].map(
    ({ what, count: many, dollars: amount }) =>
      html`<tr><th scope="row">${what}</th><td class="n">${count(many)}</td><td class="n">${amount.toFixed(4)}</td></tr>`,
  )}<tr class="sum"><th scope="row">Together</th><td class="n"></td><td class="n">${cost.dollars.toFixed(4)}</td></tr></tbody></table>
<p>Not included: ${cost.notIncluded.join('; ')}.</p></section>
${real === undefined ? html`<section aria-labelledby="s-traces"><h2 id="s-traces">Some customers</h2>${traceList(result)}</section>` : undefined}
<footer>${(real?.notes ?? []).map((note) => html`<p>${note}.</p>`)}<p>${real?.of ?? 'Made-up or recorded customers'} (${count(customers)}), seed <code>${seed}</code>, ${from} to ${until}. Nothing was sent. The same scenario and seed give the same page. A forecast is as good as what the scenario says of people; messages are handed over at once, without outages or throttling.</p></footer>
</main></body></html>
`;
  return page.text;
}

function tiles({
  customers,
  messages,
  journeys,
  cost,
  peakSendsPerMinute: { count: most, minute },
}: SimulationResult): Html {
  const entered = sum(Object.values(journeys).map((one) => one.entered));
  const goals = sum(Object.values(journeys).map((one) => one.goals));
  const tile = (name: string, value: string, more: string) =>
    html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`;
  return html`<dl class="tiles">${[
    tile('Customers', count(customers), `${count(entered)} entries into journeys`),
    tile('Messages', count(messages.sent), `${(messages.sent / Math.max(1, customers)).toFixed(1)} per customer`),
    tile('Goals', count(goals), `${percent(percentOf(goals, entered))} of the entries`),
    tile('Cost', dollars(cost.dollars), `AWS ${dollars(cost.awsDollars)}, provider ${dollars(cost.providerDollars)}`),
    tile(
      'Most in a minute',
      count(most),
      minute === null ? 'nothing was sent' : `${dateWords(minute)}, ${minute.slice(11, 16)} UTC`,
    ),
  ]}</dl>`;
}

type Counts = Readonly<Record<string, number>>;

const none = (counts: Counts, otherwise: string): Html =>
  Object.keys(counts).length === 0 ? html`<p>${otherwise}</p>` : bars(counts, reasonWords);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
