import { describe, expect, it } from 'vitest';
import type {
  HandResult,
  MessageRecord,
  OutgoingMail,
  QueuedMessage,
  StoredProfile,
  UnknownNote,
} from '../../shared/app/ports.ts';
import { asShown } from '../../shared/app/quiet-claim.ts';
import { type MessageDelivery, type SendPorts, sendMessage } from '../../shared/app/send.ts';
import { settleUndelivered } from '../../shared/app/settle-undelivered.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { testKey } from '../../shared/kernel/ids.ts';
import { timing } from '../../shared/resources.ts';
import { memoryMessages, memoryProfiles } from '../protocol/memory-stores.ts';
import { people, queuedMessage } from '../protocol/scenario.ts';

const start = Date.UTC(2026, 10, 22, 9);
const last = timing.maxReceives;
const made = { renderedAt: start - 5, detail: { template: 'hello@1' } };

function sender(result: HandResult | Error, request: Partial<QueuedMessage['request']> = {}) {
  const claims = new Map<string, MessageRecord>();
  const notes = new Map<string, UnknownNote>();
  const mails: OutgoingMail[] = [];
  const given: Profile[] = [];
  const counted: string[] = [];
  let calls = 0;
  const profiles = new Map<string, StoredProfile>();
  const put = (key: string, profile: Partial<Profile>) =>
    profiles.set(key, { key, version: 1, at: start, epoch: 1, profile: { ...emptyProfile, ...profile } });
  put(people.u, {});
  const world = { now: start };
  const ports: SendPorts = {
    clock: () => world.now,
    metrics: { count: (name) => counted.push(name) },
    mailbox: {
      async send(all) {
        mails.push(...all);
        return [];
      },
    },
    messages: memoryMessages(claims, notes),
    profiles: memoryProfiles(profiles),
    hand: async (_, { profile }) => {
      given.push(profile);
      if (result instanceof Transient) throw result;
      if ('holdUntil' in result || ('as' in result && result.as === 'not-sent')) return result;
      const call = async () => {
        calls += 1;
        return result instanceof Error ? Promise.reject(result) : result;
      };
      return { ...made, call };
    },
  };
  const delivery = (more: Partial<MessageDelivery> = {}): MessageDelivery => {
    const queued = queuedMessage('m1');
    return { ...queued, request: { ...queued.request, ...request }, receives: 1, by: 'one/0', copy: 'c1', ...more };
  };
  const claim = () => claims.get(`${people.u} m1`);
  return { ports, world, mails, given, called: () => calls, counted, put, delivery, claim, claims, notes };
}

const outcomeOf = (mails: readonly OutgoingMail[]) =>
  mails.map(({ mail }) => mail.records[0]).map((one) => (one?.t === 'outcome' ? [one.outcome, one.reason] : one));

