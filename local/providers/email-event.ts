/** Event documents as SES publishes them (SES developer guide, "Examples of event data that Amazon SES publishes to Amazon SNS"). */
import type { CapturedMessage } from '../inbox/inbox.ts';
import { addressOf } from './email.ts';
import type { PlayedEvent } from './provider-capture.ts';

interface EventSetting {
  at: string;
  account: string;
  identityArn: string;
  feedbackId: string;
}

const eventTypes: Record<string, string> = {
  send: 'Send',
  delivery: 'Delivery',
  bounce: 'Bounce',
  complaint: 'Complaint',
  open: 'Open',
  click: 'Click',
  reject: 'Reject',
  deliveryDelay: 'DeliveryDelay',
};

export function emailEvent(message: CapturedMessage, event: PlayedEvent, setting: EventSetting): object {
  const eventType = eventTypes[event.type];
  if (!eventType) throw new Error(`SES has no event ${event.type}; it has ${Object.keys(eventTypes).join(', ')}`);
  return { eventType, mail: mailOf(message, setting), [event.type]: detailOf(message, event, setting) };
}

/** Hard bounces and complaints enter the account's suppression list [E7]. */
export function isSuppressing(event: PlayedEvent): boolean {
  return (
    event.type === 'complaint' || (event.type === 'bounce' && (event['bounceType'] ?? 'Permanent') === 'Permanent')
  );
}

function mailOf(message: CapturedMessage, setting: EventSetting): object {
  const headers = [
    { name: 'From', value: message.from },
    { name: 'To', value: message.to },
    { name: 'Subject', value: message.subject },
    { name: 'MIME-Version', value: '1.0' },
    ...Object.entries(message.headers).map(([name, value]) => ({ name, value })),
  ];
  const tags: Record<string, string[]> = {
    'ses:operation': ['SendEmail'],
    'ses:source-ip': ['192.0.2.0'],
    'ses:from-domain': [addressOf(message.from).split('@')[1] ?? ''],
    'ses:caller-identity': ['local'],
  };
  for (const [name, value] of Object.entries(message.tags)) tags[name] = [value];
  return {
    timestamp: message.at,
    source: message.from,
    sourceArn: setting.identityArn,
    sendingAccountId: setting.account,
    messageId: message.providerMessageId,
    destination: [message.to],
    headersTruncated: false,
    headers,
    commonHeaders: {
      from: [message.from],
      to: [message.to],
      messageId: message.providerMessageId,
      subject: message.subject,
    },
    tags,
  };
}

function detailOf(message: CapturedMessage, event: PlayedEvent, { at, feedbackId }: EventSetting): object {
  const userAgent = 'Mozilla/5.0 (local cloud)';
  switch (event.type) {
    case 'delivery':
      return {
        timestamp: at,
        processingTimeMillis: 500,
        recipients: [message.to],
        smtpResponse: '250 2.6.0 Message received',
        reportingMTA: 'mta.example.com',
      };
    case 'bounce':
      return {
        bounceType: event['bounceType'] ?? 'Permanent',
        bounceSubType: event['bounceSubType'] ?? 'General',
        bouncedRecipients: [
          {
            emailAddress: message.to,
            action: 'failed',
            status: '5.1.1',
            diagnosticCode: 'smtp; 550 5.1.1 user unknown',
          },
        ],
        timestamp: at,
        feedbackId,
        reportingMTA: 'dsn; mta.example.com',
      };
    case 'complaint':
      return {
        complainedRecipients: [{ emailAddress: message.to }],
        timestamp: at,
        feedbackId,
        userAgent,
        complaintFeedbackType: event['complaintFeedbackType'] ?? 'abuse',
        arrivalDate: at,
      };
    case 'open':
      return { ipAddress: '192.0.2.1', timestamp: at, userAgent };
    case 'click':
      return { ipAddress: '192.0.2.1', link: event.link ?? '', linkTags: null, timestamp: at, userAgent };
    case 'reject':
      return { reason: 'Bad content' };
    case 'deliveryDelay':
      return {
        timestamp: at,
        delayType: 'TransientCommunicationFailure',
        expirationTime: at,
        delayedRecipients: [
          {
            emailAddress: message.to,
            status: '4.4.1',
            diagnosticCode: 'smtp; 421 4.4.1 Unable to connect to remote host',
          },
        ],
      };
    default:
      return {};
  }
}
