import { describe, expect, it } from 'vitest';
import { checkLog } from './checker/check-log.ts';
import type { Line, Settings } from './checker/log.ts';

const settings = {
  policy: { caps: [], quietHours: [] },
  topics: [{ id: 'news', kind: 'marketing', consent: { email: 'opt-in' } }],
  journeys: [],
} as unknown as Settings;
const about = { customer: 'ann', zone: 'Europe/Berlin', channel: 'email', topic: 'news' };
const said = (at: string, state: string): Line => ({
  ...about,
  ...{ line: 'note', at, code: 'consent.recorded', saw: { state } },
});
const sent = (handed: string) =>
  ({ ...about, line: 'sent', decided: handed, handed }) as Extract<Line, { line: 'sent' }>;
const NINE = '2026-11-23T09:00:00.000Z';
const TEN = '2026-11-23T10:00:00.000Z';

describe('the checker of the policy, of a consent and a message', () => {
  it.each([
    ['granted before', [said(NINE, 'granted'), sent(TEN)], []],
    ['withdrawn before', [said(NINE, 'withdrawn'), sent(TEN)], ['consent']],
    ['pending before, granted in the same instant', [said(NINE, 'pending'), said(TEN, 'granted'), sent(TEN)], []],
    ['granted before, withdrawn in the same instant', [said(NINE, 'granted'), said(TEN, 'withdrawn'), sent(TEN)], []],
    ['granted afterwards', [said(TEN, 'granted'), sent(NINE)], ['consent']],
  ])('%s', (_, lines, rules) => {
    expect(checkLog(lines, settings).map(({ rule }) => rule)).toEqual(rules);
  });
});
