import { DAY_MS } from './time.ts';
import { offsetAt } from './zone-offset.ts';

const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** What a clock on the wall shows: "Sat 2026-10-31 17:03". */
export function wallTime(instantMs: number, zone: string): string {
  const wall = instantMs + offsetAt(instantMs, zone);
  const text = new Date(wall).toISOString();
  return `${days[Math.floor(wall / DAY_MS) % 7]} ${text.slice(0, 10)} ${text.slice(11, 16)}`;
}
