import type { Blocks } from '../domain/messaging/block.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import type { Collections } from '../domain/messaging/collection.ts';
import { isStandingIn } from '../domain/messaging/lookup-key.ts';
import { missingFromMarketingMail } from '../domain/messaging/marketing-mail.ts';
import { builtInWords, wordsOfLocale } from '../domain/messaging/render/built-in-words.ts';
import { expandVariant } from '../domain/messaging/render/expand-variant.ts';
import {
  type Escaping,
  isFailure,
  parseLiquid,
  renderLiquid,
  type TemplateFailure,
} from '../domain/messaging/render/liquid.ts';
import { isRefRoot, refOf, type VariableUse, variablesOf } from '../domain/messaging/render/variables.ts';
import { normaliseLocale } from '../domain/messaging/render/variant.ts';
import type { Template, TemplateVariant } from '../domain/messaging/template.ts';
import type { Topic } from '../domain/messaging/topic.ts';
import type { Problem } from '../kernel/errors.ts';
import { documentEtag } from './catalog/document-etag.ts';
import { checkLookups, checkLookupUse, type ExampleLookups, exampleLookups } from './check-lookups.ts';
import { compileMjml } from './compile-mjml.ts';
import { exampleScope } from './example-scope.ts';

/**
 * Before a template is published: blocks are put in their places, and `mjml` becomes `html`. The sources stay beside
 * them, so that who pulls the template gets back what was pushed, and compiling twice changes nothing. Call
 * `checkTemplate` first: what does not compile is left without html.
 */
export async function compileTemplate(template: Template, blocks: Blocks = new Map()): Promise<Template> {
  const { blocks: _before, variants, ...rest } = template;
  const used = new Set<string>();
  const compiled = await Promise.all(
    variants.map(async (variant): Promise<TemplateVariant> => {
      const { compiled: _old, ...source } = variant;
      const expanded = expandVariant(variant, blocks);
      for (const id of expanded.used) used.add(id);
      const { mjml } = expanded.content;
      const isMail = mjml !== undefined && variant.channel === 'email';
      return {
        ...source,
        ...(isMail && { content: { ...variant.content, html: (await compileMjml(mjml)).html } }),
        ...(expanded.compiled !== undefined && { compiled: expanded.compiled }),
      };
    }),
  );
  const etags = [...used].sort().map((id) => [id, documentEtag(blocks.get(id))] as const);
  return { ...rest, variants: compiled, ...(etags.length > 0 && { blocks: Object.fromEntries(etags) }) };
}

export interface CheckSetting {
  /** Of the topic that it is for, where that is known; a marketing mail without an unsubscribe link or a postal address is refused. */
  readonly topicKind?: Topic['kind'] | undefined;
  readonly blocks?: Blocks;
  /** Those that it looks things up in. */
  readonly collections?: Collections;
}

/** What is wrong with a template, beyond its form. */
export async function checkTemplate(
  template: Template,
  { topicKind, blocks = new Map(), collections = new Map() }: CheckSetting = {},
): Promise<Problem[]> {
  const lookedUp = new Set<string>();
  const ofVariants = await Promise.all(
    template.variants.map(async (variant, index) => {
      const at = `/variants/${index}`;
      const { content, faults, used } = expandVariant(variant, blocks);
      if (faults.length > 0) {
        return faults.map(({ part, ...fault }) => ({ pointer: `${at}/content/${part}`, ...fault }));
      }
      for (const { root, path } of variablesOf(content)) if (root === 'lookups') lookedUp.add(path[0] ?? '');
      const problems = await checkVariant(template, { ...variant, content }, at, { topicKind, collections });
      // Lines and columns are those of what comes of it.
      return used.size === 0
        ? problems
        : problems.map((one) => ({ ...one, detail: `${one.detail} (blocks in place)` }));
    }),
  );
  return [
    ...ofVariants.flat(),
    ...checkLookups(template, collections, lookedUp),
    ...checkExamples(template),
    ...checkAmbiguous(template),
  ];
}

