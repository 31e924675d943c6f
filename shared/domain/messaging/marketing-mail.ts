import { variablesOf } from './render/variables.ts';

/**
 * What a marketing mail must show in each of its bodies: a way out, and its sender's postal address (CAN-SPAM, 16 CFR
 * 316.5; the header of RFC 8058 is added by the email channel).
 */
const REQUIRED = ['unsubscribe_url', 'postal_address'] as const;

export interface MissingWord {
  readonly part: 'mjml' | 'html' | 'text';
  readonly word: (typeof REQUIRED)[number];
}

/** The bodies of an e-mail's content that lack a required word. */
export function missingFromMarketingMail(content: { readonly [part: string]: string }): MissingWord[] {
  const uses = variablesOf(content);
  // html beside mjml is made of it.
  const bodies = (['mjml', 'html', 'text'] as const).filter(
    (part) => content[part] !== undefined && !(part === 'html' && content['mjml'] !== undefined),
  );
  return bodies.flatMap((part) =>
    REQUIRED.filter((word) => !uses.some((use) => use.part === part && use.root === word)).map((word) => ({
      part,
      word,
    })),
  );
}
