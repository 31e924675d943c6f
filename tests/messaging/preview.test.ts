import { describe, expect, it } from 'vitest';
import { exampleScope } from '../../shared/app/example-scope.ts';
import { type PreviewInput, preview } from '../../shared/app/preview.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';

const template = Template.parse({
  schemaVersion: 1,
  id: 'cart',
  variables: {
    'profile.name': { type: 'string', example: 'Ada' },
    'profile.address.city': { type: 'string', example: 'Bern' },
    'event.products': { type: 'list', example: [{ name: 'Tea' }] },
    'event.total': { type: 'number', example: 12, required: true },
  },
  variants: [
    {
      channel: 'email',
      content: {
        subject: '{{ profile.name }} in {{ profile.address.city }}',
        html: '<body>{% for p in event.products %}{{ p.name }}{% endfor %} {{ event.total }} {{ unsubscribe_url }} {{ postal_address }}</body>',
      },
    },
    {
      channel: 'email',
      locale: 'de',
      content: { subject: 'Für {{ profile.name }}', text: '{{ "now" | date: "%B" }}' },
    },
    { channel: 'webhook', content: { body: '{"to": {{ profile.name }}, "total": {{ event.total }} }' } },
  ],
});
const input: PreviewInput = {
  template,
  channel: 'email',
  policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
  sender: { id: 'main', from: 'Shop <a@shop.example>', postalAddress: '1 Way' },
  topicKind: 'marketing',
  now: Date.UTC(2026, 9, 1),
};

