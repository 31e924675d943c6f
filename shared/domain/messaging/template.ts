import * as z from 'zod';
import { Id, type IssueParams, Locale } from '../../kernel/schema.ts';
import { Predicate } from '../audiences/predicate.ts';
import { Ref } from '../audiences/ref-schema.ts';
import { Channel } from './channel.ts';
import { Lookups } from './lookup.ts';

export const TemplateVariable = z.strictObject({
  type: z.string().min(1).max(50),
  /** A preview is made of the examples. */
  example: z.json(),
  required: z.boolean().exactOptional(),
});
export type TemplateVariable = z.infer<typeof TemplateVariable>;

/** `content` is Liquid by part: html, text, subject, preheader for email; text for sms; title, body, link for push. */
export const TemplateVariant = z.strictObject({
  channel: Channel,
  locale: Locale.exactOptional(),
  if: Predicate.exactOptional(),
  content: z.record(z.string().min(1).max(64), z.string()).check((payload) => {
    if (Object.keys(payload.value).length > 0) return;
    const params: IssueParams = { code: 'content', limit: 'at least one part', actual: 0 };
    payload.issues.push({ code: 'custom', message: 'no content', input: payload.value, params: { ...params } });
  }),
  /** Parts that use blocks, with these in place; a part that is not here is rendered as it stands in `content`. */
  compiled: z
    .record(z.string(), z.string())
    .exactOptional()
    .meta({ description: 'made when the template is saved; what is given is not looked at' }),
});
export type TemplateVariant = z.infer<typeof TemplateVariant>;

export const Template = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    id: Id,
    variables: z.record(Ref, TemplateVariable),
    lookups: Lookups.exactOptional().meta({ description: 'items of collections, as they are when the message leaves' }),
    variants: z.array(TemplateVariant).min(1).max(200),
    /** Id → ETag of every block that is in it. */
    blocks: z
      .record(Id, z.string())
      .exactOptional()
      .meta({ description: 'made when the template is saved; what is given is not looked at' }),
  })
  .meta({ title: 'Template' });
export type Template = z.infer<typeof Template>;
