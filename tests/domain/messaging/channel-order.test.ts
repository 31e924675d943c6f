import { describe, expect, it } from 'vitest';
import { journey, message, template, World } from '../engine/world.ts';

const ann = { email: 'ann@example.com', phone: '+4915112345678', pushToken: 'x' };
const welcome = (channels: unknown = 'by-policy') => journey({ steps: { a: message('end', { channels }) } });

function sent(channelOrder: readonly object[], traits: object = {}, more: object = {}) {
  const w = new World({ journeys: [welcome()], policy: { channelOrder: channelOrder as never }, ...more });
  w.identify('ann', { ...ann, ...traits });
  const consents = ['sms', 'push'].map((channel) => ({ channel, topic: 'news', state: 'granted', at: 1, source: 'x' }));
  w.tell('ann', { t: 'consent', id: 'c', at: 1, consents } as never);
  w.track('ann', 'Signed Up');
  return { w, channel: w.messages[0]?.channel };
}

describe('channels by policy', () => {
  const morning = [{ from: '08:00', to: '11:00' }];
  it.each<[string, object[], object, string | undefined]>([
    ['without a rule: as the template has them', [], {}, 'email'],
    ['the first rule that holds', [{ order: ['sms', 'email'] }, { order: ['email'] }], {}, 'sms'],
    ['for whom', [{ if: 'profile.plan = "gold"', order: ['sms'] }, { order: ['email'] }], { plan: 'gold' }, 'sms'],
    ['not for others', [{ if: 'profile.plan = "gold"', order: ['sms'] }, { order: ['email'] }], {}, 'email'],
    ['at which hour', [{ windows: morning, order: ['sms'] }, { order: ['email'] }], {}, 'sms'],
    [
      'in the customer’s zone',
      [{ windows: morning, order: ['sms'] }, { order: ['email'] }],
      { timezone: 'Asia/Tokyo' },
      'email',
    ],
    ['the one that a trait names', [{ order: [{ ref: 'profile.likes' }, 'email'] }], { likes: 'sms' }, 'sms'],
    ['a trait that names none', [{ order: [{ ref: 'profile.likes' }, 'email'] }], { likes: 'pigeon' }, 'email'],
    ['a channel that the template has not is passed over', [{ order: ['in-app', 'sms'] }], {}, 'sms'],
    ['the next one where the first may not', [{ order: ['sms', 'email'] }], { phone: 'none' }, 'email'],
  ])('%s', (_title, order, traits, channel) => {
    expect(sent(order, traits).channel).toBe(channel);
  });

  it('by the channel that the customer uses most', () => {
    const computed = [{ id: 'engagement', preset: 'engagement' }];
    const order = [{ order: [{ ref: 'profile.preferred-channel' }, 'sms', 'email'] }];
    const { w } = sent(order, {}, { computed });
    expect(w.messages[0]!.channel).toBe('sms');
    w.receipt(w.messages[0]!.id, 'clicked', { channel: 'email' });
    w.publish(journey({ ...welcome(), reentry: { again: 'after-exit', whileInside: 'ignore' } } as never));
    w.pass('1h');
    w.track('ann', 'Signed Up');
    expect(w.messages.map(({ channel }) => channel)).toEqual(['sms', 'email']);
  });

  it('what has been done is counted for the rules of the policy, as for those of journeys', () => {
    const order = [{ if: 'did "Called" in last 30 days', order: ['sms'] }, { order: ['email'] }];
    const w = new World({ journeys: [welcome()], policy: { channelOrder: order as never } });
    expect(w.catalog.clausesByEvent.has('Called')).toBe(true);
  });

  it('says which rule it was; a step that names its channels is asked for nothing', () => {
    const { w } = sent([{ if: 'profile.plan = "gold"', order: ['sms'] }, { order: ['email', 'sms'] }]);
    expect(w.reasons.find(({ code }) => code === 'channels.by-policy')).toMatchObject({
      step: 'a',
      saw: { order: ['email', 'sms'], rule: 1 },
    });
    const own = new World({ journeys: [welcome(['email'])], policy: { channelOrder: [{ order: ['sms'] }] } });
    own.identify('ann', ann);
    own.track('ann', 'Signed Up');
    expect(own.messages.map(({ channel }) => channel)).toEqual(['email']);
    expect(own.codes()).not.toContain('channels.by-policy');
  });

  it('with no channel left it is blocked, and says so', () => {
    const { w, channel } = sent([{ order: ['in-app'] }], {}, { templates: [template('hello', ['email'])] });
    expect(channel).toBeUndefined();
    expect(w.reasons.find(({ code }) => code === 'channel.none')!.fix).toMatch(/^name a channel/);
  });
});
