import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { undecidedKey } from '../../shared/app/journal-key.ts';
import { park } from '../../shared/app/park.ts';
import { journal } from '../../shared/data/journal.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { variables } from '../../shared/resources.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
let letters: SQSClient;
beforeAll(async () => {
  api = await startApi();
  letters = new SQSClient({});
});
afterAll(async () => {
  letters.destroy();
  await api.stop();
});
beforeEach(() => void api.takeMail());

const key = profileKey('user', 'ada');
const get = async (path: string) => (await api.request({ path: `/v1/dead-letters${path}` })).json;
const redrive = (body: object) => api.post('/v1/dead-letters/redrives', body);
const beside = () => process.env[variables.mailboxQueues]!.replace(/[^/]+$/, '');

async function put(queue: string, body: object | string): Promise<void> {
  await letters.send(
    new SendMessageCommand({
      QueueUrl: `${beside()}${queue}-dead${queue === 'mailbox' ? '.fifo' : ''}`,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      ...(queue === 'mailbox' && { MessageGroupId: key, MessageDeduplicationId: `d-${Math.random()}` }),
    }),
  );
}

const secret = 'ada.lovelace@mail.example';
const event = (id: string, note = ''): MailRecord => ({
  t: 'event',
  event: {
    ...{ id, sent: null, at: 1_795_341_600_000, kind: 'track', name: 'Signed Up', userId: secret },
    ...{ data: { email: secret, seats: 4, tags: [secret], note }, context: {} },
  },
});

async function parkOne(record: MailRecord, code = 'record.undecidable'): Promise<void> {
  const store = journal(api.dynamo.client, 'journal', 90);
  const metrics = { count: () => {} };
  await park({ key, profile: emptyProfile }, record, { code }, { clock: Date.now, journal: store, metrics });
}
const parkedIds = async () => (await get('/parked')).data.map(({ id }: { id: string }) => id);

describe('letters of queues', () => {
  it('are counted by queue, and seen any number of times', async () => {
    await put('wakes', { schema: 1, key, due: 1_795_341_600_000 });
    const { data } = await get('');
    expect(data.map(({ queue, waiting }: { queue: string; waiting: number }) => [queue, waiting])).toEqual([
      ['mailbox', 0],
      ['wakes', 1],
      ['soon', 0],
      ['receipts', 0],
      ['cohorts', 0],
      ['parked', 0],
    ]);
    for (let looks = 0; looks < 3; looks++) {
      expect((await get('/wakes')).data).toMatchObject([
        { reasons: [{ code: 'letter.given-up' }], what: { profile: key, due: '2026-11-22T10:00:00.000Z' } },
      ]);
    }
    // The stand-in counts what was seen as in work until it is asked for it again.
    const { waiting, inWork } = (await get('')).data[1];
    expect(waiting + inWork).toBe(1);
  });

  it('are shown by kind and shape, and with nothing that a customer said', async () => {
    await put('mailbox', { schema: 1, key, received: 1_795_341_600_000, hop: 0, records: [event('m1')] });
    const [letter] = (await get('/mailbox')).data;
    expect(letter.what.records).toEqual([
      { type: 'event', kind: 'track', name: 'Signed Up', messageId: 'm1', at: '2026-11-22T10:00:00.000Z' },
    ]);
    const whole = await get(`/mailbox/${letter.id}`);
    expect(whole.content.records[0].event.data).toEqual({
      email: `string of ${secret.length}`,
      seats: 'number',
      tags: [`string of ${secret.length}`],
      note: 'string of 0',
    });
    expect(JSON.stringify([letter, whole])).not.toContain('lovelace');
  });

  it.each([
    ['soon', '{"half', 'letter.unreadable', {}],
    ['receipts', '[]', 'letter.unreadable', {}],
    ['cohorts', '{"schema":1,"due":"2026-11-22T10:00:00Z","keys":["u1","u2"]}', 'letter.given-up', { profiles: 2 }],
  ])('of %s: %s', async (queue, body, code, what) => {
    await put(queue, body);
    expect((await get(`/${queue}`)).data).toMatchObject([{ reasons: [{ code }], what }]);
  });

  it('those of cohorts have no way back', async () => {
    expect(await redrive({ queue: 'cohorts' })).toMatchObject({
      status: 409,
      json: { code: 'dead-letters.no-way-back' },
    });
  });

  it('none is moved alone, and what is not there is not found', async () => {
    expect(await redrive({ queue: 'wakes', id: 'x' })).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/id' }] },
    });
    expect((await api.request({ path: '/v1/dead-letters/wakes/unknown' })).status).toBe(404);
    expect((await api.request({ path: '/v1/dead-letters/elsewhere' })).status).toBe(400);
  });
});

