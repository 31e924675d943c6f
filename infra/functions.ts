import { type DeliveryChannel, deliveryChannels, type files, type tables, timing } from '../shared/resources.ts';

/**
 * Who may do what: one entry per function, and nothing is granted anywhere else. A role has the actions of its entry,
 * the function sees the environment variables of what it may reach, and the least-privilege test (G11) reports every
 * statement that no test has used.
 */

export type TableName = keyof typeof tables;
export type TableAction = 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query' | 'Scan' | 'BatchGetItem';

type Folder = Exclude<keyof typeof files, 'keptDays'>;

/** Folders of functions/. */
export const functionNames = [
  'ingest',
  'evaluate',
  'arm-timers',
  'wake-soon',
  'wake-cohort',
  'scan-profiles',
  'send',
  'settle-undelivered',
  'receipts',
  'api',
  'issue-key',
  'open-session',
  'canary',
] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Duty {
  /** Completes the sentence "It …". */
  readonly does: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /**
   * evaluate → send → mailbox → evaluate is how the system works; Lambda's guard would cut such a chain after about 16
   * calls (Lambda, "Use Lambda recursive loop detection"). These functions count hops themselves.
   */
  readonly recursive?: true;
  /** On the way of every event or message: when it is throttled, all wait. */
  readonly isHot?: true;
  readonly tables?: Partial<Record<TableName, readonly TableAction[]>>;
  /** Of a function that is deployed once per channel: what only some of them need. */
  readonly channelTables?: Partial<Record<DeliveryChannel, NonNullable<Duty['tables']>>>;
  /** What such a channel needs besides where the configuration sets a rate of it or a warm-up. */
  readonly pacedTables?: NonNullable<Duty['tables']>;
  /** Folders of the bucket (shared/resources.ts) from which it reads, and into which it writes. */
  readonly files?: { readonly reads: readonly Folder[]; readonly writes: readonly Folder[] };
  /** Queues it puts records into. */
  readonly posts?: readonly ('mailbox' | 'wakes' | 'soon' | 'messages' | 'receipts')[];
  /** It may ask how much waits in the mailboxes. */
  readonly gauges?: 'mailbox';
  /** It may look at dead letters, and send them back where they came from. */
  readonly redrives?: true;
  /** It may bring a record's next attempt forward or back, within its own queue, and put it there anew. */
  readonly backsOff?: true;
  readonly arms?: 'journey-wait';
  readonly scans?: 'profile-scan';
  /** It gets the environment's settings (shared/settings.ts), or `core` of them. */
  readonly settings?: 'core' | 'all';
  /** It knows what the environment says of who may do what. */
  readonly checksAccess?: true;
}

/** Of outages, which are found, moved on, and over. */
const outages: readonly TableAction[] = ['GetItem', 'PutItem', 'DeleteItem'];

/**
 * Memory: CPU comes with it (1,769 MB are one vCPU). 512 MB are enough where a call waits for the network; evaluate
 * and send compute (predicates, templates) and hold up a queue meanwhile, the API compiles templates.
 */
