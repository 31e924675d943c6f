import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LinePlot, linePlot } from './line-plot.ts';

/** Plots lie where the documents show them from. */
const images = join(import.meta.dirname, '../../docs/images');

/** Writes `docs/images/NAME.svg`. */
export function writePlot(name: string, plot: LinePlot, folder = images): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.svg`), linePlot(plot));
}
