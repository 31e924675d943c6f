import * as z from 'zod';
import { Id, type IssueParams, Locale } from '../../kernel/schema.ts';
import { TopicLinks } from './link-tagging.ts';

const Default = z.enum(['opt-out', 'opt-in']);

/** `consent` says what no consent record means, channel by channel: opt-out may be sent to, opt-in may not. */
export const Topic = z
  .strictObject({
    /** Documents of before there was one have none: they are of version 1. */
    schemaVersion: z.literal(1).exactOptional().meta({ description: '1 when absent' }),
    id: Id,
    name: z.string().min(1).max(200).exactOptional(),
    /** One or two sentences for customers. */
    description: z.string().min(1).max(500).exactOptional(),
    /** In other languages. */
    words: z
      .record(
        Locale,
        z.strictObject({ name: z.string().min(1).max(200), description: z.string().min(1).max(500).exactOptional() }),
      )
      .exactOptional(),
    /** Names the words above: statements made on the preference page carry it. */
    textVersion: z.string().min(1).max(200).exactOptional(),
    /** Customers may choose it on their preference page; a marketing topic only. */
    public: z.boolean().exactOptional(),
    kind: z.enum(['marketing', 'transactional']),
    consent: z.strictObject({
      email: Default.exactOptional(),
      sms: Default.exactOptional(),
      push: Default.exactOptional(),
      'in-app': Default.exactOptional(),
    }),
    /** Instead of the policy's. */
    links: TopicLinks.exactOptional(),
  })
  .check(({ value, issues }) => {
    if (value.public !== true || value.kind === 'marketing') return;
    const params: IssueParams = { code: 'public', limit: 'marketing topics only', fix: 'leave public out' };
    const message = 'customers choose no transactional topics';
    issues.push({ code: 'custom', message, input: value, path: ['public'], params });
  })
  .meta({ title: 'Topic' });
export type Topic = z.infer<typeof Topic>;
