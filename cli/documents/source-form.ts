import { documentEtag } from '../../shared/app/catalog/document-etag.ts';
import { Predicate } from '../../shared/domain/audiences/predicate.ts';
import { printPredicate } from '../../shared/domain/audiences/print-predicate.ts';
import { Segment } from '../../shared/domain/audiences/segment.ts';
import { ComputedTrait } from '../../shared/domain/computed-traits/computed-trait.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import type { DocumentKind } from '../folder/documents.ts';

/**
 * A stored document as people write it: predicates as text, and of a template the MJML without what it compiled to, and no blocks put in.
 * Two documents are the same exactly when their source forms are; that holds across versions of MJML, where ETags differ.
 */
export function sourceForm(kind: DocumentKind, document: unknown): unknown {
  const bare = kind === 'template' ? withoutCompiled(document as Template) : document;
  if (!isOneOf(schemas, kind)) return bare;
  const readable = withTextPredicates(bare);
  const schema: { safeParse(input: unknown): { data?: unknown } } = schemas[kind];
  // A value that only looks like a predicate would come back as another document: then nothing is written as text.
  return documentEtag(schema.safeParse(readable).data ?? null) === documentEtag(bare) ? readable : bare;
}

const schemas = { template: Template, journey: Journey, segment: Segment, 'computed-trait': ComputedTrait };
const isOneOf = <T extends object>(all: T, key: PropertyKey): key is keyof T => Object.hasOwn(all, key);

function withoutCompiled(template: Template): Template {
  const { blocks: _blocks, ...source } = template;
  const variants = source.variants.map(({ compiled: _compiled, ...variant }) => {
    if (variant.channel !== 'email' || variant.content['mjml'] === undefined) return variant;
    const { html: _, ...content } = variant.content;
    return { ...variant, content };
  });
  return { ...source, variants };
}

function withTextPredicates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextPredicates);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const predicate =
        (key === 'where' || key === 'if') && typeof one === 'object' ? Predicate.safeParse(one) : undefined;
      return [key, predicate?.success ? printPredicate(predicate.data) : withTextPredicates(one)];
    }),
  );
}