describe('what came of the call', () => {
  it.each([
    ['handed over', { handed: 'p1' }, 1, 'ack', 'handing', []],
    ['handed over, and devices are gone', { handed: 'p1', gone: ['h'] }, 1, 'ack', 'sent', [['sent', undefined]]],
    [
      'refused by our checks',
      { refused: 'consent.missing', as: 'not-sent' },
      1,
      'ack',
      'not-sent',
      [['not-sent', 'consent.missing']],
    ],
    [
      'refused by the provider',
      { refused: 'ses.rejected', as: 'failed' },
      1,
      'ack',
      'failed',
      [['failed', 'ses.rejected']],
    ],
    ['held', { holdUntil: start + 1, why: 'quiet-hours' }, 1, 'ack', 'held', [['not-sent', 'held.quiet-hours']]],
    ['throttled', { throttled: 'ses.rate' }, 1, 'nack', 'retry', []],
    [
      'throttled at the last receive',
      { throttled: 'ses.rate' },
      last,
      'ack',
      'failed',
      [['failed', 'failed.exhausted']],
    ],
    ['unknown', { unknown: 'timeout' }, 1, 'ack', 'unknown', [['unknown', 'timeout']]],
    ['a defect', new TypeError('x'), 1, 'ack', 'unknown', [['unknown', 'defect.TypeError']]],
    ['cut off before the call', new Transient('catalog.busy', 'x'), 1, 'nack', 'retry', []],
  ] as const)('G3, G7: %s', async (_, result, receives, answer, st, reported) => {
    const s = sender(result);
    const done = await sendMessage(s.delivery({ receives }), s.ports);
    expect(done === 'ack' ? 'ack' : 'nack').toBe(answer);
    expect(s.claim()?.st).toBe(st);
    expect(outcomeOf(s.mails)).toEqual(reported);
    expect(s.counted.filter((name) => name === 'MessagesRetried')).toHaveLength(st === 'retry' ? 1 : 0);
    const isMade = !['not-sent', 'held', 'retry'].includes(st);
    expect(s.claim()).toMatchObject(isMade ? made : {});
    if (!isMade) expect(s.claim()).not.toHaveProperty('renderedAt');
    // For who finds out later; of nothing else a second item is written.
    expect(s.claim()?.run).toBe(st === 'unknown' ? 'r1' : undefined);
    expect([...s.notes.values()]).toEqual(st === 'unknown' ? [{ key: people.u, id: 'm1', at: start }] : []);
  });

  it('G1: what was received in vain while its function was throttled is no attempt; fifty attempts of ours are', async () => {
    const s = sender({ throttled: 'ses.rate' });
    let receives = last - 100;
    for (let tries = 1; tries < timing.messageMaxTries; tries++) {
      const again = await sendMessage(s.delivery({ by: `by-${tries}`, receives: receives++ }), s.ports);
      expect(again).toHaveProperty('nackAfterSeconds');
      if (tries === 1) expect(again).toMatchObject({ nackAfterSeconds: expect.toSatisfy((s: number) => s <= 10) });
    }
    expect(s.claim()).toMatchObject({ st: 'retry', tries: timing.messageMaxTries - 1 });
    expect(await sendMessage(s.delivery({ by: 'the-last', receives }), s.ports)).toBe('ack');
    expect(outcomeOf(s.mails)).toEqual([['failed', 'failed.exhausted']]);
  });

  it('what is held and decided anew has all its attempts again', async () => {
    const s = sender({ throttled: 'ses.rate' });
    await sendMessage(s.delivery(), s.ports);
    await s.ports.messages.put({ ...s.claim()!, st: 'held' }, [{ st: 'retry' }]);
    const anew = s.delivery({ by: 'two/0' });
    await sendMessage({ ...anew, request: { ...anew.request, decidedAt: anew.request.decidedAt + 1 } }, s.ports);
    expect(s.claim()).toMatchObject({ st: 'retry', tries: 1 });
  });

  it('G3: the step may choose at least once: an unknown outcome is tried again, to the last receive', async () => {
    const s = sender({ unknown: 'timeout' }, { onUnknown: 'resend' });
    expect(await sendMessage(s.delivery(), s.ports)).toHaveProperty('nackAfterSeconds');
    expect(await sendMessage(s.delivery({ by: 'two/0', receives: last }), s.ports)).toBe('ack');
    expect(s.called()).toBe(2);
    expect(s.claim()?.st).toBe('unknown');
  });

  it('a channel that takes a message only once is tried again, whoever asked for what', async () => {
    const s = sender({ unknown: 'timeout' }, { channel: 'in-app', onUnknown: 'count' });
    expect(await sendMessage(s.delivery(), s.ports)).toHaveProperty('nackAfterSeconds');
    expect(s.claim()?.st).toBe('retry');
    await s.ports.messages.put({ ...s.claim()!, st: 'handing', by: 'dead/0' }, [{ st: 'retry' }]);
    s.world.now += timing.claimGraceSeconds * 1_000;
    await sendMessage(s.delivery({ by: 'two/0' }), s.ports);
    expect(s.called()).toBe(2);
  });

  it('what arrives as it is handed over says so itself, with the same id each time', async () => {
    const s = sender({ handed: '' }, { channel: 'in-app' });
    await sendMessage(s.delivery(), s.ports);
    expect(s.claim()).toMatchObject({ st: 'sent', receipts: { delivered: start } });
    s.world.now += 1_000;
    await sendMessage(s.delivery({ by: 'two/0' }), s.ports);
    const records = s.mails.map(({ mail }) => mail.records[0]);
    expect(records).toHaveLength(2);
    expect(records[0]).toEqual(records[1]);
    expect(records[0]).toMatchObject({ t: 'receipt', was: 'delivered', channel: 'in-app', message: 'm1', at: start });
  });

  it('a run that waits is told of success too, with the answer; again if a delivery comes again', async () => {
    const s = sender({ handed: 'p1', answer: { ok: true } }, { report: 'all', webhook: { endpoint: 'e', save: true } });
    await sendMessage(s.delivery(), s.ports);
    await sendMessage(s.delivery({ by: 'two/0' }), s.ports);
    expect(s.called()).toBe(1);
    expect(s.mails).toHaveLength(2);
    expect(s.mails[1]!.id).toBe(s.mails[0]!.id);
    expect(s.mails[1]!.mail.records[0]).toMatchObject({ outcome: 'sent', answer: { ok: true } });
    expect(s.mails[0]!.mail.hop).toBe(1);
  });

  it('G3, G7: what was not handed over comes back with its origin, and what was held with its values too', async () => {
    const values = { entry: { order: 'o1' } };
    const origin = queuedMessage('m1').request.origin;
    const refused = sender({ refused: 'consent.missing', as: 'not-sent' }, { values });
    await sendMessage(refused.delivery(), refused.ports);
    expect(refused.mails[0]!.mail.records[0]).toMatchObject({ t: 'outcome', origin });
    expect(refused.mails[0]!.mail.records[0]).not.toHaveProperty('values');
    const held = sender({ holdUntil: start + 1, why: 'quiet-hours' }, { values });
    await sendMessage(held.delivery(), held.ports);
    expect(held.mails[0]!.mail.records[0]).toMatchObject({ t: 'outcome', origin, values });
  });

  it('G3: of a held message only what was decided since is handed over, and no other copy of the same decision', async () => {
    const s = sender({ holdUntil: start + 1, why: 'quiet-hours' });
    await sendMessage(s.delivery(), s.ports);
    const next: SendPorts = { ...s.ports, hand: async () => ({ ...made, call: async () => ({ handed: 'p1' }) }) };
    expect(await sendMessage(s.delivery({ by: 'two/0', copy: 'c2' }), next)).toBe('ack');
    expect(await settleUndelivered(s.delivery({ by: 'dlq/0', copy: 'c2' }), s.ports)).toBe('ack');
    expect(s.claim()?.st).toBe('held');
    expect(s.mails.map(({ id }) => id)).toEqual(Array(3).fill(s.mails[0]!.id));
    const again = s.delivery({ by: 'three/0', copy: 'c3' });
    expect(await sendMessage({ ...again, request: { ...again.request, decidedAt: 1 } }, next)).toBe('ack');
    expect(s.claim()).toMatchObject({ st: 'handing', decidedAt: 1, requestedAt: 0 });
  });

  it.each([
    { refused: 'consent.missing', as: 'not-sent' },
    { refused: 'ses.rejected', as: 'failed' },
    { holdUntil: start + 1, why: 'quiet-hours' },
  ] as const)(
    'G3, G7: a put that the SDK does twice, because the answer was lost, loses no report: %j',
    async (result) => {
      const s = sender(result);
      const { read, put, noteUnknown } = s.ports.messages;
      const twice: SendPorts['messages'] = {
        ...{ read, noteUnknown },
        async put(record, expected) {
          await put(record, expected);
          return put(record, expected);
        },
      };
      expect(await sendMessage(s.delivery(), { ...s.ports, messages: twice })).toBe('ack');
      expect(s.mails).toHaveLength(1);
    },
  );
});

