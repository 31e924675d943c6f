import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };
import de from 'i18n-iso-countries/langs/de.json' with { type: 'json' };
import en from 'i18n-iso-countries/langs/en.json' with { type: 'json' };
import es from 'i18n-iso-countries/langs/es.json' with { type: 'json' };
import fr from 'i18n-iso-countries/langs/fr.json' with { type: 'json' };
import it from 'i18n-iso-countries/langs/it.json' with { type: 'json' };
import nl from 'i18n-iso-countries/langs/nl.json' with { type: 'json' };
import pl from 'i18n-iso-countries/langs/pl.json' with { type: 'json' };
import pt from 'i18n-iso-countries/langs/pt.json' with { type: 'json' };
import regions from './regions.json' with { type: 'json' };

/**
 * Countries (ISO 3166-1) and their regions (ISO 3166-2, as of the package iso-3166 4.4.0) by code and by name.
 * Names of countries in eight languages; of regions as ISO writes them. What means two countries ("Congo") means none.
 */
const languages: readonly { readonly countries: { readonly [code: string]: string | readonly string[] } }[] = [
  ...[en, de, fr, es, it, nl, pt, pl],
];

let countriesByName: ReadonlyMap<string, string | undefined> | undefined;
const regionsByName = new Map<string, ReadonlyMap<string, string>>();

/** Alpha-2, from alpha-2, alpha-3, number or name, in any case and with or without accents. */
export function readCountry(text: string): string | undefined {
  countriesByName ??= indexCountries();
  return countriesByName.get(folded(text));
}

/** `US-CA`, from that, from `CA` or `California`; for the last two the country has to be known. */
export function readRegion(text: string, country: string | undefined): string | undefined {
  const [, first, rest] = /^([A-Za-z]{2})-([A-Za-z0-9]{1,3})$/.exec(text.trim()) ?? [];
  const whole = first === undefined ? undefined : regionIn(first.toUpperCase(), rest!);
  return whole ?? (country === undefined ? undefined : regionIn(country, text));
}

function regionIn(country: string, text: string): string | undefined {
  if (!Object.hasOwn(regions, country)) return undefined;
  let names = regionsByName.get(country);
  if (names === undefined) {
    names = indexRegions(country);
    regionsByName.set(country, names);
  }
  const code = names.get(folded(text));
  return code === undefined ? undefined : `${country}-${code}`;
}

function indexCountries(): ReadonlyMap<string, string | undefined> {
  const index = new Map<string, string | undefined>();
  const add = (name: string, code: string) => {
    const key = folded(name);
    index.set(key, index.has(key) && index.get(key) !== code ? undefined : code);
  };
  for (const { countries } of languages) {
    for (const [code, names] of Object.entries(countries)) for (const name of [names].flat()) add(name, code);
  }
  // Last, and instead of what a name may say: a code is never meant otherwise.
  for (const [alpha2, alpha3, number] of codes as [string, string, string][]) {
    for (const code of [alpha2, alpha3, number]) index.set(folded(code), alpha2);
  }
  return index;
}

function indexRegions(country: string): ReadonlyMap<string, string> {
  const pairs = (regions as { readonly [country: string]: string })
    [country]!.split('|')
    .map((pair): [string, string] => {
      const at = pair.indexOf(':');
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
  // A code wins over a name.
  return new Map([
    ...pairs.map(([code, name]): [string, string] => [folded(name), code]),
    ...pairs.map(([code]): [string, string] => [folded(code), code]),
  ]);
}

/** The comparison does not see case, accents, dots and runs of space. */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\p{M}.]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
