import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ArmTimersPorts } from '../../shared/app/arm-timers.ts';
import { defaultPolicy } from '../../shared/app/catalog/default-policy.ts';
import { readAllCollections } from '../../shared/app/catalog/read-all-collections.ts';
import { catalogCache } from '../../shared/app/catalog-cache.ts';
import type { EvaluatePorts } from '../../shared/app/evaluate.ts';
import { Leases } from '../../shared/app/leases.ts';
import type { Catalogs, Clock } from '../../shared/app/ports.ts';
import type { ScanPorts } from '../../shared/app/scans/scan-kind.ts';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import type { SettleUndeliveredPorts } from '../../shared/app/settle-undelivered.ts';
import type { WakePorts } from '../../shared/app/wake-cohort.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { type Gets, gatheredGets } from '../../shared/data/gathered-gets.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { journalPast } from '../../shared/data/journal-past.ts';
import { mailbox } from '../../shared/data/mailbox.ts';
import { mailboxBacklog } from '../../shared/data/mailbox-backlog.ts';
import { messageQueues } from '../../shared/data/message-queues.ts';
import { carriedEntries, messageStore } from '../../shared/data/message-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { remainsIn } from '../../shared/data/remains.ts';
import { scanMachine } from '../../shared/data/scan-machine.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { segmentSizes } from '../../shared/data/segment-sizes.ts';
import { statsStore } from '../../shared/data/stats-store.ts';
import { subjectItems } from '../../shared/data/subject-items.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import { timers, waitMachine } from '../../shared/data/timers.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import { compileCatalog, withVersions } from '../../shared/domain/compiled-catalog.ts';
import { decide, isPaused, neededVersions } from '../../shared/domain/decide.ts';
import { asksOfDelivery } from '../../shared/domain/messaging/asked-deliveries.ts';
import { variables } from '../../shared/resources.ts';
import { dynamoClient, sqsClient } from './aws-clients.ts';
import { coreSettings, mailboxUrls, required } from './environment.ts';
import { intakeFrom } from './intake.ts';
import { metrics } from './observe.ts';

/** What the actor's functions are made of, from their environment. Clients are made once per container. */
const clock: Clock = () => Date.now();

export const mailboxFrom = (client: SQSClient) => mailbox(client, mailboxUrls());
export const messagesFrom = (client: DynamoDBClient) => {
  return messageStore(client, required(variables.messagesTable), retentionDays().messages);
};
function retentionDays() {
  const { messageRetentionDays, journalRetentionDays } = coreSettings();
  // protocol.md, keys: a claim outlives the journal, and 60 days.
  return { journal: journalRetentionDays, messages: Math.max(60, messageRetentionDays, journalRetentionDays) };
}
const carriedFrom = (client: DynamoDBClient) =>
  carriedEntries(client, required(variables.messagesTable), retentionDays());
const journalFrom = (client: DynamoDBClient, gets?: Gets) =>
  journal(client, required(variables.journalTable), coreSettings().journalRetentionDays, gets);

export function evaluatePorts(): EvaluatePorts {
  const tables = dynamoClient();
  const queues = sqsClient();
  return {
    clock,
    metrics,
    profiles: profileStore(tables, required(variables.profilesTable), {
      compress: coreSettings().compressProfiles !== false,
      gets: gatheredGets,
    }),
    journal: journalFrom(tables, gatheredGets),
    carried: carriedFrom(tables),
    past: journalPast(
      tables,
      { journal: required(variables.journalTable), messages: required(variables.messagesTable) },
      coreSettings().journalRetentionDays,
      clock,
    ),
    stats: statsStore(tables, required(variables.statsTable)),
    permits: new Leases(counterStore(tables, required(variables.limitsTable)), clock),
    suppressions: suppressionStore(tables, required(variables.suppressionsTable)),
    consents: consentStore(tables, required(variables.consentsTable)),
    mailbox: mailboxFrom(queues),
    messageQueues: messageQueues(queues, JSON.parse(required(variables.messageQueues)) as Record<string, string>),
    timers: timers(queues, { wakes: required(variables.wakesQueue), soon: required(variables.soonQueue) }, clock),
    catalogs: catalogsFrom(tables),
    rules: { decide, neededVersions, isPaused, asksOfDelivery },
  };
}

export const catalogsFrom = (client: DynamoDBClient): Catalogs =>
  catalogCache({
    store: catalogStore(client, required(variables.catalogTable), defaultPolicy(coreSettings())),
    compile: compileCatalog,
    extend: withVersions,
    now: clock,
  });

export const armTimersPorts = (): ArmTimersPorts => ({
  clock,
  machine: waitMachine(new SFNClient({}), required(variables.waitMachine)),
});

export const wakePorts = (): WakePorts => ({ clock, mailbox: mailboxFrom(sqsClient()) });

/** @param files comes from outside, so that whoever imports this file does not load the client of S3. */
export function scanPorts(files: ScanPorts['files']): ScanPorts {
  const tables = dynamoClient();
  const queues = sqsClient();
  const documents = catalogStore(tables, required(variables.catalogTable), defaultPolicy(coreSettings()));
  const ofCustomers = {
    profiles: required(variables.profilesTable),
    journal: required(variables.journalTable),
    messages: required(variables.messagesTable),
    consents: required(variables.consentsTable),
    inbox: required(variables.inboxTable),
    suppressions: required(variables.suppressionsTable),
  };
  const salts = cachedSecrets(secretStore(tables, required(variables.accessTable)), clock);
  const suppressions = suppressionStore(tables, ofCustomers.suppressions, clock, salts);
  return {
    clock,
    metrics,
    profiles: profileStore(tables, required(variables.profilesTable)),
    catalogs: catalogsFrom(tables),
    journal: journalFrom(tables),
    carried: carriedFrom(tables),
    journalRetentionDays: coreSettings().journalRetentionDays,
    mailbox: mailboxFrom(queues),
    backlog: mailboxBacklog(queues, mailboxUrls(), Number(required(variables.mailboxRoom))),
    jobs: jobStore(tables, required(variables.jobsTable), clock, coreSettings().jobRetentionDays),
    suppressions,
    consents: consentStore(tables, required(variables.consentsTable)),
    subjects: subjectItems(tables, ofCustomers),
    messages: messagesFrom(tables),
    unknown: unknownMessages(tables, required(variables.messagesTable), clock),
    intake: intakeFrom(tables),
    files,
    machine: scanMachine(new SFNClient({}), required(variables.scanMachine)),
    documents,
    remains: remainsIn(tables, ofCustomers, (one) => suppressions.keepSalted(one)),
    items: itemStore(tables, required(variables.collectionsTable)),
    collections: () => readAllCollections(documents),
    sizes: segmentSizes(tables, required(variables.statsTable)),
  };
}

export function settleUndeliveredPorts(): SettleUndeliveredPorts {
  const tables = dynamoClient();
  return { clock, metrics, messages: messagesFrom(tables), mailbox: mailboxFrom(sqsClient()) };
}
