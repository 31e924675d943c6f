/** Signs that mean one currency. `$`, `¥` and `kr` mean several, and say nothing against the one that is meant. */
const signs: { readonly [sign: string]: string } = {
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  '₽': 'RUB',
  '₴': 'UAH',
  zł: 'PLN',
  '₪': 'ILS',
  '₫': 'VND',
};
const shared = ['$', '¥', 'kr'];
const MAX_TEXT = 60;

export type Amount = { readonly amount: number; readonly currency?: string } | undefined;

/**
 * "135.20 EUR", "€ 1.234,50", "1'234.50": an amount and what it says of its currency. Undefined for what is none, and for
 * what is two: "1.234" is a thousand to one and little more than one to another.
 */
export function readMoney(text: string): Amount {
  if (text.length > MAX_TEXT) return undefined;
  const [, before, sign, digits, after] =
    /^([^\d+-]*)([+-]?)([\d.,' \u00A0\u202F]*\d)([^\d]*)$/u.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const words = [before!, after!].map((word) => word.trim()).filter((word) => word !== '');
  if (words.length > 1) return undefined;
  const amount = readDecimal(digits);
  const currency = words.length === 0 || shared.includes(words[0]!.toLowerCase()) ? undefined : currencyOf(words[0]!);
  if (amount === undefined || currency === null) return undefined;
  return { amount: sign === '-' ? -amount : amount, ...(currency !== undefined && { currency }) };
}

/** Null for what is none. */
function currencyOf(word: string): string | null {
  const sign = word.toLowerCase();
  if (Object.hasOwn(signs, sign)) return signs[sign]!;
  return readCurrency(word) ?? null;
}

let known: ReadonlySet<string> | undefined;

/** ISO 4217, in any case. What was a currency once stays in the list of the runtime, so that replays read it too. */
export function readCurrency(text: string): string | undefined {
  known ??= new Set(Intl.supportedValuesOf('currency'));
  const code = text.trim().toUpperCase();
  return known.has(code) ? code : undefined;
}

/** Of two kinds of separators the last one is the decimal one; of one that comes once, what three digits follow is unclear. */
function readDecimal(text: string): number | undefined {
  const digits = text.replace(/[' \u00A0\u202F]/g, '');
  const [points, commas] = ['.', ','].map((one) => digits.split(one).length - 1) as [number, number];
  const last = digits.lastIndexOf('.') > digits.lastIndexOf(',') ? '.' : ',';
  const isGrouped = points + commas > 1 && (points === 0 || commas === 0);
  if (isGrouped) return isGroups(digits, last) ? plain(digits.replaceAll(last, '')) : undefined;
  const [whole, fraction, ...more] = digits.split(last);
  if (fraction === undefined) return plain(digits);
  const other = last === '.' ? ',' : '.';
  if (more.length > 0 || (whole!.includes(other) && !isGroups(whole!, other))) return undefined;
  if (!whole!.includes(other) && fraction.length === 3 && whole !== '0') return undefined;
  return plain(`${whole!.replaceAll(other, '')}.${fraction}`);
}

const isGroups = (text: string, separator: string): boolean => {
  const [first, ...rest] = text.split(separator);
  return /^\d{1,3}$/.test(first!) && rest.every((group) => /^\d{3}$/.test(group));
};

/** A double holds every decimal of 15 digits. */
const plain = (text: string): number | undefined =>
  /^\d+(\.\d+)?$/.test(text) && text.replace('.', '').replace(/^0+/, '').length <= 15 ? Number(text) : undefined;
