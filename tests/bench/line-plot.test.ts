import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { shortNumber } from '../../bench/plot/axis.ts';
import { type LinePlot, linePlot } from '../../bench/plot/line-plot.ts';
import { writePlot } from '../../bench/plot/write-plot.ts';

const plot: LinePlot = {
  title: 'Age of the mailbox & <what> follows',
  caption: 'Written by `npm run bench:scale`: "queue age" over a day, as simulated; not measured on AWS.',
  x: { label: 'time of day', unit: 'h', scale: 'linear', from: 0, to: 24, step: 6 },
  y: { label: 'age', unit: 's', scale: 'log', from: 0.1 },
  series: [
    {
      name: 'default quotas',
      points: [
        [0, 0],
        [12, 1000],
        [24, 10],
      ],
    },
    {
      name: 'raised quotas',
      points: [
        [0, 1],
        [24, 1],
      ],
    },
  ],
};
/** jsdom reads XML strictly: what is not well-formed is thrown. */
const read = (svg: string) => new JSDOM(svg, { contentType: 'image/svg+xml' }).window.document;
const lines = (svg: string) =>
  [...read(svg).querySelectorAll('path.line')].flatMap((path) => {
    const [, drawn] = /^M([^h]+)$/.exec(path.getAttribute('d') ?? '') ?? [];
    return drawn === undefined ? [] : [drawn.split('L').map((pair) => pair.split(' ').map(Number))];
  });
const textsOf = (svg: string) => [...read(svg).querySelectorAll('text')].map((text) => text.textContent);
const with_ = (change: Partial<LinePlot>) => linePlot({ ...plot, ...change });
const points = (...ys: number[]) => [{ name: 'one', points: ys.map((y, x) => [x, y] as const) }];

describe('a line plot', () => {
  it('is well-formed XML, and the reader would say so if it were not', () => {
    expect(read(linePlot(plot)).querySelector('svg > title')?.textContent).toBe(plot.title);
    expect(() => read(linePlot(plot).replace('</style>', ''))).toThrow();
  });

  it('says what is shown: title, lines, axes with units, the ticks, the caption', () => {
    const texts = textsOf(linePlot(plot));
    expect(texts).toEqual(
      expect.arrayContaining([plot.title, 'default quotas', 'raised quotas', 'time of day (h)', 'age (s)']),
    );
    expect(texts).toEqual(expect.arrayContaining(['0', '6', '12', '18', '24', '0.1', '1', '10', '100', '1k']));
    expect(texts.join(' ')).toContain(plot.caption);
  });

  it('is the same text each time', () => {
    expect(linePlot(plot)).toBe(linePlot(structuredClone(plot)));
  });

  it('is written where it is asked for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plot-'));
    try {
      writePlot('age', plot, folder);
      expect(readFileSync(join(folder, 'age.svg'), 'utf8')).toBe(linePlot(plot));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is read on a light and on a dark ground: it brings its own, in both', () => {
    const svg = linePlot(plot);
    expect(read(svg).querySelector('rect.ground')).not.toBeNull();
    expect(svg).toMatch(/\.ground\{fill:#fff.*@media\(prefers-color-scheme:dark\)\{.*\.ground\{fill:#15181d/);
  });
});

describe('where a line lies', () => {
  it('a linear axis keeps distances, a logarithmic one ratios', () => {
    const heights = (scale: 'linear' | 'log') =>
      lines(with_({ y: { label: 'y', scale, from: 1, to: 100 }, series: points(1, 10, 100) }))[0]!.map((at) => at[1]!);
    const [low, middle, high] = heights('log');
    expect(low! - middle!).toBeCloseTo(middle! - high!, 5);
    const [, tenth] = heights('linear');
    expect((heights('linear')[0]! - tenth!) / (heights('linear')[0]! - heights('linear')[2]!)).toBeLessThan(0.2);
  });

  it('what is below or above the axis lies on its edge', () => {
    const y = { label: 'y', scale: 'log', from: 1, to: 100 } as const;
    const [drawn] = lines(with_({ y, series: points(0, 1, 100, 5000) }));
    expect(drawn![0]![1]).toBe(drawn![1]![1]);
    expect(drawn![2]![1]).toBe(drawn![3]![1]);
  });

  it('ticks stand where they are asked for', () => {
    const format = (value: number) => `${value / 60} min`;
    const y = { label: 'y', scale: 'log', from: 60, to: 600, ticks: [60, 600], format } as const;
    const texts = textsOf(with_({ y, series: points(60, 600) }));
    expect(texts.filter((text) => text.endsWith(' min'))).toEqual(['1 min', '10 min']);
  });

  it('a line without change is drawn all the same', () => {
    const [drawn] = lines(with_({ y: { label: 'y', scale: 'linear' }, series: points(7, 7) }));
    expect(drawn!.flat().every(Number.isFinite)).toBe(true);
  });
});

describe('is refused', () => {
  const y = { label: 'age', scale: 'log' } as const;
  it.each([
    ['0 on a logarithmic axis', { y, series: points(0, 1) }, 'axis «age»: a logarithmic axis begins above 0, not at 0'],
    ['a value that is no number', { series: points(1, Number.NaN) }, 'axis «age»: NaN has no place'],
    ['nothing at all', { series: [] }, 'there is nothing to draw'],
    ['more lines than can be told apart', { series: Array(7).fill(points(1)[0]) }, '7 lines, of at most 6'],
  ])('%s', (_, change, message) => {
    expect(() => with_(change as Partial<LinePlot>)).toThrow(message);
  });
});

it.each([
  [0, '0'],
  [0.25, '0.25'],
  [1500, '1.5k'],
  [120_000, '120k'],
  [1e9, '1G'],
])('the short form of %s is %s', (value, short) => {
  expect(shortNumber(value)).toBe(short);
});
