import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../shared/app/compile-template.ts';
import { isUnprepared, type Material } from '../../shared/app/outgoing/making.ts';
import { makingOf } from '../../shared/app/outgoing/registry.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';

const now = Date.UTC(2026, 10, 26);
const key = 'uAAAAAAAAAAAAAAAAAAAAAA';
const making = makingOf('in-app')!;
const trait = (value: string) => ({ value, at: 0, source: 'identify' as const });

const templateOf = (content: Record<string, string>): Template => ({
  schemaVersion: 1,
  id: 'offer',
  variables: {
    'profile.name': { type: 'string', example: 'Ada' },
    'profile.site': { type: 'string', example: 'https://ada.example/' },
  },
  variants: [{ channel: 'in-app', content }],
});

function material(content: Record<string, string>, traits: Record<string, string> = {}): Material {
  const never = { onUnknown: 'count', report: 'non-success', transactional: false, decidedAt: now } as const;
  return {
    request: {
      ...{ id: `${key}-CCCCCCCCCCCCCCCCCCCCCC`, key, channel: 'in-app', topic: 'offers', ...never },
      origin: { journey: 'j', version: 1, run: 'r', step: 's' },
      values: { vars: { keep: 'P7D' } },
    },
    profile: {
      ...emptyProfile,
      ids: { user: 'ada' },
      traits: Object.fromEntries(Object.entries(traits).map(([name, value]) => [name, trait(value)])),
    },
    topic: { id: 'offers', kind: 'marketing', consent: {} },
    address: '',
    addresses: [],
    template: { document: templateOf(content), version: 3 },
    policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
    endpoints: new Map(),
    now,
    zone: 'UTC',
  };
}
const ports = {
  settings: {
    senders: [],
    configurationSets: { marketing: '', transactional: '' },
    inbox: { origins: [], keptDays: 30 },
    retention: { logDays: 30, backupDays: 35 },
  },
  links: {
    unsubscribeUrl: async () => '',
    preferencesUrl: async () => '',
    confirmUrl: async () => '',
    taskUrl: async () => '',
  },
};
const make = (content: Record<string, string>, traits?: Record<string, string>) =>
  making.make(material(content, traits), ports);

