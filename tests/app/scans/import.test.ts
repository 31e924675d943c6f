import { describe, expect, it } from 'vitest';
import { progressOf } from '../../../shared/app/scans/job.ts';
import { resultOf } from '../../../shared/app/scans/job-result.ts';
import type { ImportParams } from '../../../shared/app/scans/kinds/import.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { Collection } from '../../../shared/domain/messaging/collection.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { jobOf, now, scanWorld } from './world.ts';

const params: ImportParams = { what: 'events', upload: 'file', bytes: 1, mapping: {}, trigger: false };
const at = '2026-03-01T10:00:00Z';

function world(text: string, more: Partial<ImportParams> = {}, pace?: number) {
  const job = jobOf('import', { params: { ...params, ...more }, ...(pace !== undefined && { perMinute: pace }) });
  const made = scanWorld([], [job]);
  made.written.set('uploads/file', Buffer.from(text));
  const run = (isTimeUp = () => false) => scanSegment({ job: job.id, run: 0, segment: 0 }, isTimeUp, made.ports);
  const records = (): MailRecord[] => made.sent.flatMap(({ mail }) => mail.records);
  return { ...made, job, run, records };
}

const events = (count: number) =>
  [
    'userId,event,timestamp',
    ...Array.from(
      { length: count },
      (_, i) => `u${i % 7},Bought,${at.replace('00Z', `${String(i % 60).padStart(2, '0')}Z`)}`,
    ),
  ].join('\n');
const ids = (records: readonly MailRecord[]) => records.map((one) => (one.t === 'event' ? one.event.id : one.t));

