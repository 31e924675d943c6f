import { Context, type Emitter, filters, Liquid, LiquidError, type Template, toValueSync } from 'liquidjs';
import { FilterFailure, given, type LocaleFilter } from './filters/filter.ts';
import { localeFilters, withFixedSpaces, withPlainSpaces } from './filters/locale-filters.ts';
import { normaliseLocale } from './variant.ts';

/**
 * Liquid as templates and journey values may use it.
 *
 * 1. Same source, scope and setting, same text: `now` is given (the words 'now' and 'today' mean it), what shuffles is
 *    not there, and work is limited by counting, never by the clock.
 * 2. A template reads what it is given and nothing else: no files (no include, render, layout, block), own properties
 *    only.
 * 3. What is put out is escaped for where it stands: `html`, `json` (a JSON value each), or `none`. The author may say
 *    otherwise with `| raw`.
 * 4. A failure names the place in the template, never a value.
 */
export type Escaping = 'html' | 'json' | 'none';

export interface RenderSetting {
  readonly now: number;
  /** IANA zone of dates, unless the template names another. */
  readonly zone: string;
  /** BCP 47, of the text: for names, numbers, plurals; English when it is none. */
  readonly locale: string;
  /** At publish: what would only look wrong to some customers fails too. */
  readonly strict?: true;
}

export type LiquidScope = { readonly [name: string]: unknown };

export interface TemplateFailure {
  readonly code: 'template.syntax' | 'template.limit' | 'template.failed';
  readonly detail: string;
  /** 1-based; 0 when the place is not known. */
  readonly line: number;
  readonly column: number;
}

export const isFailure = (result: string | TemplateFailure): result is TemplateFailure => typeof result !== 'string';

export const liquidLimits = {
  sourceCharacters: 600_000,
  /** Nodes rendered: text, outputs and tags, each time a loop comes by. */
  steps: 20_000,
  /** Characters and list entries made by filters and ranges, as liquidjs counts them. */
  memory: 2_000_000,
  outputCharacters: 600_000,
  parsedTemplatesKept: 200,
} as const;

export function renderLiquid(
  source: string,
  escaping: Escaping,
  scope: LiquidScope,
  setting: RenderSetting,
): string | TemplateFailure {
  if (!source.includes('{')) return source;
  try {
    const { liquid, parse } = engineFor(escaping);
    const locale = normaliseLocale(setting.locale) ?? 'en';
    const options = { ...liquid.options, locale, timezoneOffset: setting.zone };
    const context = new Context(scope, options, { sync: true }, { renderLimit: stepLimit(), liquid });
    context.setRegister(SETTING, { ...setting, locale });
    const emitter = new BoundedEmitter();
    toValueSync(liquid.renderer.renderTemplates(parse(source), context, emitter));
    return emitter.buffer;
  } catch (error) {
    return failureOf(error);
  }
}

/** Parsed nodes for static analysis; a failure when it does not parse. */
export function parseLiquid(source: string, escaping: Escaping = 'none'): Template[] | TemplateFailure {
  try {
    return engineFor(escaping).parse(source);
  } catch (error) {
    return failureOf(error);
  }
}

const SETTING = 'godwit.setting';

/** Tags that read files, or put values out without escaping them. */
const removedTags = ['include', 'render', 'layout', 'block', 'cycle'];
/** `sample` and `shuffle` draw lots: the same message would differ each time it is rendered. */
const removedFilters = ['sample', 'shuffle'];
const dateFilters = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'] as const;

type FilterThis = { context: Context };
type FilterFunction = (this: FilterThis, value: unknown, ...rest: unknown[]) => unknown;

interface Engine {
  readonly liquid: Liquid;
  parse(source: string): Template[];
}

const engines: Partial<Record<Escaping, Engine>> = {};

function engineFor(escaping: Escaping): Engine {
  engines[escaping] ??= createEngine(escaping);
  return engines[escaping];
}

