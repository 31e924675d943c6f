import { SFNClient } from '@aws-sdk/client-sfn';
import { keyRate } from '../../shared/app/access/key-rate.ts';
import { credentialReader } from '../../shared/app/access/keys.ts';
import { defaultPolicy } from '../../shared/app/catalog/default-policy.ts';
import { catalogCache } from '../../shared/app/catalog-cache.ts';
import { startScan } from '../../shared/app/scans/start-scan.ts';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { approvalStore } from '../../shared/data/approval-store.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { sqsDeadLetters } from '../../shared/data/dead-letter-queues.ts';
import { idempotencyStore } from '../../shared/data/idempotency-store.ts';
import { inboxStore } from '../../shared/data/inbox-store.ts';
import { intakeStore } from '../../shared/data/intake-store.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { journalPast } from '../../shared/data/journal-past.ts';
import { journalSearch } from '../../shared/data/journal-search.ts';
import { messageReceipts } from '../../shared/data/message-receipts.ts';
import { messageReader } from '../../shared/data/message-store.ts';
import { outageStore } from '../../shared/data/outage-store.ts';
import { parkedRecords } from '../../shared/data/parked-records.ts';
import { profileHistory } from '../../shared/data/profile-history.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { proposalStore } from '../../shared/data/proposal-store.ts';
import { scanMachine } from '../../shared/data/scan-machine.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { segmentSizes } from '../../shared/data/segment-sizes.ts';
import { statsReader } from '../../shared/data/stats-reader.ts';
import { suppressionList } from '../../shared/data/suppression-list.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import { warmUpCounts } from '../../shared/data/warm-up-counts.ts';
import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import type { Topic } from '../../shared/domain/messaging/topic.ts';
import type { Ports } from '../../shared/http/ports.ts';
import { type DeadLetterQueueName, deadLetterQueues, variables } from '../../shared/resources.ts';
import { mailboxFrom } from './actor-ports.ts';
import { dynamoClient, sqsClient } from './aws-clients.ts';
import { accessSettings, beside, mailboxUrls, required, settings } from './environment.ts';
import { onAuditLost } from './observe.ts';

/** What one container of `api` is made of. */
export function httpPorts(): Ports {
  const tables = dynamoClient();
  const now = () => Date.now();
  const environment = settings();
  const rules = accessSettings();
  const access = accessStore(tables, required(variables.accessTable));
  const catalog = catalogStore(tables, required(variables.catalogTable), defaultPolicy(environment));
  const journalTable = required(variables.journalTable);
  const messagesTable = required(variables.messagesTable);
  const histories = { journal: journalTable, messages: messagesTable };
  const queues = sqsClient();
  const mailbox = mailboxFrom(queues);
  const endpointSecrets = secretStore(tables, required(variables.accessTable));
  const secrets = cachedSecrets(endpointSecrets, now);
  const suppressions = suppressionList(tables, required(variables.suppressionsTable), now, secrets);
  const machine = scanMachine(new SFNClient({}), required(variables.scanMachine));
  const jobs = jobStore(tables, required(variables.jobsTable), now, environment.jobRetentionDays);
  const links = signedLinks(secrets, environment.linksBaseUrl);
  const profiles = profileStore(tables, required(variables.profilesTable));
  // Nothing is decided here, so nothing is compiled.
  const snapshots = catalogCache<CatalogSnapshot>({
    store: catalog,
    compile: (snapshot) => snapshot,
    extend: (snapshot) => snapshot,
    now,
  });
  return {
    now,
    keyRate: keyRate(counterStore(tables, required(variables.limitsTable)), now),
    ...(rules.perMinute !== undefined && { perMinute: rules.perMinute }),
    readCredential: credentialReader(access, now),
    access,
    approvals: approvalStore(tables, required(variables.catalogTable)),
    proposals: proposalStore(tables, required(variables.catalogTable)),
    ...(rules.approval !== undefined && { approval: rules.approval }),
    audit: {
      store: auditStore(tables, required(variables.auditTable), rules.auditRetentionDays, now),
      onLost: onAuditLost,
    },
    idempotency: idempotencyStore(tables, required(variables.accessTable)),
    catalog,
    snapshots,
    profiles,
    history: profileHistory(tables, histories, now),
    consents: consentStore(tables, required(variables.consentsTable)),
    past: journalPast(tables, histories, environment.journalRetentionDays, now),
    journalSearch: journalSearch(tables, journalTable, now),
    stats: statsReader(tables, required(variables.statsTable)),
    sizes: segmentSizes(tables, required(variables.statsTable)),
    messages: messageReader(tables, messagesTable, now),
    unknown: unknownMessages(tables, messagesTable, now),
    mailbox,
    suppressions,
    items: itemStore(tables, required(variables.collectionsTable)),
    intake: intakeStore(tables, required(variables.intakeTable), now),
    unsubscribe: {
      now,
      links,
      suppressions,
      mailbox,
      topic: async (id) => {
        const head = await catalog.readHead('topic', id);
        const found = head?.live === undefined ? undefined : await catalog.readVersion('topic', id, head.live);
        return found?.document as Topic | undefined;
      },
    },
    preferences: { now, links, profiles, snapshots, suppressions, mailbox },
    tasks: { now, links, mailbox, catalog },
    endpointSecrets,
    inbox: {
      ...{ now, links, mailbox, profiles },
      inbox: inboxStore(tables, required(variables.inboxTable)),
      marks: messageReceipts(tables, messagesTable),
    },
    jobs,
    startScan: startScan({ now, jobs, machine }),
    scanMachine: machine,
    // The client of S3 is loaded by those few requests that are about files.
    files: onceAsked(async () => (await import('./files.ts')).filesFrom()),
    deadLetters: {
      queues: sqsDeadLetters(queues, deadLetterUrls()),
      parked: parkedRecords(tables, journalTable),
    },
    sending: {
      outages: outageStore(tables, required(variables.limitsTable)),
      placesTaken: warmUpCounts(tables, required(variables.limitsTable)),
    },
    settings: environment,
  };
}

/** They lie beside the mailbox: same account, same region. */
function deadLetterUrls(): Record<DeadLetterQueueName, string> {
  const given = required(variables.deadLetterQueues).split(',');
  const [mailbox] = mailboxUrls();
  const names = Object.keys(deadLetterQueues) as DeadLetterQueueName[];
  const urls = names.map((name, index) => [name, beside(mailbox!, given[index]!)]);
  return Object.fromEntries(urls) as Record<DeadLetterQueueName, string>;
}

function onceAsked<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
