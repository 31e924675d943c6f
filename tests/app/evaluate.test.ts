import { describe, expect, it } from 'vitest';
import { type Delivery, type EvaluatePorts, evaluate } from '../../shared/app/evaluate.ts';
import { toldKey } from '../../shared/app/journal-key.ts';
import { Leases } from '../../shared/app/leases.ts';
import type {
  JournalEntry,
  MessageRecord,
  OutgoingMail,
  QueuedMessage,
  StoredProfile,
  Tally,
  WakeRequest,
} from '../../shared/app/ports.ts';
import type { Decision, Effect } from '../../shared/domain/decision.ts';
import { type MailRecord, maxHops } from '../../shared/domain/mail-record.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { auditedRules, ledgerOf } from '../protocol/audit.ts';
import {
  type JournalItems,
  memoryCarried,
  memoryCounters,
  memoryJournal,
  memoryPast,
  memoryProfiles,
  memoryRemains,
} from '../protocol/memory-stores.ts';
import { catalogs, clientEvent, fewEntries, people, toCustomerEvent } from '../protocol/scenario.ts';

const start = Date.UTC(2026, 10, 22, 9);

/** One profile's surroundings; every call is written down by name. */
function actor() {
  const profiles = new Map<string, StoredProfile>();
  const journal: JournalItems = new Map();
  const counters = new Map<string, number>();
  const calls: string[] = [];
  const counted: string[] = [];
  const wakes: WakeRequest[] = [];
  const mails: OutgoingMail[] = [];
  const messages: QueuedMessage[] = [];
  const claims = new Map<string, MessageRecord>();
  const tallies: Tally[] = [];
  const world = { now: start, isSending: true };
  /** As a sender would. */
  const claim = ({ entry, request: { id, key, decidedAt, channel } }: QueuedMessage) => {
    const name = `${key} ${id}`;
    const claimed = { key, id, st: 'sent', by: 'one/0', copy: 'c1', at: world.now, decidedAt, channel } as const;
    if (!claims.has(name)) claims.set(name, { ...claimed, ...(entry && { entries: [entry] }) });
  };
  const metered = <P extends object>(name: string, port: P): P =>
    new Proxy(port, {
      get:
        (target, property) =>
        (...args: unknown[]) => {
          const strength = args.includes('strong') ? ' strong' : args.includes('eventual') ? ' eventual' : '';
          calls.push(`${name}.${String(property)}${strength}`);
          return (target as Record<string, (...a: unknown[]) => unknown>)[property as string]!(...args);
        },
    });
  const keep =
    <T>(into: T[], refused: readonly { index: number; code: string }[] = []) =>
    async (all: readonly T[]) => {
      into.push(...all.filter((_, index) => !refused.some((one) => one.index === index)));
      return refused;
    };
  const ports: EvaluatePorts = {
    clock: () => world.now,
    metrics: { count: (name) => counted.push(name) },
    rules: auditedRules,
    catalogs: { current: async () => catalogs[0]! },
    stats: { add: async (all) => void tallies.push(...all) },
    permits: new Leases(metered('counters', memoryCounters(counters)), () => world.now),
    suppressions: { put: async () => undefined },
    consents: { put: async () => undefined },
    profiles: metered('profiles', memoryProfiles(profiles)),
    journal: metered('journal', memoryJournal(journal)),
    carried: { mayCarry: true, has: metered('carried', memoryCarried(claims)).has },
    past: memoryPast(journal),
    mailbox: metered('mailbox', { send: keep(mails) }),
    messageQueues: metered('messages', {
      send: async (all: readonly QueuedMessage[]) => {
        if (world.isSending) for (const one of all) claim(one);
        return keep(messages)(all);
      },
    }),
    timers: metered('timers', { arm: keep(wakes) }),
  };
  let sequence = 0;
  const deliver = (
    records: readonly MailRecord[],
    more: { receives?: number; hop?: number; key?: string } = {},
  ): Delivery => {
    sequence += 1;
    const { receives = 1, hop = 0, key = people.u } = more;
    return { id: `d${sequence}`, receives, mail: { schema: 1, key, received: world.now, hop, records } };
  };
  const event = (id: string, kind: Parameters<typeof clientEvent>[1]): MailRecord & { t: 'event' } => ({
    t: 'event',
    event: toCustomerEvent(world.now, clientEvent(id, kind, 'u', { first: { sent: `${id}`, sentAt: world.now } })),
  });
  const entry = (record: MailRecord & { t: 'event' }): JournalEntry | undefined =>
    journal.get(`${people.u} ${toldKey(record)}`)?.entry;
  /** Evaluates one record alone and answers its calls. */
  const tell = async (record: MailRecord, more: Parameters<typeof deliver>[1] = {}) => {
    calls.length = 0;
    const failures = await evaluate([deliver([record], more)], ports);
    if (failures[0] !== undefined && !(failures[0].error instanceof Transient)) throw failures[0].error;
    return [...calls];
  };
  /** Has an address, so that messages go. */
  const introduce = () => {
    const { event: hello } = event('e0', 'identify');
    return tell({ t: 'event', event: { ...hello, data: { email: 'u@example.com' } } });
  };
  /** A wake that sends a message. */
  const sends = async (more: Parameters<typeof deliver>[1] = {}) => {
    await introduce();
    await tell(event('started', 'start'));
    world.now = wakes[0]!.due;
    return tell({ t: 'wake', id: 'w', due: world.now }, more);
  };
  return {
    introduce,
    sends,
    ports,
    world,
    profiles,
    journal,
    calls,
    counted,
    wakes,
    mails,
    messages,
    claims,
    tallies,
    deliver,
    event,
    entry,
    tell,
    keep,
  };
}