describe('claims of others', () => {
  const claimed = async (ageSeconds: number, more: Partial<QueuedMessage['request']> = {}) => {
    const s = sender({ handed: 'p1' }, more);
    const stuck: SendPorts = {
      ...s.ports,
      hand: async () => ({ ...made, call: () => new Promise(() => undefined) }),
    };
    void sendMessage(s.delivery(), stuck);
    await new Promise(setImmediate);
    expect(s.claim()?.st).toBe('handing');
    s.world.now += ageSeconds * 1_000;
    return s;
  };

  it('G3: a young one is left alone for the rest of its grace', async () => {
    const s = await claimed(10);
    expect(await sendMessage(s.delivery({ by: 'two/0' }), s.ports)).toEqual({ nackAfterSeconds: 30 });
    expect(s.called()).toBe(0);
  });
  it('G3: an old one becomes unknown, and is not sent', async () => {
    const s = await claimed(timing.claimGraceSeconds);
    expect(await sendMessage(s.delivery({ by: 'two/0' }), s.ports)).toBe('ack');
    expect(s.called()).toBe(0);
    expect(outcomeOf(s.mails)).toEqual([['unknown', 'sender.died']]);
  });
  it('G7: a report that was cut off is made good, and the list too', async () => {
    const s = await claimed(timing.claimGraceSeconds);
    const cut = { ...s.ports.messages, noteUnknown: () => Promise.reject(new Transient('aws.throttled', 'x')) };
    await expect(sendMessage(s.delivery({ by: 'two/0' }), { ...s.ports, messages: cut })).rejects.toThrow();
    expect([s.claim()?.st, s.mails.length, s.notes.size]).toEqual(['unknown', 0, 0]);
    const since = s.world.now;
    s.world.now += 1_000;
    expect(await sendMessage(s.delivery({ by: 'three/0' }), s.ports)).toBe('ack');
    expect([...s.notes.values()]).toEqual([{ key: people.u, id: 'm1', at: since }]);
    expect(outcomeOf(s.mails)).toEqual([['unknown', 'sender.died']]);
  });
  it('G3: unless the step says so', async () => {
    const s = await claimed(timing.claimGraceSeconds, { onUnknown: 'resend' });
    expect(await sendMessage(s.delivery({ by: 'two/0' }), s.ports)).toBe('ack');
    expect(s.claim()).toMatchObject({ st: 'sent', by: 'two/0' });
  });
});

