import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Analytics } from '@segment/analytics-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IngestPorts, ingestSegment } from '../../../shared/app/ingest.ts';
import { profileRate } from '../../../shared/app/ingest-rate.ts';
import type { OutgoingMail } from '../../../shared/app/ports.ts';
import { Transient } from '../../../shared/kernel/errors.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { accepted, type SegmentAnswer, tryAgain } from '../../../shared/wire/segment-answer.ts';
import { readSegmentRoute } from '../../../shared/wire/segment-route.ts';

/** The queue is in memory, so that it can be made to fail between taking mail and answering. */
let sent: OutgoingMail[] = [];
let failures = 0;
let server: Server;
const ports: IngestPorts = {
  mailbox: {
    async send(mails) {
      sent.push(...mails);
      if (failures-- > 0) throw new Transient('queue.partly-sent', 'taken, and the answer lost');
      return [];
    },
  },
  receipts: { send: async () => {} },
  keyRate: async () => {},
  findWriteKey: async (text) => (text === 'KEY' ? { id: 'key-1' } : undefined),
  rate: profileRate(),
  intake: { keepRefused: async () => {}, observe: async () => {} },
  now: () => Date.now(),
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const route = readSegmentRoute(request.method!, request.url!);
    let answer: SegmentAnswer = { statusCode: 404, headers: {}, body: '' };
    if (route?.to === 'batch') {
      const body = Buffer.concat(chunks).toString('base64');
      answer = await ingestSegment(
        { route, authorization: request.headers.authorization, body, isBase64Encoded: true },
        ports,
      )
        .then(() => accepted)
        .catch(tryAgain);
    }
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

describe('@segment/analytics-node, alive', () => {
  it.each([
    ['is understood', 0],
    ['sends again after 503, and its events keep their journal keys and their mail its deduplication id (G1, G2)', 2],
  ])('%s', async (_title, times) => {
    sent = [];
    failures = times;
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new Analytics({ writeKey: 'KEY', host, flushAt: 20, maxRetries: 5 });
    const failed: unknown[] = [];
    client.on('error', (error) => failed.push(error));
    client.identify({ userId: 'user-1', anonymousId: 'anon-1', traits: { plan: 'pro' } });
    client.track({ userId: 'user-1', event: 'Order Completed', properties: { total: 12.5 } });
    client.alias({ userId: 'user-1', previousId: 'anon-0' });
    await client.closeAndFlush({ timeout: 20_000 });
    expect(failed).toEqual([]);
    expect(sent).toHaveLength(times + 1);
    const [first] = sent;
    for (const mail of sent) {
      expect(mail.id).toBe(first!.id);
      expect(mail.mail.key).toBe(profileKey('user', 'user-1'));
      expect(mail.mail.records.map((one) => one.t === 'event' && [one.event.id, one.event.sent])).toEqual(
        first!.mail.records.map((one) => one.t === 'event' && [one.event.id, one.event.sent]),
      );
      expect(mail.mail.records.map((one) => one.t === 'event' && one.event.name)).toEqual([
        'Identified',
        'Order Completed',
        'Alias Created',
      ]);
    }
  });
});