interface Special {
  readonly mayCarry?: boolean;
  readonly long?: boolean;
}
const wordy: EvaluatePorts['rules'] = {
  ...auditedRules,
  decide: (...given) => {
    const decision = auditedRules.decide(...given);
    return { ...decision, reasons: decision.reasons.map((reason) => ({ ...reason, fix: 'x'.repeat(200) })) };
  },
};

describe('budgets of calls (design, chapter 6)', () => {
  const units: Readonly<Record<string, readonly [wru: number, rru: number]>> = {
    'profiles.read': [0, 1],
    'profiles.commit': [1, 0],
    'journal.read strong': [0, 1],
    'journal.read eventual': [0, 0.5],
    'journal.put': [1, 0],
    'journal.putIfAbsent': [1, 0],
    'carried.has': [0, 0.5],
  };
  const sum = (calls: readonly string[], unit: 0 | 1) =>
    calls.reduce((all, call) => all + (units[call]?.[unit] ?? 0), 0);
  const price = (calls: readonly string[]) => [sum(calls, 0), sum(calls, 1)];

  it.each([
    ['an event without effect', [1, 1.5], async (a: ReturnType<typeof actor>) => a.tell(a.event('e2', 'page'))],
    ['an event that moves', [2, 2.5], async (a: ReturnType<typeof actor>) => a.tell(a.event('e2', 'count'))],
    ['a stale wake', [0, 1.5], async (a: ReturnType<typeof actor>) => a.tell({ t: 'wake', id: 'w', due: a.world.now })],
    [
      'a wake that sends a message and waits again',
      [1, 1.5],
      async (a: ReturnType<typeof actor>) => {
        await a.tell(a.event('e2', 'start'));
        a.world.now = a.wakes[0]!.due;
        const calls = await a.tell({ t: 'wake', id: 'w', due: a.wakes[0]!.due });
        expect(a.messages).toHaveLength(1);
        expect(a.wakes).toHaveLength(2);
        return calls;
      },
    ],
    [
      'an event without effect behind that',
      [1, 1.5],
      async (a: ReturnType<typeof actor>) => {
        await a.sends();
        return a.tell(a.event('e3', 'page'));
      },
    ],
  ] as const)('%s: %j write and read units', async (_, expected, act) => {
    const a = actor();
    await a.introduce();
    expect(price(await act(a))).toEqual(expected);
  });
});

