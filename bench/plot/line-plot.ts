// A line plot as the text of an SVG: no browser, no fonts to measure, the same bytes for the same figures.
import { type Axis, type ScaledAxis, scaleAxis, shortNumber } from './axis.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly title: string;
  /** Names the command that writes the plot, and what it shows. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Okabe and Ito's colours, which people with any colour vision tell apart; lighter or darker where the ground asks for it. */
const colours = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#d55e00', dark: '#ff8c42' },
  { light: '#009e73', dark: '#2fd6a5' },
  { light: '#a3527f', dark: '#e59ac7' },
  { light: '#8a6d00', dark: '#f0e442' },
  { light: '#555555', dark: '#bbbbbb' },
] as const;
/** A second sign beside the colour, for print and for those who see none. */
const dashes = ['', '8 4', '2 3', '10 3 2 3', '5 2', '1 2'] as const;

const WIDTH = 860;
const LEFT = 84;
const RIGHT = 24;
const PLOT_HEIGHT = 320;
const LINE = 18;
/** Text cannot be measured here; a letter of 13 pixels in a sans-serif is seldom wider. */
const LETTER = 7;

const style = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:13px;fill:#222}',
  '.title{font-size:16px;font-weight:600}.caption{font-size:12px;fill:#555}',
  '.ground{fill:#fff;stroke:#ddd}.grid{stroke:#e4e4e4}.axis{stroke:#888}',
  '.line{fill:none;stroke-width:2;stroke-linejoin:round}',
  ...colours.map(({ light }, index) => `.s${index}{stroke:${light}}`),
  '@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.caption{fill:#aaa}',
  '.ground{fill:#15181d;stroke:#333}.grid{stroke:#2b3038}.axis{stroke:#777}',
  ...colours.map(({ dark }, index) => `.s${index}{stroke:${dark}}`),
  '}',
].join('');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const pixel = (value: number): string => String(Number(value.toFixed(1)));
const named = ({ label, unit }: Axis): string => (unit === undefined ? label : `${label} (${unit})`);

export function linePlot(plot: LinePlot): string {
  if (plot.series.length > colours.length)
    throw new Error(
      `«${plot.title}»: ${plot.series.length} lines, of at most ${colours.length} that can be told apart`,
    );
  const points = plot.series.flatMap((series) => series.points);
  const x = scaleAxis(
    plot.x,
    points.map((point) => point[0]),
  );
  const y = scaleAxis(
    plot.y,
    points.map((point) => point[1]),
  );
  const legend = legendOf(plot.series);
  const top = 44 + legend.lines * LINE + 16;
  const caption = wrapped(plot.caption, (WIDTH - 2 * RIGHT) / 6.4);
  const height = top + PLOT_HEIGHT + 62 + caption.length * LINE;
  const across = (value: number) => LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
  const up = (value: number) => top + (1 - y.place(value)) * PLOT_HEIGHT;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(plot.title)}</title>`,
    `<desc>${escaped(plot.caption)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    text(RIGHT, 28, plot.title, 'start', 'title'),
    ...legend.marks,
    ...gridOf(plot, { x, y }, { across, up, top }),
    ...plot.series.map((series, index) => lineOf(series, index, across, up)),
    ...caption.map((line, index) => text(RIGHT, top + PLOT_HEIGHT + 66 + index * LINE, line, 'start', 'caption')),
    '</svg>',
  ].join('\n')}\n`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', kind?: string): string {
  const type = kind === undefined ? '' : ` class="${kind}"`;
  return `<text x="${pixel(x)}" y="${pixel(y)}" text-anchor="${anchor}"${type}>${escaped(words)}</text>`;
}

const stroke = (index: number): string => {
  const dash = dashes[index] ?? '';
  return `class="line s${index}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
};

/** Names of the lines under the title, as many in a row as fit. */
function legendOf(series: readonly Series[]): { readonly marks: string[]; readonly lines: number } {
  let [x, line] = [RIGHT, 1];
  const marks: string[] = [];
  series.forEach(({ name }, index) => {
    const width = 44 + name.length * LETTER;
    if (x > RIGHT && x + width > WIDTH - RIGHT) [x, line] = [RIGHT, line + 1];
    const y = 34 + line * LINE;
    marks.push(`<path ${stroke(index)} d="M${x} ${y - 4}h26"/>`, text(x + 32, y, name, 'start'));
    x += width + 12;
  });
  return { marks, lines: line };
}

interface Places {
  readonly across: (value: number) => number;
  readonly up: (value: number) => number;
  readonly top: number;
}

function gridOf(plot: LinePlot, axes: { x: ScaledAxis; y: ScaledAxis }, { across, up, top }: Places): string[] {
  const bottom = top + PLOT_HEIGHT;
  const middle = top + PLOT_HEIGHT / 2;
  return [
    ...axes.y.ticks.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${pixel(up(tick))}H${WIDTH - RIGHT}"/>`,
      text(LEFT - 8, up(tick) + 4, (plot.y.format ?? shortNumber)(tick), 'end'),
    ]),
    ...axes.x.ticks.flatMap((tick) => [
      `<path class="grid" d="M${pixel(across(tick))} ${top}V${bottom}"/>`,
      text(across(tick), bottom + 18, (plot.x.format ?? shortNumber)(tick), 'middle'),
    ]),
    `<path class="axis" fill="none" d="M${LEFT} ${top}V${bottom}H${WIDTH - RIGHT}"/>`,
    text(LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 40, named(plot.x), 'middle'),
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${escaped(named(plot.y))}</text>`,
  ];
}

function lineOf({ name, points }: Series, index: number, across: Places['across'], up: Places['up']): string {
  const path = points.map(([x, y]) => `${pixel(across(x))} ${pixel(up(y))}`).join('L');
  return `<path ${stroke(index)} d="M${path}"><title>${escaped(name)}</title></path>`;
}

/** In lines of at most so many letters, broken between words. */
function wrapped(words: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > most) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
