import { addressHash } from '../../domain/messaging/address.ts';
import { isContentFailure, renderEmail } from '../../domain/messaging/render/email-content.ts';
import { uses } from '../../domain/messaging/render/made-for.ts';
import type { Problem } from '../../kernel/errors.ts';
import type { OutgoingEmail } from '../delivery.ts';
import type { LinkClaims } from '../signed-links.ts';
import { confirmClaimsOf } from './confirm-link.ts';
import { contentFor, isUnprepared, type Making, type Material, notRendered } from './making.ts';

/** Gmail shows no more of a mail than this, and cuts off what often is the unsubscribe link. */
const clippedAtBytes = 102_000;

export const email: Making<OutgoingEmail> = {
  async make(material, ports) {
    const { request, topic, address } = material;
    const { settings } = ports;
    if (material.template === undefined) return { refused: 'template.missing' };
    const sender = settings.senders.find(({ id }) => request.sender === undefined || id === request.sender);
    if (sender === undefined) return { refused: 'sender.unknown', detail: { sender: request.sender ?? null } };
    const transactional = topic.kind === 'transactional';
    const claims = claimsOf(material);
    const unsubscribeUrl = transactional ? undefined : await ports.links.unsubscribeUrl(claims);
    const confirmable = confirmClaimsOf(material);
    const found = contentFor(material, {
      unsubscribe_url: unsubscribeUrl ?? '',
      preferences_url: await ports.links.preferencesUrl(claims),
      confirm_url: confirmable === undefined ? '' : await ports.links.confirmUrl(confirmable),
      postal_address: sender.postalAddress,
    });
    if (isUnprepared(found)) return found;
    if (confirmable === undefined && uses(found.variant, 'confirm_url')) {
      return { refused: 'confirm.nothing-pending', detail: found.named };
    }
    const { textOfHtml } = await import('../../domain/messaging/render/text-of-html.ts');
    const content = renderEmail(found.variant.content, found.scope, found.setting, textOfHtml, found.links);
    if (isContentFailure(content)) return notRendered(content, found);
    const { origin } = request;
    return {
      message: {
        channel: 'email',
        id: request.id,
        to: address,
        sender: sender.id,
        from: sender.from,
        ...(sender.replyTo !== undefined && { replyTo: sender.replyTo }),
        ...content,
        transactional,
        configurationSet: settings.configurationSets[transactional ? 'transactional' : 'marketing'],
        ...(unsubscribeUrl !== undefined && { unsubscribeUrl }),
        ...(origin !== undefined && { origin: { journey: origin.journey, step: origin.step } }),
      },
      detail: { ...found.named, bytes: sizesOf(content) },
    };
  },

  targets: ({ to }) => [to],

  forTest: (message) => ({ ...message, subject: `[test] ${message.subject}` }),

  inSink: ({ subject }) => ({ subject }),

  show(message) {
    const { subject, html, text, from, replyTo, unsubscribeUrl } = message;
    const sizes = sizesOf(message);
    return {
      rendered: {
        subject,
        ...(html !== undefined && { html }),
        text,
        headers: {
          From: from,
          ...(replyTo !== undefined && { 'Reply-To': replyTo }),
          ...(unsubscribeUrl !== undefined && { 'List-Unsubscribe': `<${unsubscribeUrl}>` }),
        },
      },
      sizes,
      findings: sizes.html > clippedAtBytes ? [clipped(sizes.html)] : [],
    };
  },
};

const claimsOf = ({ request, topic, address }: Material): LinkClaims => ({
  profile: request.key,
  channel: 'email',
  topic: topic.id,
  addressHash: addressHash('email', address),
  message: request.id,
});

const sizesOf = (content: { readonly subject: string; readonly html?: string; readonly text: string }) => ({
  subject: Buffer.byteLength(content.subject),
  html: Buffer.byteLength(content.html ?? ''),
  text: Buffer.byteLength(content.text),
});

function clipped(bytes: number): Problem {
  const detail = 'Gmail cuts mails off here, and the end of the HTML is what readers will miss';
  return { pointer: '', code: 'template.html-clipped', detail, limit: clippedAtBytes, actual: bytes };
}
