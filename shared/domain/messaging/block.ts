import * as z from 'zod';
import { Id, type IssueParams, Locale } from '../../kernel/schema.ts';

/** Given where the block is used, `{% render 'button', label: "Buy" %}`, and put in the place of its name. */
const BlockParameter = z.strictObject({
  description: z.string().max(500).exactOptional(),
  /** Absent: who does not give it gives nil. */
  required: z.boolean().exactOptional(),
});

const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'a name such as label or image_url');

/** Which part of a block stands in which parts of a template: `text` stands in all that are neither MJML nor HTML. */
const blockParts = ['mjml', 'html', 'text'] as const;
export type BlockPart = (typeof blockParts)[number];

const BlockContent = z
  .strictObject({
    mjml: z.string().max(100_000).exactOptional(),
    html: z.string().max(100_000).exactOptional(),
    text: z.string().max(20_000).exactOptional(),
  })
  .check((payload) => {
    if (Object.keys(payload.value).length > 0) return;
    const params: IssueParams = { code: 'content', limit: blockParts.join(', '), actual: 0 };
    payload.issues.push({ code: 'custom', message: 'no content', input: payload.value, params: { ...params } });
  });

/** Content that several templates share: a footer, a button, or a layout around them all. */
export const Block = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    id: Id,
    description: z.string().max(1_000).exactOptional(),
    parameters: z.record(parameterName, BlockParameter).exactOptional(),
    variants: z
      .array(z.strictObject({ locale: Locale.exactOptional(), content: BlockContent }))
      .min(1)
      .max(100),
  })
  .meta({ title: 'Block' });
export type Block = z.infer<typeof Block>;

export type Blocks = ReadonlyMap<string, Block>;
