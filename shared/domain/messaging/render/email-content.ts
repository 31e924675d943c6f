import type { Channel } from '../channel.ts';
import { channelSpecs } from '../channels/registry.ts';
import { type LinkTags, noLinkTags } from './link-tags.ts';
import { isFailure, type LiquidScope, type RenderSetting, renderLiquid, type TemplateFailure } from './liquid.ts';

export interface EmailContent {
  readonly subject: string;
  readonly html?: string;
  readonly text: string;
}

/** Where in the content it failed; what a message's record and a preview's finding say. */
export interface ContentFailure extends Omit<TemplateFailure, 'code'> {
  readonly code:
    | TemplateFailure['code']
    | 'template.header-newline'
    | 'template.empty'
    | 'template.not-json'
    | 'template.part-unfit'
    | 'template.too-long';
  readonly part: string;
}

export const isContentFailure = (result: object | string): result is ContentFailure =>
  typeof result === 'object' && 'code' in result && 'part' in result;

/** Subject, HTML and text; the text is made from the HTML when the template has none. */
export function renderEmail(
  content: { readonly [part: string]: string },
  scope: LiquidScope,
  setting: RenderSetting,
  textOf: (html: string) => string,
  links: LinkTags = noLinkTags,
): EmailContent | ContentFailure {
  const subject = renderPart('email', 'subject', content['subject'] ?? '', scope, setting);
  if (typeof subject !== 'string') return subject;
  const preheader = renderPart('email', 'preheader', content['preheader'] ?? '', scope, setting);
  if (typeof preheader !== 'string') return preheader;

  const full = { ...scope, preheader };
  let html: string | undefined;
  if (content['html'] !== undefined) {
    const body = renderPart('email', 'html', content['html'], full, setting);
    if (typeof body !== 'string') return body;
    const placesItself = /\{\{-?\s*preheader\b/.test(content['html']);
    html = links.html(preheader === '' || placesItself ? body : withPreheader(body, preheader));
  }
  if (content['text'] !== undefined) {
    const text = renderPart('email', 'text', content['text'], full, setting);
    if (typeof text !== 'string') return text;
    const tagged = links.text(text);
    return html === undefined ? { subject, text: tagged } : { subject, html, text: tagged };
  }
  if (html === undefined) return { ...nowhere('html'), code: 'template.empty', detail: 'neither html nor text' };
  return { subject, html, text: textOf(html) };
}

/** A request body: JSON, made of a Liquid text in which every output is a JSON value. */
export function renderJson(
  content: { readonly [part: string]: string },
  scope: LiquidScope,
  setting: RenderSetting,
): { readonly json: string } | ContentFailure {
  const text = renderPart('webhook', 'body', content['body'] ?? '', scope, setting);
  if (typeof text !== 'string') return text;
  try {
    return { json: JSON.stringify(JSON.parse(text)) };
  } catch {
    return { ...nowhere('body'), code: 'template.not-json', detail: 'the rendered body is not JSON' };
  }
}

export function renderPart(
  channel: Channel,
  part: string,
  source: string,
  scope: LiquidScope,
  setting: RenderSetting,
): string | ContentFailure {
  const { escaping, singleLine, required, form } = channelSpecs[channel].parts[part]!;
  const result = renderLiquid(source, escaping, scope, setting);
  if (isFailure(result)) return { ...result, part };
  if (singleLine !== true) return result;
  const text = result.trim();
  // A value with a line break in it would begin a header of its own.
  if (lineBreak.test(text)) {
    return { ...nowhere(part), code: 'template.header-newline', detail: 'a line break where one line must stand' };
  }
  if (required && text === '') return { ...nowhere(part), code: 'template.empty', detail: `the ${part} is empty` };
  if (form !== undefined && text !== '' && !form.test(text)) {
    return { ...nowhere(part), code: 'template.part-unfit', detail: `the ${part} must be ${form.what}` };
  }
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const lineBreak = /[\u0000-\u001F\u007F\u0085\u2028\u2029]/;

export const nowhere = (part: string) => ({ part, line: 0, column: 0 });

/** Text that lists show beside the subject; the padding keeps the body's first words out of it. */
function withPreheader(html: string, preheader: string): string {
  const style = 'display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden';
  const escaped = preheader.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const hidden = `<div class="preheader" style="${style}">${escaped}${'&#8199;&#65279;&#847; '.repeat(60)}</div>`;
  const body = /<body\b[^<>]*>/i.exec(html);
  if (body === null) return hidden + html;
  const end = body.index + body[0].length;
  return html.slice(0, end) + hidden + html.slice(end);
}