describe('making an in-app message', () => {
  it('has all its parts, and no value is HTML', async () => {
    const prepared = await make(
      {
        title: 'Hi {{ profile.name }}',
        body: '<p>{{ profile.name }}</p>',
        link: '/offers?for={{ profile.name | url_encode }}',
        image: 'https://cdn.example/a.png',
      },
      { name: '<img src=x onerror=alert(1)>', email: 'ada@example.org' },
    );
    expect(prepared).toEqual({
      message: {
        ...{ channel: 'in-app', id: `${key}-CCCCCCCCCCCCCCCCCCCCCC`, key, customer: 'ada@example.org' },
        ...{ topic: 'offers', origin: { journey: 'j', step: 's' }, at: now, expiresAt: now + 30 * DAY_MS },
        content: {
          title: 'Hi <img src=x onerror=alert(1)>',
          body: '<p>&lt;img src=x onerror=alert(1)&gt;</p>',
          link: '/offers?for=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E',
          image: 'https://cdn.example/a.png',
        },
      },
      detail: { template: 'offer@3', bytes: expect.any(Number) },
    });
  });

  it('says in links to our own pages which message they stood in', async () => {
    const content = { body: '<a href="https://shop.example/a">a</a>', link: 'https://shop.example/b?c=1#d' };
    const { topic, ...rest } = material(content);
    const utm = { domains: ['shop.example'], source: 'godwit' };
    const prepared = await making.make({ ...rest, topic: { ...topic, links: { utm } } }, ports);
    const tags = 'utm_source=godwit&utm_medium=in-app&utm_campaign=j&utm_content=s';
    expect(prepared).toHaveProperty('message.content', {
      body: `<a href="https://shop.example/a?${tags.replaceAll('&', '&amp;')}">a</a>`,
      link: `https://shop.example/b?c=1&${tags}#d`,
    });
  });

  it.each([
    ['the template', 'PT2H', DAY_MS / 12],
    ['the step', '{{ vars.keep }}', 7 * DAY_MS],
    ['the configuration, where neither says', '', 30 * DAY_MS],
  ])('is kept as long as %s says', async (_who, expiresAfter, expected) => {
    const prepared = await make({ body: 'b', expiresAfter });
    expect(prepared).toHaveProperty('message.expiresAt', now + expected);
  });

  it.each([
    ['link', 'javascript:alert(1)'],
    ['link', ' JavaScript:alert(1)'],
    ['link', 'java\tscript:alert(1)'],
    ['link', 'data:text/html,x'],
    ['link', 'cart'],
    ['link', '//evil.example/'],
    ['link', '/\\evil.example/'],
    ['image', 'http://cdn.example/a.png'],
    ['image', 'javascript:alert(1)'],
    ['expiresAfter', 'soon'],
    ['expiresAfter', '-P1D'],
    ['expiresAfter', 'PT0S'],
    ['expiresAfter', 'P2Y'],
  ])('is refused with a %s that comes out as %j', async (part, site) => {
    const prepared = await make({ body: 'b', [part]: '{{ profile.site }}' }, { site });
    expect(isUnprepared(prepared) && prepared.refused).toMatch(/^template\.(part-unfit|header-newline)$/);
    expect(JSON.stringify(prepared)).not.toContain(site.trim());
  });

  it.each(['/cart', 'https://shop.example/cart?x=1', 'shop-app://cart/7', 'tel:+4930123456'])(
    'leads to %s',
    async (link) => {
      expect(await make({ body: 'b', link })).toHaveProperty('message.content.link', link);
    },
  );

  it('has a size', async () => {
    const fits = '{% for i in (1..90) %}'.concat('x'.repeat(250), '{% endfor %}');
    const large = fits.replace('90', '100');
    expect(await make({ body: fits })).toHaveProperty('message');
    expect(await make({ body: large })).toMatchObject({ refused: 'inbox.too-large', detail: { limit: 24_000 } });
  });

  it('an allow list may name the customer’s e-mail address; a sink’s record has the title', async () => {
    const prepared = await make({ title: 'T', body: 'b' }, { email: 'ada@example.org' });
    const nameless = await make({ body: 'b' });
    if (isUnprepared(prepared) || isUnprepared(nameless)) throw new Error('refused');
    expect(making.targets(prepared.message)).toEqual(['ada@example.org']);
    expect(making.targets(nameless.message)).toEqual(['ada']);
    expect([making.inSink!(prepared.message), making.inSink!(nameless.message)]).toEqual([{ title: 'T' }, {}]);
  });

  it('is shown in a preview as the app gets it', async () => {
    const prepared = await make({ title: 'T', body: '<p>Hi <b>you</b></p>', link: '/cart' });
    if (isUnprepared(prepared)) throw new Error(prepared.refused);
    expect((await making.show(prepared.message)).rendered).toEqual({
      ...{ subject: 'T', html: '<p>Hi <b>you</b></p>', text: 'Hi you', link: '/cart', headers: {} },
    });
  });
});

describe('a template for an app, when it is published', () => {
  it('is good with all its parts', async () => {
    const content = {
      title: 't',
      body: 'b',
      link: '{{ profile.site }}',
      image: 'https://a.example/',
      expiresAfter: 'P7D',
    };
    expect(await checkTemplate(templateOf(content))).toEqual([]);
  });

  it.each([
    ['link', 'cart', 'a path, or a URL that runs no script'],
    ['link', 'javascript:void(0)', 'a path, or a URL that runs no script'],
    ['image', '/a.png', 'an https URL'],
    ['expiresAfter', '7 days', 'a duration of at most P1Y, above zero'],
  ])('is not with %s %j', async (part, source, limit) => {
    expect(await checkTemplate(templateOf({ body: 'b', [part]: source }))).toEqual([
      expect.objectContaining({ pointer: `/variants/0/content/${part}`, code: 'template.part-unfit', limit }),
    ]);
  });
});
