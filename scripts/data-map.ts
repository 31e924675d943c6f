// Makes docs/data-map.md from what each store declares beside its codec, and from the rights of functions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duties, functionNames, type TableAction, tablesOf } from '../infra/functions.ts';
import type { Scope } from '../shared/app/access/scopes.ts';
import { storedFiles } from '../shared/data/file-store.ts';
import type { Kept, StoredFile, StoredKind, StoredTable } from '../shared/data/stored-kind.ts';
import { storedKinds } from '../shared/data/stored-kinds.ts';
import { deliveryChannels, files, tables } from '../shared/resources.ts';

/** Scopes of keys that show something of a table. A table that is added does not compile without its line. */
const shownTo: { readonly [T in StoredTable]: readonly Scope[] } = {
  profiles: ['profiles:read', 'profiles:export'],
  journal: ['profiles:read', 'profiles:export', 'events:read', 'journeys:test'],
  messages: ['profiles:read', 'profiles:export', 'messages:read', 'journeys:test'],
  catalog: ['journeys:read', 'templates:read', 'segments:read', 'computed-traits:read', 'settings:read', 'audit:read'],
  stats: ['journeys:read', 'segments:read'],
  limits: ['settings:read'],
  suppressions: ['suppressions:read', 'profiles:export'],
  consents: ['profiles:read', 'profiles:export'],
  intake: ['events:read'],
  access: ['keys:admin'],
  audit: ['audit:read'],
  jobs: ['jobs:read'],
  inbox: ['profiles:export'],
  collections: ['collections:read'],
};

/** What nobody is asked for by name: data on its way, and copies. */
const elsewhere: readonly (readonly [where: string, what: string, kept: string])[] = [
  [
    'Queues of mailboxes, receipts, messages and short waits',
    'records with what clients sent, message requests with what templates ask for, keys of profiles',
    'seconds, as a rule; 4 days (messages, waits) or 14 days (mailbox, receipts) at most',
  ],
  ['Dead-letter queues', 'the same, of what could not be done', '14 days'],
  [
    'Executions of Step Functions',
    'keys of profiles, ids of jobs',
    'the wait itself; their history for 90 days after they end (Step Functions, "Service quotas")',
  ],
  ['Backups (point-in-time recovery)', 'all tables as they were', '`retention.backupDays`'],
  ['Logs and metrics', 'ids, codes and counts; nothing that a customer or a client named', '`retention.logDays`'],
  [
    'SES, End User Messaging, push services, webhook endpoints',
    'what was sent to them; SES keeps its own suppression list, End User Messaging its own opt-out lists',
    'as these say',
  ],
];

const reading: ReadonlySet<TableAction> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

function readersOf(table: StoredTable): string[] {
  return functionNames.filter((name) => {
    const channels = name === 'send' ? deliveryChannels : [undefined];
    return channels.some((channel) => tablesOf(duties[name], channel)[table]?.some((one) => reading.has(one)) === true);
  });
}

const keptText = (kept: Kept): string =>
  typeof kept === 'string' ? kept : 'for' in kept ? kept.for : `at most ${kept.atMost}`;

function labelText(one: StoredKind | StoredFile): string {
  const { personalData } = one;
  if (typeof personalData === 'string') return personalData;
  return `retain: ${personalData.retain}`;
}

const ways = {
  profile: 'the profile’s key',
  identity: 'the identity’s key',
  address: 'the hash of the address',
} as const;

function foundText(one: StoredKind | StoredFile): string {
  if (one.personalData === 'none') return '';
  if ('not' in one.found) return `not: ${one.found.not}`;
  return one.found.by === 'item' ? `its \`${one.found.of}\`` : ways[one.found.by];
}

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const head = [row('kind', 'what', 'personal data', 'kept', 'of one customer by'), row(...Array(5).fill('---'))];
const rowOf = (one: StoredKind | StoredFile): string =>
  row(`\`${one.kind}\``, one.what, labelText(one), keptText(one.kept), foundText(one));

const tableText = (table: StoredTable): string =>
  [
    `### ${table[0]!.toUpperCase()}${table.slice(1)}`,
    '',
    `Read by ${readersOf(table)
      .map((name) => `\`${name}\``)
      .join(', ')}; shown to keys with ${shownTo[table].map((scope) => `\`${scope}\``).join(', ')}.`,
    '',
    ...head,
    ...storedKinds.filter((kind) => kind.table === table).map(rowOf),
  ].join('\n');

export function dataMap(): string {
  const isPersonal = (table: StoredTable) =>
    storedKinds.some((kind) => kind.table === table && kind.personalData !== 'none');
  const all = Object.keys(tables) as StoredTable[];
  return `# Data map

Made by \`npm run data-map\` of what each store declares ([ADR 36](adr/0036-stored-kinds-say-whose-they-are.md)); a test compares. What a customer may ask for: [rights.md](rights.md).

What erasing a customer does: \`erase\`, it goes; \`anonymise\`, it stays without them; \`retain\`, it stays, for the reason given; \`none\`, it says nothing of a customer.
The key of a profile is a hash of the id that it is known by.

Everything is encrypted at rest by one key of the environment (KMS), in the account and region that you deploy to. Besides functions and keys of the API, whoever
has rights in that account can read it.

## Tables that hold personal data

${all.filter(isPersonal).map(tableText).join('\n\n')}

## The other tables

${all
  .filter((table) => !isPersonal(table))
  .map(tableText)
  .join('\n\n')}

## The bucket

Deleted after ${files.keptDays} days. Fetched by addresses that are good for a quarter of an hour, which keys with \`profiles:export\` get.

${[...head, ...storedFiles.map(rowOf)].join('\n')}

## On its way, and elsewhere

${[row('where', 'what', 'kept'), row('---', '---', '---'), ...elsewhere.map((one) => row(...one))].join('\n')}
`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'docs', 'data-map.md'), dataMap());
