import type { Json } from '../../../kernel/canonical-json.ts';
import { nominalMs } from '../../../kernel/duration.ts';
import { isData } from '../channels/push.ts';
import { type ContentFailure, isContentFailure, nowhere, renderPart } from './email-content.ts';
import type { LinkTags } from './link-tags.ts';
import type { LiquidScope, RenderSetting } from './liquid.ts';

/** Of one customer, for whatever device. */
export interface PushContent {
  readonly title?: string;
  /** Absent: nothing is shown, the app gets `data`. */
  readonly body?: string;
  readonly link?: string;
  readonly image?: string;
  readonly badge?: number;
  readonly sound?: string;
  readonly data: { readonly [name: string]: Json };
  readonly collapseKey?: string;
  /** How long it is of use. */
  readonly keptMs?: number;
}

const textParts = [
  'title',
  'body',
  'link',
  'image',
  'badge',
  'sound',
  'collapseKey',
  'expiresAfter',
  'silent',
] as const;

export function renderPush(
  content: { readonly [part: string]: string },
  scope: LiquidScope,
  setting: RenderSetting,
  links: LinkTags,
): PushContent | ContentFailure {
  const texts: { [part in (typeof textParts)[number]]?: string } = {};
  for (const part of textParts) {
    const text = renderPart('push', part, content[part] ?? '', scope, setting);
    if (isContentFailure(text)) return text;
    if (text.trim() !== '') texts[part] = text.trim();
  }
  const data = renderData(content['data'] ?? '', scope, setting);
  if (isContentFailure(data)) return data;
  const { title, body, link, image, badge, sound, collapseKey, expiresAfter, silent } = texts;
  const isShown = silent !== 'true';
  if (isShown && body === undefined) return { ...nowhere('body'), code: 'template.empty', detail: 'the body is empty' };
  return {
    ...(isShown && {
      body: body!,
      ...(title !== undefined && { title }),
      ...(image !== undefined && { image }),
      ...(badge !== undefined && { badge: Number(badge) }),
      ...(sound !== undefined && { sound }),
    }),
    ...(link !== undefined && { link: links.text(link) }),
    data,
    ...(collapseKey !== undefined && { collapseKey }),
    ...(expiresAfter !== undefined && { keptMs: nominalMs(expiresAfter) }),
  };
}

function renderData(source: string, scope: LiquidScope, setting: RenderSetting): PushContent['data'] | ContentFailure {
  const text = renderPart('push', 'data', source, scope, setting);
  if (isContentFailure(text)) return text;
  if (text.trim() === '') return {};
  if (isData(text)) return JSON.parse(text);
  return { ...nowhere('data'), code: 'template.not-json', detail: 'no JSON object, or a name that services keep' };
}