describe('limits that customers share', () => {
  const entered = ({ entry }: ReturnType<typeof actor>, record: Parameters<typeof entry>[0]) =>
    entry(record)!.why.flatMap(({ code, journey, saw }) =>
      journey === 'few' && /entered|limits/.test(code) ? [[code, Object.values(saw as object)[0]]] : [],
    );

  it('cost a call where a journey has one, and nothing once it is used up', async () => {
    const a = actor();
    const starts = Array.from({ length: 6 }, (_, index) => a.event(`s${index}`, 'start'));
    const calls: number[] = [];
    for (const one of starts) calls.push((await a.tell(one)).filter((call) => call.startsWith('counters')).length);
    expect(calls).toEqual([1, 1, 1, 0, 0, 0]);
    expect(starts.flatMap((one) => entered(a, one))).toEqual([
      ...[0, 1, 2].map((place) => ['entry.entered', place]),
      ...[3, 4, 5].map(() => ['limits.entries-total', fewEntries]),
    ]);
  });

  it('a duplicate gives its place back; a commit that may have been done does not', async () => {
    const a = actor();
    const first = a.event('s0', 'start');
    await a.tell(first);
    await a.tell(a.event('e1', 'count'));
    await a.tell(first);
    const second = a.event('s1', 'start');
    const lost: EvaluatePorts = {
      ...a.ports,
      profiles: {
        ...a.ports.profiles,
        read: a.ports.profiles.read,
        commit: async () => Promise.reject(new Transient('lost', '')),
      },
    };
    expect(await evaluate([a.deliver([second])], lost)).toHaveLength(1);
    await a.tell(second);
    await a.tell(a.event('s2', 'start'));
    expect([...entered(a, first), ...entered(a, second)]).toEqual([
      ['entry.entered', 0],
      ['entry.entered', 2],
    ]);
    expect(entered(a, a.event('s2', 'start')), 'one was lost, none is given twice').toEqual([
      ['limits.entries-total', fewEntries],
    ]);
  });
});

describe('time', () => {
  it('G6: a wake is evidence that its time has come, a minute ahead of the clock and no more', async () => {
    const a = actor();
    await a.introduce();
    await a.tell(a.event('e1', 'start'));
    const due = a.wakes[0]!.due;
    a.world.now = due - 2 * MINUTE_MS;
    await a.tell({ t: 'wake', id: 'early', due });
    expect(a.messages).toEqual([]);
    expect(a.wakes).toEqual([
      { key: people.u, due },
      { key: people.u, due },
    ]);
    a.world.now = due - MINUTE_MS;
    await a.tell({ t: 'wake', id: 'near', due });
    expect(a.messages).toHaveLength(1);
    expect(a.profiles.get(people.u)?.at).toBe(due);
  });

  it.each([
    ['on time', 0, {}, []],
    ['five minutes late', 5 * MINUTE_MS, {}, []],
    ['later', 5 * MINUTE_MS + 1, {}, ['WakesLate']],
    ['held up by a pause', 60 * MINUTE_MS, { epoch: 1 }, []],
  ])('a wake that moves a run %s is counted when customers notice', async (_what, lateMs, more, counted) => {
    const a = actor();
    await a.introduce();
    await a.tell(a.event('e1', 'start'));
    const due = a.wakes[0]!.due;
    a.world.now = due + lateMs;
    await a.tell({ t: 'wake', id: 'w', due, ...more });
    expect(a.messages).toHaveLength(1);
    // Nothing is left to move.
    await a.tell({ t: 'wake', id: 'again', due, ...more });
    expect(a.counted).toEqual(counted);
  });

  it('a message says whether anybody asks about its delivery, also when it is sent again (ADR 49)', async () => {
    for (const asked of [false, true]) {
      const a = actor();
      const rules = { ...auditedRules, asksOfDelivery: () => asked };
      await a.introduce();
      await a.tell(a.event('e1', 'start'));
      a.world.now = a.wakes[0]!.due;
      const [delivery] = [a.deliver([{ t: 'wake', id: 'w', due: a.world.now }])];
      const cut = { ...a.ports, rules, timers: { arm: () => Promise.reject(new Transient('test', 'down')) } };
      await evaluate([delivery!], cut);
      await evaluate([delivery!], { ...a.ports, rules: { ...rules, asksOfDelivery: () => !asked } });
      expect(a.messages.map(({ unasked }) => unasked === true)).toEqual(a.messages.map(() => !asked));
      expect(a.messages.length).toBeGreaterThan(0);
    }
  });

  it('never runs backwards for a profile', async () => {
    const a = actor();
    await a.tell(a.event('e1', 'count'));
    a.world.now -= 5_000;
    await a.tell(a.event('e2', 'count'));
    expect(a.profiles.get(people.u)?.at).toBe(start);
  });
});

