import { localeParents, normaliseLocale } from '../../domain/messaging/render/variant.ts';

/** What the public pages speak. */
export const pageLocales = ['en', 'de', 'fr', 'es', 'ar', 'zh'] as const;
export type PageLocale = (typeof pageLocales)[number];

export const directionOf = (locale: PageLocale): 'ltr' | 'rtl' => (locale === 'ar' ? 'rtl' : 'ltr');

/**
 * The customer's own language; else the one of ours that the browser likes best (RFC 9110 12.5.4); English when there is
 * none.
 */
export function pageLocale(acceptLanguage: string | undefined, ofCustomer?: unknown): PageLocale {
  const own = languageOf(ofCustomer);
  if (own !== undefined) return own;
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const q = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { language: languageOf(tag), quality: q === undefined ? 1 : Number(q) };
    })
    .filter(({ language, quality }) => quality > 0 && language !== undefined)
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.language ?? 'en';
}

function languageOf(locale: unknown): PageLocale | undefined {
  const language = normaliseLocale(locale)?.split('-')[0];
  return pageLocales.find((one) => one === language);
}

/** `fr-CA` → what is written for fr-CA, else for fr; undefined when there is neither. */
export function wordsFor<T>(written: Readonly<Record<string, T>> | undefined, locale: string): T | undefined {
  if (written === undefined) return undefined;
  const found = localeParents(normaliseLocale(locale) ?? 'und').find((one) => Object.hasOwn(written, one));
  return found === undefined ? undefined : written[found];
}
