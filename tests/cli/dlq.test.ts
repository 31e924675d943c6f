import { expect, it } from 'vitest';
import { answering } from './answering.ts';

const place = (queue: string, waiting: number, more: object = {}) => ({
  ...{ queue, waiting, inWork: 0, more: false, goesBack: true },
  ...more,
});
const letter = (id: string, more: object = {}) => ({
  ...{ id, at: '2026-11-26T09:00:00.000Z', age: 60, reasons: [{ code: 'letter.given-up' }], what: { profile: 'u1' } },
  ...more,
});

it('ls names the places where something lies, and those from where nothing goes back', async () => {
  const data = [place('mailbox', 2), place('wakes', 0), place('cohorts', 1, { goesBack: false })];
  const { run, asked } = answering({ data: [...data, place('parked', 200, { more: true })] });
  expect((await run('dlq ls')).stdout.trimEnd().split('\n')).toEqual([
    'mailbox: 2',
    'cohorts: 1 (no way back: sweep)',
    'parked: 200 and more',
  ]);
  expect(asked).toEqual(['GET /v1/dead-letters']);
});

it('nothing given up is said', async () => {
  const { run } = answering({ data: [place('mailbox', 0)] });
  expect((await run('dlq ls')).stdout).toBe('one: nothing was given up\n');
});

it('ls of a queue shows reason, kind and age of each', async () => {
  const { run, asked } = answering({ data: [letter('a', { receives: 3 })], nextCursor: null });
  expect((await run('dlq ls wakes')).stdout).toBe(
    '2026-11-26T09:00:00.000Z  a  letter.given-up  3 receives  {"profile":"u1"}\n',
  );
  expect(asked[0]).toMatch(/^GET \/v1\/dead-letters\/wakes(\?|$)/);
});

it('show prints the whole document', async () => {
  const { run, asked } = answering(letter('a', { content: { key: 'string of 23' } }));
  expect(JSON.parse((await run('dlq show wakes a')).stdout)).toMatchObject({ content: { key: 'string of 23' } });
  expect(asked).toEqual(['GET /v1/dead-letters/wakes/a']);
});

it('redrive asks, and begins', async () => {
  const { run, asked } = answering({ queue: 'wakes', moving: 4 });
  expect(await run('dlq redrive wakes')).toMatchObject({ exit: 2 });
  expect(asked).toEqual([]);
  expect(await run('dlq redrive wakes --yes')).toMatchObject({ exit: 0, stdout: 'SQS moves about 4 letters back\n' });
  expect(asked).toEqual(['POST /v1/dead-letters/redrives']);
});

it('of parked records it says which stay, and that is a finding', async () => {
  const left = [{ id: 'b', code: 'record.too-many-hops' }];
  const { run } = answering({ queue: 'parked', sent: 3, over: 1, left });
  expect(await run('dlq redrive parked --yes')).toMatchObject({
    exit: 1,
    stdout: '3 sent again, 1 had been decided meanwhile\nb stays: record.too-many-hops\n',
  });
});

it.each(['dlq purge mailbox', 'dlq show mailbox', 'dlq ls mailbox a', 'dlq redrive'])(
  '%s is no command',
  async (line) => {
    const { run, asked } = answering();
    expect((await run(line)).exit).toBe(2);
    expect(asked).toEqual([]);
  },
);
