import { expect, it } from 'vitest';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { formatInstant, HOUR_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import type { Settings } from '../policy/checker/log.ts';
import { checkPolicy } from './checker/check-policy.ts';
import type { Noted } from './checker/replay.ts';

const FROM = Date.parse('2026-11-02T12:00:00Z');
const settings = {
  policy: { caps: [{ id: 'one-a-day', max: 1, per: 'P1D' }], quietHours: [] },
  topics: [{ id: 'news', kind: 'marketing', consent: { email: 'opt-in' } }],
  journeys: [],
} as unknown as Settings;
const about = { channel: 'email', topic: 'news' };

const note = (at: number, reason: object): Noted => ({
  key: 'uSomebody',
  at,
  reason: { ...about, ...reason } as never,
});
const granted = (at: number) => note(at, { code: 'consent.recorded', saw: { state: 'granted' } });
const decided = (message: string, at: number) => note(at, { code: 'message.decided', message });

/** Of messages that were sent, and when the provider took them. */
function rulesBroken(notes: readonly Noted[], handed: Readonly<Record<string, number>>): string[] {
  const rows = Object.keys(handed).map((id) => ({ id, st: 'sent', channel: 'email' }));
  const captured = Object.entries(handed).map(([messageId, at]) => ({ messageId, at: formatInstant(at) }));
  return checkPolicy({ notes: [...notes], profileOf: () => emptyProfile }, rows, captured, settings).map(
    ({ rule }) => rule,
  );
}

it('a message that was held and decided anew took one place; two messages take two', () => {
  const [first, second] = [FROM + HOUR_MS, FROM + 2 * HOUR_MS];
  const again = [granted(FROM), decided('m', first), decided('m', second)];
  expect(rulesBroken(again, { m: second })).toEqual([]);
  const two = [granted(FROM), decided('m', first), decided('n', second)];
  expect(rulesBroken(two, { m: first, n: second })).toEqual(['G10 cap']);
});

it('a consent that was recorded before a decision counts, whatever the provider’s clock says; one afterwards does not', () => {
  const [early, late] = [FROM + SECOND_MS, FROM + 2 * SECOND_MS];
  expect(rulesBroken([granted(early), decided('m', late)], { m: FROM })).toEqual([]);
  expect(rulesBroken([decided('m', early), granted(late)], { m: FROM })).toEqual(['G10 consent']);
});
