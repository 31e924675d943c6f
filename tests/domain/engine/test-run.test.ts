import { describe, expect, it } from 'vitest';
import { messageClauses } from '../../../shared/domain/audiences/message-clauses.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { testMessageId } from '../../../shared/domain/journeys/engine/test-run.ts';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { WebhookEndpoint } from '../../../shared/domain/messaging/webhook-endpoint.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey, testKey } from '../../../shared/kernel/ids.ts';
import { instant, journey, message, World } from './world.ts';

const key = testKey('welcome', 'r1');
const { createdAt, consents, entered, seen, sends, deadAddresses } = emptyProfile;
const email = { value: 'ann@example.com', at: 1, source: 'identify' } as const;
const customer = { createdAt, traits: { email }, consents, entered, seen, sends, deadAddresses };
type TestRecord = Extract<MailRecord, { t: 'test' }>;
const record: TestRecord = {
  t: 'test',
  id: 'r1',
  at: 0,
  epoch: 1,
  test: { journey: 'welcome', version: 1, sendTo: 'me@team.example', speed: 60 },
  customer,
};
const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const wait = (duration: string, next = 'end') => ({ type: 'wait', for: duration, next }) as const;

function begun(body: Parameters<typeof journey>[0], more: Partial<TestRecord> = {}, others: readonly Journey[] = []) {
  const endpoints = [
    WebhookEndpoint.parse({ id: 'crm', url: 'https://crm.example.com/hook' }),
    WebhookEndpoint.parse({ id: 'lab', url: 'https://lab.example.com/hook', test: 'https://test.example.com/hook' }),
  ];
  const w = new World({ journeys: [journey(body), ...others], endpoints });
  const first = w.deliver(key, { ...record, ...more });
  return { w, first, profile: (): Profile => w.profiles.get(key)! };
}

