import type { Predicate } from '../../audiences/predicate.ts';
import type { Channel } from '../channel.ts';
import type { Template, TemplateVariant } from '../template.ts';

/** BCP 47 as Intl takes it (`zh_TW` becomes `zh-TW`); undefined for what is none. */
export function normaliseLocale(locale: unknown): string | undefined {
  if (typeof locale !== 'string') return undefined;
  try {
    return Intl.getCanonicalLocales(locale.trim().replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

/** zh-Hant-TW → zh-Hant → zh. */
export function localeParents(locale: string): string[] {
  const parts = locale.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/**
 * The language that a text is read in: the variant's, or the environment's where it has none, with the customer's own
 * region and customs where they speak that language. A German date in an English text would be nobody's.
 */
export function localeOfText(variant: string | undefined, customer: string | undefined, environment: string): string {
  const text = normaliseLocale(variant) ?? normaliseLocale(environment) ?? 'en';
  const [language] = text.split('-');
  const isNearer = customer?.startsWith(`${variant === undefined ? language : text}-`);
  return isNearer ? customer! : text;
}

/** Which way its script runs (Unicode CLDR, by Intl.Locale). */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  // ECMA-402's Intl Locale Info; TypeScript's es2024 does not know it yet.
  const { direction } = (new Intl.Locale(locale) as unknown as { getTextInfo(): { direction?: string } }).getTextInfo();
  return direction === 'rtl' ? 'rtl' : 'ltr';
}

interface Locales {
  readonly customer?: string | undefined;
  readonly environment: string;
}

/**
 * The variant for this customer: the nearest locale first, then the variant without a locale, then the environment's
 * locale. Within one locale, the first whose `if` holds, before those without `if`.
 */
export function chooseVariant(
  template: Template,
  channel: Channel,
  locales: Locales,
  holds: (predicate: Predicate) => boolean,
): TemplateVariant | undefined {
  const ofChannel = template.variants.filter((variant) => variant.channel === channel);
  const isForAll = ofChannel.every(({ locale }) => locale === undefined);
  for (const wanted of isForAll ? [undefined] : nearestFirst(locales)) {
    const candidates = ofChannel.filter((variant) => sameLocale(variant.locale, wanted));
    const found =
      candidates.find((variant) => variant.if !== undefined && holds(variant.if)) ??
      candidates.find((variant) => variant.if === undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nearestFirst({ customer, environment }: Locales): readonly (string | undefined)[] {
  const environments = localeParents(environment);
  return [...(customer === undefined ? environments : localeParents(customer)), undefined, ...environments];
}

function sameLocale(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}
