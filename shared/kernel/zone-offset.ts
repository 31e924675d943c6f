import { Temporal } from 'temporal-polyfill';

interface Span {
  readonly from: number;
  readonly until: number;
  readonly offsetMs: number;
}

/** Some zones change twice a year, decisions look a year ahead and back: a handful of spans each. */
const MAX_SPANS = 32;
/** There are about 600; more names than that are spellings that a client plays with. */
const MAX_ZONES = 1_000;
const spansOf = new Map<string, readonly Span[]>();

/**
 * What the zone's clocks add to UTC at an instant. Between two changes of clocks it is constant, so the spans that
 * were met are remembered: Temporal's polyfill needs 60 µs for a day's arithmetic, this needs less than one.
 */
export function offsetAt(instantMs: number, zone: string): number {
  const known = spansOf.get(zone) ?? [];
  for (const span of known) if (span.from <= instantMs && instantMs < span.until) return span.offsetMs;
  const span = findSpan(Math.floor(instantMs), zone);
  if (spansOf.size >= MAX_ZONES) spansOf.clear();
  spansOf.set(zone, known.length >= MAX_SPANS ? [span] : [...known, span]);
  return span.offsetMs;
}

function findSpan(instantMs: number, zone: string): Span {
  const at = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  const here = at(instantMs);
  return {
    // The previous change before the next millisecond: one at this very instant counts.
    from: at(instantMs + 1).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    until: here.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: here.offsetNanoseconds / 1e6,
  };
}