describe('a quiet claim', () => {
  const handed = async (more: Partial<QueuedMessage['request']> = {}) => {
    const s = sender({ handed: 'p1' }, more);
    expect(await sendMessage(s.delivery(), s.ports)).toBe('ack');
    expect(s.counted).toEqual(['MessagesSent']);
    return s;
  };
  const late = timing.claimGraceSeconds * 1_000;
  const test = testKey('welcome', 'r1');

  it.each([
    ['an e-mail of a journey', {}, 'handing'],
    ['whose run waits for the outcome', { report: 'all' }, 'sent'],
    ['that may go twice, but not because its queue gave it twice', { onUnknown: 'resend' }, 'sent'],
    ['whose provider may say nothing of it', { channel: 'push' }, 'sent'],
    ['that somebody asked for', { origin: undefined as never }, 'sent'],
    ['that an author tries out', { key: test, id: `${test}-m1` }, 'sent'],
  ] as const)('is that of %s: %j, %s', async (_, more, st) => {
    const s = sender({ handed: 'p1' }, more);
    s.put(test, {});
    await sendMessage(s.delivery(), s.ports);
    const [row] = [...s.claims.values()];
    expect(row?.st).toBe(st);
    expect(row?.quiet).toBe(st === 'handing' ? true : undefined);
    expect(row).toMatchObject(made);
  });

  it('reads as sent when nothing more was heard of it, or its provider tells of it', async () => {
    const s = await handed();
    const shown = (seconds: number, receipts?: MessageRecord['receipts']) =>
      asShown({ ...s.claim()!, ...(receipts && { receipts }) }, start + seconds * 1_000).st;
    expect([shown(0), shown(219), shown(220)]).toEqual(['handing', 'handing', 'sent']);
    expect(shown(1, { bounced: start + 500 })).toBe('sent');
    const { quiet: _, ...loud } = s.claim()!;
    expect(asShown(loud, start + 1e9).st).toBe('handing');
    expect(asShown({ ...s.claim()!, st: 'unknown' }, start + 1e9).st).toBe('unknown');
  });

  it('G3, G7: another copy leaves it to the one that claimed, however old it is', async () => {
    const s = await handed();
    for (const wait of [0, late, 1e7]) {
      s.world.now = start + wait;
      expect(await sendMessage(s.delivery({ by: `two/${wait}`, copy: 'c2' }), s.ports)).toBe('ack');
      expect(await settleUndelivered(s.delivery({ by: `dlq/${wait}`, copy: 'c2' }), s.ports)).toBe('ack');
    }
    expect(s.claim()).toMatchObject({ st: 'handing', by: 'one/0' });
    expect(s.mails).toEqual([]);
  });

  it('G3: the copy itself cannot know, when it comes twice: not again, and said so', async () => {
    for (const again of [sendMessage, settleUndelivered] as const) {
      const s = await handed();
      expect(await again(s.delivery({ by: 'two/0' }), s.ports)).not.toBe('ack');
      s.world.now += late;
      expect(await again(s.delivery({ by: 'two/0' }), s.ports)).toBe('ack');
      expect(outcomeOf(s.mails)).toEqual([['unknown', 'sender.died']]);
      expect(s.claim()).toMatchObject({ st: 'unknown', run: 'r1', ...made });
    }
  });

  it('G7: unless the provider has told of it meanwhile', async () => {
    for (const again of [sendMessage, settleUndelivered] as const) {
      const s = await handed();
      s.claims.set(`${people.u} m1`, { ...s.claim()!, receipts: { delivered: start + 800 } });
      s.world.now += late;
      expect(await again(s.delivery({ by: 'two/0' }), s.ports)).toBe('ack');
      expect([s.mails, s.notes.size, s.claim()?.st]).toEqual([[], 0, 'handing']);
    }
  });

  it('G1, G7: what its provider did not take is for the copy that has claimed, too: another one may be gone already', async () => {
    const s = sender({ throttled: 'ses.rate' });
    await sendMessage(s.delivery(), s.ports);
    expect(await sendMessage(s.delivery({ by: 'two/0', copy: 'c2' }), s.ports)).toBe('ack');
    expect(await settleUndelivered(s.delivery({ by: 'dlq/0', copy: 'c2' }), s.ports)).toBe('ack');
    expect(s.claim()).toMatchObject({ st: 'retry', copy: 'c1', tries: 1 });
    expect(s.called()).toBe(1);
  });

  it('what was taken for a call that is not made goes back', async () => {
    const s = await handed();
    let back = 0;
    const taking: SendPorts = {
      ...s.ports,
      hand: async () => ({ ...made, giveBack: () => (back += 1), call: () => Promise.reject(new Error('called')) }),
    };
    await sendMessage(s.delivery({ by: 'two/0', copy: 'c2' }), taking);
    expect(back).toBe(1);
    const put = () => Promise.reject(new Transient('aws.throttled', 'x'));
    const cut: SendPorts = { ...taking, messages: { ...s.ports.messages, put } };
    await expect(sendMessage(s.delivery({ by: 'three/0' }), cut)).rejects.toThrow('x');
    expect(back).toBe(2);
  });
});

