import { describe, expect, it } from 'vitest';
import { askConfirmation, confirm } from '../../shared/app/confirm.ts';
import { confirmClaimsOf } from '../../shared/app/outgoing/confirm-link.ts';
import type { Material } from '../../shared/app/outgoing/making.ts';
import { type ConfirmClaims, signedLinks } from '../../shared/app/signed-links.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { claims, hash, key, links, linksWorld, record, start } from './links-world.ts';

const asked: ConfirmClaims = {
  ...{ profile: key, channel: 'email', addressHash: hash, message: `${key}-m1`, topics: ['partners'] },
  ...{ at: start, until: start + 7 * DAY_MS },
};
const tokenOf = async (more: Partial<ConfirmClaims> = {}) =>
  (await links.confirmUrl({ ...asked, ...more })).split('/confirm/')[1]!;
const pending = { ...record('email', 'partners', 'pending'), textVersion: 'v3' };

describe('a link that confirms', () => {
  it('asks by a GET and changes nothing: scanners follow links', async () => {
    const w = await linksWorld([pending]);
    expect(await askConfirmation(await tokenOf(), w.ports)).toEqual({ state: 'ask', topicNames: ['Partners'] });
    expect(w.order).toEqual([]);
  });

  it('grants by a POST, to the words that were agreed to, with the message as evidence; then what was stopped is lifted', async () => {
    const w = await linksWorld([pending]);
    w.clock.now += 1_000;
    expect(await confirm(await tokenOf(), w.ports)).toMatchObject({ state: 'done' });
    expect(w.order).toEqual(['mail', 'lift']);
    expect(w.mail[0]!.mail).toMatchObject({
      key,
      records: [
        {
          consents: [
            {
              ...{ channel: 'email', topic: 'partners', state: 'granted', at: start + 1_000, textVersion: 'v3' },
              ...{ source: 'confirm-link', evidence: asked.message },
            },
          ],
        },
      ],
    });
  });

  it('pressed again is the same record', async () => {
    const w = await linksWorld([pending]);
    await confirm(await tokenOf(), w.ports);
    w.clock.now += DAY_MS;
    await confirm(await tokenOf(), w.ports);
    expect(new Set(w.mail.map(({ id }) => id)).size).toBe(1);
  });

  it.each([
    ['a week later', { until: start }, undefined],
    ['after a "no"', {}, record('email', 'partners', 'withdrawn', start + 5)],
    ['when the address is another one by now', { addressHash: addressHash('email', 'old@example.org') }, undefined],
    ['when nothing is known of the customer any more', { profile: `u${'A'.repeat(22)}` }, undefined],
  ])('is worth nothing %s', async (_when, more, consent) => {
    const w = await linksWorld([consent ?? pending]);
    const token = await tokenOf(more);
    expect(await confirm(token, w.ports)).toMatchObject({ state: 'expired' });
    expect(await askConfirmation(token, w.ports)).toMatchObject({ state: 'expired' });
    expect(w.order).toEqual([]);
  });

  it.each([null, 'partners'])(
    'is worth nothing after an unsubscribe that the profile does not know yet (topic %s)',
    async (topic) => {
      const w = await linksWorld([pending]);
      await w.ports.suppressions.put({
        channel: 'email',
        addressHash: hash,
        topic,
        reason: 'unsubscribe',
        at: start + 5,
      });
      expect(await confirm(await tokenOf(), w.ports)).toMatchObject({ state: 'expired' });
      expect(w.said()).toEqual([]);
    },
  );

  it('an older "no" is what it is there to change', async () => {
    const w = await linksWorld([record('email', 'partners', 'withdrawn', start - 5)]);
    expect(await confirm(await tokenOf(), w.ports)).toMatchObject({ state: 'done' });
  });

  it('is for nothing else, and nothing else is it', async () => {
    const w = await linksWorld([pending]);
    const other = signedLinks({ keys: async () => foreign, reload: async () => foreign }, 'https://links.example');
    const tokens = [
      (await links.preferencesUrl(claims)).split('/preferences/')[1]!,
      (await links.unsubscribeUrl(claims)).split('/u/')[1]!,
      (await other.confirmUrl(asked)).split('/confirm/')[1]!,
    ];
    for (const token of tokens) expect(await confirm(token, w.ports)).toBeUndefined();
    expect(await links.read('unsubscribe', await tokenOf())).toBeUndefined();
    expect(w.order).toEqual([]);
  });
});

const foreign = { current: 'k1', keys: { k1: new Uint8Array(32).fill(9) } };

describe('what a message asks to confirm', () => {
  const material = (more: object = {}, within?: string): Material =>
    ({
      ...{ request: { id: 'm', key, channel: 'email', values: {} }, address: 'ada@example.org', now: start },
      profile: { ...emptyProfile, consents: { a: pending, b: record('sms', 'offers', 'pending') } },
      policy: within === undefined ? {} : { confirmWithin: within },
      ...more,
    }) as unknown as Material;

  it('is what is pending on its channel, for a week', () => {
    expect(confirmClaimsOf(material())).toEqual({ ...asked, message: 'm' });
  });

  it('is the topic that its step names', () => {
    const request = { id: 'm', key, channel: 'email', values: { vars: { confirm_topic: 'offers' } } };
    expect(confirmClaimsOf(material({ request }))!.topics).toEqual(['offers']);
  });

  it('is good as long as the policy says', () => {
    expect(confirmClaimsOf(material({}, 'PT12H'))!.until).toBe(start + DAY_MS / 2);
  });

  it('is nothing, when nothing is pending', () => {
    expect(confirmClaimsOf(material({ profile: emptyProfile }))).toBeUndefined();
  });
});
