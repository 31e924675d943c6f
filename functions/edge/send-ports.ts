import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { defaultPolicy } from '../../shared/app/catalog/default-policy.ts';
import { cachedItems } from '../../shared/app/collections/item-cache.ts';
import { handOver } from '../../shared/app/hand-over.ts';
import { killSwitchWatch } from '../../shared/app/kill-switch-watch.ts';
import { Leases } from '../../shared/app/leases.ts';
import type { Clock } from '../../shared/app/ports.ts';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import { Breakers } from '../../shared/app/sending/breaker.ts';
import type { SendWithinPorts } from '../../shared/app/sending/send-within.ts';
import { Sending } from '../../shared/app/sending/sending.ts';
import { warmUp } from '../../shared/app/sending/warm-up.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { adapterFor } from '../../shared/channels/registry.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { inboxStore, oneCall } from '../../shared/data/inbox-store.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { outageStore } from '../../shared/data/outage-store.ts';
import { ownQueue } from '../../shared/data/own-queue.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import { channelSpecs } from '../../shared/domain/messaging/channels/registry.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import { type DeliveryChannel, variables } from '../../shared/resources.ts';
import { catalogsFrom, mailboxFrom, messagesFrom } from './actor-ports.ts';
import { dynamoClient } from './aws-clients.ts';
import { required, settings } from './environment.ts';
import { metrics } from './observe.ts';

/**
 * What a `send` function is made of: one deployment per channel, and CHANNEL says which. What that channel alone needs is
 * loaded here, while the function starts: it has more CPU then than with its first message.
 */
export async function sendPorts(queues: SQSClient, queueUrl: () => string): Promise<SendWithinPorts> {
  const clock: Clock = () => Date.now();
  const given = settings();
  const tables = dynamoClient();
  const catalog = catalogStore(tables, required(variables.catalogTable), defaultPolicy(given));
  const channel = required(variables.channel) as DeliveryChannel;
  // What has no address, no link and no signature of ours needs no keys, and its function reaches none.
  const secrets = cachedSecrets(secretStore(tables, process.env[variables.accessTable] ?? ''), clock);
  const webhookCapture = process.env[variables.webhookCapture];
  // The inbox of apps has no provider, and no rights there.
  const limits = process.env[variables.limitsTable] ?? '';
  const counters = counterStore(tables, limits);
  const { waiting, again } = ownQueue(queues, queueUrl, clock);
  const breakers = new Breakers(outageStore(tables, limits), clock, metrics);
  const sending = new Sending(channel, given, { clock, counters, breakers, metrics, waiting });
  return {
    sending,
    again,
    clock,
    metrics,
    mailbox: mailboxFrom(queues),
    messages: messagesFrom(tables),
    profiles: profileStore(tables, required(variables.profilesTable)),
    hand: handOver({
      now: clock,
      metrics,
      settings: given,
      killSwitches: killSwitchWatch(() => catalog.readKillSwitches(), clock),
      catalogs: catalogsFrom(tables),
      templateVersion: async (id, version) =>
        (await catalog.readVersion('template', id, version))?.document as Template | undefined,
      // Without addresses there is nothing to look up, and the function has no right to.
      suppressions:
        channelSpecs[channel].address === undefined
          ? { ofAddress: async () => [] }
          : suppressionStore(tables, required(variables.suppressionsTable), clock, secrets),
      // A webhook has no template, and its function reaches no items.
      items: cachedItems(itemStore(tables, process.env[variables.collectionsTable] ?? '').read, clock),
      links: signedLinks(secrets, given.linksBaseUrl),
      warmUp: warmUp(new Leases(counters, clock), given.zone, clock),
      deliver: await adapterFor(channel, {
        now: clock,
        secrets,
        guarded: (adapter) => sending.guarded(adapter),
        ...(webhookCapture && { webhookCapture }),
        inbox: () => inboxStore(new DynamoDBClient(oneCall), required(variables.inboxTable)),
      }),
    }),
  };
}