describe('an import', () => {
  it('tells every good row, quietly, and keeps every bad one with its line and reason', async () => {
    const w = world(`userId,event,timestamp\nann,Bought,${at}\n,Bought,${at}\nbob,Bought,never\ncleo,Bought,${at}\n`);
    expect(await w.run()).toEqual({ next: 'done' });
    expect(w.sent.map(({ mail }) => mail.key)).toEqual([profileKey('user', 'ann'), profileKey('user', 'cleo')]);
    expect(w.records()).toMatchObject([
      { t: 'event', quiet: true },
      { t: 'event', quiet: true },
    ]);
    const { data } = await w.ports.jobs.listKept(w.job.id, { limit: 10 });
    expect(data.flat()).toMatchObject([
      { line: 3, errors: [{ code: 'id.missing', pointer: '/userId' }] },
      { line: 4, errors: [{ code: 'row.value', pointer: 'timestamp' }] },
    ]);
    expect(JSON.stringify(data)).not.toMatch(/bob|never/);
    expect(await progressOf(w.ports.jobs, w.job.id)).toEqual({ scanned: 4, accepted: 2, rejected: 2 });
  });

  it('notes the names of all events that it has told, however many there are', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `Did ${i}`);
    const rows = names.map((name) => `ann,${name},${at}`).join('\n');
    const w = world(`userId,event,timestamp\n${rows}\nbob,Never,never\n`);
    const most: number[] = [];
    const { observe } = w.ports.intake;
    w.ports.intake.observe = async (some) => {
      most.push(new Set(some.map(({ name }) => name)).size);
      return observe(some);
    };
    await w.run();
    expect(w.observed).toEqual(names);
    expect(Math.max(...most)).toBeLessThanOrEqual(10);
  });

  it('with trigger, it is as if it happened live', async () => {
    const w = world(`userId,event,timestamp\nann,Bought,${at}`, { trigger: true });
    await w.run();
    expect(w.records()[0]).not.toHaveProperty('quiet');
  });

  it('rows of one profile share mails, in their order', async () => {
    const w = world(events(100));
    await w.run();
    expect(w.sent).toHaveLength(7);
    for (const { mail } of w.sent) {
      const times = mail.records.map((one) => (one.t === 'event' ? one.event.at : 0));
      expect(times.length).toBeLessThanOrEqual(20);
    }
    expect(w.records()).toHaveLength(100);
  });

  it('goes on where it stood when its time is up, and nothing is told twice or left out', async () => {
    const whole = world(events(1_700));
    await whole.run();
    const cut = world(events(1_700));
    let calls = 0;
    while ((await cut.run(() => true)).next !== 'done') calls += 1;
    expect(calls).toBe(3);
    expect(ids(cut.records()).sort()).toEqual(ids(whole.records()).sort());
  });

  it('a page that is done again tells the same under the same ids', async () => {
    const w = world(events(600));
    const { writeSegment } = w.ports.jobs;
    w.ports.jobs.writeSegment = async () => {
      throw new Error('the call died');
    };
    await expect(w.run()).rejects.toThrow('the call died');
    const first = w.sent.splice(0);
    w.ports.jobs.writeSegment = writeSegment;
    await w.run();
    expect(w.sent.slice(0, first.length).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(await progressOf(w.ports.jobs, w.job.id)).toMatchObject({ scanned: 600, accepted: 600 });
  });

  it('keeps its pace', async () => {
    const w = world(events(90), {}, 60);
    expect(await w.run()).toEqual({ next: 'wait', seconds: 60 });
    expect(w.records()).toHaveLength(60);
  });

  it('a row that the queue refuses is one that was left out', async () => {
    const w = world(`userId,event,timestamp\nann,Bought,${at}\nbob,Bought,${at}\n`);
    Object.assign(w.ports.mailbox, { send: async () => [{ index: 1, code: 'queue.MessageTooLong' }] });
    await w.run();
    const { data } = await w.ports.jobs.listKept(w.job.id, { limit: 10 });
    expect(data.flat()).toMatchObject([{ line: 3, errors: [{ code: 'mailbox.refused' }] }]);
    expect(await progressOf(w.ports.jobs, w.job.id)).toEqual({ scanned: 2, accepted: 1, rejected: 1 });
  });

  it('of items puts them into their collections, the later of two; what is none costs no other one', async () => {
    const text = 'id,values.name,values.stock\na,Wax,4\nb,,1\na,Wax,many\n,Wax,1\na,Boot wax,3\n';
    const mapping = { constants: { collection: 'products' } };
    const job = jobOf('import', { params: { ...params, what: 'items', mapping } });
    const products = Collection.parse({
      ...{ schemaVersion: 1, id: 'products', name: 'Products' },
      fields: { name: { type: 'string', required: true }, stock: { type: 'integer' } },
    });
    const w = scanWorld([], [job], {}, new Map([['products', products]]));
    w.written.set('uploads/file', Buffer.from(text));
    await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, w.ports);
    const item = { collection: 'products', id: 'a', values: { name: 'Boot wax', stock: 3 }, savedAt: now };
    expect([...w.stock.values()]).toEqual([item]);
    const { data } = await w.ports.jobs.listKept(job.id, { limit: 10 });
    expect(data.flat()).toMatchObject([
      { line: 3, errors: [{ code: 'item.field-missing', pointer: '/values/name' }] },
      { line: 4, errors: [{ code: 'item.format', pointer: '/values/stock' }] },
      { line: 5, errors: [{ code: 'item.id', pointer: '/id' }] },
    ]);
    expect(w.sent).toEqual([]);
  });

  it('of suppressions puts what it says', async () => {
    const w = world('address,reason\nann@example.com,complaint\nnobody,manual\n', { what: 'suppressions' });
    await w.run();
    expect(w.suppressed).toMatchObject([{ channel: 'email', topic: null, reason: 'complaint', at: now }]);
    expect(await progressOf(w.ports.jobs, w.job.id)).toEqual({ scanned: 2, accepted: 1, rejected: 1 });
    const done = { ...w.job, state: 'done' } as const;
    const counts = await progressOf(w.ports.jobs, w.job.id);
    expect(await resultOf(done, counts, w.ports.jobs)).toEqual({ rows: 2, accepted: 1, rejected: 1 });
  });

  it.each([
    ['who,what\na,b', {}, 'import.column'],
    ['', {}, 'import.empty'],
    ['userId,event\na,b', { mapping: { columns: { id: { to: 'userId' } } } }, 'import.column-missing'],
    [undefined, {}, 'import.file-gone'],
  ])('of %j fails for good, with the reason: %s', async (text, more, error) => {
    const w = world(text ?? '', more);
    if (text === undefined) w.written.clear();
    expect(await w.run()).toEqual({ next: 'done' });
    expect(await w.ports.jobs.read(w.job.id)).toMatchObject({ state: 'failed', error });
    expect(w.sent).toEqual([]);
  });
});
