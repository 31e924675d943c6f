// Makes shared/domain/profiles/regions.json from the package iso-3166, which is 234 KB and 15 ms of every cold start as
// it is: per country one text, "AL:Alabama|AK:Alaska", read when somebody asks for that country.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { iso31662 } from 'iso-3166';

export function regionTexts(): Record<string, string> {
  const byCountry = new Map<string, string[]>();
  for (const { code, name } of iso31662) {
    const country = code.slice(0, 2);
    byCountry.set(country, [...(byCountry.get(country) ?? []), `${code.slice(3)}:${name.replace(/[|:]/g, ' ')}`]);
  }
  return Object.fromEntries([...byCountry].map(([country, regions]) => [country, regions.join('|')]));
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'shared', 'domain', 'profiles', 'regions.json');
  writeFileSync(file, `${JSON.stringify(regionTexts(), null, 2)}\n`);
}
