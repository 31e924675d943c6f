import { describe, expect, it } from 'vitest';
import { pageHeaders } from '../../shared/app/pages/page.ts';
import { pageLocale, pageLocales } from '../../shared/app/pages/page-locale.ts';
import { unsubscribePage } from '../../shared/app/pages/unsubscribe-page.ts';
import type { OutgoingMail } from '../../shared/app/ports.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { askUnsubscribe, isOneClick, type UnsubscribePorts, unsubscribe } from '../../shared/app/unsubscribe.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import type { Suppression } from '../../shared/domain/messaging/suppression.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';

const keys = { current: 'k', keys: { k: new Uint8Array(32).fill(3) } };
const links = signedLinks({ keys: async () => keys, reload: async () => keys }, 'https://links.example');
const claims = {
  profile: 'uAAAAAAAAAAAAAAAAAAAAAA',
  channel: 'email',
  topic: 'offers',
  addressHash: addressHash('email', 'ada@example.org'),
  message: 'uAAAAAAAAAAAAAAAAAAAAAA-CCCCCCCCCCCCCCCCCCCCCC',
} as const;
const token = (await links.unsubscribeUrl(claims)).split('/u/')[1]!;

function world(start: number) {
  const suppressions = new Map<string, Suppression>();
  const mail: OutgoingMail[] = [];
  const order: string[] = [];
  const clock = { now: start };
  const ports: UnsubscribePorts = {
    now: () => clock.now,
    links,
    suppressions: {
      async put(one) {
        order.push('suppression');
        suppressions.set(`${one.channel}#${one.addressHash}#${one.topic}`, one);
      },
    },
    mailbox: {
      async send(mails) {
        order.push('mail');
        mail.push(...mails);
        return [];
      },
    },
    topic: async (id) => (id === 'offers' ? { id, name: 'Weekly offers', kind: 'marketing', consent: {} } : undefined),
  };
  return { ports, suppressions, mail, order, clock };
}

describe('unsubscribing', () => {
  it('G10 stops the address at once and tells the profile, in this order', async () => {
    const { ports, suppressions, mail, order } = world(1_000);
    expect(await unsubscribe(token, 'one-click', ports)).toEqual({ claims, topicName: 'Weekly offers' });
    expect(order).toEqual(['suppression', 'mail']);
    expect([...suppressions.values()]).toEqual([
      { channel: 'email', addressHash: claims.addressHash, topic: 'offers', reason: 'unsubscribe', at: 1_000 },
    ]);
    expect(mail).toMatchObject([
      {
        id: expect.stringMatching(/^[A-Za-z0-9_-]{1,80}$/),
        mail: {
          key: claims.profile,
          hop: 0,
          records: [
            {
              t: 'consent',
              at: 1_000,
              consents: [
                {
                  channel: 'email',
                  topic: 'offers',
                  state: 'withdrawn',
                  at: 1_000,
                  source: 'one-click',
                  evidence: claims.message,
                },
              ],
            },
          ],
        },
      },
    ]);
    expect(mail[0]!.id).toBe((mail[0]!.mail.records[0] as { id: string }).id);
  });

  it('the button in the mail of a test run is the test’s, and suppresses nobody', async () => {
    const { ports, suppressions, mail } = world(1_000);
    const profile = `t${claims.profile.slice(1)}`;
    const ofTest = { ...claims, profile, message: `t${claims.message.slice(1)}` };
    const link = await links.unsubscribeUrl(ofTest);
    expect(await unsubscribe(link.split('/u/')[1]!, 'link', ports)).toMatchObject({ claims: ofTest });
    expect(suppressions.size).toBe(0);
    expect(mail).toMatchObject([{ mail: { key: profile, records: [{ t: 'consent' }] } }]);
  });

  it('twice is once: the same record, the same suppression', async () => {
    const { ports, suppressions, mail, clock } = world(10 * DAY_MS);
    await unsubscribe(token, 'one-click', ports);
    clock.now += 60_000;
    await unsubscribe(token, 'link', ports);
    expect(suppressions.size).toBe(1);
    expect(new Set(mail.map(({ id }) => id)).size).toBe(1);
  });

  it('whoever subscribed anew can leave again by the same link', async () => {
    const { ports, mail, clock } = world(10 * DAY_MS);
    await unsubscribe(token, 'link', ports);
    clock.now += DAY_MS;
    await unsubscribe(token, 'link', ports);
    expect(new Set(mail.map(({ id }) => id)).size).toBe(2);
  });

  it('asking does nothing (scanners follow links)', async () => {
    const { ports, order } = world(0);
    expect(await askUnsubscribe(token, ports)).toEqual({ claims, topicName: 'Weekly offers' });
    expect(order).toEqual([]);
  });

  it.each(['', 'x', `${token}x`, token.slice(0, -1), token.replace('.', '..')])(
    'a link that is not ours does nothing: %j',
    async (bad) => {
      const { ports, order } = world(0);
      expect(await unsubscribe(bad, 'one-click', ports)).toBeUndefined();
      expect(order).toEqual([]);
    },
  );

  it.each([
    ['List-Unsubscribe=One-Click', true],
    ['List-Unsubscribe=One-Click&x=1', true],
    ['confirm=1', false],
    ['', false],
    ['List-Unsubscribe=one-click-not', false],
  ])('the mail program’s POST is known by its body: %j → %s', (body, expected) => {
    expect(isOneClick(body)).toBe(expected);
  });
});

describe('the pages', () => {
  const pages = pageLocales.flatMap((locale) => [
    [locale, 'ask', unsubscribePage({ state: 'ask', topicName: '<b>"Tea" & more' }, locale)] as const,
    [locale, 'done', unsubscribePage({ state: 'done', topicName: '<b>"Tea" & more' }, locale)] as const,
    [locale, 'invalid', unsubscribePage({ state: 'invalid' }, locale)] as const,
  ]);

  it.each(pages)(
    '%s, %s: says its language and title, has one heading, no script, nothing from elsewhere',
    (locale, _state, html) => {
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`);
      expect(html.match(/<title>[^<]+<\/title>/g)).toHaveLength(1);
      expect(html.match(/<h1>/g)).toHaveLength(1);
      expect(html).toContain('<main>');
      expect(html).toContain('name="viewport"');
      expect(html).not.toMatch(/<script|\son\w+=|https?:|url\(|<img|<b>/i);
    },
  );

  it.each(pages)(
    '%s, %s: only the question has a button, in a form that posts to its own address',
    (_locale, state, html) => {
      expect(html.includes('<form method="post"><button class="main" name="confirm"')).toBe(state === 'ask');
      expect(html.includes('role="status"')).toBe(state === 'done');
    },
  );

  it('every page says something else in every language', () => {
    const texts = pages.map(([locale, , html]) => html.replaceAll(`lang="${locale}"`, ''));
    expect(new Set(texts).size).toBe(pages.length);
  });

  it('are not kept, found, framed or told to others', () => {
    expect(pageHeaders).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
    expect(pageHeaders['content-security-policy']).toMatch(
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    );
  });

  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-GB,de;q=0.9', 'en'],
    ['it,de;q=0.5,en;q=0.4', 'de'],
    ['zh-Hant-TW', 'zh'],
    ['fr-CA,en;q=0.5', 'fr'],
    ['de;q=0, en;q=0.1', 'en'],
    ['it', 'en'],
    ['__proto__', 'en'],
    ['', 'en'],
    [undefined, 'en'],
  ])('speak the language that is asked for: %j → %s', (header, locale) => {
    expect(pageLocale(header)).toBe(locale);
  });
});
