/** One axis of a plot: what is measured along it, in what unit, and how far it reaches. */
export interface Axis {
  readonly label: string;
  readonly unit?: string;
  readonly scale: 'linear' | 'log';
  /** Where the axis begins; what lies below is drawn on its edge. Left out: the least value. */
  readonly from?: number;
  /** Where it ends; what lies above is drawn on its edge. Left out: the greatest value. */
  readonly to?: number;
  /** Distance between the ticks of a linear axis, for units that do not count in tens (hours, minutes). */
  readonly step?: number;
  /** For units that do not count in tens at all: these and no others; give `from` and `to` as well. */
  readonly ticks?: readonly number[];
  /** What stands at a tick. Left out: `shortNumber`. */
  readonly format?: (value: number) => string;
}

/** An axis whose ends are known. */
export interface ScaledAxis {
  /** Where a value lies, from 0 to 1. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

const suffixes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;
const MOST_TICKS = 9;

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** 1500 → 1.5k. */
export function shortNumber(value: number): string {
  const [size, suffix] = suffixes.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${digits(value / size)}${suffix}`;
}

/** @throws when a value has no place on it: a mistake in a benchmark must not become a line that looks right. */
export function scaleAxis(axis: Axis, values: readonly number[]): ScaledAxis {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new Error(`axis «${axis.label}»: ${wrong} has no place on it`);
  if (values.length === 0) throw new Error(`axis «${axis.label}»: there is nothing to draw`);
  const from = axis.from ?? values.reduce((least, value) => Math.min(least, value));
  const to = axis.to ?? values.reduce((most, value) => Math.max(most, value));
  const scaled = axis.scale === 'linear' ? linear(axis, from, to) : from > 0 ? logarithmic(from, to) : undefined;
  if (scaled !== undefined) return { ...scaled, ...(axis.ticks && { ticks: axis.ticks }) };
  throw new Error(`axis «${axis.label}»: a logarithmic axis begins above 0, not at ${from}; give it a \`from\``);
}

const within = (share: number): number => Math.min(1, Math.max(0, share));

function linear({ step }: Axis, from: number, to: number): ScaledAxis {
  const distance = step ?? roundStep((to - from || 1) / 6);
  const [first, last] = [
    Math.floor(from / distance),
    Math.max(Math.ceil(to / distance), Math.floor(from / distance) + 1),
  ];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * distance).toPrecision(12)),
  );
  return { place: (value) => within((value - first * distance) / ((last - first) * distance)), ticks };
}

/** The least of 1, 2, 5, 10, 20 … that is no smaller. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
}

/** From one power of ten to another, with a tick at each or, where that would be too many, at every second, third … */
function logarithmic(from: number, to: number): ScaledAxis {
  const first = Math.floor(Math.log10(from) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(to) - 1e-9));
  const every = Math.ceil((last - first + 1) / MOST_TICKS);
  const ticks = Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) =>
    Number(`1e${first + index * every}`),
  );
  return { place: (value) => (value <= 0 ? 0 : within((Math.log10(value) - first) / (last - first))), ticks };
}
