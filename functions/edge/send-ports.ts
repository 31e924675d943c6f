import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { defaultPolicy } from '../../shared/app/catalog/default-policy.ts';
import { handOver } from '../../shared/app/hand-over.ts';
import { killSwitchWatch } from '../../shared/app/kill-switch-watch.ts';
import type { Clock } from '../../shared/app/ports.ts';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import type { SendPorts } from '../../shared/app/send.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { adapterFor } from '../../shared/channels/registry.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { inboxStore, oneCall } from '../../shared/data/inbox-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import { channelSpecs } from '../../shared/domain/messaging/channels/registry.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import { type DeliveryChannel, variables } from '../../shared/resources.ts';
import { catalogsFrom, mailboxFrom, messagesFrom } from './actor-ports.ts';
import { required, settings } from './environment.ts';
import { metrics } from './observe.ts';

/** What a `send` function is made of: one deployment per channel, and CHANNEL says which. */
export function sendPorts(queues: SQSClient): SendPorts {
  const clock: Clock = () => Date.now();
  const given = settings();
  const tables = new DynamoDBClient({});
  const catalog = catalogStore(tables, required(variables.catalogTable), defaultPolicy(given));
  const channel = required(variables.channel) as DeliveryChannel;
  // What carries no link and no signature of ours needs no keys, and its function reaches none.
  const secrets = cachedSecrets(secretStore(tables, process.env[variables.accessTable] ?? ''), clock);
  const webhookCapture = process.env[variables.webhookCapture];
  return {
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
          : suppressionStore(tables, required(variables.suppressionsTable)),
      links: signedLinks(secrets, given.linksBaseUrl),
      deliver: adapterFor(channel, {
        now: clock,
        secrets,
        ...(webhookCapture && { webhookCapture }),
        inbox: () => inboxStore(new DynamoDBClient(oneCall), required(variables.inboxTable)),
      }),
    }),
  };
}