describe('a test run', () => {
  it('enters as if enrolled, is decided like a customer, and counts nothing', () => {
    const { w, first, profile } = begun({ steps: { m: message('w'), w: wait('PT1H') } });
    expect(first.effects).toMatchObject([{ e: 'message', message: { key, channel: 'email' } }, { e: 'wake' }]);
    expect(profile().test).toEqual({ ...record.test, startedAt: w.now });
    w.pass('1h');
    expect(w.codes()).toContain('exit.finished');
    expect(w.reasons[0]).toEqual({ code: 'test.time', saw: { at: '2026-11-22T10:00:00.000Z' } });
    expect(w.counts).toEqual([]);
  });

  it('of one message alone sends it, whatever its customer agreed to, enters nothing, and does so once', () => {
    const send = { template: 'welcome@2', channel: 'email', topic: 'offers', values: { event: { total: 5 } } } as const;
    const test = { sendTo: 'me@team.example', speed: 1 };
    const { w, first, profile } = begun({ steps: { m: message() } }, { test, send });
    expect(first.effects).toMatchObject([
      {
        e: 'message',
        message: {
          id: testMessageId(key, 'r1'),
          testSend: true,
          template: { id: 'welcome', version: 2 },
          values: { event: { total: 5 } },
        },
      },
    ]);
    expect(profile()).toMatchObject({ test: { ...test, startedAt: w.now }, runs: {}, sends: [] });
    expect(w.deliver(key, { ...record, test, send }).effects).toEqual([]);
    expect(w.counts).toEqual([]);
  });

  it('takes nothing of what customers share, and waits for no day', () => {
    const body = { limits: { entriesTotal: 1, messagesPerMinute: 1 }, steps: { m: message() } };
    const entry = [
      { on: 'event', event: 'Signed Up' },
      { on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00' },
    ];
    const born = { value: '1990-11-23', at: 1, source: 'identify' } as const;
    const { w, profile } = begun({ ...body, entry }, { customer: { ...customer, traits: { email, birthday: born } } });
    w.pass('2d');
    expect([w.messages.length, profile().dates]).toEqual([1, undefined]);
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(2);
  });

  it('begins once', () => {
    const { w, profile } = begun({ steps: { w: wait('P1D') } });
    const before = profile();
    expect(w.deliver(key, { ...record, id: 'again' }).changed).toBe(false);
    expect(profile()).toBe(before);
  });

  it('enters by an event with the filters of the entry, at its own time', () => {
    const body = {
      entry: [{ on: 'event', event: 'Signed Up', where: 'event.plan = "gold"', maxAge: 'PT1M' }],
      steps: { w: wait('P1D') },
    };
    const event = { id: 'e', sent: null, at: 5, kind: 'track', name: 'Signed Up', context: {} } as const;
    const silver = begun(body, { event: { ...event, data: { plan: 'silver' } } });
    expect(silver.w.codes()).toContain('entry.no-match');
    const gold = begun(body, { event: { ...event, data: { plan: 'gold' } } });
    expect(Object.values(gold.profile().runs)).toMatchObject([{ step: 'w' }]);
  });

  it('knows the consent of its customer, and is never in a holdout', () => {
    const withdrawn = { channel: 'email', topic: 'news', state: 'withdrawn', at: 1, source: 'page' } as const;
    const { w, first } = begun(
      { holdout: { percent: 100 }, steps: { m: message() } },
      { customer: { ...customer, consents: { 'email/news': withdrawn } } },
    );
    expect(first.effects).toEqual([]);
    expect(w.codes()).toContain('consent.withdrawn');
  });

  it.each([
    ['sent at least 2 times ever', 'yes'],
    ['sent at least 3 times ever', 'no'],
    ['clicked in last 1 day', 'yes'],
  ])('knows what became of messages, those of its customer and its own, at its own time: %s is %s', (asked, end) => {
    const occurrence = { at: instant('2026-11-01T00:00:00Z'), count: 1, sum: 0 };
    const [clause] = messageClauses(parsePredicate('sent ever'));
    const known = { [clause!.id]: { times: [occurrence], total: 1, sum: 0, since: occurrence.at } };
    const branch = { type: 'branch', cases: [{ if: asked, next: 'yes' }], else: 'no' } as const;
    const steps = { m: message('w'), w: wait('P5D', 'b'), b: branch, yes: exit('yes'), no: exit('no') };
    const { w, profile } = begun({ steps }, { customer: { ...customer, seen: known } });
    w.pass('108h');
    const receipt = { t: 'receipt', id: 'c', at: w.now - 400_000_000, message: w.messages[0]!.id } as const;
    w.deliver(key, { ...receipt, channel: 'email', was: 'clicked' });
    w.pass('12h');
    expect(w.codes()).toContain(`exit.${end}`);
    expect(profile().runs).toEqual({});
  });

  it.each(['paused', 'stopped', 'archived'] as const)('a journey that is %s can be tested', (state) => {
    const { w, profile } = begun({ steps: { w: wait('PT1H', 'm'), m: message() } });
    w.set('welcome', state);
    w.pass('1h');
    expect(w.sent()).toHaveLength(1);
    expect(profile().runs).toEqual({});
  });

  it.each([
    ['webhook', { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'yes', failed: 'no' }, 'exit.yes'],
    [
      'task',
      { type: 'task', queue: 'crm', title: 'Call', due: 'P2D', outcomes: { reached: 'yes' }, timeout: 'no' },
      'exit.yes',
    ],
  ])('a %s is not called, and goes on as if it had been', (_type, step, code) => {
    const { w } = begun({ steps: { s: step, yes: exit('yes'), no: exit('no') } });
    expect(w.messages).toEqual([]);
    expect(w.codes()).toEqual(expect.arrayContaining(['message.decided', 'test.as-if', code]));
  });

  it.each([
    ['webhook', { type: 'webhook', endpoint: 'lab', saveAs: 'lab', next: 'end', failed: 'end' }],
    ['task', { type: 'task', queue: 'lab', title: 'Call', due: 'P2D', outcomes: { reached: 'end' }, timeout: 'end' }],
  ])('a %s whose endpoint has an address for tests is called', (_type, step) => {
    const { w, profile } = begun({ steps: { s: step } });
    expect(w.messages).toMatchObject([{ webhook: { endpoint: 'lab' } }]);
    expect(Object.values(profile().runs)).toMatchObject([{ stand: 'answer' }]);
  });

  it('enters no other journey: by events, by leaving, or by enrolling', () => {
    const others = [
      journey({ id: 'other', entry: [{ on: 'event', event: 'Warm' }, { on: 'api' }], steps: { m: message() } }),
      journey({ id: 'after', entry: [{ on: 'journey', journey: 'welcome' }], steps: { m: message() } }),
    ];
    const steps = {
      e: { type: 'emit', event: 'Warm', next: 'n' },
      n: { type: 'enroll', journey: 'other', next: 'end' },
    };
    const { w, profile } = begun({ steps }, {}, others);
    expect(w.codes()).toContain('test.other-journey');
    expect(profile().runs).toEqual({});
    expect(w.messages).toEqual([]);
  });

  it('an emitted event is its own, too', () => {
    const { w } = begun({
      exitWhen: [{ on: 'event', event: 'Warm', reason: 'warm' }],
      steps: { e: { type: 'emit', event: 'Warm', next: 'w' }, w: wait('P1D') },
    });
    expect(w.codes()).toContain('exit.warm');
  });

  it('is connected with nobody, whatever ids an event names', () => {
    const { w, profile } = begun({ steps: { w: wait('P1D') } });
    const event = {
      id: 'e',
      sent: null,
      at: w.now,
      kind: 'identify',
      name: 'Identified',
      data: {},
      context: {},
    } as const;
    w.deliver(key, { t: 'event', event: { ...event, userId: 'ann', anonymousId: 'device' } });
    w.deliver(key, { t: 'event', event: { ...event, id: 'f', kind: 'alias', userId: 'ann', previousId: 'bob' } });
    expect(profile().asked).toEqual({});
    expect(w.profiles.has(profileKey('anonymous', 'device'))).toBe(false);
  });

  it('a bounce is a bounce for the test, and says nothing about the customer’s address', () => {
    const { w, profile } = begun({ steps: { m: message('w'), w: wait('P1D', 'again'), again: message() } });
    w.receipt(w.messages[0]!.id, 'bounced', { permanent: true });
    expect(Object.keys(profile().deadAddresses)).toHaveLength(1);
    expect(w.suppressed).toEqual([]);
    w.pass('1d');
    expect(w.messages).toHaveLength(1);
  });
});
