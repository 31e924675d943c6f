import { expect, it } from 'vitest';
import { answering } from './answering.ts';

const one = (id: string, more: object = {}) => ({
  ...{ id, state: 'unknown', channel: 'email', reason: 'email.no-answer', journey: 'welcome', step: 'hello' },
  times: { unknown: '2026-11-26T09:00:00.000Z' },
  ...more,
});
const text = one('m2', { channel: 'sms', reason: 'sms.server-error', journey: null, step: null });

it('counts by channel and reason, then names each with its step, or without where it came from none', async () => {
  const { run, asked } = answering({ data: [one('m1'), text, one('m3')], nextCursor: null });
  const { exit, stdout } = await run('unknown --day 2026-11-26');
  expect([exit, stdout.trimEnd().split('\n')]).toEqual([
    0,
    [
      'one: 3 unknown',
      '  2 email email.no-answer',
      '  1 sms sms.server-error',
      '2026-11-26T09:00:00.000Z  m1  unknown  email  email.no-answer  welcome / hello',
      '2026-11-26T09:00:00.000Z  m2  unknown  sms  sms.server-error',
      '2026-11-26T09:00:00.000Z  m3  unknown  email  email.no-answer  welcome / hello',
    ],
  ]);
  expect(asked).toEqual(['GET /v1/messages?state=unknown&limit=200&day=2026-11-26']);
});

it('asks for all pages, of today when no day is named', async () => {
  const pages = [
    { data: [one('m1')], nextCursor: 'c/1' },
    { data: [text], nextCursor: null },
  ];
  const { run, asked } = answering(...pages);
  const { stdout } = await run('unknown --json');
  expect(JSON.parse(stdout).data.map(({ id }: { id: string }) => id)).toEqual(['m1', 'm2']);
  expect(asked).toEqual([
    'GET /v1/messages?state=unknown&limit=200',
    'GET /v1/messages?state=unknown&limit=200&cursor=c%2F1',
  ]);
});

it('shows those that were found out since, by what they are now', async () => {
  const settled = one('m1', { state: 'failed', reason: 'settled.not-delivered' });
  const { run, asked } = answering({ data: [settled], nextCursor: null });
  const { stdout } = await run('unknown --settled');
  expect(asked).toEqual(['GET /v1/messages?state=settled&limit=200']);
  expect(stdout).toContain('one: 1 settled');
  expect(stdout).toContain('m1  failed  email  settled.not-delivered  welcome / hello');
});

it('nothing is no error', async () => {
  const { run } = answering({ data: [], nextCursor: null });
  expect(await run('unknown')).toMatchObject({ exit: 0, stdout: 'one: 0 unknown\n' });
});

it.each(['yesterday', '2026-11', '26.11.2026'])('asks nobody for a day that is none: %s', async (day) => {
  const { run, asked } = answering();
  const { exit, stderr } = await run(`unknown --day ${day}`);
  expect([exit, stderr]).toEqual([2, expect.stringContaining(`a day such as 2026-11-26, not "${day}"`)]);
  expect(asked).toEqual([]);
});
