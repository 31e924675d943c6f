import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { bootCloud, type LocalCloud } from '../../local/cloud.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { loadExamples } from '../../local/demo/load-examples.ts';
import { printReport } from '../../local/demo/report.ts';
import { runShop } from '../../local/demo/shop.ts';

const root = join(import.meta.dirname, '../..');

/** What `npm start` does, with fewer customers; `startTime` is where its clock begins. */
async function demo(startTime: string) {
  const cloud: LocalCloud = await bootCloud({
    assembly: inject('assembly'),
    startTime: Date.parse(startTime),
    frozen: true,
  });
  try {
    const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
    const api = new ApiClient(cloud.api, await key({ name: 'tests', kind: 'api', scopes: ['*'] }));
    await loadExamples(api, join(root, 'examples/shop'), () => {});
    const writeKey = await key({ name: 'shop', kind: 'ingest' });
    const lines: string[] = [];
    const shop = await runShop(cloud, { writeKey, customers: 16, days: 4, seed: 7, log: () => {} });
    await printReport(api, cloud, shop, (line) => lines.push(line));
    return { cloud, table: lines.join('\n') };
  } finally {
    await cloud.stop();
  }
}

describe('the demo of npm start', () => {
  let past: Awaited<ReturnType<typeof demo>>;

  beforeAll(async () => {
    past = await demo('2020-11-23T08:00:00Z');
  });

  it('G1: everybody who signed up is welcomed, and no event is too old, whatever the date of this machine', () => {
    expect(past.table).toMatch(/welcome — .*\n {2}entered 16,/);
    expect(past.table).not.toContain('entry.too-old');
    const mails = past.cloud.messages({ channel: 'email' });
    expect(mails.length).toBeGreaterThan(16);
    expect(mails.every(({ headers }) => 'List-Unsubscribe-Post' in headers)).toBe(true);
  });

  it('G7: who was not written to is in the table with the reason', () => {
    expect(past.table.slice(past.table.indexOf('messages that were not sent'))).toMatch(/ {2}[a-z-]+\.[a-z-]+ +\d+/);
  });

  it('the same seed gives the same table', async () => {
    const future = await demo('2030-11-25T08:00:00Z');
    expect(future.table).toBe(past.table);
  });
});