describe('a journal entry that it carries', () => {
  const entry = { jk: '2026-11-22T09:00:00.000Z|w|3', v: 3, at: start, why: [{ code: 'message.decided' }] };
  const later = { ...entry, jk: '2026-11-22T10:00:00.000Z|w|5', v: 5 };

  it('is written with the claim, and stays', async () => {
    const s = sender({ handed: 'p1' });
    await sendMessage(s.delivery({ entry }), s.ports);
    expect(s.claim()).toMatchObject({ st: 'handing', entries: [entry] });
  });

  it('stays when a message that was held is decided anew, beside the new one', async () => {
    const held = sender({ holdUntil: start, why: 'quiet-hours' });
    await sendMessage(held.delivery({ entry }), held.ports);
    const s = sender({ handed: 'p1' }, { decidedAt: start + 1 });
    for (const [name, row] of held.claims) s.claims.set(name, row);
    await sendMessage(s.delivery({ entry: later, by: 'two/0' }), s.ports);
    expect(s.claim()).toMatchObject({ st: 'handing', entries: [entry, later] });
  });

  it.each([
    ['G12: of who was erased nothing is written', { erased: { from: 1 } }, undefined],
    ['of anybody else it is', {}, [entry]],
    ['of who moves at this time it is not, for nobody can tell', { movedTo: people.a }, undefined],
  ] as const)('%s', async (_, profile, expected) => {
    const s = sender({ handed: 'p1' });
    s.put(people.u, profile as unknown as Partial<Profile>);
    await sendMessage(s.delivery({ entry }), s.ports);
    expect(s.claim()?.entries).toEqual(expected);
  });

  it('is none of a message that its queue gave up', async () => {
    const s = sender({ handed: 'p1' });
    expect(await settleUndelivered(s.delivery({ entry }), s.ports)).toBe('ack');
    expect(s.claim()).not.toHaveProperty('entries');
  });
});

