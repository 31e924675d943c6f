import { describe, expect, it } from 'vitest';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { instant, journey, message, World } from './world.ts';

const mail = { email: 'ann@example.com' };
const wait = (time: string, next = 'end') => ({ type: 'wait', for: time, next }) as const;
const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const waitFor = (any: readonly object[], within = 'P3D', more: object = {}) =>
  ({ type: 'wait-for', any, within, timeout: 'late', ...more }) as const;

function entered(steps: { readonly [id: string]: object }, more: object = {}, traits: object = {}) {
  const w = new World({ journeys: [journey({ start: Object.keys(steps)[0]!, steps, ...more })] });
  w.identify('ann', { ...mail, ...traits });
  w.track('ann', 'Signed Up');
  return w;
}
const left = (w: World) => w.counts.filter((count) => count.includes(' exited/')).map((count) => count.split('/')[1]);

describe('a trigger on a message', () => {
  const on = (was: string, next: string, more: object = {}) => ({ on: 'message', step: 'm', was, next, ...more });
  const ends = { yes: exit('yes'), other: exit('other'), late: exit('late') };
  const clicked = { m: message('wf'), wf: waitFor([on('clicked', 'yes')]), ...ends };

  it.each(['delivered', 'opened', 'clicked', 'bounced'] as const)('%s moves the run, other receipts do not', (was) => {
    const w = entered({ ...clicked, wf: waitFor([on(was, 'yes')]) });
    for (const other of ['delivered', 'opened', 'clicked', 'bounced'] as const) {
      if (other !== was) expect(w.receipt(w.messages[0]!.id, other).changed).toBe(false);
    }
    expect(left(w)).toEqual([]);
    w.receipt(w.messages[0]!.id, was);
    expect(left(w)).toEqual(['yes']);
    expect(w.reasons.find(({ code }) => code === 'step.receipt')).toMatchObject({ saw: { of: 'm', was, trigger: 0 } });
  });

  it.each(['opened', 'clicked'] as const)('%s by a machine is none', (was) => {
    const w = entered({ ...clicked, wf: waitFor([on(was, 'yes')]) });
    expect(w.receipt(w.messages[0]!.id, was, { machine: true }).changed).toBe(false);
    w.receipt(w.messages[0]!.id, was);
    expect(left(w)).toEqual(['yes']);
  });

  it('nothing came: it times out as ever', () => {
    const w = entered(clicked);
    w.pass('3d');
    expect(left(w)).toEqual(['late']);
  });

  it.each([
    ['the link itself', 'https://shop.example/sale', 'yes'],
    ['with what analytics adds', 'https://shop.example/sale?utm_source=mail', 'yes'],
    ['with a fragment', 'https://shop.example/sale#top', 'yes'],
    ['another one that begins alike', 'https://shop.example/sales', undefined],
    ['none', undefined, undefined],
  ])('a link: %s', (_title, link, reason) => {
    const w = entered({ ...clicked, wf: waitFor([on('clicked', 'yes', { link: 'https://shop.example/sale' })]) });
    w.receipt(w.messages[0]!.id, 'clicked', link === undefined ? {} : { link });
    expect(left(w)).toEqual(reason === undefined ? [] : [reason]);
  });

  it('not of another step, nor of another run', () => {
    const steps = { m0: message('m'), ...clicked };
    const w = entered(steps, { reentry: { again: 'after-exit', whileInside: 'restart' } });
    w.track('ann', 'Signed Up');
    const [m0, m1, other, mine] = w.messages.map(({ id }) => id);
    for (const id of [m0!, m1!, other!]) expect(w.receipt(id, 'clicked').changed).toBe(false);
    w.receipt(mine!, 'clicked');
    expect(left(w)).toEqual(['restarted', 'yes']);
  });

  it('what came while the run waited elsewhere counts; of several the first in mailbox order wins', () => {
    const steps = {
      ...clicked,
      m: message('w'),
      w: wait('PT1H', 'wf'),
      wf: waitFor([on('clicked', 'yes'), on('opened', 'other')]),
    };
    const w = entered(steps);
    w.receipt(w.messages[0]!.id, 'opened');
    w.receipt(w.messages[0]!.id, 'clicked');
    expect(w.receipt(w.messages[0]!.id, 'clicked').changed, 'once is enough').toBe(false);
    w.pass('1h');
    expect(left(w)).toEqual(['other']);
  });

  it('counts after a merge, though its message names the old key', () => {
    const w = new World({ journeys: [journey({ steps: clicked })] });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'phone', data: mail });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    w.identify('ann', {}, { anonymousId: 'phone' });
    expect(w.messages[0]!.id).toMatch(/^a/);
    w.receipt(w.messages[0]!.id, 'clicked');
    expect(left(w)).toEqual(['yes']);
  });

  it('on a circle it is about the latest message', () => {
    const steps = {
      m: message('w', { maxVisits: 5 }),
      w: { ...wait('PT1H', 'wf'), maxVisits: 5 },
      wf: { ...waitFor([on('clicked', 'm')], 'PT2H'), maxVisits: 5 },
      late: exit('late'),
    };
    const w = entered(steps);
    w.receipt(w.messages[0]!.id, 'clicked');
    w.pass('1h');
    expect(w.messages).toHaveLength(2);
    expect(w.run('ann').got).toBeUndefined();
    w.receipt(w.messages[0]!.id, 'clicked');
    w.pass('3h');
    expect(w.messages).toHaveLength(2);
    expect(left(w)).toEqual(['late']);
  });

  it('may be why a run leaves, wherever it stands', () => {
    const exitWhen = [{ on: 'message', step: 'm', was: 'bounced', reason: 'no-address' }];
    const w = entered({ m: message('w'), w: wait('P1D', 'm2'), m2: message() }, { exitWhen });
    w.receipt(w.messages[0]!.id, 'bounced', { permanent: false });
    w.pass('2d');
    expect([left(w), w.messages.length]).toEqual([['no-address'], 1]);
  });

  it('G9: a stopped journey is left, not gone on with', () => {
    const w = entered({ ...clicked, yes: message() });
    w.set('welcome', 'stopped');
    w.receipt(w.messages[0]!.id, 'clicked');
    expect([left(w), w.messages.length]).toEqual([['stopped'], 1]);
  });

  it('costs a waiting run a few bytes', () => {
    const more = { id: 'abandoned-cart-autumn', reentry: { key: 'event.cart', again: 'P30D', whileInside: 'ignore' } };
    const document = journey({ ...more, steps: { ...clicked, m: message('w'), w: wait('P1D', 'wf') } });
    const w = new World({ journeys: [document] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up', { cart: '6f1c2b1e-5a0d-4b4e' });
    const before = jsonBytes(w.profile('ann').runs);
    w.receipt(w.messages[0]!.id, 'clicked');
    expect(jsonBytes(w.profile('ann').runs) - before).toBeLessThanOrEqual(12);
  });
});

