import { isContentFailure } from '../../domain/messaging/render/email-content.ts';
import { renderSms } from '../../domain/messaging/render/sms-content.ts';
import { MANY_SMS_PARTS, needlessCharacters, smsLength } from '../../domain/messaging/render/sms-parts.ts';
import type { Problem } from '../../kernel/errors.ts';
import type { SmsSettings } from '../../settings.ts';
import type { OutgoingSms } from '../delivery.ts';
import { contentFor, isUnprepared, type Making, notRendered } from './making.ts';

export const sms: Making<OutgoingSms> = {
  async make(material, { settings }) {
    const { request, topic, address } = material;
    if (material.template === undefined) return { refused: 'template.missing' };
    if (settings.sms === undefined) return { refused: 'sms.not-set-up' };
    // Loaded with the first text message: the numbering plans of all countries are no business of other channels.
    const { countriesOfPhone } = await import('../../domain/messaging/phone-countries.ts');
    const countries = countriesOfPhone(address);
    const from = senderFor(settings.sms, countries);
    if (from === undefined) return { refused: 'sms.no-sender', detail: { country: countries[0] ?? null } };
    const found = contentFor(material);
    if (isUnprepared(found)) return found;
    const content = renderSms(found.variant.content, found.scope, found.setting, found.links);
    if (isContentFailure(content)) return notRendered(content, found);
    const { senders: _, ...transport } = settings.sms;
    const { expiresAt } = request;
    const length = smsLength(content.text);
    return {
      message: {
        channel: 'sms',
        id: request.id,
        to: address,
        from,
        text: content.text,
        parts: length.parts,
        transactional: topic.kind === 'transactional',
        ...transport,
        ...(expiresAt !== undefined && { expiresAt }),
      },
      detail: { ...found.named, ...length },
    };
  },

  targets: ({ to }) => [to],

  forTest: (message) => ({ ...message, text: `[test] ${message.text}` }),

  show: ({ text, from }) => ({
    rendered: { text, headers: { From: from } },
    length: smsLength(text),
    sizes: { text: Buffer.byteLength(text) },
    findings: findingsOf(text),
  }),
};

const senderFor = ({ senders }: SmsSettings, countries: readonly string[]): string | undefined =>
  senders[countries.find((country) => Object.hasOwn(senders, country)) ?? 'default'];

/** What is worth saying of a text before it is paid for. */
export function findingsOf(text: string): Problem[] {
  const { encoding, parts } = smsLength(text);
  const findings: Problem[] = [];
  const needless = needlessCharacters(text);
  if (encoding === 'UCS-2' && needless.length > 0) {
    findings.push({
      pointer: '',
      code: 'template.sms-unicode',
      detail: `${needless.join(' ')} makes the whole text UCS-2, with 70 characters to a part and not 160`,
      fix: 'write plain quotes, dashes and spaces, and no emoji',
    });
  }
  if (parts > MANY_SMS_PARTS) {
    const detail = 'each part is paid for';
    findings.push({ pointer: '', code: 'template.sms-parts', detail, limit: MANY_SMS_PARTS, actual: parts });
  }
  return findings;
}
