import { describe, expect, it } from 'vitest';
import { variantFor } from '../../../shared/domain/messaging/render/made-for.ts';
import { Template } from '../../../shared/domain/messaging/template.ts';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import type { Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { instant, journey, message, template, World } from './world.ts';

const mail = { email: 'ann@example.com', timezone: 'Europe/Berlin' };
const exit = (reason: string) => ({ type: 'exit', reason }) as const;
const wait = (time: string, next = 'end') => ({ type: 'wait', for: time, next }) as const;
const again = { again: 'after-exit', whileInside: 'ignore' } as const;

/** Entered by `Look`; ends with the reason yes or no. */
const asking = (condition: string, more: object = {}) =>
  journey({
    id: 'ask',
    entry: [{ on: 'event', event: 'Look' }],
    reentry: again,
    steps: {
      b: { type: 'branch', cases: [{ if: condition, next: 'yes' }], else: 'no' },
      yes: exit('yes'),
      no: exit('no'),
    },
    ...more,
  });
const offers = (more: object = {}) => journey({ reentry: again, steps: { m: message('end', more) } });
const withMail = (condition: string, more: object = {}) => {
  const w = new World({ journeys: [offers(more), asking(condition)], templates: [template('hello')] });
  w.identify('ann', mail);
  w.track('ann', 'Signed Up');
  return w;
};
const answer = (w: World) => {
  w.track('ann', 'Look');
  return w.counts.findLast((count) => count.startsWith('ask exited/'))!.slice('ask exited/'.length);
};
const sends = (w: World, times: number) => {
  for (let i = 0; i < times; i += 1) w.track('ann', 'Signed Up');
};

describe('message', () => {
  it.each([
    ['sent ever', 'yes'],
    ['sent email ever', 'yes'],
    ['sent sms ever', 'no'],
    ['sent topic news ever', 'yes'],
    ['sent topic account ever', 'no'],
    ['sent journey welcome step m ever', 'yes'],
    ['sent journey other ever', 'no'],
    ['sent step other ever', 'no'],
    ['sent at least 2 times ever', 'no'],
    ['sent exactly 1 time today', 'yes'],
    ['sent at most 0 times in last 1 hour', 'no'],
    ['delivered ever', 'no'],
  ])('after one mail: %s is %s', (condition, expected) => expect(answer(withMail(condition))).toBe(expected));

  it.each(['delivered', 'opened', 'clicked', 'bounced'] as const)('%s counts when the provider says so', (was) => {
    const w = withMail(`${was} journey welcome step m topic news email in last 7 days`);
    const others = (['delivered', 'opened', 'clicked', 'bounced'] as const).filter((one) => one !== was);
    for (const other of others) w.receipt(w.messages[0]!.id, other, { permanent: false });
    expect(answer(w)).toBe('no');
    w.receipt(w.messages[0]!.id, was, { permanent: false });
    expect(answer(w)).toBe('yes');
    w.pass('7d');
    expect(answer(w), 'the window has slid').toBe('no');
  });

  it.each([
    ['opened ever', 'no'],
    ['opened by human ever', 'no'],
    ['opened by anyone ever', 'yes'],
    ['delivered by human ever', 'yes'],
  ])('after an open by a machine: %s is %s', (condition, expected) => {
    const w = withMail(condition);
    w.receipt(w.messages[0]!.id, 'delivered');
    w.receipt(w.messages[0]!.id, 'opened', { machine: true });
    expect(answer(w)).toBe(expected);
  });

  it('in this run does not see what was sent before it', () => {
    const w = withMail('sent in this run');
    w.pass('1m');
    expect(answer(w)).toBe('no');
  });

  it('is true in the run that has just decided it', () => {
    const steps = {
      m: message('b'),
      b: { type: 'branch', cases: [{ if: 'sent step m in this run', next: 'yes' }], else: 'no' },
      yes: exit('yes'),
      no: exit('no'),
    };
    const w = new World({ journeys: [journey({ steps })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    expect(w.codes()).toContain('exit.yes');
  });

  it('counts a receipt of a run that has ended, and of a row that is gone by what is left of it', () => {
    const w = withMail('clicked step m ever');
    expect(w.runs('ann')).toEqual([]);
    const bare = { topic: undefined, journey: undefined, step: undefined };
    w.receipt(w.messages[0]!.id, 'clicked', bare);
    expect(answer(w)).toBe('no');
    w.receipt(w.messages[0]!.id, 'clicked');
    expect(answer(w)).toBe('yes');
  });

  it('counts messages without a journey', () => {
    const w = new World({ journeys: [asking('sent topic account today and not (sent journey welcome ever)')] });
    w.identify('ann', mail);
    w.tell('ann', { t: 'message', id: 'd', at: w.now, template: 'hello', properties: {} });
    expect(answer(w)).toBe('yes');
  });

  it('does not count the calls of webhook steps', () => {
    const hook = { type: 'webhook', endpoint: 'crm', next: 'end', failed: 'end' };
    const w = new World({ journeys: [journey({ steps: { hook } }), asking('sent ever')] });
    w.track('ann', 'Signed Up');
    expect([w.messages.length, answer(w)]).toEqual([1, 'no']);
  });

  it.each(['today', 'in last 1 day'])('%s ends at its instant, in the zone of the customer', (window) => {
    const w = new World({
      at: '2026-11-22T22:30:00Z',
      journeys: [
        offers(),
        journey({
          id: 'watch',
          entry: [{ on: 'event', event: 'Look' }],
          exitWhen: [{ on: 'becomes-true', if: `not (sent ${window})`, reason: 'quiet' }],
          steps: { w: wait('P30D') },
        }),
      ],
    });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.track('ann', 'Look');
    const end = window === 'today' ? '2026-11-22T23:00:00Z' : '2026-11-23T22:30:00Z';
    w.until(instant(end) - 1);
    expect(w.codes()).not.toContain('exit.quiet');
    w.until(end);
    expect(w.codes()).toContain('exit.quiet');
  });

  it('may choose the variant of a template', () => {
    const variants = [
      { channel: 'email', if: 'sent step m ever', content: { text: 'Again' } },
      { channel: 'email', content: { text: 'Hello' } },
    ];
    const hello = Template.parse({ schemaVersion: 1, id: 'hello', variables: {}, variants });
    const w = new World({ journeys: [offers()], templates: [hello] });
    w.identify('ann', mail);
    const variant = () => {
      const { policy } = w.catalog;
      const recipient = { profile: w.profile('ann'), values: {}, policy, now: w.now, zone: 'UTC' };
      return variantFor(recipient, hello, 'email')?.content['text'];
    };
    expect(variant()).toBe('Hello');
    w.track('ann', 'Signed Up');
    expect(variant()).toBe('Again');
  });

  it('that nobody asks about is not remembered, and a receipt of it changes nothing', () => {
    const w = new World({ journeys: [offers()] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    expect(w.profile('ann').seen).toEqual({});
    expect(w.receipt(w.messages[0]!.id, 'opened').changed).toBe(false);
  });

  it('goes on being remembered while its journey is paused, or its version only has people in it', () => {
    const w = withMail('clicked ever');
    w.set('ask', 'paused');
    expect(w.receipt(w.messages[0]!.id, 'clicked').changed).toBe(true);
    w.set('ask', 'stopped');
    expect(w.receipt(w.messages[0]!.id, 'clicked').changed).toBe(false);
  });

  it('is bounded: a year of mail every hour takes few bytes', () => {
    const w = withMail('sent at least 3 times in last 90 days');
    for (let day = 0; day < 30; day += 1) {
      sends(w, 10);
      w.pass('1d');
    }
    expect(jsonBytes(w.profile('ann').seen)).toBeLessThan(8_000);
    expect(answer(w)).toBe('yes');
  });
});

describe('sent is taken back', () => {
  it.each([
    ['sent', undefined, 'yes'],
    ['unknown', 'email.no-answer', 'yes'],
    ['not-sent', 'consent.withdrawn', 'no'],
    ['failed', 'email.rejected', 'no'],
  ] as const)('%s: %s', (outcome, reason, expected) => {
    const w = withMail('sent ever');
    w.outcome(w.messages[0]!.id, outcome, reason === undefined ? {} : { reason });
    expect(answer(w)).toBe(expected);
  });

  it('and counts when a held message is really handed over', () => {
    const w = withMail('sent exactly 1 time ever');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours' });
    expect(answer(w)).toBe('no');
    w.pass('2m');
    expect(w.messages).toHaveLength(2);
    expect(answer(w)).toBe('yes');
  });

  it('but not by a webhook step of the same instant', () => {
    const hook = { type: 'webhook', endpoint: 'crm', next: 'm', failed: 'm' };
    const w = new World({ journeys: [journey({ steps: { hook, m: message() } }), asking('sent topic news ever')] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    const [call] = w.messages;
    w.outcome(call!.id, 'failed', { reason: 'http.500' });
    expect(answer(w)).toBe('yes');
  });

  it('only as often as it was, whatever comes between', () => {
    const acts = fc.array(fc.constantFrom('send', 'fail', 'hour'), { maxLength: 40 });
    fc.assert(
      fc.property(acts, (what) => {
        const w = withMail('sent ever');
        const open = [w.messages[0]!.id];
        for (const one of what) {
          if (one === 'hour') w.pass('1h');
          else if (one === 'send') {
            w.track('ann', 'Signed Up');
            w.pass(1);
            open.push(w.messages.at(-1)!.id);
          } else {
            const id = open.shift();
            if (id !== undefined) w.outcome(id, 'failed', { reason: 'x' });
          }
        }
        const [seen] = Object.values(w.profile('ann').seen);
        expect(seen).toMatchObject({ total: open.length });
      }),
      { numRuns: 30 },
    );
  });
});

describe('a merge', () => {
  it('joins what both had, whichever came first', () => {
    const seen = (order: readonly ('mail' | 'link')[]): Profile['seen'] => {
      const w = new World({ journeys: [offers(), asking('sent at least 2 times ever or opened ever')] });
      w.event({ kind: 'identify', name: 'Identified', anonymousId: 'phone', data: mail });
      w.identify('ann', mail);
      w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
      for (const act of order) {
        if (act === 'mail') w.track('ann', 'Signed Up');
        else w.identify('ann', {}, { anonymousId: 'phone' });
      }
      w.receipt(w.messages[0]!.id, 'opened');
      expect(w.profiles.get(profileKey('anonymous', 'phone'))?.movedTo).toBeDefined();
      return w.profile('ann').seen;
    };
    const [one, other] = [seen(['mail', 'link']), seen(['link', 'mail'])];
    expect(other).toEqual(one);
    expect(
      Object.values(one)
        .map(({ total }) => total)
        .sort(),
    ).toEqual([1, 2]);
  });
});
