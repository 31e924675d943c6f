/** Numbers as this page writes them, the same on every machine. */

export const count = (number: number): string => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** A part that is there is never 0 %, and one that is not whole never 100 %. */
export function percent(share: number): string {
  if (share === 0 || share === 100) return `${share} %`;
  if (share < 0.5) return '< 1 %';
  return `${Math.min(99, Math.round(share))} %`;
}

export function dollars(amount: number): string {
  const [whole = '0', cents] = amount.toFixed(2).split('.');
  return amount > 0 && amount < 0.01 ? 'under $0.01' : `$${count(Number(whole))}.${cents}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `2026-11-23` as "Mon 23 Nov". */
export function dayWords(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return `${weekdays[date.getUTCDay()]} ${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
}

export const dateWords = (instant: string): string =>
  `${dayWords(instant.slice(0, 10)).slice(4)} ${instant.slice(0, 4)}`;

type Counts = Readonly<Record<string, number>>;

export function sumOf(all: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [what, many] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + many;
  }
  return sums;
}