export const duties: Record<FunctionName, Duty> = {
  ingest: {
    does: 'takes events from SDKs, answers, and puts them into the mailbox',
    timeoutSeconds: 15,
    memoryMb: 512,
    isHot: true,
    tables: {
      intake: ['PutItem', 'UpdateItem'],
      access: ['GetItem', 'UpdateItem'],
      // How much a key has done in a minute.
      limits: ['UpdateItem'],
    },
    checksAccess: true,
    // Receipts: what apps tell of push messages.
    posts: ['mailbox', 'receipts'],
  },
  evaluate: {
    does: 'decides what each record of a profile changes, commits it, and performs the effects',
    timeoutSeconds: timing.evaluateTimeoutSeconds,
    memoryMb: 1024,
    isHot: true,
    recursive: true,
    tables: {
      profiles: ['GetItem', 'BatchGetItem', 'PutItem'],
      journal: ['GetItem', 'BatchGetItem', 'PutItem', 'Query'],
      catalog: ['GetItem', 'BatchGetItem', 'Query'],
      stats: ['UpdateItem'],
      limits: ['UpdateItem'],
      suppressions: ['PutItem'],
      consents: ['PutItem'],
      // Certificates, and decisions that are counted again.
      messages: ['GetItem', 'Query'],
    },
    posts: ['mailbox', 'messages', 'wakes', 'soon'],
    settings: 'core',
  },
  'arm-timers': {
    does: 'groups waits by due minute and starts one execution per cohort',
    timeoutSeconds: 60,
    memoryMb: 512,
    isHot: true,
    recursive: true,
    arms: 'journey-wait',
  },
  'wake-soon': {
    does: 'moves wakes of short waits from the delay queue into the mailbox',
    timeoutSeconds: 30,
    memoryMb: 512,
    isHot: true,
    recursive: true,
    posts: ['mailbox'],
  },
  'wake-cohort': {
    does: 'wakes every profile of a cohort whose minute has come',
    timeoutSeconds: 120,
    memoryMb: 512,
    isHot: true,
    recursive: true,
    posts: ['mailbox'],
  },
  'scan-profiles': {
    does: 'looks at every profile for a job: once a day for what got stuck, and for whatever else is asked',
    timeoutSeconds: 900,
    memoryMb: 512,
    tables: {
      profiles: ['Scan', 'GetItem'],
      // Of one customer it exports all that is stored. Deletes: of who is erased.
      journal: ['GetItem', 'Query', 'DeleteItem'],
      // It saves what it has found as a document, in a transaction.
      catalog: ['GetItem', 'Query', 'PutItem'],
      stats: ['PutItem'],
      jobs: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
      suppressions: ['PutItem', 'Query', 'DeleteItem'],
      consents: ['Query', 'DeleteItem'],
      inbox: ['Query', 'DeleteItem'],
      // What nobody could tell of is settled by its receipts.
      messages: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
      // The salt of suppressions that stay of who was erased.
      access: ['GetItem', 'PutItem'],
      // An import notes which kinds of events it brought.
      intake: ['UpdateItem'],
      // An import of items; and a collection that was removed is emptied.
      collections: ['PutItem', 'Query', 'DeleteItem'],
    },
    files: { reads: ['uploads'], writes: ['exports'] },
    posts: ['mailbox'],
    gauges: 'mailbox',
    scans: 'profile-scan',
    settings: 'core',
  },
  send: {
    does: 'checks a message once more, renders it and hands it to its provider',
    timeoutSeconds: timing.sendTimeoutSeconds,
    memoryMb: 1024,
    isHot: true,
    recursive: true,
    tables: {
      messages: ['GetItem', 'PutItem', 'UpdateItem'],
      profiles: ['GetItem'],
      catalog: ['GetItem', 'BatchGetItem', 'Query'],
    },
    // Keys: of links in mails, for signatures, and of suppressions that stay of who was erased. Only addresses are suppressed. What has templates looks items up.
    // Outages are of providers.
    channelTables: {
      email: {
        ...{ suppressions: ['Query'], access: ['GetItem', 'PutItem'], collections: ['BatchGetItem'] },
        limits: outages,
      },
      'in-app': { inbox: ['PutItem'], collections: ['BatchGetItem'] },
      push: { suppressions: ['Query'], access: ['GetItem'], collections: ['BatchGetItem'], limits: outages },
      sms: { suppressions: ['Query'], access: ['GetItem'], collections: ['BatchGetItem'], limits: outages },
      webhook: { access: ['GetItem', 'PutItem'], limits: outages },
    },
    // Counters of rates and warm-ups.
    pacedTables: { limits: ['UpdateItem'] },
    posts: ['mailbox'],
    backsOff: true,
    settings: 'all',
  },
  'settle-undelivered': {
    does: 'records the outcome of messages that could not be handed over',
    timeoutSeconds: 30,
    memoryMb: 512,
    recursive: true,
    tables: { messages: ['GetItem', 'PutItem', 'UpdateItem'] },
    posts: ['mailbox'],
    settings: 'core',
  },
  receipts: {
    does: "turns providers' notifications into records of the mailbox",
    timeoutSeconds: 30,
    memoryMb: 512,
    recursive: true,
    tables: { messages: ['UpdateItem'], suppressions: ['PutItem', 'DeleteItem'] },
    posts: ['mailbox'],
  },
  api: {
    does: 'serves the management API, the public links of messages and the inbox of apps',
    timeoutSeconds: 29,
    memoryMb: 1024,
    isHot: true,
    tables: {
      // Changes are transactions, which need the rights of their parts.
      catalog: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      // Scan: three pages, to estimate how many belong to a segment.
      profiles: ['GetItem', 'Scan'],
      // A parked record that is sent again leaves the list.
      journal: ['Query', 'DeleteItem'],
      // An app tells what became of a message in its inbox.
      messages: ['GetItem', 'Query', 'UpdateItem'],
      inbox: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
      stats: ['Query'],
      // How fast what is sent, and which provider does not work; how much a key has done in a minute.
      limits: ['Query', 'UpdateItem'],
      // All of them, for another environment.
      suppressions: ['PutItem', 'DeleteItem', 'Query', 'Scan'],
      consents: ['Query'],
      intake: ['Query'],
      access: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
      // Entries are added and read; nobody may change or delete one.
      audit: ['PutItem', 'Query'],
      jobs: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
      // A preview shows the items that a message would.
      collections: ['BatchGetItem', 'PutItem', 'DeleteItem', 'Query'],
    },
    // Through the URLs that it signs; of an upload it also asks how large it is.
    files: { reads: ['uploads', 'exports'], writes: ['uploads'] },
    posts: ['mailbox'],
    redrives: true,
    scans: 'profile-scan',
    settings: 'all',
    checksAccess: true,
  },
  'issue-key': {
    does: 'issues the first key of an environment; invoked by an operator',
    timeoutSeconds: 15,
    memoryMb: 512,
    tables: { access: ['Query', 'PutItem'], audit: ['PutItem'] },
    checksAccess: true,
  },
  'open-session': {
    does: 'gives people of the AWS account a bearer for an hour, by the roles of the configuration',
    timeoutSeconds: 15,
    memoryMb: 512,
    tables: { access: ['PutItem'], audit: ['PutItem'] },
    checksAccess: true,
  },
  canary: {
    does: 'sends an event every five minutes as an app would, and looks whether the message of the one before has come round',
    timeoutSeconds: 30,
    memoryMb: 512,
    // Its key, and the secret that this is made of.
    tables: { access: ['GetItem', 'PutItem'], journal: ['GetItem'] },
  },
};

export function tablesOf(
  { tables, channelTables, pacedTables = {} }: Duty,
  channel?: DeliveryChannel,
  isPaced = false,
): NonNullable<Duty['tables']> {
  const own = { ...tables, ...(channel !== undefined && channelTables?.[channel]) };
  if (!isPaced) return own;
  const more = Object.entries(pacedTables) as [TableName, readonly TableAction[]][];
  return {
    ...own,
    ...Object.fromEntries(more.map(([table, actions]) => [table, [...(own[table] ?? []), ...actions]])),
  };
}

/** Name of a deployed function: `send` is deployed once per channel. */
export function deployedName(name: FunctionName, channel?: DeliveryChannel): string {
  return channel === undefined ? name : `${name}-${channel}`;
}

interface DeployedFunction {
  readonly name: FunctionName;
  readonly deployed: string;
  readonly channel?: DeliveryChannel;
}

export const deployedFunctions = functionNames.flatMap((name): DeployedFunction[] =>
  name === 'send'
    ? deliveryChannels.map((channel) => ({ name, channel, deployed: deployedName(name, channel) }))
    : [{ name, deployed: deployedName(name) }],
);
