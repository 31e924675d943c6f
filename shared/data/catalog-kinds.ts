import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import type { StoredKind } from './stored-kind.ts';

const document = /^[a-z-]+#[a-z0-9][a-z0-9-]*$/;
const journey = /^journey#[a-z0-9][a-z0-9-]*$/;

/** Of the table in catalog-keys.ts. What people write about customers here, they write about all of them. */
const rows = [
  ['document-head', /^heads#[a-z-]+$/, /^.+$/, 'Which version of a document is live, and which key changed it last'],
  ['journey-draft', journey, /^draft$/, 'The draft of a journey'],
  ['document-version', document, /^v#\d{9}$/, 'A version of a journey, template, topic, segment, policy and so on'],
  ['live-document', /^live$/, /^(?!plan#)[a-z-]+#.+$/, 'The documents that decisions are made by'],
  ['live-plans', /^live$/, /^plan#.+$/, 'How customers are moved into newer versions of a journey'],
  ['catalog-epoch', /^epoch$/, /^epoch$/, 'How often the live documents have changed'],
  ['kill-switch', /^switches$/, /^.+$/, 'What is stopped, why, and which key stopped it'],
] as const;

export const catalogKinds: readonly StoredKind[] = [
  ...rows.map(
    ([kind, partition, sort, what]): StoredKind => ({
      ...{ kind, table: 'catalog', key: { partition, sort }, what },
      personalData: 'none',
      kept: 'until deleted',
    }),
  ),
  {
    kind: 'publish-plan',
    table: 'catalog',
    key: { partition: journey, sort: /^plan#.+$/ },
    what: 'What would happen to customers in flight if a draft were published, as counts',
    personalData: 'none',
    kept: { atMost: '7 days after it was made; one that was applied stays' },
  },
  {
    kind: 'approval',
    table: 'catalog',
    key: { partition: journey, sort: /^approval#[^#]+#[\w-]{22}$/ },
    what: 'Who of the team approved which draft of a journey',
    personalData: 'none',
    kept: { for: '90 days' },
  },
  {
    kind: 'proposal',
    table: 'catalog',
    key: { partition: /^proposals$/, sort: /^p-[\w-]{22}$/ },
    what: 'A change of what is sent that somebody proposed, for somebody else to approve',
    personalData: 'none',
    kept: { for: '14 days' },
  },
  {
    kind: 'proposal-approval',
    table: 'catalog',
    key: { partition: /^proposals$/, sort: /^p-[\w-]{22}#[\w-]{22}$/ },
    what: 'Who of the team approved which proposal',
    personalData: 'none',
    kept: { for: '14 days' },
  },
  {
    kind: 'tested-draft',
    table: 'catalog',
    key: { partition: journey, sort: /^t#\d{15}$/ },
    what: 'A draft as a test run has it',
    personalData: 'none',
    kept: { for: `${TEST_RUN_DAYS + 1} days` },
  },
  {
    kind: 'audit-entry',
    table: 'catalog',
    key: { partition: /^audit#\d{4}-\d\d$/, sort: /^\d{4}-[^#]+Z#[\w-]+$/ },
    what: 'Which change of a document made which version and epoch. Until entries of the audit log had it: where an address was suppressed by hand, it has the hash of the address.',
    personalData: {
      retain: 'it is the proof of what was done, and has no more of a customer than the hash of an address',
    },
    found: { not: 'it is kept by month' },
    kept: 'until deleted',
  },
];
