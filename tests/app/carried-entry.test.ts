import { expect, it } from 'vitest';
import { carrierOf, entryOf, packEntry, unpackEntry } from '../../shared/app/carried-entry.ts';
import type { Pending } from '../../shared/app/ports.ts';
import type { Effect, MessageRequest, Reason } from '../../shared/domain/decision.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { testKey } from '../../shared/kernel/ids.ts';
import { people, queuedMessage } from '../protocol/scenario.ts';

const at = Date.UTC(2026, 10, 22, 9);
const run = { journey: 'welcome', version: 2, run: 'B68x4aP19AHHIAKA' };
const why: Reason[] = [
  { code: 'message.decided', ...run, step: 'first', message: 'm1', channel: 'email', topic: 'news' },
  { code: 'step.wait', ...run, step: 'short', saw: { due: at } },
];
const message = (id: string, more: Partial<MessageRequest> = {}): Effect => ({
  e: 'message',
  message: { ...queuedMessage(id).request, ...more },
});
const woken = { jk: '2026-11-22T09:00:00.000Z|PKNTKXYU26YRalY7pTQpSI|3', st: 'moved', t: 'wake', why } as const;
const pending = (more: Partial<Pending> = {}): Pending => ({
  ...{ v: 3, at, ids: [woken], last: woken.jk, hop: 0 },
  eff: [message('m1'), message('m2'), { e: 'wake', due: at }],
  ...more,
});
const carrier = (more: Partial<Pending> = {}, profile: Partial<Profile> = {}, key: string = people.u) =>
  carrierOf({ key, profile: { ...emptyProfile, ...profile }, pending: pending(more) })?.message.id;

it('the last message of a wake carries its entry', () => {
  expect(carrier()).toBe('m2');
  expect(entryOf(pending())).toEqual({ jk: woken.jk, v: 3, at, why });
});

const webhook = { endpoint: 'shop', save: true } as const;
const { origin: _, ...direct } = queuedMessage('m1').request;
it.each([
  ['another record that was handled', { ids: [woken, { ...woken, t: 'event', st: 'inert' }] }],
  ['an event', { ids: [{ ...woken, t: 'event' }] }],
  ['mail of another profile', { ids: [{ ...woken, t: 'absorb' }] }],
  ['nothing but a wait', { eff: [{ e: 'wake', due: at }] }],
  ['an answer that is kept', { eff: [message('m1', { webhook })] }],
  ['a message without a journey', { eff: [{ e: 'message', message: direct }] }],
  [
    'more to say than fits',
    { ids: [{ ...woken, why: [...why, ...why.map((one) => ({ ...one, fix: 'x'.repeat(99) }))] }] },
  ],
] as const)('nothing carries it with %s', (_what, more) => {
  expect(carrier(more as Partial<Pending>)).toBeUndefined();
});

it('nor for a test run, whose entry goes earlier, or an identity, whose journal is looked through', () => {
  expect(carrier({}, {}, testKey('welcome', 'r1'))).toBeUndefined();
  expect(carrier({}, { holders: { [people.u]: at } })).toBeUndefined();
});

it.each([
  ['reasons of one run', why, 305],
  ['reasons of two runs', [why[0]!, { ...why[1]!, run: 'other' }], 330],
  ['a reason without a journey', [...why, { code: 'consent.missing' }], 390],
  ['one', [why[0]!], 250],
  ['none', [], 120],
])('is packed, and unpacked to the same: %s', (_what, reasons, mostBytes) => {
  const entry = { jk: woken.jk, v: 3, at, why: reasons };
  const text = packEntry(entry);
  expect(unpackEntry(3, text)).toEqual(entry);
  expect(text.length).toBeLessThan(mostBytes);
});
