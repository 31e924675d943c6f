import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  bootFixture,
  DAY,
  type FixtureCloud,
  HOUR,
  MINUTE,
  mail,
  removeFixture,
  START,
} from './fixture/fixture-cloud.ts';

const directories: string[] = [];
afterAll(() => {
  removeFixture();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

it.each(['dynoxide', 'dynalite'] as const)(
  'keeps tables (%s), queues, executions, inbox and clock between starts',
  async (dynamodb) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'godwit-state-'));
    directories.push(dataDir);
    const boot = (): Promise<FixtureCloud> => bootFixture({ dataDir, overrides: { dynamodb } });
    const first = await boot();
    mail(first, 'kept', [
      { do: 'note', text: 'before' },
      { do: 'fail', times: 1 },
    ]);
    await first.invoke('Mailer', { to: 'ann@shop.example', id: 'kept' });
    first
      .queue('Wakes')
      .send({ body: JSON.stringify({ name: 'sleeper', due: new Date(START + DAY).toISOString(), key: 'woken' }) });
    await first.advance(30_000);
    await first.stop();

    const second = await boot();
    expect(second.now()).toBe(START + 30_000);
    expect(second.messages()).toMatchObject([{ messageId: 'kept' }]);
    expect(await second.notes('kept')).toEqual(['before']);
    await second.advance(MINUTE);
    expect(await second.notes('kept')).toEqual(['before', 'fail']);
    expect(second.executions()).toMatchObject([{ name: 'sleeper', status: 'RUNNING' }]);
    await second.advance(DAY + HOUR);
    expect(await second.notes('woken')).toHaveLength(1);
    await second.stop();
  },
  60_000,
);
