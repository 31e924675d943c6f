import * as z from 'zod';
import { Duration, Id, type IssueParams } from '../../kernel/schema.ts';

/** Headers that the sender or the connection sets itself. */
const ownHeaders = /^(host|content-length|transfer-encoding|connection|content-type|webhook-.*|x-godwit-.*)$/i;

/** https, no user information, no fragment. Where the name leads (private networks) is checked when it is called. */
function isPlainHttps(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}

export const WebhookEndpoint = z
  .strictObject({
    /** Documents of before there was one have none: they are of version 1. */
    schemaVersion: z.literal(1).exactOptional().meta({ description: '1 when absent' }),
    id: Id,
    url: z
      .string()
      .max(2_000)
      .refine(isPlainHttps, {
        params: {
          code: 'url',
          limit: 'https, without user name, password and fragment',
          fix: 'put credentials into a secret and name it in secretId',
        } satisfies IssueParams,
      }),
    test: z
      .string()
      .max(2_000)
      .refine(isPlainHttps, {
        params: { code: 'url', limit: 'https, without user name, password and fragment' } satisfies IssueParams,
      })
      .meta({ description: 'called in test runs; without it they go on as if it had been' })
      .exactOptional(),
    secretId: z.string().min(1).max(500).exactOptional(),
    timeout: Duration.exactOptional(),
    description: z.string().max(1_000).exactOptional(),
    headers: z
      .record(
        z
          .string()
          .max(100)
          .regex(/^[A-Za-z0-9-]+$/, 'letters, digits and hyphens')
          .refine((name) => !ownHeaders.test(name), {
            params: { code: 'header', limit: 'a header that Godwit does not set itself' } satisfies IssueParams,
          }),
        z
          .string()
          .max(1_000)
          .regex(/^[\t\x20-\x7e]*$/, 'visible ASCII'),
      )
      .exactOptional(),
  })
  .meta({ title: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;
