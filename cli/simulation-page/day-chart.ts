import { DAY_MS, formatInstant } from '../../shared/kernel/time.ts';
import type { SimulationResult } from '../../shared/simulation/index.ts';
import { count, dayWords } from './figures.ts';
import { type Html, html } from './html.ts';

const SIZE = { width: 960, height: 260, left: 52, right: 8, top: 22, bottom: 40 } as const;

interface Day {
  readonly day: string;
  readonly total: number;
  readonly byChannel: ReadonlyMap<string, number>;
}

/** One bar a day, a colour a channel, and the same figures as a table. */
export function dayChart({ messages }: SimulationResult): Html {
  const days = daysOf(messages.byDayChannelStep);
  if (days.length === 0) return html`<p>No message was sent.</p>`;
  const channels = Object.keys(messages.byChannel);
  const top = niceTop(Math.max(...days.map(({ total }) => total)));
  const room = (SIZE.width - SIZE.left - SIZE.right) / days.length;
  const scale = (SIZE.height - SIZE.top - SIZE.bottom) / top;
  const floor = SIZE.height - SIZE.bottom;
  const every = Math.ceil(days.length / 15);
  const width = Math.min(44, room * 0.76);
  const numbers = room >= 30;
  return html`<ul class="legend">${channels.map((channel) => html`<li><span class="key ${channel}"></span>${channel}: ${count(messages.byChannel[channel]!)}</li>`)}</ul>
<div class="scroll" tabindex="0" role="group" aria-label="Messages per day"><svg class="days" role="img" aria-labelledby="days-t days-d" viewBox="0 0 ${SIZE.width} ${SIZE.height}" xmlns="http://www.w3.org/2000/svg">
<title id="days-t">Messages per day</title><desc id="days-d">${days.map(({ day, total }) => `${dayWords(day)}: ${total}`).join('; ')}.</desc>
${[0, 0.5, 1].map((part) => {
  const y = (floor - part * top * scale).toFixed(1);
  return html`<line class="grid" x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y}" y2="${y}"/><text class="axis end" x="${SIZE.left - 8}" y="${(Number(y) + 4).toFixed(1)}">${count(part * top)}</text>`;
})}
${days.map(({ day, total, byChannel }, index) => {
  const middle = SIZE.left + (index + 0.5) * room;
  let y = floor;
  const bars = channels.flatMap((channel) => {
    const many = byChannel.get(channel) ?? 0;
    if (many === 0) return [];
    y -= many * scale;
    return [
      html`<rect class="${channel}" x="${(middle - width / 2).toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${(many * scale).toFixed(1)}"><title>${dayWords(day)}: ${count(many)} by ${channel}</title></rect>`,
    ];
  });
  const [weekday, ...date] = dayWords(day).split(' ');
  return html`${bars}${numbers && total > 0 ? html`<text class="axis number" x="${middle.toFixed(1)}" y="${(y - 5).toFixed(1)}">${count(total)}</text>` : undefined}${
    index % every === 0
      ? html`<text class="axis" x="${middle.toFixed(1)}" y="${floor + 16}">${weekday}</text><text class="axis" x="${middle.toFixed(1)}" y="${floor + 31}">${date.join(' ')}</text>`
      : undefined
  }
`;
})}
</svg></div>
<details><summary>The same as a table</summary><table><thead><tr><th scope="col">Day</th>${channels.map((channel) => html`<th scope="col" class="n">${channel}</th>`)}<th scope="col" class="n">All</th></tr></thead><tbody>${days.map(
    ({ day, total, byChannel }) =>
      html`<tr><th scope="row">${dayWords(day)}</th>${channels.map((channel) => html`<td class="n">${count(byChannel.get(channel) ?? 0)}</td>`)}<td class="n">${count(total)}</td></tr>`,
  )}</tbody></table></details>`;
}

/** From the first day with a message to the last, those without one too. */
export function daysOf(rows: SimulationResult['messages']['byDayChannelStep']): Day[] {
  const first = rows[0]?.day;
  if (first === undefined) return [];
  const byDay = Map.groupBy(rows, ({ day }) => day);
  const days: Day[] = [];
  for (let day = first; day <= rows.at(-1)!.day; day = formatInstant(Date.parse(day) + DAY_MS).slice(0, 10)) {
    const byChannel = new Map<string, number>();
    let total = 0;
    for (const { channel, count: many } of byDay.get(day) ?? []) {
      byChannel.set(channel, (byChannel.get(channel) ?? 0) + many);
      total += many;
    }
    days.push({ day, total, byChannel });
  }
  return days;
}

/** The next 2, 4, 6, 10, 20 …: half of it is a whole number too. */
function niceTop(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return Math.max(2, [1, 2, 4, 6, 8, 10].map((factor) => factor * unit).find((top) => top >= most)!);
}
