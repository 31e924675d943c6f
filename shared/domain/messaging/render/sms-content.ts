import { type ContentFailure, nowhere, renderPart } from './email-content.ts';
import type { LinkTags } from './link-tags.ts';
import type { LiquidScope, RenderSetting } from './liquid.ts';
import { MAX_SMS_CHARACTERS } from './sms-parts.ts';

/** The text of a message to a phone: no spaces around it, because each is paid for. */
export function renderSms(
  content: { readonly [part: string]: string },
  scope: LiquidScope,
  setting: RenderSetting,
  links: LinkTags,
): { readonly text: string } | ContentFailure {
  const rendered = renderPart('sms', 'text', content['text'] ?? '', scope, setting);
  if (typeof rendered !== 'string') return rendered;
  const text = links.text(rendered.trim());
  if (text === '') return { ...nowhere('text'), code: 'template.empty', detail: 'the text is empty' };
  if (text.length <= MAX_SMS_CHARACTERS) return { text };
  const detail = `${text.length} characters, and ${MAX_SMS_CHARACTERS} are allowed`;
  return { ...nowhere('text'), code: 'template.too-long', detail };
}
