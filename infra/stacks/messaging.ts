import * as cdk from 'aws-cdk-lib';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { deliveryChannels } from '../../shared/resources.ts';
import type { Settings } from '../../shared/settings.ts';
import { addressOf, type EnvironmentConfig } from '../config.ts';
import { Handler } from '../constructs/handler.ts';
import { PushNotifications } from '../constructs/push-notifications.ts';
import { SendingDomain } from '../constructs/sending-domain.ts';
import { TextMessages } from '../constructs/text-messages.ts';
import { constructId, type EnvironmentContext } from '../context.ts';
import { SEND_CONCURRENCY } from '../sending-config.ts';

type Purpose = keyof Settings['configurationSets'];

/** What reports back. Opens and clicks of transactional mail are nobody's business, so they are not tracked. */
const reported: Record<Purpose, ses.EmailSendingEvent[]> = {
  marketing: [...outcomes(), ses.EmailSendingEvent.OPEN, ses.EmailSendingEvent.CLICK],
  transactional: outcomes(),
};

/** What hands messages over and hears what became of them. */
export class MessagingStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'messaging', { description: `Godwit ${context.environment}: sending and receipts` });
    this.#email(context);

    const { push, delivery } = context.config;
    const notifications = push && new PushNotifications(this, 'Push', context, push);
    for (const channel of deliveryChannels) {
      const queue = context.queue(this, `messages-${channel}`);
      const linksBaseUrl = context.lookUp(this, 'links/url');
      const send = new Handler(this, constructId(`send-${channel}`), context, {
        ...{ name: 'send', channel, linksBaseUrl },
        ...(channel === 'push' && notifications && { pushApplication: notifications.applicationId }),
      });
      const maxConcurrency = context.config.concurrency.send[channel] ?? SEND_CONCURRENCY;
      send.consumes('Messages', queue, { batchSize: 10, maxConcurrency });
      if (channel === 'email') this.#grantEmail(context, send);
      if (channel === 'push' && delivery.mode !== 'sink') notifications?.grantSend(send);
      const { sms } = context.config;
      if (channel === 'sms' && sms !== undefined) new TextMessages(this, 'Sms', context, sms, send);
    }

    const settle = new Handler(this, 'SettleUndelivered', context, { name: 'settle-undelivered' });
    for (const channel of deliveryChannels) {
      settle.consumes(constructId(`dead-${channel}`), context.queue(this, `messages-${channel}-dead`), {
        batchSize: 10,
        maxConcurrency: 2,
      });
    }

    const receipts = new Handler(this, 'Receipts', context, { name: 'receipts' });
    const maxConcurrency = context.config.concurrency.receipts;
    receipts.consumes('Receipts', context.queue(this, 'receipts'), { batchSize: 10, maxConcurrency });
  }

  #email(context: EnvironmentContext): void {
    const { senders, configurationSets } = context.config;
    const domains = Map.groupBy(senders, ({ domain }) => domain);
    for (const [domain, [first]] of domains) {
      if (first!.identity === 'create') new SendingDomain(this, `Domain-${domain}`, first!);
    }
    const existing = [...domains].filter(([, [first]]) => first!.identity === 'existing').map(([domain]) => domain);
    // No resource stands for them; whoever reads the template (the local cloud does) knows them by this.
    if (existing.length > 0) this.addMetadata('godwit:existing-identities', existing);
    const topic = sns.Topic.fromTopicArn(this, 'ReceiptsTopic', context.lookUp(this, 'topics/receipts'));
    for (const purpose of ['marketing', 'transactional'] as const) {
      const { ipPool, trackingDomain } = configurationSets[purpose];
      const set = new ses.ConfigurationSet(this, constructId(`set-${purpose}`), {
        configurationSetName: context.configurationSet(purpose),
        reputationMetrics: true,
        suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        ...(trackingDomain === undefined ? {} : { customTrackingRedirectDomain: trackingDomain }),
        ...(ipPool === undefined
          ? {}
          : {
              dedicatedIpPool: ses.DedicatedIpPool.fromDedicatedIpPoolName(
                this,
                constructId(`pool-${purpose}`),
                ipPool,
              ),
            }),
      });
      if (trackingDomain !== undefined) {
        new cdk.CfnOutput(this, constructId(`tracking-${purpose}`), {
          description: 'DNS record to write',
          value: `${trackingDomain} CNAME r.${this.region}.awstrack.me`,
        });
      }
      new ses.ConfigurationSetEventDestination(this, constructId(`receipts-${purpose}`), {
        configurationSet: set,
        destination: ses.EventDestination.snsTopic(topic),
        events: reported[purpose],
      });
    }
  }

  /** From our addresses through our configuration sets, and no other. */
  #grantEmail(context: EnvironmentContext, send: Handler): void {
    const { senders, delivery } = context.config;
    if (senders.length === 0 || delivery.mode === 'sink') return;
    // In the sandbox SES also asks whether the caller may use the identity of the recipient.
    const recipients = delivery.mode === 'allowlist' ? delivery.allow.flatMap(identitiesOf) : [];
    const identities = new Set([...senders.flatMap(ownIdentities), ...recipients]);
    const arn = (resource: string, resourceName: string) => this.formatArn({ service: 'ses', resource, resourceName });
    send.allow(
      'SendEmail',
      ['ses:SendEmail'],
      [
        ...[...identities].map((identity) => arn('identity', identity)),
        ...(['marketing', 'transactional'] as const).map((purpose) =>
          arn('configuration-set', context.configurationSet(purpose)),
        ),
      ],
      { StringEquals: { 'ses:FromAddress': [...new Set(senders.map((sender) => addressOf(sender.from)!))] } },
    );
  }
}

function outcomes(): ses.EmailSendingEvent[] {
  const { DELIVERY, BOUNCE, COMPLAINT, REJECT, RENDERING_FAILURE, DELIVERY_DELAY } = ses.EmailSendingEvent;
  return [DELIVERY, BOUNCE, COMPLAINT, REJECT, RENDERING_FAILURE, DELIVERY_DELAY];
}

/**
 * SES uses the most specific identity that the account has: the address, a subdomain, or the domain (SES, "Creating and
 * verifying identities"), and asks for rights on that one. All of them are ours, and the condition names the addresses.
 */
function ownIdentities({ from, domain }: EnvironmentConfig['senders'][number]): string[] {
  const address = addressOf(from)!;
  const labels = address.slice(address.indexOf('@') + 1).split('.');
  const within = labels.length - domain.split('.').length + 1;
  return [address, ...labels.slice(0, within).map((_, index) => labels.slice(index).join('.'))];
}

/** An address can be verified by itself or by its domain. */
function identitiesOf(entry: string): string[] {
  const [local, domain] = entry.split('@');
  return domain === undefined ? [] : local ? [entry, domain] : [domain];
}
