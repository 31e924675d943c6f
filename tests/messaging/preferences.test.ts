import { describe, expect, it } from 'vitest';
import { readPreferenceForm, savePreferences, showPreferences } from '../../shared/app/preferences.ts';
import { asHashed } from '../../shared/domain/messaging/address.ts';
import { claims, hash, key, links, linksWorld, record, start } from './links-world.ts';

describe('what a customer sees', () => {
  it('is every public marketing topic on the channels that reach them, as it is: record, topic, suppression', async () => {
    const w = await linksWorld();
    expect(await w.states()).toEqual({ 'email/offers': true, 'email/partners': false });
    const both = await linksWorld([record('email', 'partners', 'granted'), record('email', 'offers', 'withdrawn')], {
      email: 'ada@example.org',
      phone: '+4915112345678',
    });
    expect(await both.states()).toEqual({ 'email/offers': false, 'sms/offers': false, 'email/partners': true });
    await both.ports.suppressions.put({
      ...{ channel: 'email', addressHash: hash, topic: null, reason: 'unsubscribe', at: start },
    });
    expect((await both.states())['email/partners'], 'told by the list before the profile has it').toBe(false);
  });

  it('of their address only so much that they know it again, and nothing when it is another one by now', async () => {
    const own = await linksWorld();
    expect((await showPreferences(own.token, own.ports))!.address).toBe('a•••@e•••.org');
    const moved = await linksWorld([], { email: 'new@example.net' });
    expect((await showPreferences(moved.token, moved.ports))!).not.toHaveProperty('address');
  });

  it.each(['', 'x', 'k1.AAAA.AAAAAAAAAAAAAAAAAAAAAA'])('nothing, with a link that is not ours: %j', async (bad) => {
    const w = await linksWorld();
    expect(await showPreferences(bad, w.ports)).toBeUndefined();
    expect(await savePreferences(bad, readPreferenceForm('all=1'), w.ports)).toBeUndefined();
    const unsubscribe = (await links.unsubscribeUrl(claims)).split('/u/')[1]!;
    expect(await showPreferences(unsubscribe, w.ports), 'of another purpose').toBeUndefined();
    expect(w.order).toEqual([]);
  });

  it('looking changes nothing', async () => {
    const w = await linksWorld();
    await w.states();
    expect(w.order).toEqual([]);
  });
});

describe('what a customer saves', () => {
  it('G10 stops the address first, then tells the profile, then lifts; and is shown at once', async () => {
    const w = await linksWorld();
    expect(await w.save('form=1&was=email/offers&on=email/partners')).toEqual({
      'email/offers': false,
      'email/partners': true,
    });
    expect(w.order).toEqual(['suppress offers', 'mail', 'lift']);
    expect(w.said()).toEqual(['email/offers withdrawn', 'email/partners granted']);
    expect(w.mail[0]!.mail).toMatchObject({
      key,
      hop: 0,
      records: [
        { consents: [{ source: 'preference-page', evidence: claims.message, at: start }, { textVersion: '2026-11' }] },
      ],
    });
    expect((await w.states())['email/offers'], 'before the profile has it').toBe(false);
  });

  it('says only what is another wish than before', async () => {
    const w = await linksWorld();
    await w.save('form=1&was=email/offers&on=email/offers');
    expect(w.order).toEqual([]);
  });

  it('of two pages in a row the second counts, though the profile has not learned the first yet', async () => {
    const w = await linksWorld();
    await w.save('form=1&was=email/offers&on=email/offers&on=email/partners');
    w.clock.now += 1_000;
    await w.save('form=2&was=email/offers&was=email/partners&on=email/offers');
    expect(w.said()).toEqual(['email/partners granted', 'email/partners withdrawn']);
    expect(new Set(w.mail.map(({ id }) => id)).size).toBe(2);
  });

  it('pressed twice, one page is one record', async () => {
    const w = await linksWorld();
    await w.save('form=1&was=email/offers');
    w.clock.now += 500;
    await w.save('form=1&was=email/offers');
    expect(new Set(w.mail.map(({ id }) => id)).size).toBe(1);
  });

  it('everything is also what the page does not show, and what will be', async () => {
    const w = await linksWorld([], { email: 'ada@example.org', phone: '+4915112345678' });
    expect(Object.values(await w.save('form=1&was=email/offers&all=1&on=email/offers'))).toEqual([false, false, false]);
    expect(w.said()).toEqual(['email/offers withdrawn', 'email/hidden withdrawn']);
    expect([...w.suppressions.values()].map(({ channel, topic, reason }) => [channel, topic, reason])).toEqual([
      ['email', null, 'unsubscribe'],
      ['sms', null, 'unsubscribe'],
    ]);
    expect(Object.values(await w.states())).toEqual([false, false, false]);
  });

  it('lifts what a partner’s hashed list said they had unsubscribed from', async () => {
    const w = await linksWorld();
    const hashed = asHashed('email', 'ada@example.org');
    await w.ports.suppressions.put({
      channel: 'email',
      addressHash: hashed,
      topic: null,
      reason: 'unsubscribe',
      at: 1,
    });
    expect(await w.states()).toEqual({ 'email/offers': false, 'email/partners': false });
    await w.save('form=1&on=email/offers');
    expect(w.suppressions.size).toBe(0);
  });

  it('takes nothing that the page does not offer', async () => {
    const w = await linksWorld();
    await w.save('form=1&was=email/offers&on=email/offers&on=email/hidden&on=email/account&on=push/offers&on=x');
    expect(w.order).toEqual([]);
  });

  it('in the mail of a test run is the test’s, and suppresses nobody', async () => {
    const w = await linksWorld();
    const ofTest = { ...claims, profile: `t${key.slice(1)}` };
    const token = (await links.preferencesUrl(ofTest)).split('/preferences/')[1]!;
    await savePreferences(token, readPreferenceForm('all=1'), w.ports);
    expect(w.order).toEqual(['mail']);
    expect(w.mail[0]!.mail.key).toBe(ofTest.profile);
  });
});
