import * as z from 'zod';
import { isPrototypeKey } from '../../kernel/clean-text.ts';
import { type IssueParams, Zone } from '../../kernel/schema.ts';
import { DATE_FORMATS, readTimeBy } from './date-format.ts';

export const importKinds = ['events', 'profiles', 'suppressions', 'lists', 'items', 'pinpoint'] as const;
export type ImportKind = (typeof importKinds)[number];

/** Where a value may go: fields by name, and objects with paths below them. */
export const targetsOf: Record<ImportKind, { readonly fields: readonly string[]; readonly below: readonly string[] }> =
  {
    events: {
      fields: [
        'type',
        'event',
        'name',
        'category',
        'messageId',
        'userId',
        'anonymousId',
        'previousId',
        'groupId',
        'timestamp',
      ],
      below: ['properties', 'traits', 'context'],
    },
    profiles: { fields: ['userId', 'anonymousId', 'idType', 'id', 'at'], below: ['traits', 'consents'] },
    suppressions: { fields: ['channel', 'address', 'addressHash', 'sha256', 'topic', 'reason', 'at'], below: [] },
    lists: { fields: ['list', 'change', 'userId', 'anonymousId', 'idType', 'id', 'at'], below: [] },
    items: { fields: ['collection', 'id', 'expiresAt'], below: ['values'] },
    // Endpoints are JSON, and say everything themselves; of CSV, columns are called as Pinpoint calls them.
    pinpoint: {
      fields: ['Id', 'ChannelType', 'Address', 'OptOut', 'EffectiveDate'],
      below: ['User', 'Attributes', 'Metrics', 'Location', 'Demographic'],
    },
  };

/** Targets that are times, and written as such unless a column says otherwise. */
export const timeTargets: readonly string[] = ['timestamp', 'at', 'expiresAt'];

/** `traits.address.city` → its parts. Of a consent, what follows is one name: `consents.email/news`. */
export function targetPath(target: string): readonly string[] {
  if (!target.startsWith('consents.')) return target.split('.');
  return ['consents', target.slice('consents.'.length)];
}

/** Undefined: it is none. */
export function readTarget(kind: ImportKind, target: string): readonly string[] | undefined {
  const path = targetPath(target);
  const { fields, below } = targetsOf[kind];
  const isKnown = path.length === 1 ? fields.includes(target) : below.includes(path[0]!);
  const isClean = path.length <= 10 && path.every((part) => part !== '' && part.length <= 200 && !isPrototypeKey(part));
  return isKnown && isClean ? path : undefined;
}

export const targetForms = (kind: ImportKind): string =>
  [...targetsOf[kind].fields, ...targetsOf[kind].below.map((name) => `${name}.NAME`)].join(', ');

export const valueTypes = ['text', 'number', 'boolean', 'time', 'date', 'list', 'json'] as const;
export type ValueType = (typeof valueTypes)[number];

const Target = z.string().min(1).max(500);
const Scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);

const Column = z.preprocess(
  (written) => (typeof written === 'string' ? { to: written } : written),
  z
    .strictObject({
      to: Target,
      type: z.enum(valueTypes).exactOptional(),
      format: z
        .string()
        .min(1)
        .max(50)
        .exactOptional()
        .meta({ description: `how times are written: ${DATE_FORMATS}` }),
      zone: Zone.exactOptional().meta({ description: 'of times that are written without an offset; UTC when absent' }),
      decimal: z.enum(['.', ',']).exactOptional().meta({ description: 'of numbers; "." when absent' }),
      separator: z.string().min(1).max(5).exactOptional().meta({ description: 'of lists; "|" when absent' }),
      values: z
        .record(z.string().max(200), Scalar)
        .exactOptional()
        .meta({ description: 'what a text stands for; others stay as they are' }),
    })
    .check(({ value, issues }) => {
      if (readTimeBy(value.format, 'UTC') !== undefined) return;
      const params: IssueParams = { code: 'time-format', limit: DATE_FORMATS };
      issues.push({
        code: 'custom',
        message: 'not a format',
        input: value.format,
        path: ['format'],
        params: { ...params },
      });
    }),
);
export type Column = z.infer<typeof Column>;

/** What is said of a file that does not say it itself. */
export const Mapping = z
  .strictObject({
    format: z.enum(['csv', 'ndjson']).exactOptional().meta({ description: 'absent: as the first byte looks' }),
    delimiter: z
      .enum([',', ';', '|', '\t', 'tab'])
      .exactOptional()
      .meta({ description: 'of CSV; absent: the one that the header has most of' }),
    encoding: z.enum(['utf-8', 'latin1']).exactOptional(),
    columns: z
      .record(z.string().min(1).max(200), Column)
      .refine((columns) => Object.keys(columns).length <= MAX_COLUMNS, {
        params: { code: 'columns', limit: `at most 500 columns` },
      })
      .exactOptional()
      .meta({ description: 'column → where its value goes. Others are left out. Of NDJSON the column is a path.' }),
    constants: z
      .record(Target, Scalar)
      .exactOptional()
      .meta({ description: 'what every row has unless it says otherwise' }),
  })
  .meta({ id: 'ImportMapping' });
export type Mapping = z.infer<typeof Mapping>;

const MAX_COLUMNS = 500;