describe('groups of a batch', () => {
  it('share the requests for what they send (ADR 50)', async () => {
    const a = actor();
    const keys = [people.u, people.a, people.v];
    const deliveries = keys.map((key, n) => a.deliver([a.event(`e${n}`, 'start')], { key }));
    expect(await evaluate(deliveries, a.ports)).toEqual([]);
    expect(a.wakes.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(a.calls.filter((call) => call === 'timers.arm')).toHaveLength(1);
  });

  it('G1: one profile that fails takes none of the others with it, and fails whole', async () => {
    const a = actor();
    const catalog = a.ports.catalogs;
    const ports: EvaluatePorts = {
      ...a.ports,
      catalogs: catalog,
      profiles: {
        ...a.ports.profiles,
        commit: a.ports.profiles.commit,
        read: (key) => (key === people.a ? Promise.reject(new Transient('test', 'down')) : a.ports.profiles.read(key)),
      },
    };
    const failing = [
      a.deliver([a.event('e1', 'count')], { key: people.a }),
      a.deliver([a.event('e2', 'count')], { key: people.a }),
    ];
    const failures = await evaluate([...failing, a.deliver([a.event('e3', 'count')])], ports);
    expect(failures.map(({ ids }) => ids)).toEqual([failing.map(({ id }) => id)]);
    expect(ledgerOf(a.profiles.get(people.u)!.profile)).toEqual({ e3: 1 });
  });

  it('adds up the counts of all of them in one go', async () => {
    const a = actor();
    const both = [a.deliver([a.event('e1', 'start')]), a.deliver([a.event('e2', 'start')], { key: people.v })];
    await evaluate(both, a.ports);
    expect(a.tallies).toMatchObject(
      ['few', 'welcome'].map((journey) => ({ journey, version: 1, day: '2026-11-22', counts: { entered: 2 } })),
    );
  });
});

const granted = (at: number) => ({ channel: 'email', topic: 'news', state: 'granted', at, source: 'test' }) as const;

describe('records that cannot be decided', () => {
  it('G1: fail twice, then are parked whole; what comes with them goes on', async () => {
    const a = actor();
    const poison = a.event('p', 'poison');
    const good = a.event('g', 'count');
    const send = async (receives: number) => evaluate([a.deliver([poison, good], { receives })], a.ports);
    expect(await send(1)).toHaveLength(1);
    expect(await send(2)).toHaveLength(1);
    expect(a.journal.size).toBe(0);
    expect(await send(3)).toEqual([]);
    expect(a.entry(poison)).toMatchObject({ st: 'parked', in: poison, why: [{ code: 'record.undecidable' }] });
    expect(a.entry(good)?.st).toBe('moved');
    expect(a.counted).toContain('RecordsParked');
  });

  it('G1: a parked one that is sent again is decided, once', async () => {
    const a = actor();
    const poison = a.event('p', 'poison');
    await a.tell(poison, { receives: 3 });
    const mended: EvaluatePorts = {
      ...a.ports,
      rules: {
        ...auditedRules,
        decide: (profile) => ({ ...nothing(profile), changed: true, profile: { ...profile, createdAt: 7 } }),
      },
    };
    await evaluate([a.deliver([poison])], mended);
    expect(a.entry(poison)?.st).toBe('moved');
    await evaluate([a.deliver([poison])], mended);
    expect(a.profiles.get(people.u)?.version).toBe(1);
  });

  it('G12: a parked one of before an erasure is dropped when it is sent again, or cannot be decided again', async () => {
    const a = actor();
    await a.introduce();
    const poison = a.event('p', 'poison');
    const kept = a.event('k', 'count');
    for (const one of [poison, kept]) await a.tell(one, { receives: 3, hop: one === kept ? maxHops : 0 });
    expect([poison, kept].map((one) => a.entry(one)?.st)).toEqual(['parked', 'parked']);
    a.world.now += MINUTE_MS;
    await a.tell({ t: 'erase', job: 'j', at: a.world.now });
    a.world.now += MINUTE_MS;
    await a.tell({ t: 'consent', id: 'c', at: a.world.now, consents: [granted(a.world.now)] });
    expect(a.profiles.get(people.u)?.profile).toMatchObject({ inc: 1, createdAt: a.world.now });
    const before = a.profiles.get(people.u);
    // The one can be decided by now; the other has gone round too often, once more.
    await a.tell(kept);
    await a.tell(poison, { hop: maxHops });
    for (const one of [poison, kept]) {
      expect(a.entry(one)).toMatchObject({ st: 'inert', inc: 1, in: null, why: [{ code: 'erased.before' }] });
    }
    expect(a.profiles.get(people.u)).toEqual(before);
  });

  it('G1, G12: one of whoever came back says so, and outlives the erasure’s job', async () => {
    const a = actor();
    await a.tell({ t: 'erase', job: 'j', at: start });
    a.world.now += MINUTE_MS;
    await a.tell({ t: 'consent', id: 'c', at: a.world.now, consents: [granted(a.world.now)] });
    const poison = a.event('p', 'poison');
    await a.tell(poison, { receives: 4 });
    expect(a.entry(poison)).toMatchObject({ st: 'parked', inc: 1, in: poison });
    const { key } = a.entry(poison)!;
    const erasing = { key, inc: 1, at: start, addresses: [] };
    await memoryRemains(a.journal, new Map(), new Map(), () => undefined).remove(erasing);
    expect(a.entry(poison)?.st).toBe('parked');
  });

  it('that kill the process are parked after ten tries, and an outage parks nobody', async () => {
    const a = actor();
    const killer = a.event('k', 'count');
    // Deciding it never comes back: no port is asked for anything any more.
    let dead = false;
    const mortal = <P extends object>(port: P): P =>
      new Proxy(port, {
        get:
          (target, property) =>
          (...args: unknown[]) =>
            dead
              ? new Promise(() => undefined)
              : (target as Record<string, (...a: unknown[]) => unknown>)[property as string]!(...args),
      });
    const ports: EvaluatePorts = {
      ...a.ports,
      profiles: mortal(a.ports.profiles),
      journal: mortal(a.ports.journal),
      rules: {
        ...auditedRules,
        decide: () => {
          dead = true;
          throw new Error('the process is gone');
        },
      },
    };
    const down: EvaluatePorts = {
      ...a.ports,
      profiles: { read: a.ports.profiles.read, commit: () => Promise.reject(new Transient('test', 'down')) },
    };
    for (let receives = 4; receives < 24; receives++) await evaluate([a.deliver([killer], { receives })], down);
    for (let receives = 24; receives < 34; receives++) {
      dead = false;
      void evaluate([a.deliver([killer], { receives })], ports);
      await new Promise(setImmediate);
      expect(a.entry(killer)?.st).toBe('trying');
    }
    dead = false;
    expect(await evaluate([a.deliver([killer], { receives: 34 })], ports)).toEqual([]);
    expect(a.entry(killer)).toMatchObject({ st: 'parked', why: [{ code: 'record.kills' }] });
  });

  it('hop limit: what goes round and round is parked', async () => {
    const a = actor();
    const late = a.event('h', 'count');
    await a.tell(late, { hop: maxHops });
    expect(a.entry(late)).toMatchObject({ st: 'parked', why: [{ code: 'record.too-many-hops' }] });
    const near = a.event('n', 'start');
    await a.tell(near, { hop: maxHops - 1 });
    expect(a.entry(near)?.st).toBe('moved');
    expect(a.profiles.get(people.u)?.pending?.hop).toBe(maxHops - 1);
  });

  it('too large together: one by one; too large alone: parked, and the profile goes on', async () => {
    const a = actor();
    const big = (id: string, bytes: number) => ({ id, text: 'x'.repeat(bytes) });
    const sizes: Record<string, number> = { one: 200_000, two: 200_000, three: 400_000, four: 10 };
    const ports: EvaluatePorts = {
      ...a.ports,
      rules: {
        ...auditedRules,
        decide: (profile, key, record) => {
          const { id } = (record as MailRecord & { t: 'event' }).event;
          const effect: Effect = {
            e: 'mail',
            id,
            to: key,
            record: { t: 'patch', id, at: 1, traits: big(id, sizes[id]!) },
          };
          return {
            ...nothing(profile),
            changed: true,
            profile: { ...profile, createdAt: profile.createdAt + 1 },
            effects: [effect],
          };
        },
      },
    };
    const records = Object.keys(sizes).map((id) => a.event(id, 'count'));
    expect(await evaluate([a.deliver(records)], ports)).toEqual([]);
    expect(records.map((record) => a.entry(record)?.st)).toEqual(['moved', 'moved', 'parked', 'moved']);
    expect(a.profiles.get(people.u)?.version).toBe(3);
  });
});

describe('effects', () => {
  it('G7: a message that its queue refuses for good comes back as failed, and blocks nobody', async () => {
    const a = actor();
    await a.introduce();
    await a.tell(a.event('e1', 'start'));
    a.world.now = a.wakes[0]!.due;
    const ports: EvaluatePorts = {
      ...a.ports,
      messageQueues: { send: a.keep(a.messages, [{ index: 0, code: 'channel.no-queue' }]) },
    };
    const wake = { t: 'wake', id: 'w', due: a.world.now } as const;
    expect(await evaluate([a.deliver([wake])], ports)).toEqual([]);
    expect(a.mails[0]?.mail).toMatchObject({
      key: people.u,
      records: [{ t: 'outcome', outcome: 'failed', reason: 'channel.no-queue' }],
    });
    const last = a.journal.get(`${people.u} ${a.profiles.get(people.u)!.pending!.last}`)?.entry;
    expect(last?.why).toContainEqual(expect.objectContaining({ code: 'effect.refused' }));
  });

  it('G7: of a wake that sends, the message carries the journal entry, behind all else', async () => {
    const a = actor();
    const calls = await a.sends();
    expect(calls.slice(-2)).toEqual(['timers.arm', 'messages.send']);
    const { pending } = a.profiles.get(people.u)!;
    const [{ jk, why }] = pending!.ids as [JournalEntry];
    expect(a.messages.map(({ entry }) => entry)).toEqual([{ jk, v: pending!.v, at: a.world.now, why }]);
    expect(a.journal.has(`${people.u} ${jk}`)).toBe(false);
    expect(why.map(({ code }) => code)).toEqual(['message.decided', 'step.wait']);
  });

  it('what waits unclaimed in a queue is performed once more, and then certified in the journal', async () => {
    const a = actor();
    a.world.isSending = false;
    await a.sends();
    for (const id of ['e2', 'e3', 'e4']) await a.tell(a.event(id, 'page'));
    expect(a.messages.map(({ entry }) => entry !== undefined)).toEqual([true, false]);
    expect(a.counted).toEqual(['EffectsRepeated']);
    const { pending } = a.profiles.get(people.u)!;
    expect(a.journal.get(`${people.u} ${pending!.last}`)?.entry.why).toEqual(pending!.ids[0]!.why);
  });

  it('the claim of another commit certifies nothing', async () => {
    const a = actor();
    await a.sends();
    const [[name, row]] = [...a.claims] as [[string, MessageRecord]];
    const [entry] = row.entries!;
    a.claims.set(name, { ...row, entries: [{ ...entry!, jk: entry!.jk.replace('|w|', '|other|') }] });
    await a.tell(a.event('e2', 'page'));
    expect(a.counted).toEqual(['EffectsRepeated']);
  });

  it.each([
    ['comes with an event', (a: ReturnType<typeof actor>) => [a.event('e2', 'page')], {}],
    ['may not be kept so long', () => [], { mayCarry: false }],
    ['is too long for the row of a message', () => [], { long: true }],
  ])('the journal has the entry of a wake that sends, where it %s', async (_, others, { mayCarry, long }: Special) => {
    const a = actor();
    await a.introduce();
    await a.tell(a.event('e1', 'start'));
    a.world.now = a.wakes[0]!.due;
    const wake: MailRecord = { t: 'wake', id: 'w', due: a.world.now };
    const ports: EvaluatePorts = {
      ...a.ports,
      carried: { ...a.ports.carried, ...(mayCarry !== undefined && { mayCarry }) },
      rules: long ? wordy : a.ports.rules,
    };
    expect(await evaluate([a.deliver([wake, ...others(a)])], ports)).toEqual([]);
    expect(a.messages.map(({ entry }) => entry)).toEqual([undefined]);
    const { pending } = a.profiles.get(people.u)!;
    expect(a.journal.get(`${people.u} ${pending!.last}`)?.entry).toMatchObject({ t: 'wake', v: pending!.v });
    expect(a.counted).toEqual([]);
  });

  it('G3: a nudge makes evaluate drop certified effects, so that they do not outlive their certificate', async () => {
    const a = actor();
    await a.tell(a.event('e1', 'start'));
    await a.tell({ t: 'nudge' });
    expect(a.profiles.get(people.u)?.pending).toBeUndefined();
    a.journal.clear();
    a.wakes.length = 0;
    await a.tell(a.event('e2', 'page'));
    expect(a.wakes).toEqual([]);
  });

  it('the journal holds the event without its context, and nothing of a transactional message', async () => {
    const a = actor();
    const event = a.event('e1', 'count');
    await a.tell({ ...event, event: { ...event.event, context: { locale: 'de' } } });
    expect(a.entry(event)?.in).not.toHaveProperty('context');
    expect(a.entry(event)?.in).toHaveProperty('name', 'Counted');
    await a.tell({
      t: 'message',
      id: 'm1',
      at: 1,
      template: 'hello',
      properties: { code: '123456' },
      to: 'u@example.com',
    });
    expect(JSON.stringify([...a.journal.values()])).not.toMatch(/123456|u@example/);
  });
});

const nothing = (profile: Decision['profile']): Decision => ({
  profile,
  changed: false,
  forwarded: false,
  effects: [],
  reasons: [],
  counts: [],
});
