import * as cdk from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config.ts';

type Sender = EnvironmentConfig['senders'][number];

interface DnsRecord {
  readonly id: string;
  readonly name: string;
  readonly type: 'CNAME' | 'MX' | 'TXT';
  readonly value: string;
}

/**
 * A domain that SES signs for (Easy DKIM, 2048 bit) and bounces for (custom MAIL FROM). Its records are written into
 * Route 53, or shown as outputs for whoever keeps the zone.
 */
export class SendingDomain extends Construct {
  constructor(scope: Construct, id: string, sender: Sender) {
    super(scope, id);
    const mailFrom = sender.mailFrom ?? `bounce.${sender.domain}`;
    const identity = new ses.EmailIdentity(this, 'Identity', {
      identity: ses.Identity.domain(sender.domain),
      dkimIdentity: ses.DkimIdentity.easyDkim(ses.EasyDkimSigningKeyLength.RSA_2048_BIT),
      mailFromDomain: mailFrom,
      // Until the MX record is there, SES sends with its own MAIL FROM rather than not at all.
      mailFromBehaviorOnMxFailure: ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
      // Bounces come as receipts; a copy to the From address would only tell customers' addresses to a mailbox.
      feedbackForwarding: false,
    });
    const region = cdk.Stack.of(this).region;
    const records: DnsRecord[] = [
      ...identity.dkimRecords.map(({ name, value }, index) => ({
        id: `Dkim${index + 1}`,
        name,
        type: 'CNAME' as const,
        value,
      })),
      { id: 'MailFromMx', name: mailFrom, type: 'MX', value: `10 feedback-smtp.${region}.amazonses.com` },
      { id: 'MailFromSpf', name: mailFrom, type: 'TXT', value: '"v=spf1 include:amazonses.com ~all"' },
    ];
    for (const record of records) {
      if (sender.dns === 'route53') this.#write(record, sender.hostedZone!.id);
      else this.#show(record);
    }
    // DMARC is the organisation's, and a second record would break it; so it is only ever shown.
    this.#show({ id: 'Dmarc', name: `_dmarc.${sender.domain}`, type: 'TXT', value: '"v=DMARC1; p=none;" or stricter' });
  }

  /** The L1: the L2 appends the zone's name to a name it cannot read yet, as those of DKIM are. */
  #write({ id, name, type, value }: DnsRecord, hostedZoneId: string): void {
    new route53.CfnRecordSet(this, id, { hostedZoneId, name, type, resourceRecords: [value], ttl: '1800' });
  }

  #show({ id, name, type, value }: DnsRecord): void {
    new cdk.CfnOutput(this, id, { description: 'DNS record to write', value: `${name} ${type} ${value}` });
  }
}
