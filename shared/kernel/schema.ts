import * as z from 'zod';
import { MAX_DURATION, readDuration } from './duration.ts';
import { parseCalendarDay, parseInstant } from './time.ts';
import { isZone } from './zone-name.ts';

/** Schemas of the small words that every document uses. A custom issue carries what problems.ts shows. */
export interface IssueParams {
  readonly code: string;
  readonly limit?: string | number;
  readonly actual?: string | number;
  readonly fix?: string;
}

export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a-z, 0-9 and hyphens, at most 64 characters')
  .meta({ id: 'Id', description: 'a-z, 0-9 and hyphens, at most 64 characters' });
export type Id = z.infer<typeof Id>;

const durationText = (signed: boolean) =>
  z.string().check((payload) => {
    const parts = readDuration(payload.value);
    const params: IssueParams | undefined =
      parts === 'too-long'
        ? { code: 'duration-too-long', limit: MAX_DURATION, actual: payload.value }
        : parts === 'syntax' || /^\+/.test(payload.value)
          ? { code: 'duration', limit: 'ISO 8601 in whole numbers', fix: 'write PT30M, PT24H, P1D, P2W, P3M or P1Y' }
          : parts.sign < 0 && !signed
            ? { code: 'duration', limit: 'PT0S or longer', actual: payload.value }
            : undefined;
    if (params !== undefined) {
      const message = params.code === 'duration-too-long' ? 'longer than a year' : 'not a duration';
      payload.issues.push({ code: 'custom', message, input: payload.value, params });
    }
  });

export const Duration = durationText(false).meta({ id: 'Duration', description: 'ISO 8601, at most P1Y' });
export type Duration = z.infer<typeof Duration>;
export const SignedDuration = durationText(true).meta({
  id: 'SignedDuration',
  description: 'ISO 8601, from -P1Y to P1Y',
});

export const Time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of 24 hours such as 09:00')
  .meta({ id: 'Time', description: '24 hours, "09:00"' });
export type Time = z.infer<typeof Time>;

export const CalendarDate = z.string().refine((text) => parseCalendarDay(text) !== undefined, {
  params: { code: 'date', limit: 'YYYY-MM-DD', fix: 'write 2026-10-30' } satisfies IssueParams,
});

export const Day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Day = z.infer<typeof Day>;

export const Days = z.array(Day).min(1).check(unique('days'));

export const Window = z.strictObject({ days: Days.exactOptional(), from: Time, to: Time }).meta({ id: 'Window' });
export type Window = z.infer<typeof Window>;
export const Windows = z.array(Window).min(1);

export const Zone = z
  .string()
  .refine(isZone, { params: { code: 'zone', limit: 'a zone of the IANA database', fix: 'write Europe/Berlin or UTC' } })
  .meta({ id: 'Zone', description: 'IANA time zone' });
export type Zone = z.infer<typeof Zone>;

export const Instant = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, {
    params: { code: 'instant', limit: 'RFC 3339 with offset', fix: 'write 2026-10-30T09:00:00+01:00' },
  })
  .meta({ id: 'Instant', description: 'RFC 3339 with offset' });
export type Instant = z.infer<typeof Instant>;

/** BCP 47, well-formed; which ones exist is not ours to say. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR');

export const Locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'a language tag such as de or zh-Hant-TW')
  .meta({ id: 'Locale' });

/** Refuses a list in which the same entry stands twice. */
export function unique<T>(what: string): z.core.CheckFn<T[]> {
  return (payload) => {
    const seen = new Set<T>();
    payload.value.forEach((entry, index) => {
      if (seen.has(entry)) {
        payload.issues.push({
          code: 'custom',
          message: `the same entry twice in ${what}`,
          input: entry,
          path: [index],
          params: { code: 'duplicate', fix: 'remove one of them' } satisfies IssueParams,
        });
      }
      seen.add(entry);
    });
  };
}
