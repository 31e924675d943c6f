import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { MAX_AS_IF_BYTES, MAX_DATES } from '../../../shared/domain/profiles/limits.ts';
import type { Profile, Run } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { journey, message, World } from './world.ts';

const wait = (duration: string, next = 'end') => ({ type: 'wait', for: duration, next }) as const;
const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const dry = (body: Parameters<typeof journey>[0], more: object = {}) =>
  new World({ journeys: [journey(body)], dryRuns: ['welcome'], ...more });

const asIfRuns = (w: World): Run[] => Object.values(w.profile('ann').asIf?.runs ?? {});
/** Ann as everybody but dry runs knows her. */
function real({ asIf: _, ...profile }: Profile): Omit<Profile, 'asIf'> {
  return profile;
}
const reason = (w: World, code: string) => w.reasons.find((one) => one.code === code);

describe('a dry run does as if, and the step', () => {
  const leads = { yes: exit('yes'), no: exit('no') };
  it.each<[string, object, string, string]>([
    ['message goes on as if handed over', message('yes', { failed: 'no', skipped: 'no' }), 'message.decided', 'yes'],
    [
      'webhook goes on without an answer',
      { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'yes', failed: 'no' },
      'message.decided',
      'yes',
    ],
    [
      'webhook without endpoint fails as it would',
      { type: 'webhook', endpoint: 'gone', next: 'yes', failed: 'no' },
      'endpoint.missing',
      'no',
    ],
    [
      'task takes the outcome that is written first',
      { type: 'task', queue: 'crm', title: 'Call', due: 'P2D', outcomes: { reached: 'yes', not: 'no' }, timeout: 'no' },
      'task.outcome',
      'yes',
    ],
    ['emit tells nobody', { type: 'emit', event: 'Warm', next: 'yes' }, 'step.emit', 'yes'],
    ['enroll enrolls nobody', { type: 'enroll', journey: 'other', next: 'yes' }, 'step.enroll', 'yes'],
    ['split takes its arm', { type: 'split', arms: [{ id: 'a', weight: 100, next: 'yes' }] }, 'step.split', 'yes'],
    [
      'branch looks at what is so',
      { type: 'branch', cases: [{ if: 'profile.tier = "gold"', next: 'yes' }], else: 'no' },
      'step.branch',
      'yes',
    ],
    ['exit leaves', exit('yes'), 'exit.yes', 'yes'],
  ])('%s', (_title, step, code, end) => {
    const w = dry({ steps: { s: step, ...leads } });
    w.identify('ann', { tier: 'gold', email: 'ann@example.com' });
    const before = real(w.profile('ann'));
    const { effects } = w.track('ann', 'Signed Up');
    expect(effects).toEqual([]);
    expect(real(w.profile('ann'))).toEqual(before);
    expect(reason(w, code)).toMatchObject({ journey: 'welcome', version: 1, dryRun: true });
    expect(w.counts).toContain(`welcome dry-run/exited/${end}`);
    expect(w.counts.filter((one) => !one.startsWith('welcome dry-run/'))).toEqual([]);
  });

  it('wait waits, by a wake, and wait-for meets events', () => {
    const w = dry({
      steps: {
        w: wait('PT1H', 'f'),
        f: {
          type: 'wait-for',
          any: [{ on: 'event', event: 'Ordered', next: 'yes' }],
          within: 'P1D',
          timeout: 'no',
        },
        ...leads,
      },
    });
    expect(w.track('ann', 'Signed Up').effects).toEqual([{ e: 'wake', due: w.now + 3_600_000 }]);
    w.pass('1h');
    expect(asIfRuns(w)).toMatchObject([{ step: 'f', stand: 'wait-for' }]);
    expect(w.runs('ann')).toEqual([]);
    w.track('ann', 'Ordered');
    expect(w.counts).toContain('welcome dry-run/exited/yes');
    expect(asIfRuns(w)).toEqual([]);
  });

  it('update changes no trait, but what comes later in dry runs sees it', () => {
    const other = journey({
      id: 'other',
      entry: [{ on: 'event', event: 'Page Viewed' }],
      steps: {
        b: { type: 'branch', cases: [{ if: 'profile.stage exists', next: 'm' }], else: 'end' },
        m: message(),
      },
    });
    const w = new World({
      journeys: [
        journey({
          steps: {
            set: { type: 'update', set: { stage: 'warm' }, increment: { touches: 2 }, next: 'w' },
            w: wait('PT1H', 'b'),
            b: { type: 'branch', cases: [{ if: 'profile.stage = "warm"', next: 'yes' }], else: 'no' },
            ...leads,
          },
        }),
        other,
      ],
      dryRuns: ['welcome'],
    });
    w.identify('ann', { touches: 1, email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.trait('ann', 'stage')).toBeUndefined();
    expect(w.trait('ann', 'touches')).toBe(1);
    expect(w.profile('ann').asIf?.traits).toMatchObject({ stage: { value: 'warm' }, touches: { value: 3 } });
    w.track('ann', 'Page Viewed');
    expect(w.messages, 'a real journey sees the real customer').toEqual([]);
    w.pass('1h');
    expect(w.counts).toContain('welcome dry-run/exited/yes');
    expect(w.profile('ann').asIf?.traits, 'gone with the run').toBeUndefined();
  });

  it('what a trigger asks of a message: it arrives, and nobody opens it', () => {
    const steps = (was: string) => ({
      m: message('f'),
      f: { type: 'wait-for', any: [{ on: 'message', step: 'm', was, next: 'yes' }], within: 'P1D', timeout: 'no' },
      ...leads,
    });
    for (const [was, end] of [
      ['delivered', 'yes'],
      ['clicked', 'no'],
    ] as const) {
      const w = dry({ steps: steps(was) });
      w.identify('ann', { email: 'ann@example.com' });
      w.track('ann', 'Signed Up');
      w.pass('2d');
      expect(w.counts).toContain(`welcome dry-run/exited/${end}`);
    }
  });
});

describe('a dry run decides as it would', () => {
  it('consent, hours, caps and limits say no, and only its own messages count beside real ones', () => {
    const steps = { a: message('b'), b: message('c', { whenBlocked: 'skip' }), c: message() };
    const w = dry({ steps }, { policy: { caps: [{ max: 1, per: 'P1D' }] } });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(reason(w, 'cap.reached')).toMatchObject({ step: 'b', dryRun: true });
    expect(w.profile('ann').sends, 'no place is taken').toEqual([]);
    w.pass('1d');
    expect(w.counts.filter((one) => one.endsWith('/decided'))).toEqual([
      'welcome dry-run/message/a/decided',
      'welcome dry-run/message/c/decided',
    ]);
    expect(w.messages).toEqual([]);
    const noAddress = dry({ steps: { m: message('yes', { skipped: 'no' }), yes: exit('yes'), no: exit('no') } });
    noAddress.track('ann', 'Signed Up');
    expect(noAddress.counts).toContain('welcome dry-run/exited/no');
  });

  it('re-entry rules see dry runs among themselves', () => {
    const w = dry({ reentry: { again: 'never', whileInside: 'ignore' }, steps: { w: wait('PT1H') } });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    w.pass('1h');
    w.track('ann', 'Signed Up');
    expect(w.reasons.filter(({ code }) => code.startsWith('reentry.'))).toMatchObject([
      { code: 'reentry.inside', dryRun: true },
      { code: 'reentry.never', dryRun: true },
    ]);
    expect(w.profile('ann').entered).toEqual({});
  });

  it('goals are counted, while inside and after', () => {
    const w = dry({
      reentry: { again: 'after-exit', whileInside: 'ignore' },
      goal: { event: 'Ordered', within: 'P2D' },
      steps: { w: wait('PT1H') },
    });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Ordered');
    w.pass('1h');
    w.track('ann', 'Signed Up');
    w.pass('1h');
    w.track('ann', 'Ordered');
    w.track('ann', 'Ordered');
    expect(w.counts.filter((one) => one.endsWith('goal'))).toEqual(['welcome dry-run/goal', 'welcome dry-run/goal']);
  });

  it('its own messages count for predicates on messages, beside real ones, and for nobody else', () => {
    const again = { again: 'after-exit', whileInside: 'ignore' } as const;
    const asked = 'sent topic news at least 2 times in last 7 days';
    const on = (event: string) => [{ on: 'event', event }] as const;
    const asking = (id: string) =>
      journey({
        id,
        entry: on('Look'),
        reentry: again,
        steps: {
          b: { type: 'branch', cases: [{ if: asked, next: 'yes' }], else: 'no' },
          yes: exit('yes'),
          no: exit('no'),
        },
      });
    const sending = (id: string) => journey({ id, entry: on(id), reentry: again, steps: { m: message() } });
    const w = new World({
      journeys: [sending('really'), sending('as-if'), asking('real'), asking('dry')],
      dryRuns: ['as-if', 'dry'],
    });
    w.identify('ann', { email: 'ann@example.com' });
    const answers = () => {
      w.track('ann', 'Look');
      const asked = w.counts.filter((one) => one.includes('exited/') && /^(real|dry) /.test(one));
      return asked.slice(-2).toReversed();
    };
    w.track('ann', 'as-if');
    const seen = w.profile('ann').seen;
    expect(answers()).toEqual(['real exited/no', 'dry dry-run/exited/no']);
    w.track('ann', 'really');
    expect(answers(), 'one of each').toEqual(['real exited/no', 'dry dry-run/exited/yes']);
    w.track('ann', 'as-if');
    expect(answers()).toEqual(['real exited/no', 'dry dry-run/exited/yes']);
    expect(seen).toEqual({});
    expect(Object.values(w.profile('ann').seen).map(({ total }) => total)).toEqual([1]);
    w.track('ann', 'really');
    expect(answers()).toEqual(['real exited/yes', 'dry dry-run/exited/yes']);
    w.pass('7d');
    expect(answers(), 'the window has slid').toEqual(['real exited/no', 'dry dry-run/exited/no']);
    for (const id of ['as-if', 'dry']) w.publish(id === 'dry' ? asking(id) : sending(id));
    w.track('ann', 'Look');
    expect(w.profile('ann').asIf, 'over with the dry runs').toBeUndefined();
  });

  it('its paths and its comparison are counted apart', () => {
    const steps = {
      b: { type: 'branch', cases: [{ if: 'profile.tier = "gold"', next: 'm' }], else: 'end' },
      m: message(),
    };
    const compared = (percent: number) =>
      dry({ steps, holdout: { percent }, goal: { event: 'Ordered', within: 'P2D' } } as never);
    const [inside, outside] = [compared(0), compared(100)];
    for (const w of [inside, outside]) {
      w.identify('ann', { email: 'ann@example.com', tier: 'gold' });
      w.track('ann', 'Signed Up');
      w.track('ann', 'Signed Up');
      for (const _ of [1, 2]) w.track('ann', 'Ordered');
      expect(w.profile('ann')).not.toHaveProperty('compared');
      expect([...w.counts, ...w.pathCounts].filter((one) => !one.startsWith('welcome dry-run/'))).toEqual([]);
    }
    const of = (w: World, what: string) => w.counts.filter((one) => one === `welcome dry-run/${what}`).length;
    expect(['people', 'goal'].map((what) => of(inside, `holdout/in/${what}`))).toEqual([1, 1]);
    expect(['people', 'goal'].map((what) => of(outside, `holdout/out/${what}`))).toEqual([1, 1]);
    expect(inside.pathCounts).toEqual(['entered', 'ended', 'goal'].map((what) => `welcome dry-run/path/1/${what}`));
  });

  it('limits that all share have counters of its own, and nothing is taken from customers', () => {
    const document = journey({ limits: { entriesTotal: 2 }, steps: { m: message() } });
    const w = new World({ journeys: [document], dryRuns: ['welcome'] });
    const come = (...users: string[]) => {
      for (const user of users) {
        w.identify(user, { email: `${user}@example.com` });
        w.track(user, 'Signed Up');
      }
    };
    come('ann', 'bob', 'cat');
    expect(w.counts.filter((one) => one.endsWith('entered'))).toHaveLength(2);
    expect(w.counts).toContain('welcome dry-run/not-entered/limits.entries-total');
    w.publish(document);
    come('ann', 'bob', 'cat');
    expect(w.messages).toHaveLength(2);
    expect(reason(w, 'limits.entries-total')).toMatchObject({ dryRun: true, version: 1 });
  });

  it('a day that a trait names lets in as if, and real days come first where there is no room', () => {
    const onDay = (id: string) =>
      journey({
        id,
        entry: [{ on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00' }],
        steps: { w: wait('P1D') },
      });
    const real = Array.from({ length: MAX_DATES }, (_, n) => onDay(`z${n}`));
    const w = new World({ journeys: [onDay('a')], dryRuns: ['a'], at: '2026-11-22T08:00:00Z' });
    w.identify('ann', { birthday: '1990-11-22' });
    w.pass('2h');
    expect(asIfRuns(w)).toMatchObject([{ journey: 'a' }]);
    expect([w.runs('ann'), w.profile('ann').entered]).toEqual([[], {}]);
    const full = new World({ journeys: [onDay('a'), ...real], dryRuns: ['a'], at: '2026-11-22T08:00:00Z' });
    full.identify('ann', { birthday: '1990-11-22' });
    full.pass('2h');
    expect([full.runs('ann').length, asIfRuns(full)]).toEqual([MAX_DATES, []]);
  });

  it('a broadcast lets people in as if, and is none that they took part in', () => {
    const w = dry({ entry: [{ on: 'api' }], steps: { w: wait('PT1H') } });
    const broadcast = { id: 'spring' };
    w.deliver(profileKey('user', 'ann'), { t: 'enroll', id: 'r', at: w.now, journey: 'welcome', broadcast });
    expect(asIfRuns(w)).toHaveLength(1);
    expect(w.counts).toContain('spring dry-run/entered');
    expect(real(w.profile('ann'))).not.toHaveProperty('broadcasts');
  });

  it('who leaves it enters only other dry runs', () => {
    const follower = (id: string) =>
      journey({ id, entry: [{ on: 'journey', journey: 'welcome' }], steps: { w: wait('P1D') } });
    const w = new World({
      journeys: [journey({ steps: { w: wait('PT1H') } }), follower('real'), follower('too')],
      dryRuns: ['welcome', 'too'],
    });
    w.track('ann', 'Signed Up');
    w.pass('1h');
    expect(w.runs('ann')).toEqual([]);
    expect(asIfRuns(w)).toMatchObject([{ journey: 'too' }]);
  });

  it('is refused where it would remember too much, and that refuses nobody else', () => {
    const w = new World({
      journeys: [
        journey({
          reentry: { key: 'entry.cart', again: 'after-exit', whileInside: 'ignore' },
          steps: { m: message('w', { vars: { it: { ref: 'entry.text' } } }), w: wait('P9D') },
        }),
        journey({ id: 'real', entry: [{ on: 'event', event: 'Signed Up' }], steps: { w: wait('P9D') } }),
      ],
      dryRuns: ['welcome'],
    });
    for (let cart = 0; cart < 9; cart += 1) w.track('ann', 'Signed Up', { cart, text: 'x'.repeat(2_000) });
    expect(reason(w, 'dry-run.too-large')).toMatchObject({ dryRun: true, saw: { limitBytes: MAX_AS_IF_BYTES } });
    expect(JSON.stringify(w.profile('ann').asIf).length).toBeLessThanOrEqual(MAX_AS_IF_BYTES + 500);
    expect(w.runs('ann')).toMatchObject([{ journey: 'real' }]);
  });
});

describe('the end of a dry run', () => {
  const steps = { w: wait('PT1H', 'm'), m: message() };

  it('published for real, everybody may enter, and whoever is in the dry run leaves', () => {
    const document = journey({ steps });
    const w = new World({ journeys: [document], dryRuns: ['welcome'] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.publish(document);
    w.track('ann', 'Signed Up');
    expect(w.runs('ann')).toMatchObject([{ version: 2 }]);
    w.pass('1h');
    expect(w.counts).toContain('welcome dry-run/exited/dry-run-over');
    expect(w.sent()).toEqual(['m email 2026-11-22T11:00']);
    expect(w.profile('ann').asIf).toBeUndefined();
  });

  it('a newer dry run leaves those inside on their version', () => {
    const w = dry({ steps });
    w.track('ann', 'Signed Up');
    w.publish(journey({ steps: { m: message() } }), 'live', { dryRun: true });
    expect(asIfRuns(w)).toMatchObject([{ version: 1, step: 'w' }]);
    w.pass('1h');
    expect(w.counts).toContain('welcome dry-run/exited/finished');
  });

  it('a plan moves those who are really inside, and nobody in a dry run', () => {
    const moves = { steps: { w: { to: 'm' } } } as const;
    const document = journey({ steps });
    const w = new World({ journeys: [document], dryRuns: ['welcome'] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.publish(document, 'live', { moves });
    w.publish(document, 'live', { dryRun: true });
    w.track('ann', 'Looked');
    expect(asIfRuns(w)).toMatchObject([{ version: 1, step: 'w' }]);
    expect(asIfRuns(w)[0]).not.toHaveProperty('stayed');

    const mixed = new World({ journeys: [document] });
    mixed.identify('ann', { email: 'ann@example.com' });
    mixed.track('ann', 'Signed Up');
    mixed.publish(document, 'live', { moves });
    mixed.publish(document, 'live', { dryRun: true });
    mixed.track('ann', 'Looked');
    expect(mixed.messages).toHaveLength(1);
    expect(mixed.counts).toContain('welcome moved-here');
    expect(mixed.profile('ann')).not.toHaveProperty('asIf');
  });

  it.each(['stopped', 'archived'] as const)('%s ends it as it ends a real one', (state) => {
    const w = dry({ steps });
    w.track('ann', 'Signed Up');
    w.set('welcome', state);
    w.pass('1h');
    expect(w.counts).toContain('welcome dry-run/exited/stopped');
  });

  it('who is really inside an older version stays so, and is refused as they would be', () => {
    const w = new World({ journeys: [journey({ steps })] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.publish(journey({ steps }), 'live', { dryRun: true });
    w.track('ann', 'Signed Up');
    expect(reason(w, 'reentry.inside')).toMatchObject({ dryRun: true, version: 2 });
    w.pass('1h');
    expect(w.sent()).toHaveLength(1);
    expect(w.counts).toContain('welcome exited/finished');
  });

  it('merged profiles keep their dry runs, one per journey', () => {
    const w = dry({ steps });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'device' });
    w.track('ann', 'Signed Up');
    w.event({ kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: 'device', data: {} });
    expect(asIfRuns(w)).toHaveLength(1);
    w.pass('1h');
    expect(w.counts).toContain('welcome dry-run/exited/finished');
    expect(asIfRuns(w)).toEqual([]);
  });
});

const randomStep = fc.constantFrom(
  'message',
  'ports',
  'wait',
  'wait-for',
  'branch',
  'asking',
  'split',
  'update',
  'emit',
  'enroll',
  'webhook',
  'task',
  'exit',
);

/** Steps in a row, each leading further down. */
const randomJourney = (id: string, event: string) =>
  fc
    .array(fc.record({ type: randomStep, hours: fc.integer({ min: 1, max: 40 }) }), { minLength: 1, maxLength: 7 })
    .map((all): Journey => {
      const name = (index: number) => (index < all.length ? `s${index}` : 'end');
      const steps = all.map(({ type, hours }, index) => {
        const next = name(index + 1);
        const other = name(index + 2);
        const on = { on: 'event', event: 'Ordered', next: other };
        const made: { [type: string]: object } = {
          message: message(next),
          ports: message(next, { failed: other, skipped: other, whenBlocked: 'skip' }),
          wait: wait(`PT${hours}H`, next),
          'wait-for': {
            type: 'wait-for',
            any: [on, { on: 'becomes-true', if: 'profile.passes > 2', next: other }],
            within: `PT${hours}H`,
            timeout: next,
          },
          branch: {
            type: 'branch',
            cases: [{ if: 'profile.passes > 1 or finished journey calm', next: other }],
            else: next,
          },
          asking: {
            type: 'branch',
            cases: [
              { if: 'sent at least 2 times in last 3 days', next: other },
              { if: 'did "Ordered" in last 2 days', next: 'end' },
            ],
            else: next,
          },
          split: {
            type: 'split',
            arms: [
              { id: 'a', weight: 50, next },
              { id: 'b', weight: 50, next: other },
            ],
          },
          update: { type: 'update', set: { timezone: 'Asia/Tokyo' }, increment: { passes: 1 }, next },
          emit: { type: 'emit', event: 'Ordered', next },
          enroll: { type: 'enroll', journey: id === 'calm' ? 'wild' : 'calm', next },
          webhook: { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next, failed: other },
          task: { type: 'task', queue: 'crm', title: 'Call', due: 'PT9H', outcomes: { done: next }, timeout: other },
          exit: exit('enough'),
        };
        return [name(index), made[type]!] as const;
      });
      return journey({
        id,
        entry: [
          { on: 'event', event },
          { on: 'journey', journey: id === 'calm' ? 'wild' : 'calm' },
        ],
        reentry: { again: 'PT5H', whileInside: 'restart' },
        holdout: { percent: 20, group: 'all' },
        goal: { event: 'Ordered', within: 'P3D' },
        limits: { messagesPerProfile: [{ max: 2, per: 'day' }] },
        exitWhen: [{ on: 'event', event: 'Left', reason: 'left' }],
        steps: Object.fromEntries(steps),
      });
    });

const acts = fc.array(
  fc.oneof(
    fc.constantFrom('Signed Up', 'Ordered', 'Left').map((event) => ({ event })),
    fc.integer({ min: 1, max: 30 }).map((hours) => ({ hours })),
  ),
  { minLength: 2, maxLength: 14 },
);

describe('random journeys', () => {
  it('a dry run changes nothing for anybody else: without it, the same is decided', () => {
    fc.assert(
      fc.property(randomJourney('calm', 'Signed Up'), randomJourney('wild', 'Signed Up'), acts, (calm, wild, all) => {
        const policy = { caps: [{ max: 3, per: 'P2D' as const }], quietHours: [{ from: '21:00', to: '07:00' }] };
        const alone = new World({ journeys: [calm], policy });
        const beside = new World({ journeys: [calm, wild], dryRuns: ['wild'], policy });
        for (const w of [alone, beside]) {
          w.identify('ann', { email: 'ann@example.com' });
          for (const [index, act] of all.entries()) {
            if ('event' in act) w.track('ann', act.event, {}, { id: `event-${index}` });
            else w.pass(act.hours * 3_600_000);
          }
          w.pass('30d');
        }
        const ofCalm = ({ messages, reasons, counts, profile }: World) => ({
          messages,
          reasons: reasons.filter(({ dryRun }) => dryRun !== true),
          counts: counts.filter((one) => !one.startsWith('wild ')),
          profile,
        });
        const expected = ofCalm(alone);
        const found = ofCalm(beside);
        expect(found.messages).toEqual(expected.messages);
        // Enrolling in a journey that only runs dry is refused by name instead of as unknown.
        const known = (reasons: typeof expected.reasons) => reasons.filter(({ journey: id }) => id !== 'wild');
        expect(known(found.reasons)).toEqual(known(expected.reasons));
        expect(found.counts).toEqual(expected.counts);
        const { seen, ...rest } = real(alone.profile('ann'));
        // What really happened is counted for what a dry run asks, too.
        expect(real(beside.profile('ann'))).toEqual({ ...rest, seen: expect.objectContaining(seen) });
        const dryOnly = beside.decisions.filter(({ decision: { reasons } }) => reasons.every(({ dryRun }) => dryRun));
        for (const { decision } of dryOnly) {
          expect(decision.effects.filter(({ e }) => e !== 'wake')).toEqual([]);
        }
        expect(beside.counts.filter((one) => one.startsWith('wild ') && !one.startsWith('wild dry-run/'))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
