/**
 * Names shared by infra and functions, so that they cannot drift: the environment variables by which a function
 * finds its tables and queues, and the figures that both sides must agree on.
 */

/** Environment variables. A function gets only those that it is granted. */
export const variables = {
  profilesTable: 'PROFILES_TABLE',
  journalTable: 'JOURNAL_TABLE',
  messagesTable: 'MESSAGES_TABLE',
  catalogTable: 'CATALOG_TABLE',
  statsTable: 'STATS_TABLE',
  limitsTable: 'LIMITS_TABLE',
  suppressionsTable: 'SUPPRESSIONS_TABLE',
  consentsTable: 'CONSENTS_TABLE',
  intakeTable: 'INTAKE_TABLE',
  accessTable: 'ACCESS_TABLE',
  auditTable: 'AUDIT_TABLE',
  jobsTable: 'JOBS_TABLE',
  inboxTable: 'INBOX_TABLE',
  collectionsTable: 'COLLECTIONS_TABLE',
  filesBucket: 'FILES_BUCKET',
  /** URL of the first shard of the mailbox, and names of the others, comma-separated. */
  mailboxQueues: 'MAILBOX_QUEUES',
  /** How many records may wait in a mailbox before those who tell many wait too. */
  mailboxRoom: 'MAILBOX_ROOM',
  wakesQueue: 'WAKES_QUEUE',
  soonQueue: 'SOON_QUEUE',
  receiptsQueue: 'RECEIPTS_QUEUE',
  /** JSON: channel → queue URL. */
  messageQueues: 'MESSAGE_QUEUES',
  /** Names of dead-letter queues, comma-separated, in the order of `deadLetterQueues`: their URLs would not fit. */
  deadLetterQueues: 'DEAD_LETTER_QUEUES',
  /** Address of the public door, for who tries it from outside. */
  ingestUrl: 'INGEST_URL',
  waitMachine: 'WAIT_MACHINE',
  scanMachine: 'SCAN_MACHINE',
  /** JSON, see Settings in shared/settings.ts. */
  settings: 'GODWIT_SETTINGS',
  /** JSON, see AccessSettings in shared/settings.ts. */
  accessSettings: 'GODWIT_ACCESS',
  /** Channel of a `send` function. */
  channel: 'CHANNEL',
  /** Address that takes all webhooks in the place of their endpoints. Set by the local cloud only. */
  webhookCapture: 'GODWIT_WEBHOOK_CAPTURE',
  /** Installation and environment, `godwit-dev`: in every log line, and the dimension of every metric. */
  service: 'POWERTOOLS_SERVICE_NAME',
} as const;

/** CloudWatch metrics on which alarms stand; the dimension's value is `variables.service`. */
export const metrics = { namespace: 'Godwit', dimension: 'service' } as const;

/** Primary keys, the same in infra, stores and tests. */
export const tables = {
  profiles: { partition: 'pk', ttl: 'ttl' },
  journal: { partition: 'pk', sort: 'jk', ttl: 'ttl' },
  messages: { partition: 'pk', sort: 'id', ttl: 'ttl' },
  catalog: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  stats: { partition: 'pk', sort: 'sk' },
  limits: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  suppressions: { partition: 'pk', sort: 'sk' },
  consents: { partition: 'pk', sort: 'sk' },
  intake: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  access: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  audit: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  jobs: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
  inbox: { partition: 'pk', sort: 'id', ttl: 'ttl' },
  collections: { partition: 'pk', sort: 'sk', ttl: 'ttl' },
} as const;

/** Channels with a queue, a `send` function and an adapter. A channel is added here, in channels/ and nowhere else. */
export const deliveryChannels = ['email', 'in-app', 'push', 'sms', 'webhook'] as const;
export type DeliveryChannel = (typeof deliveryChannels)[number];

/**
 * Queues whose dead letters wait for somebody, and whether these can go back where they came from: a redrive without a
 * destination takes only what a queue has given up (SQS API, StartMessageMoveTask), and cohorts are put there by a state
 * machine. Those of messages are not here: `settle-undelivered` takes them.
 */
export const deadLetterQueues = {
  mailbox: { goesBack: true },
  wakes: { goesBack: true },
  soon: { goesBack: true },
  receipts: { goesBack: true },
  cohorts: { goesBack: false },
} as const;
export type DeadLetterQueueName = keyof typeof deadLetterQueues;

export const timing = {
  /** The most of a FIFO queue (Lambda, "Configuring SQS"). */
  mailboxBatchSize: 10,
  evaluateTimeoutSeconds: 30,
  sendTimeoutSeconds: 30,
  visibilityTimeoutSeconds: 180,
  /** A sender leaves a claim of another one alone for this long (protocol.md, step 15): time-out of send + 10 s. */
  claimGraceSeconds: 40,
  /**
   * Before a queue gives a message up: the most that SQS takes. While Lambda has no room for a function, what was received for it
   * is tried until its visibility time-out is over and then comes again, received once more and never looked at (Lambda,
   * "Handling errors for an SQS event source": backoff strategy). So this is how long throttling may last: two days.
   */
  maxReceives: 1000,
  /** Its time-out is longer: two days as well, and well within what the queue keeps. */
  wakesMaxReceives: 500,
  /** Attempts to hand a message over; each is one of the sender's, not a receive. */
  messageMaxTries: 50,
  /** What has waited for its provider so often in a queue is put there anew, so that SQS keeps it. */
  messageFreshFromReceives: 40,
  wakesWindowSeconds: 60,
  wakesBatchSize: 5000,
  /** Waits up to this long lie in the delay queue: the limit of DelaySeconds (SQS API). */
  soonSeconds: 900,
  /** Longest hop of one execution: one year is the hard limit of Step Functions, wake task included. */
  maxHopDays: 300,
} as const;

/** What a configuration need not say, and functions are not told then. `answer`: one calendar month, at its shortest. */
export const defaultDays = { job: 90, answer: 28 } as const;

/** Folders of the bucket, and after how many days what lies there is deleted. */
export const files = { uploads: 'uploads/', exports: 'exports/', keptDays: 7 } as const;

export const scanning = {
  /**
   * A scan of all profiles runs in so many parts at once. One for every 2 GB of the table is DynamoDB's own advice
   * ("Working with scans: Choosing a value for TotalSegments"); 40 is the most that an inline Map runs side by side.
   */
  segments: 8,
  callsPerExecution: 2_000,
} as const;
