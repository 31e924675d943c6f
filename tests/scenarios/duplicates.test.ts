import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mail, MailRecord } from '../../shared/domain/mail-record.ts';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';
import { evaluateBatch, eventRecord, mailboxQueue, mailOf, overhear, sendMail, userKey } from './mailbox.ts';

const again = { reentry: { again: 'after-exit', whileInside: 'ignore' }, topic: 'account' };
/** A day-old event may still begin it, and a customer may enter again: only deduplication stands in the way. */
const late = { entry: [{ on: 'event', event: 'Started', maxAge: 'P30D' }], ...again };

describe('G2: what comes again takes effect once', () => {
  let env: Environment;
  let customers = 0;

  beforeAll(async () => {
    env = await bootEnvironment();
    await env.publish(journeyOf('welcome', { mail: message('first') }, late));
    await env.publish(
      journeyOf(
        'cart',
        {
          hello: message('second', 'bought'),
          bought: {
            type: 'wait-for',
            any: [{ on: 'event', event: 'Bought', next: 'count' }],
            within: 'PT1H',
            timeout: 'end',
          },
          count: { type: 'update', increment: { bought: 1 }, append: { log: 'bought' }, next: 'thanks' },
          thanks: message('third'),
        },
        { ...again, entry: [{ on: 'event', event: 'Cart', maxAge: 'P30D' }, { on: 'api' }] },
      ),
    );
  });
  afterAll(() => env?.stop());

  const newcomer = () => `dup-${++customers}`;
  const subjects = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).map(({ subject }) => subject);
  const entered = async (user: string, journey: string) =>
    (await env.reasons(user)).filter((one) => one.code === 'entry.entered' && one.journey === journey).length;
  const postAt = async (events: object[], sentAt: number | undefined) => {
    const body = { batch: events, ...(sentAt !== undefined && { sentAt: new Date(sentAt).toISOString() }) };
    const answer = await env.call('POST', '/v1/batch', body, { authorization: `Basic ${btoa(`${env.ingestKey}:`)}` });
    expect(answer.status).toBe(200);
    await env.cloud.settle();
  };

  describe('the same messageId six hours later', () => {
    const ways = [
      { way: 'with a refreshed sentAt', timed: true, sentAt: 'refreshed' },
      { way: 'with the old sentAt', timed: true, sentAt: 'old' },
      { way: 'with a time stamp and no sentAt', timed: true, sentAt: 'none' },
      { way: 'without any time', timed: false, sentAt: 'none' },
      { way: 'with a sentAt and no time stamp', timed: false, sentAt: 'refreshed' },
    ] as const;
    const identities = [
      { who: 'a user', ids: (user: string) => ({ userId: user }), identified: true },
      { who: 'an anonymous device', ids: (user: string) => ({ anonymousId: `${user}-device` }), identified: false },
      {
        who: 'a device that was merged into a user meanwhile',
        ids: (user: string) => ({ anonymousId: `${user}-device` }),
        identified: true,
      },
    ];
    it.each(identities.flatMap((identity) => ways.map((way) => ({ ...identity, ...way }))))(
      '$way, of $who',
      async ({ timed, sentAt, ids, identified }) => {
        const user = newcomer();
        const now = env.cloud.now();
        const email = { email: `${user}@mail.example` };
        const event = {
          type: 'track',
          event: 'Started',
          messageId: `started-${user}`,
          ...(timed && { timestamp: new Date(now - MINUTE).toISOString() }),
          ...ids(user),
        };
        const who = identified ? { userId: user, anonymousId: `${user}-device` } : { anonymousId: `${user}-device` };
        const anonymous = 'anonymousId' in event;
        const identify = { type: 'identify', messageId: `identify-${user}`, traits: email, ...who };
        if (!anonymous) await env.post(identify);
        // An address before the name is known, as a newsletter form gives it.
        else await env.post({ type: 'identify', traits: email, anonymousId: `${user}-device` });
        await env.cloud.settle();
        await postAt([event], sentAt === 'none' ? undefined : now);
        expect(subjects(user)).toEqual(['The first message']);
        if (anonymous && identified) await env.post(identify);
        await env.cloud.advance(6 * HOUR);

        await postAt([event], { refreshed: env.cloud.now(), old: now, none: undefined }[sentAt]);
        await postAt([event], { refreshed: env.cloud.now(), old: now, none: undefined }[sentAt]);
        expect(subjects(user)).toEqual(['The first message']);
        // It can fail: another messageId is another event.
        await postAt([{ ...event, messageId: `other-${user}` }], env.cloud.now());
        expect(subjects(user)).toEqual(['The first message', 'The first message']);
      },
    );
  });

  it('every record of the mailbox comes twice at once, and all of them once more a day later', async () => {
    const user = newcomer();
    const heard: [body: string, group: string][] = [];
    const stop = overhear(env, (body, group) => heard.push([body, group]));
    const doubled = mailboxQueue(env).send;
    // Each message lies in its group twice, under another deduplication id.
    let copies = 0;
    mailboxQueue(env).send = (sent) => {
      const answer = doubled(sent);
      if (!answer.duplicate) doubled({ ...sent, deduplicationId: `copy-${++copies}` });
      return answer;
    };
    try {
      const who = { userId: user, anonymousId: `${user}-device` };
      await env.post({ event: 'Started', anonymousId: `${user}-device` });
      const email = `${user}@mail.example`;
      await env.post({ type: 'identify', ...who, traits: { email, phone: '+4930901820' } });
      await env.post({ event: 'Cart', ...who });
      await env.cloud.advance(MINUTE);
      await env.post({ event: 'Bought', ...who });
      await env.post({ type: 'identify', ...who, traits: { phone: '+4930901821' } });
      await env.cloud.advance(MINUTE);
      await env.post({ event: 'Cart', ...who });
      await env.cloud.advance(2 * HOUR);
    } finally {
      stop();
    }
    expect(heard.length, 'events, merge mail, who holds an address, and a wake').toBeGreaterThan(15);
    expect(new Set(heard.flatMap(([body]) => (JSON.parse(body) as Mail).records.map(({ t }) => t)))).toEqual(
      new Set(['event', 'yield', 'absorb', 'strip', 'hold', 'release', 'wake']),
    );
    const expectOnce = async () => {
      expect(subjects(user)).toEqual(['The second message', 'The third message', 'The second message']);
      const { key, traits, runs, aliases } = (await env.profile(user)).body;
      expect({ bought: traits.bought.value, log: traits.log.value, runs, aliases: aliases.length }).toEqual({
        bought: 1,
        log: ['bought'],
        runs: [],
        aliases: 1,
      });
      expect(await entered(user, 'welcome')).toBe(1);
      expect(await entered(user, 'cart')).toBe(2);
      const codes = (await env.reasons(user)).map(({ code }) => code);
      expect(codes.filter((code) => code === 'merge.absorbed')).toHaveLength(1);
      const having = async (phone: string) => {
        const { body } = await env.call('GET', `/v1/profiles?idType=phone&id=${encodeURIComponent(phone)}`);
        return (body.data as { readonly key: string }[]).map((one) => one.key);
      };
      expect([await having('+4930901820'), await having('+4930901821')]).toEqual([[], [key]]);
    };
    await expectOnce();
    await env.cloud.advance(24 * HOUR);
    for (const [body, group] of heard) await sendMail(env, body, group);
    await env.cloud.settle();
    await env.cloud.advance(2 * HOUR);
    await expectOnce();
    expect(mailboxQueue(env).counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  describe('five records in every split of a receive', () => {
    /** All the ways to cut five records into batches, in order. */
    const splits = Array.from({ length: 16 }, (_, cuts) => {
      const sizes = [1];
      for (let place = 0; place < 4; place++) {
        if (cuts & (1 << place)) sizes.push(1);
        else sizes[sizes.length - 1]! += 1;
      }
      return sizes;
    });
    const cut = (mails: readonly Mail[], sizes: readonly number[]): Mail[][] => {
      let from = 0;
      return sizes.map((size) => {
        from += size;
        return mails.slice(from - size, from);
      });
    };

    /** Events, a change of traits and an enrollment: everything that is told. The ids are the same for every customer. */
    const story = (user: string): Mail[] => {
      const event = (id: string, name: string) => eventRecord(env, { id, name, userId: user });
      const identity = { user };
      const at = env.cloud.now();
      const records: MailRecord[] = [
        eventRecord(env, { id: 's1', kind: 'identify', userId: user, data: { email: `${user}@mail.example` } }),
        event('s2', 'Cart'),
        { t: 'patch', id: 's3', identity, at, traits: { plan: 'gold' } },
        event('s4', 'Bought'),
        { t: 'enroll', id: 's5', identity, at, journey: 'cart', traits: { plan: 'silver' } },
      ];
      return records.map((record) => mailOf(env, userKey(user), record));
    };
    /** What must be the same whatever the batches were; ids of profile and messages are the customer's own. */
    async function outcomeOf(user: string) {
      const { traits, runs } = (await env.profile(user)).body;
      const { email: _, ...others } = traits;
      const journal = (await env.call('GET', `/v1/profiles/${user}/timeline`)).body.data;
      const told = journal.filter(({ kind }: { kind: string }) => kind !== 'receipt');
      const reasons = told.flatMap((entry: { kind: string; state: string; reasons: { message?: string }[] }) => [
        `${entry.kind} ${entry.state}`,
        ...entry.reasons.map(({ message: _message, ...reason }) => reason),
      ]);
      // Message queues keep no order within an instant.
      return { traits: others, runs, reasons, subjects: subjects(user).sort() };
    }
    let reference: Awaited<ReturnType<typeof outcomeOf>>;
    beforeAll(async () => {
      const user = newcomer();
      for (const mail of story(user)) await evaluateBatch(env, [mail]);
      await env.cloud.settle();
      reference = await outcomeOf(user);
      expect(reference.subjects).toEqual(['The second message', 'The second message', 'The third message']);
      expect(reference.runs).toHaveLength(1);
      expect(reference.traits.plan.value).toBe('silver');
    });

    /** One user per split. */
    async function expectAlike(users: readonly string[]) {
      await env.cloud.settle();
      const outcomes = await Promise.all(users.map(outcomeOf));
      for (const [index, sizes] of splits.entries()) {
        expect(outcomes[index], `batches of ${sizes}`).toEqual(reference);
      }
    }

    it.each([
      { way: 'each batch once', deliver: (batches: Mail[][]) => batches },
      { way: 'each batch twice', deliver: (batches: Mail[][]) => batches.flatMap((batch) => [batch, batch]) },
      { way: 'all of them again', deliver: (batches: Mail[][]) => [...batches, ...batches] },
      {
        way: 'each batch with the end of the one before, twice in it',
        deliver: (batches: Mail[][]) =>
          batches.map((batch, index) => {
            const before = batches[index - 1]?.slice(-1) ?? [];
            return [...before, ...batch, ...batch.slice(-1)];
          }),
      },
      { way: 'and last of all the first again, alone', deliver: (batches: Mail[][]) => [...batches, batches[0]!] },
    ])('$way', async ({ deliver }) => {
      const users = await Promise.all(
        splits.map(async (sizes) => {
          const user = newcomer();
          for (const batch of deliver(cut(story(user), sizes))) await evaluateBatch(env, batch);
          return user;
        }),
      );
      await expectAlike(users);
    });

    it('two customers in one receive', async () => {
      const pairs = await Promise.all(
        splits.map(async (sizes) => {
          const [one, two] = [newcomer(), newcomer()] as const;
          const [ofOne, ofTwo] = [cut(story(one), sizes), cut(story(two), sizes.toReversed())];
          const turns = sizes.map((_, turn) => [...ofOne[turn]!, ...ofTwo[turn]!]);
          for (const batch of [...turns, turns.at(-1)!]) await evaluateBatch(env, batch);
          return [one, two] as const;
        }),
      );
      for (const which of [0, 1] as const) await expectAlike(pairs.map((pair) => pair[which]));
    });
  });

  describe('commands of the API', () => {
    const enroll = (user: string, key: string) =>
      env.call(
        'POST',
        '/v1/journeys/cart/enrollments',
        { customers: [{ id: user, traits: { email: `${user}@mail.example` } }] },
        { 'idempotency-key': key },
      );

    it('an enrollment with the same Idempotency-Key: again, at once from two, and after the key was forgotten', async () => {
      const user = newcomer();
      const both = await Promise.all([enroll(user, `key-${user}`), enroll(user, `key-${user}`)]);
      expect(both.map(({ status }) => status).sort()[0]).toBe(202);
      await env.cloud.advance(MINUTE);
      expect((await enroll(user, `key-${user}`)).headers.get('idempotent-replay')).toBe('true');
      await env.cloud.advance(2 * HOUR);
      expect(subjects(user)).toEqual(['The second message']);
      // The run has ended and the answer is kept for a day: the journal must tell.
      await env.cloud.advance(30 * HOUR);
      expect((await enroll(user, `key-${user}`)).status).toBe(202);
      await env.cloud.advance(MINUTE);
      expect(await entered(user, 'cart')).toBe(1);
      expect((await enroll(user, `other-${user}`)).status).toBe(202);
      await env.cloud.settle();
      expect(subjects(user)).toEqual(['The second message', 'The second message']);
    });

    it('a change of traits that is delivered again does not undo a later one', async () => {
      const user = newcomer();
      const heard: [string, string][] = [];
      const stop = overhear(env, (body, group) => heard.push([body, group]));
      const patch = (plan: string) => env.call('PATCH', `/v1/profiles/${user}`, { traits: { plan } });
      for (const plan of ['gold', 'silver']) expect((await patch(plan)).status).toBe(202);
      await env.cloud.settle();
      stop();
      const plan = async () => (await env.profile(user)).body.traits.plan.value;
      expect(await plan()).toBe('silver');
      await env.cloud.advance(HOUR);
      const { version } = (await env.profile(user)).body;
      for (const [body, group] of heard) await sendMail(env, body, group);
      await env.cloud.settle();
      expect(await plan()).toBe('silver');
      expect((await env.profile(user)).body.version).toBe(version);
    });
  });
});