async function checkVariant(
  template: Template,
  variant: TemplateVariant,
  at: string,
  { topicKind, collections }: { readonly topicKind: Topic['kind'] | undefined; readonly collections: Collections },
): Promise<Problem[]> {
  const { channel, content } = variant;
  const { parts } = channelSpecs[channel];
  const problems: Problem[] = [];
  const unread: Problem[] = [];
  for (const [part, source] of Object.entries(content)) {
    const pointer = `${at}/content/${part}`;
    const known = Object.hasOwn(parts, part) ? parts[part] : undefined;
    if (known === undefined) {
      problems.push({
        pointer,
        code: 'template.part-unknown',
        detail: `${channel} has no part of this name`,
        limit: Object.keys(parts).join(', '),
      });
      continue;
    }
    if (source.length > known.maxCharacters) {
      const size = { limit: known.maxCharacters, actual: source.length };
      problems.push({ pointer, code: 'template.part-too-large', detail: 'more characters than it may have', ...size });
      continue;
    }
    if (known.singleLine && /[\r\n]/.test(source.trim())) {
      problems.push({
        pointer,
        code: 'template.header-newline',
        detail: 'goes into a header: one line',
        limit: 'one line',
      });
    }
    const items = exampleLookups(template, collections, 'all');
    const bare = exampleLookups(template, collections, 'required');
    const rendered = renderedFrom(source, known.escaping, template, [items, bare], variant.locale);
    unread.push(...unknownFields(items, bare).map((problem) => ({ ...problem, pointer })));
    if (isFailure(rendered)) problems.push(placedProblem(pointer, rendered));
    else if (known.form !== undefined && rendered.trim() !== '' && !known.form.test(rendered.trim())) {
      const detail = 'made of the examples, it is none';
      problems.push({ pointer, code: 'template.part-unfit', detail, limit: known.form.what });
    }
  }
  for (const part of Object.keys(parts).filter((name) => parts[name]!.required && content[name] === undefined)) {
    problems.push({
      pointer: `${at}/content`,
      code: 'template.part-missing',
      detail: `${channel} needs ${part}`,
      limit: part,
    });
  }
  const { anyOf } = channelSpecs[channel];
  if (anyOf !== undefined && !anyOf.some((part) => content[part] !== undefined)) {
    const limit = anyOf.join(' or ');
    const detail = `${channel} needs ${limit}`;
    problems.push({ pointer: `${at}/content`, code: 'template.part-missing', detail, limit });
  }
  const ofVariables = checkVariables(template, content, at, collections);
  // Where the path is written it is said with its place.
  const isSaid = ({ pointer, detail }: Problem) =>
    ofVariables.some((one) => one.pointer === pointer && one.detail.endsWith(detail));
  problems.push(...ofVariables, ...unread.filter((one) => !isSaid(one)));
  if (channel === 'email') problems.push(...(await checkEmail(content, at, topicKind)));
  return problems;
}

/**
 * It must parse; a customer who is made of the examples must get to read it, and so must one of whom nothing is known
 * but what is required: a filter that needs more would fail for customers instead. Answers what the first one reads.
 */
function renderedFrom(
  source: string,
  escaping: Escaping,
  template: Template,
  [items, bareItems]: readonly [ExampleLookups, ExampleLookups],
  locale = 'en',
): string | TemplateFailure {
  const nodes = parseLiquid(source, escaping);
  if (!Array.isArray(nodes)) return nodes;
  const words = {
    ...Object.fromEntries(builtInWords.map((word) => [word, word])),
    ...wordsOfLocale(normaliseLocale(locale) ?? 'en'),
  };
  const setting = { now: 0, zone: 'UTC', locale, strict: true } as const;
  const rendered = renderLiquid(source, escaping, { ...exampleScope(template), ...words, ...shown(items) }, setting);
  if (isFailure(rendered)) return rendered;
  const known = { ...exampleScope(template, 'required'), ...words, ...shown(bareItems) };
  const bare = renderLiquid(source, escaping, known, setting);
  if (!isFailure(bare)) return rendered;
  return {
    ...bare,
    detail: `${bare.detail} (for a customer, or an item, with nothing but what is required: declare the variable required, ask whether it is there, or give a default)`,
  };
}

const shown = ({ lookups }: ExampleLookups) => ({ lookups });

function unknownFields(...examples: readonly ExampleLookups[]): Omit<Problem, 'pointer'>[] {
  const found = examples.flatMap(({ unknown }) => unknown());
  return found.filter((one, index) => found.findIndex(({ detail }) => detail === one.detail) === index);
}

function placedProblem(pointer: string, failure: TemplateFailure): Problem {
  const { code, detail, line, column } = failure;
  return { pointer, code, detail: `line ${line}, column ${column}: ${detail}` };
}

