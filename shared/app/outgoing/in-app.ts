import { isContentFailure } from '../../domain/messaging/render/email-content.ts';
import { renderInApp } from '../../domain/messaging/render/in-app-content.ts';
import { traitValue } from '../../domain/profiles/set-traits.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { OutgoingInApp } from '../delivery.ts';
import { contentFor, isUnprepared, type Making, notRendered } from './making.ts';

/** A hundred of them are read whenever an app asks (shared/app/inbox/read-inbox.ts). */
const maxBytes = 24_000;

export const inApp: Making<OutgoingInApp> = {
  async make(material, { settings }) {
    const { request, topic, profile, now } = material;
    const found = contentFor(material);
    if (isUnprepared(found)) return found;
    const rendered = renderInApp(found.variant.content, found.scope, found.setting, found.links);
    if (isContentFailure(rendered)) return notRendered(rendered, found);
    const { content, keptMs = settings.inbox.keptDays * DAY_MS } = rendered;
    const bytes = Buffer.byteLength(JSON.stringify(content));
    if (bytes > maxBytes) return { refused: 'inbox.too-large', detail: { ...found.named, limit: maxBytes, bytes } };
    const { origin } = request;
    const email = traitValue(profile, 'email');
    return {
      message: {
        channel: 'in-app',
        id: request.id,
        key: request.key,
        customer: typeof email === 'string' ? email : (profile.ids.user ?? ''),
        topic: topic.id,
        ...(origin !== undefined && { origin: { journey: origin.journey, step: origin.step } }),
        content,
        at: now,
        expiresAt: now + keptMs,
      },
      detail: { ...found.named, bytes },
    };
  },

  targets: ({ customer }) => [customer],

  inSink: ({ content: { title } }) => (title === undefined ? {} : { title }),

  async show({ content: { title, body, link, image } }) {
    const { textOfHtml } = await import('../../domain/messaging/render/text-of-html.ts');
    return {
      rendered: {
        ...(title !== undefined && { subject: title }),
        html: body,
        text: textOfHtml(body),
        ...(link !== undefined && { link }),
        ...(image !== undefined && { image }),
        headers: {},
      },
      sizes: { subject: Buffer.byteLength(title ?? ''), html: Buffer.byteLength(body), text: 0 },
      findings: [],
    };
  },
};
