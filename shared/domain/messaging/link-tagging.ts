import * as z from 'zod';

const Word = z.string().min(1).max(100);

/**
 * How links to one's own pages say where the visitor came from (Google Analytics' utm parameters, which others read
 * too). Only to `domains`: a signed URL of somebody else's would not survive a parameter more.
 */
export const LinkTagging = z.strictObject({
  /** `shop.example` means its subdomains too. */
  domains: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain such as shop.example'),
    )
    .min(1)
    .max(50),
  source: Word,
  /** Absent: the channel. */
  medium: Word.exactOptional(),
  /** Absent: the journey, else the template. */
  campaign: Word.exactOptional(),
});
export type LinkTagging = z.infer<typeof LinkTagging>;

/** `utm: false` in a topic: its links are left as they are, whatever the policy says. */
export const Links = z.strictObject({ utm: LinkTagging });
export const TopicLinks = z.strictObject({ utm: z.union([LinkTagging, z.literal(false)]) });
