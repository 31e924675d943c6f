import type { Journey } from '../../shared/domain/journeys/journey.ts';
import type { JourneyFigures, SimulationResult } from '../../shared/simulation/index.ts';
import { count, percent, sumOf } from './figures.ts';
import { type Flow, flowOf, percentOf } from './flow.ts';
import { flowPicture } from './flow-picture.ts';
import { type Html, html } from './html.ts';
import { exitWords, reasonWords } from './reason-words.ts';

/** One journey: its picture, what became of its messages, how people left, and who did not get in. */
export function journeySection(journey: Journey, figures: JourneyFigures, { messages }: SimulationResult): Html {
  const { insideAtStart, entered, exits, notEntered, stillInside, goals, goalValue } = figures;
  const flow = flowOf(journey, figures);
  const own = messages.byStep.filter(({ journey: of }) => of === journey.id);
  const goal =
    journey.goal === undefined
      ? undefined
      : html`, <b>${count(goals)}</b> (${percent(percentOf(goals, insideAtStart + entered))}) reached the goal “${journey.goal.event}”${
          goalValue === 0 ? undefined : html`, worth ${count(Math.round(goalValue))} in all`
        }`;
  return html`<section aria-labelledby="j-${journey.id}"><h2 id="j-${journey.id}">${journey.name} <code>${journey.id}</code></h2>
<p>${insideAtStart === 0 ? undefined : html`<b>${count(insideAtStart)}</b> were inside; `}<b>${count(entered)}</b> entered${goal}; <b>${count(stillInside)}</b> were still inside at the end.</p>
${flowPicture(flow, `f-${journey.id}`, `How customers went through ${journey.name}`)}
<details><summary>The steps as a table</summary>${stepTable(flow)}</details>
${own.length === 0 ? undefined : html`<h3>Messages</h3>${messageTable(own)}`}
<div class="columns"><div><h3>How they left</h3>${bars(exits, exitWords, insideAtStart + entered, stillInside > 0 ? { 'still inside': stillInside } : {})}</div>
<div><h3>Who did not get in</h3>${
    Object.keys(notEntered).length === 0
      ? html`<p>Everybody who came to the door got in.</p>`
      : bars(notEntered, reasonWords)
  }</div></div></section>
`;
}

type Counts = Readonly<Record<string, number>>;

/** Counts as bars, the longest first. */
export function bars(counts: Counts, words: (code: string) => string, whole?: number, also: Counts = {}): Html {
  const rows = [...Object.entries(counts), ...Object.entries(also)].sort(([, a], [, b]) => b - a);
  const all = whole ?? rows.reduce((sum, [, many]) => sum + many, 0);
  const most = Math.max(1, ...rows.map(([, many]) => many));
  if (rows.length === 0) return html`<p>Nobody.</p>`;
  return html`<table class="bars"><tbody>${rows.map(
    ([code, many]) =>
      html`<tr><th scope="row">${words(code)}${words(code) === code ? undefined : html` <code>${code}</code>`}</th><td class="bar"><span style="width:${Math.max(1, (100 * many) / most).toFixed(1)}%"></span></td><td class="n">${count(many)}</td><td class="n">${percent(percentOf(many, all))}</td></tr>`,
  )}</tbody></table>`;
}

function messageTable(own: SimulationResult['messages']['byStep']): Html {
  const head = ['Sent', 'Delivered', 'Opened', 'Clicked', 'Bounced', 'Unsubscribed'];
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Messages by step"><table><thead><tr><th scope="col">Step</th><th scope="col">Template</th>${head.map((text) => html`<th scope="col" class="n">${text}</th>`)}<th scope="col">Went later</th><th scope="col">Was not sent</th></tr></thead><tbody>${own.map(
    (one) =>
      html`<tr><th scope="row">${one.step}</th><td>${one.template}</td><td class="n">${count(one.sent)}</td>${[
        one.delivered,
        one.opened,
        one.clicked,
        one.bounced,
        one.unsubscribed,
      ].map(
        (many) =>
          html`<td class="n">${count(many)}${many > 0 && many < one.sent ? html` <small>${percent(percentOf(many, one.sent))}</small>` : undefined}</td>`,
      )}<td>${listed(one.held)}</td><td>${listed(sumOf([one.skipped, one.failed]))}</td></tr>`,
  )}</tbody></table></div>`;
}

const listed = (counts: Counts): string =>
  Object.entries(counts)
    .map(([code, many]) => `${count(many)}: ${reasonWords(code)}`)
    .join('; ');

function stepTable({ nodes, edges }: Flow): Html {
  const titles = new Map(nodes.map(({ id, title }) => [id, title]));
  return html`<table><thead><tr><th scope="col">Step</th><th scope="col">What it does</th><th scope="col" class="n">Came here</th><th scope="col">Where they went</th></tr></thead><tbody>${nodes.map(
    ({ id, title, words, visits, left, stillInside }) => {
      const ways = edges
        .filter(({ from }) => from === id)
        .map(({ to, count: many, percent: share }) => `${titles.get(to) ?? to}: ${count(many)} (${percent(share)})`);
      const gone = Object.entries(left).map(([reason, many]) => `left, ${exitWords(reason)}: ${count(many)}`);
      const still = stillInside > 0 ? [`still here: ${count(stillInside)}`] : [];
      return html`<tr><th scope="row">${title}</th><td>${words}</td><td class="n">${count(visits)}</td><td>${[...ways, ...gone, ...still].join('; ')}</td></tr>`;
    },
  )}</tbody></table>`;
}