describe('a preview', () => {
  it('is made of the examples', async () => {
    const { rendered, sizes, findings } = await preview({
      ...input,
      template: { ...template, variants: [template.variants[0]!] },
    });
    expect(rendered).toMatchObject({
      subject: 'Ada in Bern',
      html: '<body>Tea 12 https://preview.invalid/u/example 1 Way</body>',
      text: expect.stringContaining('Tea 12'),
      headers: { From: 'Shop <a@shop.example>', 'List-Unsubscribe': '<https://preview.invalid/u/example>' },
    });
    expect(sizes).toMatchObject({ subject: 11, html: 59 });
    expect(findings).toEqual([]);
  });

  it('in the language of the variant, whichever way it runs', async () => {
    const content = { subject: '{{ lang }} {{ dir }} {{ align_start }}', text: '{{ "2026-10-01" | date_local }}' };
    const variants = [
      { channel: 'email', content },
      { channel: 'email', locale: 'ar', content },
    ] as const;
    const shown = async (locale: string) => {
      const { rendered } = await preview({ ...input, locale, template: { ...template, variants: [...variants] } });
      return [rendered?.subject, rendered?.text];
    };
    expect(await shown('ar-EG')).toEqual(['ar-EG rtl right', '٠١\u200F/١٠\u200F/٢٠٢٦']);
    expect(await shown('fr')).toEqual(['en ltr left', 'Oct 1, 2026']);
  });

  it('or of a customer, with values that win over the examples', async () => {
    const profile = { ...emptyProfile, traits: { name: { value: '<Bob>', at: 0, source: 'api' } } } as const;
    const { rendered } = await preview({
      ...input,
      profile,
      values: { event: { total: 1, products: [{ name: 'A&B' }] } },
    });
    expect(rendered).toMatchObject({ subject: '<Bob> in', html: expect.stringContaining('A&amp;B 1 ') });
  });

  it('in the locale that is asked for', async () => {
    expect((await preview({ ...input, locale: 'de-CH' })).rendered).toMatchObject({
      subject: 'Für Ada',
      text: 'Oktober',
    });
  });

  describe('of a text message', () => {
    const short = (text: string): Template => ({ ...template, variants: [{ channel: 'sms', content: { text } }] });
    const { sender: _, ...withoutSender } = input;
    const sms = { transport: 'end-user-messaging', senders: { US: 'phone-1', DE: 'SHOP' } } as const;
    const prices = { currency: 'EUR', perMessage: { sms: 0.07 } };
    const policy = { ...input.policy, prices };

    it('says how it is encoded and cut, and what that costs', async () => {
      const long = {
        ...withoutSender,
        channel: 'sms',
        sms,
        policy,
        template: short('Für {{ profile.name }} '.repeat(20)),
      } as const;
      expect(await preview(long)).toMatchObject({
        rendered: { text: expect.stringMatching(/^Für Ada Für.*Ada$/), headers: { From: 'phone-1' } },
        length: { encoding: 'GSM-7', units: 159, parts: 1 },
        price: { currency: 'EUR', perPart: 0.07, amount: 0.07 },
        findings: [],
      });
      const two = await preview({ ...long, template: short('Für {{ profile.name }} '.repeat(21)) });
      expect(two).toMatchObject({ length: { parts: 2 }, price: { amount: 0.14 } });
    });

    it('comes from the sender of the customer’s country; without a price there is none', async () => {
      const profile = {
        ...emptyProfile,
        traits: { phone: { value: '+4915100000001', at: 0, source: 'api' } },
      } as const;
      const shown = await preview({ ...withoutSender, channel: 'sms', sms, profile, template: short('Hi') });
      expect(shown.rendered?.headers).toEqual({ From: 'SHOP' });
      expect(shown).not.toHaveProperty('price');
    });

    it.each([
      ['Hi “{{ profile.name }}”', ['template.sms-unicode']],
      ['雪'.repeat(202), ['template.sms-parts']],
      ['雪'.repeat(201), []],
      [`${'x'.repeat(460)} 👋`, ['template.sms-unicode', 'template.sms-parts']],
    ])('warns of what is dear: %s', async (text, codes) => {
      const { findings } = await preview({ ...withoutSender, channel: 'sms', template: short(text) });
      expect(findings.map(({ code }) => code)).toEqual(codes);
    });

    it.each([
      ['{% if false %}x{% endif %}', 'template.empty'],
      ['{% for i in (1..500) %}long {% endfor %}', 'template.too-long'],
    ])('that would not be sent says why: %s', async (text, code) => {
      const { rendered, findings } = await preview({ ...withoutSender, channel: 'sms', template: short(text) });
      expect(rendered).toBeUndefined();
      expect(findings.map((one) => one.code)).toContain(code);
    });
  });

  it('of a webhook is its body', async () => {
    const { rendered } = await preview({ ...input, channel: 'webhook' });
    expect(JSON.parse(rendered!.text)).toEqual({ to: 'Ada', total: 12 });
  });

  it.each([
    ['a value that is required', { values: { event: {} } }, 'template.variable-missing'],
    [
      'a header that breaks',
      {
        values: { event: { total: 1 } },
        profile: { ...emptyProfile, traits: { name: { value: 'a\nb', at: 0, source: 'api' as const } } },
      },
      'template.header-newline',
    ],
  ])('shows nothing and says why: %s', async (_what, over, code) => {
    const { rendered, findings } = await preview({ ...input, ...(over as Partial<PreviewInput>) });
    expect(rendered).toBeUndefined();
    expect(findings.map((one) => one.code)).toContain(code);
  });

  it('warns of what Gmail cuts off', async () => {
    const big = {
      ...template,
      variants: [{ channel: 'email' as const, content: { subject: 's', html: 'x'.repeat(102_001) } }],
    };
    const { findings } = await preview({ ...input, template: big, topicKind: 'transactional' });
    expect(findings).toMatchObject([{ code: 'template.html-clipped', limit: 102_000, actual: 102_001 }]);
  });

  it('an example deep in a list becomes a list', () => {
    const variables = {
      'event.products.0.sku': { type: 'string', example: 'T1' },
      'steps.offer.code': { type: 'string', example: 'C' },
    };
    expect(exampleScope({ ...template, variables })).toEqual({
      event: { products: [{ sku: 'T1' }] },
      steps: { offer: { code: 'C' } },
    });
  });
});
