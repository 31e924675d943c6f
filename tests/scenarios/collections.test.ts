import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootEnvironment, type Environment, journeyOf, MINUTE, message } from './environment.ts';

let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment({ overrides: { maxWorkers: 1 } });
  const fresh = { 'if-none-match': '*' };
  const put = async (path: string, body: unknown) => {
    const { status, body: answer } = await env.call('PUT', `/v1/${path}`, body, fresh);
    expect(status, JSON.stringify(answer)).toBe(201);
  };
  const fields = { name: { type: 'string', required: true }, price: { type: 'money', required: true } };
  await put('collections/products', { schemaVersion: 1, id: 'products', name: 'Products', fields });
  await put('templates/seen', {
    ...{ schemaVersion: 1, id: 'seen', variables: { 'event.sku': { type: 'string', example: 'boots' } } },
    lookups: { product: { collection: 'products', key: { ref: 'event.sku' }, onMissing: 'skip' } },
    variants: [
      {
        channel: 'email',
        content: { subject: '{{ lookups.product.name }}: {{ lookups.product.price | money }}', text: 'Seen' },
      },
    ],
  });
  const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
  const more = { ...again, entry: [{ on: 'event', event: 'Seen' }], topic: 'account' };
  await env.publish(journeyOf('seen', { mail: message('seen') }, more));
});
afterAll(() => env?.stop());

async function priced(amount: number): Promise<void> {
  const values = { name: 'Boots', price: { amount, currency: 'EUR' } };
  expect((await env.call('PUT', '/v1/collections/products/items/boots', { values })).status).toBe(204);
}

async function sees(user: string, sku: string): Promise<void> {
  await env.post(
    { type: 'identify', userId: user, traits: { email: `${user}@mail.example`, locale: 'en' } },
    { event: 'Seen', userId: user, properties: { sku } },
  );
  await env.cloud.settle();
}

const subjects = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).map(({ subject }) => subject);

it('a message shows the price of when it leaves; while items cannot be read it waits, and is sent once', async () => {
  await priced(120);
  let throttled = 0;
  env.cloud.onCall(({ action, resource }) => {
    if (action !== 'dynamodb:BatchGetItem' || !/collections/i.test(resource)) return 'pass';
    throttled += 1;
    return 'throttle';
  });
  await sees('ada', 'boots');
  expect(throttled).toBeGreaterThan(0);
  expect(subjects('ada')).toEqual([]);
  await priced(90);
  env.cloud.onCall(undefined);
  await env.cloud.advance(5 * MINUTE);
  expect(subjects('ada')).toEqual(['Boots: €90.00']);
});

it('what one sender knows of an item is forgotten after half a minute', async () => {
  await priced(80);
  await env.cloud.advance(MINUTE);
  await sees('bob', 'boots');
  expect(subjects('bob')).toEqual(['Boots: €80.00']);
});

it('a message costs one read unit for each item of up to 4 KB that its sender does not know, and none for one it knows', async () => {
  const unitsOf = async (user: string, sku: string) => {
    env.cloud.meter.reset();
    await sees(user, sku);
    expect(subjects(user)).toHaveLength(1);
    const { capacity } = env.cloud.meter.read();
    return Object.entries(capacity)
      .filter(([where]) => /Collections/.test(where))
      .map(([where, units]) => ({ by: where.split(' ')[0]!.replace('godwit-local-', ''), ...units }));
  };
  await priced(80);
  await env.cloud.advance(MINUTE);
  expect(await unitsOf('dora', 'boots')).toEqual([{ by: 'send-email', readUnits: 1, writeUnits: 0 }]);
  expect(await unitsOf('emil', 'boots')).toEqual([]);
});

it('G7: without its item a message is not sent, and the reason names the look-up', async () => {
  await sees('cleo', 'none');
  expect(subjects('cleo')).toEqual([]);
  const [one] = (await env.call('GET', '/v1/profiles/cleo/messages')).body.data;
  expect(one).toMatchObject({ state: 'not-sent', reason: 'lookup.missing' });
});

it('a collection goes with its items, unless templates look things up in it', async () => {
  expect((await env.call('DELETE', '/v1/collections/products')).body.code).toBe('collection.used');
  const spare = { schemaVersion: 1, id: 'spare', name: 'Spare', fields: { name: { type: 'string' } } };
  const save = () => env.call('PUT', '/v1/collections/spare', spare, { 'if-none-match': '*' });
  await save();
  const items = ['a', 'b', 'c'].map((id) => ({ id, values: { name: id } }));
  await env.call('POST', '/v1/collections/spare/items', { items });
  const { status, body } = await env.call('DELETE', '/v1/collections/spare');
  expect(status, JSON.stringify(body)).toBe(202);
  await env.cloud.advance(MINUTE);
  expect((await env.call('GET', `/v1/jobs/${body.id}`)).body).toMatchObject({ state: 'done', result: { deleted: 3 } });
  expect((await save()).status).toBe(201);
  expect((await env.call('GET', '/v1/collections/spare/items')).body.data).toEqual([]);
});
