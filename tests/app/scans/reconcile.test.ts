import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessageRecord } from '../../../shared/app/ports.ts';
import { resultOf } from '../../../shared/app/scans/job-result.ts';
import type { ScanPorts } from '../../../shared/app/scans/scan-kind.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { startReconcile } from '../../../shared/app/scans/start-reconcile.ts';
import { messageReceipts } from '../../../shared/data/message-receipts.ts';
import { messageStore } from '../../../shared/data/message-store.ts';
import { unknownMessages } from '../../../shared/data/unknown-messages.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { scanWorld } from './world.ts';

let dynamo: DynamoEmulator;
beforeAll(async () => {
  dynamo = await startDynoxide();
  await createTable(dynamo.client, 'messages');
});
afterAll(() => dynamo.stop());

const night = Date.UTC(2026, 10, 26, 4, 17);
const key = profileKey('user', 'u1');

it('settles by receipts what is old enough, counts the rest once, and does nothing twice', async () => {
  const messages = messageStore(dynamo.client, 'messages', 90);
  const marks = messageReceipts(dynamo.client, 'messages');
  const put = async (id: string, hoursAgo: number, receipts: readonly string[], more: Partial<MessageRecord> = {}) => {
    const at = night - hoursAgo * HOUR_MS;
    const row: MessageRecord = {
      ...{ key, id, st: 'unknown', by: 'one/0', copy: 'c', decidedAt: at - 5, at, channel: 'email', topic: 'news' },
      ...{ journey: 'welcome', version: 2, step: 'first', run: 'r1', visit: 2, why: 'email.no-answer' },
      ...more,
    };
    await messages.put(row, 'absent');
    await messages.noteUnknown(row);
    for (const was of receipts) await marks.mark(key, id, was as 'delivered', at - 1);
  };
  await put('arrived', 7, ['delivered', 'opened']);
  await put('came-back', 50, ['delivered', 'bounced']);
  await put('silent', 8, []);
  await put('called', 29, ['delayed'], { channel: 'webhook', why: 'webhook.no-answer' });
  await put('long-silent', 40, []);
  await put('young', 5, ['delivered']);
  await put('too-old', 110, ['delivered']);
  await put('late-answer', 9, [], { st: 'sent' });
  await messages.noteUnknown({ key, id: 'erased', at: night - 10 * HOUR_MS });

  const counted: string[] = [];
  const { ports: rest, sent, started } = scanWorld([]);
  const ports: ScanPorts = {
    ...rest,
    clock: () => night,
    metrics: { count: (name) => counted.push(name) },
    messages,
    unknown: unknownMessages(dynamo.client, 'messages', () => night),
  };
  await startReconcile(ports, 6);
  await startReconcile(ports, 6);
  expect(new Set(started.map(([name]) => name))).toEqual(new Set(['reconcile-2026-11-26-0-0']));
  // One page in a call, as when its time is up.
  const work = async (id: string) => {
    while ((await scanSegment({ job: id, run: 0, segment: 0 }, () => true, ports)).next === 'more');
    const [progress] = await ports.jobs.readSegments(id);
    return progress!.counts;
  };
  const counts = await work('reconcile-2026-11-26');
  const open = { 'unknown email email.no-answer': 2, 'unknown webhook webhook.no-answer': 1 };
  expect(counts).toEqual({ scanned: 7, sent: 2, failed: 1, unknown: 3, gone: 1, ...open });
  const stateOf = async (id: string) => (await messages.read(key, id))!.st;
  const ids = ['arrived', 'came-back', 'silent', 'young', 'too-old', 'late-answer'];
  expect(await Promise.all(ids.map(stateOf))).toEqual(['sent', 'failed', 'unknown', 'unknown', 'unknown', 'sent']);
  expect(counted.filter((name) => name === 'MessagesSettled')).toHaveLength(2);
  // The third was counted in the night before.
  expect(counted.filter((name) => name === 'MessagesUnsettled')).toHaveLength(2);
  expect(sent.map(({ mail }) => mail.records)).toEqual([
    [
      expect.objectContaining({
        ...{ t: 'outcome', message: 'came-back', outcome: 'failed', reason: 'settled.not-delivered', topic: 'news' },
        origin: { journey: 'welcome', version: 2, step: 'first', run: 'r1', visit: 2 },
      }),
    ],
  ]);

  await startReconcile(ports, 6, 'again');
  expect(await work('again')).toEqual(counts);
  expect(counted.filter((name) => name === 'MessagesSettled')).toHaveLength(2);
  expect(sent).toHaveLength(1);
  const done = { ...(await ports.jobs.read('again'))!, state: 'done' } as const;
  expect(await resultOf(done, counts, ports.jobs)).toMatchObject({ until: '2026-11-25T22:17:00.000Z', unknown: 3 });
});
