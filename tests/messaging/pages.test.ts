import axe from 'axe-core';
import { JSDOM, VirtualConsole } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { confirmPage } from '../../shared/app/pages/confirm-page.ts';
import { type PageLocale, pageLocales } from '../../shared/app/pages/page-locale.ts';
import { type Done, preferencePage } from '../../shared/app/pages/preference-page.ts';
import { unsubscribePage } from '../../shared/app/pages/unsubscribe-page.ts';
import type { PreferenceView } from '../../shared/app/preferences.ts';
import type { Topic } from '../../shared/domain/messaging/topic.ts';

const offers: Topic = {
  ...{ id: 'offers', kind: 'marketing', public: true, consent: { email: 'opt-out', sms: 'opt-in' } },
  name: 'Offers <b>"&',
  description: 'What is new in the shop.',
  words: { de: { name: 'Angebote', description: 'Was es Neues gibt.' }, 'fr-CA': { name: 'Offres' } },
};
const view: PreferenceView = {
  address: 'a•••@e•••.org',
  preferences: [
    { key: 'email/offers', channel: 'email', topic: offers, on: true },
    { key: 'sms/offers', channel: 'sms', topic: offers, on: false },
  ],
};

/** jsdom lays nothing out and draws nothing: colours and sizes are looked at in a browser (docs/consent.md). */
async function violations(html: string): Promise<string[]> {
  const { window } = new JSDOM(html, { runScripts: 'outside-only', virtualConsole: new VirtualConsole() });
  window.eval(axe.source);
  const { run } = (window as unknown as { axe: typeof axe }).axe;
  const options = { rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } } };
  const found = await run(window.document as unknown as axe.ElementContext, options);
  expect(found.passes.length).toBeGreaterThan(10);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

const pages: (readonly [string, PageLocale, string])[] = pageLocales.flatMap((locale) => [
  ['preferences', locale, preferencePage(view, locale, 7)] as const,
  ['preferences saved', locale, preferencePage(view, locale, 7, 'saved')] as const,
  ['preferences empty', locale, preferencePage({ preferences: [] }, locale, 7)] as const,
  ['confirm', locale, confirmPage({ state: 'ask', topicNames: ['Offers', 'Tips'] }, locale)] as const,
  ['confirmed', locale, confirmPage({ state: 'done', topicNames: ['Offers'] }, locale)] as const,
  ['expired', locale, confirmPage({ state: 'expired', topicNames: ['Offers'] }, locale)] as const,
  ['unsubscribe', locale, unsubscribePage({ state: 'ask', topicName: 'Offers' }, locale)] as const,
]);

describe('public pages', () => {
  // The structure is the same in every language; that of right-to-left pages is looked at as well.
  it.each(pages.filter(([, locale]) => locale === 'en' || locale === 'ar'))(
    '%s, %s: axe-core finds nothing',
    async (_what, _locale, html) => {
      expect(await violations(html)).toEqual([]);
    },
  );

  it('axe-core would find a box without a label', async () => {
    const broken = preferencePage(view, 'en', 7).replace(/<label>(<input type="checkbox"[^>]*>).*?<\/label>/, '$1');
    expect(await violations(broken)).toEqual([expect.stringContaining('label')]);
  });

  it.each(pages)(
    '%s, %s: no script, nothing from elsewhere, nothing of a topic’s name as markup',
    (_what, locale, html) => {
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`);
      expect(html).not.toMatch(/<script|\son\w+=|https?:|url\(|<img|<b>/i);
    },
  );
});

describe('the preference page', () => {
  const read = (html: string) => new JSDOM(html).window.document;
  const page = (more: Partial<PreferenceView> = {}, locale: PageLocale = 'en', done?: Done) =>
    read(preferencePage({ ...view, ...more }, locale, 7, done));

  it('has a box for each topic and channel, ticked where it holds, named by its group and its label', () => {
    const document = page();
    const boxes = [...document.querySelectorAll('input[type=checkbox]')];
    expect(boxes.map(({ name, value, checked }) => [name, value, checked])).toEqual([
      ['on', 'email/offers', true],
      ['on', 'sms/offers', false],
    ]);
    expect(boxes.map((box) => box.labels![0]!.textContent)).toEqual(['E-mail', 'Text message']);
    expect(boxes[0]!.closest('fieldset')!.querySelector('legend')!.textContent).toBe('Offers <b>"&');
  });

  it('posts to its own address, what was shown with it; Enter saves and does not unsubscribe', () => {
    const form = page().querySelector('form')!;
    expect(form.hasAttribute('action')).toBe(false);
    expect(form.method).toBe('post');
    expect([...form.querySelectorAll('[type=hidden]')].map(({ name, value }) => [name, value])).toEqual([
      ['form', '7'],
      ['was', 'email/offers'],
    ]);
    const [first, second] = [...form.querySelectorAll('button')];
    expect([first!.name, second!.name]).toEqual(['', 'all']);
  });

  it.each([
    ['saved', 'Your choice is saved.'],
    ['saved-none', 'You are unsubscribed from everything.'],
  ] as const)('%s is said first, to screen readers too', (done, text) => {
    const status = page({}, 'en', done).querySelector('h1 + [role=status]')!;
    expect(status.textContent).toBe(text);
  });

  it.each([
    ['de', 'de', 'Angebote'],
    ['de', undefined, 'Angebote'],
    ['fr', 'fr-CA', 'Offres'],
    ['fr', 'fr_ca', 'Offres'],
    ['es', 'es', 'Offers <b>"&'],
  ] as const)('a page in %s for a customer with %s calls the topic %s', (locale, own, name) => {
    const document = page(own === undefined ? {} : { locale: own }, locale);
    expect(document.querySelector('legend')!.textContent).toBe(name);
  });
});