describe('parked records', () => {
  it('are listed with their reason, by pages, and go back into the mailbox as they were', async () => {
    for (const id of ['p1', 'p2', 'p3']) await parkOne(event(id));
    await parkOne(event('p1'));
    const first = await api.request({ path: '/v1/dead-letters/parked', query: { limit: '2' } });
    expect(first.json.data).toHaveLength(2);
    const rest = await api.request({ path: '/v1/dead-letters/parked', query: { cursor: first.json.nextCursor } });
    expect(rest.json).toMatchObject({
      data: [{ profile: key, reasons: [{ code: 'record.undecidable' }] }],
      nextCursor: null,
    });
    const [id] = await parkedIds();
    const whole = await get(`/parked/${id}`);
    expect(whole).toMatchObject({ state: 'parked', what: { type: 'event', name: 'Signed Up' } });
    expect(JSON.stringify(whole)).not.toContain('lovelace');

    expect(await redrive({ queue: 'parked', id })).toMatchObject({ status: 202, json: { sent: 1, left: [] } });
    expect(api.takeMail()).toMatchObject([{ key, hop: 0, records: [{ t: 'event' }] }]);
    expect(await redrive({ queue: 'parked' })).toMatchObject({ json: { sent: 2, left: [], over: 0 } });
    expect(await parkedIds()).toEqual([]);
    const sent = api.takeMail().flatMap(({ records }) => records);
    expect(sent).toHaveLength(2);
  });

  it('go twice under two requests, and once under one Idempotency-Key', async () => {
    await parkOne(event('once'));
    const again = () => api.post('/v1/dead-letters/redrives', { queue: 'parked' }, { 'idempotency-key': 'one' });
    expect((await again()).json).toEqual((await again()).json);
    expect(api.takeMail()).toHaveLength(1);
  });

  it('one that went round too often goes only by name', async () => {
    await parkOne(event('round'), 'record.too-many-hops');
    const [id] = await parkedIds();
    expect(await redrive({ queue: 'parked' })).toMatchObject({
      json: { sent: 0, left: [{ id, code: 'record.too-many-hops' }] },
    });
    expect(await redrive({ queue: 'parked', id })).toMatchObject({ json: { sent: 1 } });
  });

  it('one that was too large to keep stays; one that was decided meanwhile leaves the list', async () => {
    await parkOne(event('huge', 'x'.repeat(320_000)));
    await parkOne(event('decided'));
    const store = journal(api.dynamo.client, 'journal', 90);
    const jk = undecidedKey(event('decided'));
    await store.put({ key, jk, v: 3, st: 'moved', t: 'event', in: {}, why: [], at: Date.now() });
    const answer = await redrive({ queue: 'parked' });
    expect(answer.json).toMatchObject({ sent: 0, over: 1, left: [{ code: 'parked.not-kept' }] });
    expect(api.takeMail()).toEqual([]);
    expect(await parkedIds()).toHaveLength(1);
  });
});

it('looking and sending back are rights of their own', async () => {
  const reader = await api.newKey('dead-letters:read');
  expect((await api.request({ path: '/v1/dead-letters', key: reader })).status).toBe(200);
  const post = { method: 'POST', path: '/v1/dead-letters/redrives', body: { queue: 'parked' }, key: reader };
  expect(await api.request(post)).toMatchObject({ status: 403 });
});