/** Every ref must be declared, itself or something that it lies in (`event.products` covers `event.products.0.sku`). */
function checkVariables(
  template: Template,
  content: TemplateVariant['content'],
  at: string,
  collections: Collections,
): Problem[] {
  const declared = Object.keys(template.variables);
  const isDeclared = (ref: string) => declared.some((one) => isStandingIn(ref, one));
  const seen = new Set<string>();
  return variablesOf(content).flatMap((use): Problem[] => {
    const problem = use.root === 'lookups' ? checkLookupUse(template, collections, use) : checkUse(use, isDeclared);
    const once = `${use.part} ${problem?.code} ${use.root}.${use.path.join('.')}`;
    if (problem === undefined || seen.has(once)) return [];
    seen.add(once);
    return [{ ...problem, pointer: `${at}/content/${use.part}` }];
  });
}

function checkUse(use: VariableUse, isDeclared: (ref: string) => boolean): Omit<Problem, 'pointer'> | undefined {
  const place = `line ${use.line}, column ${use.column}`;
  if (use.root === 'vars') return undefined;
  if (!isRefRoot(use.root)) {
    if ((builtInWords as readonly string[]).includes(use.root)) return undefined;
    return {
      code: 'template.word-unknown',
      detail: `${place}: ${use.root} is nothing that templates know`,
      limit: `profile, entry, event, steps, vars, lookups, ${builtInWords.join(', ')}`,
    };
  }
  const ref = refOf(use);
  if (ref === undefined || use.dynamic) {
    return {
      code: 'template.variable-open',
      detail: `${place}: what ${use.root} is asked for cannot be told before it is rendered`,
      fix: 'name the property: messages carry only what templates name',
    };
  }
  if (isDeclared(ref)) return undefined;
  return {
    code: 'template.variable-undeclared',
    detail: `${place}: ${ref} is not among the variables`,
    fix: `add "${ref}" with type and example to variables`,
  };
}

async function checkEmail(
  content: TemplateVariant['content'],
  at: string,
  topicKind?: Topic['kind'],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const { html, mjml, text } = content;
  if (html === undefined && mjml === undefined && text === undefined) {
    const limit = 'html, mjml or text';
    problems.push({ pointer: `${at}/content`, code: 'template.part-missing', detail: 'the mail has no body', limit });
  }
  if (mjml !== undefined) {
    const { errors } = await compileMjml(mjml);
    for (const detail of errors) problems.push({ pointer: `${at}/content/mjml`, code: 'template.mjml', detail });
  }
  if (topicKind !== 'marketing') return problems;
  for (const { part, word } of missingFromMarketingMail(content)) {
    problems.push({
      pointer: `${at}/content/${part}`,
      code: `template.${word.replace('_', '-')}-missing`,
      detail: `a marketing mail must show {{ ${word} }} in its ${part}`,
      fix: `add {{ ${word} }}`,
    });
  }
  return problems;
}

/** An example is what a preview shows, so it must be of the type that is declared. */
function checkExamples(template: Template): Problem[] {
  return Object.entries(template.variables).flatMap(([ref, { type, example }]): Problem[] => {
    const actual = Array.isArray(example) ? 'list' : example === null ? 'null' : typeof example;
    const wanted = type === 'instant' ? 'string' : type;
    const isChecked = ['string', 'number', 'boolean', 'object', 'list'].includes(wanted);
    if (!isChecked || actual === wanted) return [];
    const pointer = `/variables/${ref.replaceAll('~', '~0').replaceAll('/', '~1')}/example`;
    return [{ pointer, code: 'template.example-type', detail: 'the example is of another type', limit: type, actual }];
  });
}

/** Two variants for the same channel and locale without a condition: the second can never be chosen. */
function checkAmbiguous(template: Template): Problem[] {
  const seen = new Set<string>();
  return template.variants.flatMap(({ channel, locale, if: condition }, index): Problem[] => {
    if (condition !== undefined) return [];
    const key = `${channel} ${locale?.toLowerCase() ?? ''}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const detail = 'another variant of this channel and locale has no condition either';
    return [
      {
        pointer: `/variants/${index}`,
        code: 'template.variant-unreachable',
        detail,
        fix: 'give it an `if`, or remove it',
      },
    ];
  });
}