describe('a trigger on a condition', () => {
  const becomes = (condition: string, next = 'yes') => ({ on: 'becomes-true', if: condition, next });
  const ends = { yes: exit('yes'), late: exit('late') };
  const waitingFor = (condition: string, within?: string) => ({ wf: waitFor([becomes(condition)], within), ...ends });

  it('is true already: the run goes on at once', () => {
    const w = entered(waitingFor('profile.plan = "pro"'), {}, { plan: 'pro' });
    expect(left(w)).toEqual(['yes']);
    expect(w.reasons.find(({ code }) => code === 'step.became-true')?.saw).toMatchObject({ trigger: 0 });
  });

  it.each<[string, string, (w: World) => unknown]>([
    ['a trait', 'profile.plan = "pro"', (w) => w.identify('ann', { plan: 'pro' })],
    [
      'a trait through the API',
      'profile.plan = "pro"',
      (w) => w.tell('ann', { t: 'patch', id: 'p', at: w.now, traits: { plan: 'pro' } }),
    ],
    ['an event that nobody listens to', 'did "Bought" at least 1 times in last 1 day', (w) => w.track('ann', 'Bought')],
    [
      'a consent',
      'consent email/news is granted',
      (w) =>
        w.tell('ann', {
          t: 'consent',
          id: 'c',
          at: w.now,
          consents: [{ channel: 'email', topic: 'news', state: 'granted', at: w.now, source: 'form' }],
        }),
    ],
    [
      'a merge',
      'profile.plan = "pro"',
      (w) => {
        w.event({ kind: 'identify', name: 'Identified', anonymousId: 'phone', data: { plan: 'pro' } });
        w.identify('ann', {}, { anonymousId: 'phone' });
      },
    ],
  ])('becomes true by %s', (_by, condition, act) => {
    const w = entered(waitingFor(condition));
    w.track('ann', 'Something Else');
    expect(left(w)).toEqual([]);
    act(w);
    expect(left(w)).toEqual(['yes']);
  });

  it.each<[string, string, object, string]>([
    ['a date comes near', 'profile.renewal in next 1 day', { renewal: '2026-11-24T09:00:00Z' }, '2026-11-23T09:00'],
    ['an hour begins', 'local time is 09:00-10:00', { timezone: 'Asia/Tokyo' }, '2026-11-23T00:00'],
    ['a window ends', 'not (did "Signed Up" at least 1 times in last 5 hours)', {}, '2026-11-22T15:00'],
  ])('G6: becomes true by time alone, on time: %s', (_title, condition, traits, at) => {
    const w = entered(waitingFor(condition), {}, traits);
    w.until(instant(`${at}:00Z`) - 1);
    expect(left(w)).toEqual([]);
    w.until(`${at}:00Z`);
    expect(left(w)).toEqual(['yes']);
  });

  it('G6: looking again ends neither the wait for it nor another wait early', () => {
    // Never true, and looked at twice a day.
    const late = 'local time is 09:00-09:30 and local time is 13:00-14:00';
    const waits = entered(waitingFor(late, 'P2D'));
    waits.until('2026-11-24T09:59:00Z');
    expect(left(waits)).toEqual([]);
    waits.until('2026-11-24T10:00:00Z');
    expect(left(waits)).toEqual(['late']);

    const exitWhen = [{ on: 'becomes-true', if: late, reason: 'pro' }];
    const w = entered({ w: wait('P2D', 'm'), m: message() }, { exitWhen });
    w.until('2026-11-24T09:59:00Z');
    expect(w.messages).toEqual([]);
    w.until('2026-11-24T10:00:00Z');
    expect(w.messages).toHaveLength(1);
  });

  it('what comes true in the minute in which time is up came before it', () => {
    const w = entered({ u: wait('PT40S', 'wf'), ...waitingFor('local time is 10:30-11:00', 'PT29M30S') });
    w.until('2026-11-22T10:31:00Z');
    expect(left(w)).toEqual(['yes']);
  });

  it('G7: a message that comes back to a run that must leave is lost, and that is recorded', () => {
    const exitWhen = [{ on: 'becomes-true', if: 'local time is 10:30-11:00', reason: 'too-late' }];
    const w = entered({ m: message('w'), w: wait('PT2H') }, { exitWhen });
    w.now = instant('2026-11-22T10:30:00Z');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours' });
    expect(left(w)).toEqual(['too-late']);
    expect(w.codes().at(-1)).toBe('message.lost-its-run');
    expect(w.counts).not.toContain('welcome message/m/taken-back');
  });

  it('a window that slides on is looked at again, without a wake for every event', () => {
    const w = entered(waitingFor('not (did "Page Viewed" at least 1 times in last 5 hours) and profile.seen = true'));
    w.identify('ann', { seen: true, ...mail });
    expect(left(w), 'no page was viewed').toEqual(['yes']);

    const v = entered({
      u: { type: 'wait-for', any: [{ on: 'event', event: 'Page Viewed', next: 'wf' }], within: 'P1D', timeout: 'late' },
      ...waitingFor('not (did "Page Viewed" at least 1 times in last 5 hours)'),
    });
    let wakes = 0;
    for (let hour = 0; hour < 4; hour += 1) {
      const { effects } = v.track('ann', 'Page Viewed');
      wakes += effects.filter(({ e }) => e === 'wake').length;
      v.pass('1h');
    }
    expect(wakes).toBe(1);
    v.until('2026-11-22T17:59:00Z');
    expect(left(v)).toEqual([]);
    v.until('2026-11-22T18:00:00Z');
    expect(left(v)).toEqual(['yes']);
  });

  it('as an exit rule it is asked before the first step', () => {
    const exitWhen = [{ on: 'becomes-true', if: 'profile.plan = "pro"', reason: 'pro' }];
    const w = entered({ m: message() }, { exitWhen }, { plan: 'pro' });
    expect([left(w), w.messages]).toEqual([['pro'], []]);
    expect(w.reasons.find(({ code }) => code === 'exit-rule.true')?.saw).toBeDefined();
  });

  it('as an exit rule it ends a wait, a held message and a pause alike', () => {
    const exitWhen = [{ on: 'becomes-true', if: 'profile.plan = "pro"', reason: 'pro' }];
    const w = entered({ w: wait('P1D', 'm'), m: message() }, { exitWhen });
    w.identify('ann', { plan: 'pro' });
    expect(left(w)).toEqual(['pro']);

    const quiet = new World({
      journeys: [journey({ exitWhen, steps: { m: message() } })],
      policy: { quietHours: [{ from: '09:00', to: '12:00' }] },
    });
    quiet.identify('ann', mail);
    quiet.track('ann', 'Signed Up');
    quiet.set('welcome', 'paused');
    quiet.identify('ann', { plan: 'pro' });
    quiet.set('welcome', 'live');
    quiet.pass('1d');
    expect([left(quiet), quiet.messages]).toEqual([['pro'], []]);
  });

  it('comes before what the same event would do to the run', () => {
    const exitWhen = [{ on: 'becomes-true', if: 'did "Bought" at least 1 times ever', reason: 'bought' }];
    const wf = waitFor([{ on: 'event', event: 'Bought', next: 'end' }]);
    const w = entered({ wf, late: exit('late') }, { exitWhen });
    w.track('ann', 'Bought');
    expect(left(w)).toEqual(['bought']);
  });

  it('a run that moves may set another one free', () => {
    const other = journey({
      id: 'other',
      steps: {
        wf: waitFor([becomes('profile.step = 1', 'up')]),
        up: { type: 'update', set: { step: 2 }, next: 'end' },
        late: exit('late'),
      },
    });
    const first = journey({ steps: waitingFor('profile.step = 2') });
    const w = new World({ journeys: [other, first] });
    w.track('ann', 'Signed Up');
    w.identify('ann', { step: 1 });
    expect(w.runs('ann')).toEqual([]);
  });

  it('in a pause it is looked at by the sweep that follows', () => {
    const w = entered({ ...waitingFor('local time is 12:00-13:00'), yes: message() });
    w.set('welcome', 'paused');
    w.until('2026-11-22T12:30:00Z');
    w.set('welcome', 'live');
    w.sweep();
    expect(w.messages).toHaveLength(1);
  });
});