function createEngine(escaping: Escaping): Engine {
  const liquid = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
    // Each render says its own. Without one liquidjs asks Intl for the machine's, 17 ms of CPU for the first engine.
    locale: 'en',
    parseLimit: liquidLimits.sourceCharacters,
    memoryLimit: liquidLimits.memory,
    ...(escaping === 'html' ? { outputEscape: 'escape' } : escaping === 'json' ? { outputEscape: toJson } : {}),
  });
  for (const tag of removedTags) delete liquid.tags[tag];
  for (const filter of removedFilters) delete liquid.filters[filter];
  for (const name of ['divided_by', 'modulo'] as const) {
    liquid.registerFilter(name, finite(filters[name] as FilterFunction));
  }
  for (const name of dateFilters) liquid.registerFilter(name, atGivenTime(filters[name] as FilterFunction));
  const spaced = escaping === 'html' ? withFixedSpaces : withPlainSpaces;
  for (const [name, filter] of Object.entries(localeFilters)) {
    liquid.registerFilter(name, inLocale(name, filter, spaced));
  }
  if (escaping === 'html') {
    // As the last filter these have escaped already; once more would show `&amp;amp;` to the reader.
    const escapeFirst = filters.escape as FilterFunction;
    const toBreaks = filters.newline_to_br as FilterFunction;
    for (const name of ['escape', 'xml_escape', 'escape_once'] as const) {
      liquid.registerFilter(name, { raw: true, handler: filters[name] as FilterFunction });
    }
    liquid.registerFilter('newline_to_br', {
      raw: true,
      handler(this: FilterThis, value: unknown) {
        return toBreaks.call(this, escapeFirst.call(this, value));
      },
    });
  }
  if (escaping === 'json') liquid.registerFilter('json', { raw: true, handler: toJson });

  const parsed = new Map<string, Template[]>();
  return {
    liquid,
    parse(source) {
      const known = parsed.get(source);
      if (known !== undefined) return known;
      const nodes = liquid.parse(source);
      if (parsed.size >= liquidLimits.parsedTemplatesKept) parsed.delete(parsed.keys().next().value as string);
      parsed.set(source, nodes);
      return nodes;
    },
  };
}

function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** As in Shopify's Liquid, dividing by zero is an error: liquidjs would write `Infinity` into somebody's mail. */
function finite(filter: FilterFunction): FilterFunction {
  return function (this: FilterThis, ...values) {
    const result = filter.apply(this, values);
    if (typeof result === 'number' && !Number.isFinite(result)) throw new Error('divided by zero');
    return result;
  };
}

function atGivenTime(filter: FilterFunction): FilterFunction {
  return function (this: FilterThis, value: unknown, ...rest: unknown[]) {
    const isNow = value === 'now' || value === 'today';
    return filter.call(this, isNow ? new Date(settingOf(this).now) : value, ...rest);
  };
}

function inLocale(name: string, filter: LocaleFilter, spaced: (text: string) => string): FilterFunction {
  return function (this: FilterThis, value: unknown, ...rest: unknown[]) {
    const { now, zone, locale, strict = false } = settingOf(this);
    try {
      return spaced(filter(given(value, rest), { now, zone, locale, strict }));
    } catch (error) {
      throw error instanceof FilterFailure ? new FilterFailure(`${name}: ${error.message}`) : error;
    }
  };
}

const settingOf = ({ context }: FilterThis): RenderSetting => context.getRegister<RenderSetting>(SETTING);

class LimitReached extends Error {}

type Limiter = NonNullable<NonNullable<ConstructorParameters<typeof Context>[3]>['renderLimit']>;

/**
 * In the place of liquidjs's limit by time, which would fail on a slow day what passes on a good one. Its class is not
 * exported; these two methods are all that is called.
 */
function stepLimit(): Limiter {
  let steps = 0;
  return {
    use() {},
    check() {
      steps += 1;
      if (steps > liquidLimits.steps) throw new LimitReached(`more than ${liquidLimits.steps} steps`);
    },
  } as unknown as Limiter;
}

class BoundedEmitter implements Emitter {
  buffer = '';

  write(value: unknown): void {
    this.buffer += typeof value === 'string' ? value : textOf(value);
    if (this.buffer.length > liquidLimits.outputCharacters) {
      throw new LimitReached(`more than ${liquidLimits.outputCharacters} characters`);
    }
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  return String(value);
}

function failureOf(error: unknown): TemplateFailure {
  const { token, originalError } = (LiquidError.is(error) ? error : {}) as {
    token?: { getPosition(): [number, number] };
    originalError?: unknown;
  };
  const [line, column] = token?.getPosition() ?? [0, 0];
  const cause = originalError ?? error;
  const { name = '', message = '' } = error as Error;
  if (cause instanceof FilterFailure) return { code: 'template.failed', detail: cause.message, line, column };
  if (cause instanceof LimitReached) return { code: 'template.limit', detail: cause.message, line, column };
  if (cause instanceof RangeError || /limit exceeded/.test(message)) {
    return { code: 'template.limit', detail: 'the template asks for more work than it may', line, column };
  }
  if (name === 'ParseError' || name === 'TokenizationError') {
    // These speak of the template's own text only.
    return { code: 'template.syntax', detail: message.replace(/, (file|line):.*$/s, ''), line, column };
  }
  return { code: 'template.failed', detail: 'a filter or tag cannot work with the value it was given', line, column };
}
