import { describe, expect, it } from 'vitest';
import { Gathering } from '../../shared/app/gathering.ts';

function sender(refused: readonly string[] = []) {
  const requests: string[][] = [];
  const send = async (items: readonly string[]) => {
    requests.push([...items]);
    return items.flatMap((item, index) => (refused.includes(item) ? [{ index, code: item }] : []));
  };
  return { requests, send };
}

describe('who has something to send', () => {
  it('shares a request with all others, and is told its own refusals', async () => {
    const { requests, send } = sender(['b2', 'c1']);
    const through = new Gathering(3).through(send);
    const refusals = await Promise.all([through(['a1']), through(['b1', 'b2']), through(['c1'])]);
    expect(requests).toEqual([['a1', 'b1', 'b2', 'c1']]);
    expect(refusals).toEqual([[], [{ index: 1, code: 'b2' }], [{ index: 0, code: 'c1' }]]);
  });

  it('waits until the others are done or wait as well, on whatever', async () => {
    const messages = sender();
    const wakes = sender();
    const gathering = new Gathering(4);
    const [one, two] = [gathering.through(messages.send), gathering.through(wakes.send)];
    const sent = [one(['m1']), two(['w1'])];
    gathering.leave();
    expect([messages.requests, wakes.requests]).toEqual([[], []]);
    sent.push(one(['m2']));
    await Promise.all(sent);
    expect([messages.requests, wakes.requests]).toEqual([[['m1', 'm2']], [['w1']]]);
  });

  it('goes when the last of the others has left', async () => {
    const { requests, send } = sender();
    const gathering = new Gathering(2);
    const sent = gathering.through(send)(['a']);
    expect(requests).toEqual([]);
    gathering.leave();
    await sent;
    expect(requests).toEqual([['a']]);
  });

  it('alone waits for nobody', async () => {
    const { requests, send } = sender();
    const sent = new Gathering(1).through(send)(['a']);
    expect(requests).toEqual([['a']]);
    await sent;
  });

  it('goes when a request is full, whoever is still on the way', async () => {
    const { requests, send } = sender();
    const through = new Gathering(99).through(send);
    await Promise.all(Array.from({ length: 10 }, (_, n) => through([`${n}`])));
    expect(requests.map(({ length }) => length)).toEqual([10]);
  });

  it('fails with the request that it shares, and only with that', async () => {
    const gathering = new Gathering(2);
    let calls = 0;
    const through = gathering.through(async () => {
      calls += 1;
      if (calls === 1) throw new Error('reset');
      return [];
    });
    const both = await Promise.allSettled([through(['a']), through(['b'])]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([through(['a']), through(['b'])])).toEqual([[], []]);
  });
});
