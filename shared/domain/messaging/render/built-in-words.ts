import { directionOf } from './variant.ts';

/** Words beside the refs and `vars.*` that every part of a template may use. */
export const builtInWords = [
  'unsubscribe_url',
  'preferences_url',
  'confirm_url',
  'postal_address',
  'preheader',
  'lang',
  'dir',
  'align_start',
  'align_end',
] as const;

/** How the text is read: for `<html lang dir>`, and for `align`, which has no word of its own for where a line begins. */
export function wordsOfLocale(locale: string) {
  const dir = directionOf(locale);
  return { lang: locale, dir, ...(dir === 'rtl' ? rtl : ltr) };
}

const ltr = { align_start: 'left', align_end: 'right' } as const;
const rtl = { align_start: 'right', align_end: 'left' } as const;
