import { wallTime } from '../../shared/kernel/wall-time.ts';
import type { SimulationResult, Trace } from '../../shared/simulation/index.ts';
import { count } from './figures.ts';
import { type Html, html } from './html.ts';
import { exitWords, reasonWords } from './reason-words.ts';

const MAX_SHOWN = 50;
type Reason = Trace['entries'][number]['reasons'][number];

/** Some lives in full: when, what happened, and what was decided of it. */
export function traceList({ traces, customers }: SimulationResult): Html {
  if (traces.length === 0)
    return html`<p>None was asked for: say how many with <code>traces</code> in the scenario.</p>`;
  const shown = traces.slice(0, MAX_SHOWN);
  return html`<p>${count(shown.length)} of ${count(customers)} customers, with everything that was decided of them and why. Times are the customer's own.</p>
${shown.map(
  (trace) => html`<details class="trace"><summary><b>${trace.customer}</b> ${summaryOf(trace)}</summary>
<ol>${trace.entries.map((entry) => entryOf(entry, trace))}</ol></details>
`,
)}`;
}

function summaryOf({ messages, runs, zone }: Trace): string {
  const sent = messages.filter(({ outcome, channel }) => outcome === 'sent' && channel !== 'webhook').length;
  const ways = runs.map(
    ({ journey, ended, reason }) => `${journey}: ${ended === undefined ? 'still inside' : exitWords(reason ?? '')}`,
  );
  return [`${sent} ${sent === 1 ? 'message' : 'messages'}`, ...ways, zone].join(' · ');
}

function entryOf({ at, what, reasons }: Trace['entries'][number], trace: Trace): Html {
  // That a receipt came is what happened, not what was decided of it.
  const decided = reasons.filter(({ code }) => !code.startsWith('receipt.'));
  const told = decided.map((reason) => html`<li>${reasonOf(reason, trace)} <code>${reason.code}</code></li>`);
  return html`<li><time datetime="${at}">${wallTime(Date.parse(at), trace.zone)}</time> ${what}${
    told.length === 0 ? undefined : html`<ul>${told}</ul>`
  }</li>
`;
}

function reasonOf({ code, journey, step, message, channel, saw, fix }: Reason, trace: Trace): string {
  const place = step === undefined ? (journey ?? '') : `${journey} / ${step}`;
  const due = typeof saw === 'object' && saw !== null && 'due' in saw ? saw.due : undefined;
  if (code === 'entry.entered') return `enters ${place}`;
  if (code === 'message.decided') {
    const { template } = trace.messages.find(({ id }) => id === message) ?? {};
    return `gets ${template ?? 'a call'} by ${channel} (${place})`;
  }
  if (code.startsWith('exit.')) return `leaves ${place}: ${exitWords(code.slice('exit.'.length))}`;
  if (code.startsWith('step.') && typeof due === 'number') {
    return `${code === 'step.held' ? 'is held' : 'waits'} at ${place} until ${wallTime(due, trace.zone)}`;
  }
  const words = reasonWords(code);
  const more = [seenWords(saw), fix ?? ''].filter((text) => text !== '').join('; ');
  return [words === code ? '' : words, place === '' ? '' : `(${place})`, more].filter((text) => text !== '').join(' ');
}

/** What was looked at: conditions with their values, else as it is. */
function seenWords(saw: Reason['saw']): string {
  if (saw === undefined) return '';
  const because = typeof saw === 'object' && saw !== null && 'because' in saw ? saw.because : saw;
  const parts = Array.isArray(because) ? because.flat(2) : [];
  if (parts.length === 0 || !parts.every(isPart)) return JSON.stringify(saw);
  return parts
    .map(
      ({ part, value, saw: seen }) => `${part}: ${value ? 'yes' : 'no'}${seen === undefined ? '' : `, it was ${seen}`}`,
    )
    .join('; ');
}

interface Part {
  readonly part: string;
  readonly value: boolean;
  readonly saw?: string;
}
const isPart = (one: unknown): one is Part =>
  typeof one === 'object' && one !== null && 'part' in one && 'value' in one;