describe('whose state it is', () => {
  it.each([
    ['a root', { u: {} }, 0],
    ['a frozen signpost still has it', { u: { movedTo: people.v, frozen: true }, v: { createdAt: 9 } }, 0],
    ['a stripped one gave it away', { u: { movedTo: people.v }, v: { createdAt: 9 } }, 9],
  ] as const)('%s', async (_, state, createdAt) => {
    const s = sender({ handed: 'p1' });
    for (const [person, profile] of Object.entries(state))
      s.put(people[person as 'u' | 'v'], profile as unknown as Partial<Profile>);
    await sendMessage(s.delivery(), s.ports);
    expect(s.given[0]?.createdAt).toBe(createdAt);
    expect(s.given[0]).not.toHaveProperty('movedTo');
  });
});

describe('back-off', () => {
  it('grows, stays below an hour, is the same for the same delivery and heeds the provider', async () => {
    const backOff = async (receives: number, retryAfterSeconds?: number) => {
      const s = sender({ throttled: 'x', ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
      await sendMessage(s.delivery({ by: 'zero' }), s.ports);
      await s.ports.messages.put({ ...s.claim()!, tries: receives - 1 }, [{ st: 'retry' }]);
      const result = await sendMessage(s.delivery({ receives }), s.ports);
      return (result as { nackAfterSeconds: number }).nackAfterSeconds;
    };
    const waits = await Promise.all([1, 3, 6, 9, 40].map((receives) => backOff(receives)));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(Math.max(...waits)).toBeLessThanOrEqual(3_600);
    expect(await backOff(3)).toBe(waits[1]);
    expect(await backOff(1, 500)).toBe(500);
    expect(await backOff(1, 99_999)).toBe(43_200);
  });
});

describe('settle-undelivered', () => {
  it.each([
    ['never claimed', undefined, 0, 'ack', 'failed'],
    ['throttled all along', 'retry', 0, 'ack', 'failed'],
    ['held, then lost', 'held', 0, 'ack', 'failed'],
    ['a sender died over it', 'handing', timing.claimGraceSeconds, 'ack', 'unknown'],
    ['a sender is at it', 'handing', 5, 'again', 'handing'],
    ['it was sent after all', 'sent', 0, 'ack', 'sent'],
  ] as const)('G7: %s', async (_, st, ageSeconds, answer, end) => {
    const s = sender({ handed: 'p1' });
    if (st !== undefined) {
      const { request } = s.delivery();
      const record = {
        key: request.key,
        id: request.id,
        st,
        by: 'one/0',
        copy: 'c1',
        decidedAt: request.decidedAt - 1,
        at: start,
        channel: 'email',
      } as const;
      await s.ports.messages.put(record, 'absent');
    }
    s.world.now += ageSeconds * 1_000;
    expect(await settleUndelivered(s.delivery({ by: 'dlq/0' }), s.ports)).toBe(answer);
    expect(s.claim()?.st).toBe(end);
    expect(s.mails).toHaveLength(end === 'failed' || end === 'unknown' ? 1 : 0);
  });
});
