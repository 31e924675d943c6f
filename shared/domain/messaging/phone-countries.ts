import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * The countries that a number in E.164 form may belong to, the likeliest first: some share a calling code, and of a number
 * that is given out to nobody the code is all there is to tell by. ISO 3166-1 alpha-2.
 */
export function countriesOfPhone(number: string): readonly string[] {
  const parsed = parsePhoneNumberFromString(number);
  if (parsed === undefined) return [];
  return parsed.country === undefined ? parsed.getPossibleCountries() : [parsed.country];
}
