const known = new Set<string>();

/**
 * Whether this runtime's copy of the IANA database knows the zone. Offsets (`+02:00`) are refused, because they
 * have no summer time. Apart from zone.ts, so that checking a name does not load the Temporal polyfill.
 */
export function isZone(name: string): boolean {
  if (known.has(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  // `europe/berlin` is accepted too, so there are endless spellings.
  if (known.size < 1_000) known.add(name);
  return true;
}
