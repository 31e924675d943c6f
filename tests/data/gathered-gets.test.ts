import { type BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GetForm, gatheredGets, type Item, singleGets } from '../../shared/data/gathered-gets.ts';
import { createTable, type DynamoEmulator, startDynalite } from '../emulators/dynamo.ts';

const key = (jk: string): Item => ({ pk: { S: 'a'.repeat(43) }, jk: { S: jk } });
const entry = (jk: string): Item => ({ ...key(jk), v: { N: '7' }, st: { S: 'moved' }, in: { S: `${jk} happened` } });

type Command = { readonly constructor: { readonly name: string }; readonly input: object };

describe('reads that are asked for at once', () => {
  let dynamo: DynamoEmulator;
  let form: GetForm;
  const sent: string[] = [];
  /** The emulator's client, whose answers and errors can be others. */
  const client = (
    twist: (command: Command, answer: () => Promise<object>) => Promise<object> = (_, answer) => answer(),
  ) =>
    ({
      send(command: Command) {
        sent.push(command.constructor.name);
        return twist(command, () => dynamo.client.send(command as never) as Promise<object>);
      },
    }) as unknown as DynamoDBClient;
  beforeAll(async () => {
    dynamo = await startDynalite();
    form = { table: await createTable(dynamo.client, 'journal'), consistent: true };
    for (const jk of ['one', 'two', 'in,"']) {
      await dynamo.client.send(new PutItemCommand({ TableName: form.table, Item: entry(jk) }));
    }
  });
  afterAll(async () => {
    dynamo.client.destroy();
    await dynamo.stop().catch(() => undefined);
  });

  const ask = async (of: DynamoDBClient, only?: readonly string[]) => {
    sent.length = 0;
    const get = gatheredGets(of, only === undefined ? form : { ...form, only });
    return Promise.all(['one', 'none', 'in,"', 'two', 'one'].map((jk) => get(key(jk))));
  };
  const all = [entry('one'), undefined, entry('in,"'), entry('two'), entry('one')];

  it('share a call, and each hears of its own', async () => {
    expect(await ask(client())).toEqual(all);
    expect(sent).toEqual(['BatchGetItemCommand']);
  });

  it('alone is a GetItem', async () => {
    sent.length = 0;
    const get = gatheredGets(client(), form);
    expect(await get(key('one'))).toEqual(entry('one'));
    expect(await get(key('none'))).toBeUndefined();
    expect(sent).toEqual(['GetItemCommand', 'GetItemCommand']);
  });

  it('some attributes are the same from either, but for the key', async () => {
    const some = (await ask(client(), ['v', 'in']))[0]!;
    expect(some).toEqual({ ...key('one'), v: { N: '7' }, in: { S: 'one happened' } });
    expect(await singleGets(client(), { ...form, only: ['v', 'in'] })(key('one'))).toEqual({
      v: some['v'],
      in: some['in'],
    });
  });

  it('what the batch leaves is asked for one by one', async () => {
    const left = client(async (command, answer) => {
      if (command.constructor.name === 'GetItemCommand') return answer();
      const { RequestItems } = (command as BatchGetItemCommand).input;
      const { Keys = [] } = RequestItems![form.table]!;
      return {
        Responses: { [form.table]: [entry('two')] },
        UnprocessedKeys: { [form.table]: { Keys: Keys.slice(0, 3) } },
      };
    });
    expect(await ask(left)).toEqual(all);
    expect(sent).toEqual(['BatchGetItemCommand', 'GetItemCommand', 'GetItemCommand', 'GetItemCommand']);
  });

  it('a batch that fails fails nobody, and one that fails fails alone', async () => {
    const broken = client(async (command, answer) => {
      if (command.constructor.name === 'BatchGetItemCommand') throw new Error('no batch');
      if (JSON.stringify(command.input).includes('"two"')) throw new Error('not two');
      return answer();
    });
    sent.length = 0;
    const get = gatheredGets(broken, form);
    const outcomes = await Promise.allSettled(['one', 'two', 'none'].map((jk) => get(key(jk))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sent).toHaveLength(4);
  });
});
