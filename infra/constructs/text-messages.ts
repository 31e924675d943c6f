import * as cdk from 'aws-cdk-lib';
import * as smsvoice from 'aws-cdk-lib/aws-smsvoice';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../context.ts';
import type { Sms } from '../sms-config.ts';
import type { Handler } from './handler.ts';

/** What a text message reports: how it ended. That it is queued or pending nobody waits for. */
const reported = [
  ...['TEXT_DELIVERED', 'TEXT_SUCCESSFUL', 'TEXT_UNREACHABLE', 'TEXT_CARRIER_UNREACHABLE', 'TEXT_TTL_EXPIRED'],
  ...[
    'TEXT_BLOCKED',
    'TEXT_CARRIER_BLOCKED',
    'TEXT_INVALID',
    'TEXT_INVALID_MESSAGE',
    'TEXT_SPAM',
    'TEXT_PROTECT_BLOCKED',
  ],
];

/**
 * The configuration set of text messages, and the right to send them. Numbers, sender IDs and their registration belong to
 * the account and to people: no template orders them.
 */
export class TextMessages extends Construct {
  constructor(scope: Construct, id: string, context: EnvironmentContext, sms: Sms, send: Handler) {
    super(scope, id);
    if (sms.transport === 'end-user-messaging') this.#configurationSet(context);
    if (context.config.delivery.mode === 'sink') return;
    if (sms.transport === 'pinpoint') this.#grantPinpoint(sms, send);
    else this.#grantSend(context, sms, send);
  }

  #configurationSet(context: EnvironmentContext): void {
    const topicArn = context.lookUp(this, 'topics/receipts');
    new smsvoice.CfnConfigurationSet(this, 'Set', {
      configurationSetName: context.configurationSet('sms'),
      eventDestinations: [
        {
          eventDestinationName: 'receipts',
          enabled: true,
          matchingEventTypes: reported,
          snsDestination: { topicArn },
        },
      ],
    });
    new cdk.CfnOutput(this, 'TwoWayTopic', {
      description: 'SNS topic to name as the two-way destination of each number, so that STOP is heard',
      value: topicArn,
    });
  }

  /**
   * From our senders, and no other (Service Authorization Reference, "AWS End User Messaging SMS and Voice V2":
   * SendTextMessage). A sender ID is one resource for each country.
   */
  #grantSend(context: EnvironmentContext, { senders }: Sms, send: Handler): void {
    const arn = (resource: string, resourceName: string) =>
      cdk.Stack.of(this).formatArn({ service: 'sms-voice', resource, resourceName });
    const senderArns = Object.entries(senders).map(([country, sender]) => {
      if (sender.startsWith('arn:')) return sender;
      if (sender.startsWith('phone-')) return arn('phone-number', sender);
      if (sender.startsWith('pool-')) return arn('pool', sender);
      return arn('sender-id', `${sender}/${country}`);
    });
    send.allow(
      'SendTextMessage',
      ['sms-voice:SendTextMessage'],
      [...new Set(senderArns), arn('configuration-set', context.configurationSet('sms'))],
    );
  }

  /** Service Authorization Reference, "Amazon Pinpoint": SendMessages is granted on the project's messages. */
  #grantPinpoint({ applicationId }: Sms, send: Handler): void {
    const arn = cdk.Stack.of(this).formatArn({
      service: 'mobiletargeting',
      resource: 'apps',
      resourceName: `${applicationId}/messages`,
    });
    send.allow('SendMessages', ['mobiletargeting:SendMessages'], [arn]);
  }
}
