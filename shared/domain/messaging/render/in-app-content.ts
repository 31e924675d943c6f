import { nominalMs } from '../../../kernel/duration.ts';
import { type ContentFailure, isContentFailure, renderPart } from './email-content.ts';
import type { LinkTags } from './link-tags.ts';
import type { LiquidScope, RenderSetting } from './liquid.ts';

/** As an app gets it: `body` is HTML, the rest is text. */
export interface InAppContent {
  readonly title?: string;
  readonly body: string;
  readonly link?: string;
  readonly image?: string;
}

export interface RenderedInApp {
  readonly content: InAppContent;
  /** Milliseconds; absent when the template does not say. */
  readonly keptMs?: number;
}

const optional = ['title', 'link', 'image', 'expiresAfter'] as const;

export function renderInApp(
  content: { readonly [part: string]: string },
  scope: LiquidScope,
  setting: RenderSetting,
  links: LinkTags,
): RenderedInApp | ContentFailure {
  const body = renderPart('in-app', 'body', content['body'] ?? '', scope, setting);
  if (typeof body !== 'string') return body;
  const texts: { [name in (typeof optional)[number]]?: string } = {};
  for (const part of optional) {
    const text = renderPart('in-app', part, content[part] ?? '', scope, setting);
    if (isContentFailure(text)) return text;
    // Rendered to nothing it is not there, and an app need not know two kinds of nothing.
    if (text.trim() !== '') texts[part] = text.trim();
  }
  const { expiresAfter, title, link, image } = texts;
  return {
    content: {
      ...(title !== undefined && { title }),
      body: links.html(body),
      ...(link !== undefined && { link: links.text(link) }),
      ...(image !== undefined && { image }),
    },
    ...(expiresAfter !== undefined && { keptMs: nominalMs(expiresAfter) }),
  };
}
