/** SES v2: takes SendEmail, keeps what would have been sent, and reports what recipients do. */
import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { CapturedMessage } from '../inbox/inbox.ts';
import { addressOf, bareAddress, type Email, readEmail } from './email.ts';
import { emailEvent, isSuppressing } from './email-event.ts';
import { misbehaviour } from './misbehaviour.ts';
import type { PlayedEvent, ProviderCapture, ProviderSurroundings } from './provider-capture.ts';

interface Destination {
  configurationSet: string;
  types: string[];
  topicArn: string;
}

const SIMULATOR = /^([a-z]+)(\+[^@]*)?@simulator\.amazonses\.com$/i;

export function captureEmail(around: ProviderSurroundings): ProviderCapture {
  const { assembly, inbox, topics, clock, ids, meter, log } = around;
  const configurationSets = new Set(assembly.ofType('AWS::SES::ConfigurationSet').map((set) => set.name));
  // Those that the account has already are in no template but by name.
  const identities = new Set([
    ...assembly.ofType('AWS::SES::EmailIdentity').map((identity) => identity.name),
    ...assembly.metadata('godwit:existing-identities').map(String),
  ]);
  const destinations = eventDestinations(around);
  const suppressed = new Set<string>();
  const arn = (rest: string): string => `arn:aws:ses:${assembly.region}:${assembly.account}:${rest}`;
  const told = misbehaviour();

  const identityOf = (from: string): string => {
    const [address, ...domains] = possibleIdentities(addressOf(from));
    return [address!, ...domains].find((identity) => identities.has(identity)) ?? domains[0] ?? address!;
  };

  const play = (message: CapturedMessage, event: PlayedEvent): void => {
    const at = new Date(clock.now()).toISOString();
    inbox.note(message, { type: event.type, at, ...(event.link !== undefined && { link: event.link }) });
    const document = emailEvent(message, event, {
      at,
      account: assembly.account,
      identityArn: arn(`identity/${identityOf(message.from)}`),
      feedbackId: ids.uuid(),
    });
    if (isSuppressing(event) && !SIMULATOR.test(message.to)) suppressed.add(message.to);
    for (const { configurationSet, types, topicArn } of destinations) {
      if (configurationSet !== message.tags['ses:configuration-set'] || !types.includes(event.type)) continue;
      const publication = { message: JSON.stringify(document), subject: 'Amazon SES Email Event Notification' };
      topics.publishAs('ses.amazonaws.com', arn(`configuration-set/${configurationSet}`), topicArn, publication);
    }
  };

  /** What happens without anybody's doing, by recipient; the simulator's addresses behave as AWS describes them. */
  const deliver = (message: CapturedMessage): void => {
    play(message, { type: 'send' });
    const simulated = SIMULATOR.exec(message.to)?.[1]?.toLowerCase();
    if (suppressed.has(message.to))
      play(message, { type: 'bounce', bounceType: 'Permanent', bounceSubType: 'OnAccountSuppressionList' });
    else if (simulated === 'suppressionlist')
      play(message, { type: 'bounce', bounceType: 'Permanent', bounceSubType: 'Suppressed' });
    else if (simulated === 'bounce') play(message, { type: 'bounce' });
    else {
      play(message, { type: 'delivery' });
      if (simulated === 'complaint') play(message, { type: 'complaint' });
    }
  };

  const send = (body: JsonObject): AwsAnswer => {
    const mode = told.next();
    if (mode === 'throttle') throw new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429);
    if (mode === 'error-500')
      throw new AwsError('InternalServiceErrorException', 'The local cloud was told to fail', 500);
    if (mode === 'paused') throw new AwsError('SendingPausedException', 'Email sending is disabled.', 400);
    const email = readEmail(body);
    if (mode === 'reject')
      throw new AwsError('MessageRejected', 'The message can not be sent because it contains invalid content.', 400);
    check(email);
    const providerMessageId = `0100${ids.uuid()}-000000`;
    meter.email();
    for (const to of email.recipients) {
      const message = inbox.add({
        channel: 'email',
        to: addressOf(to),
        from: email.from,
        subject: email.subject,
        text: email.text,
        html: email.html,
        headers: email.headers,
        tags: {
          ...email.tags,
          ...(email.configurationSet !== undefined && { 'ses:configuration-set': email.configurationSet }),
        },
        messageId: email.tags['godwit_message'] ?? email.headers['godwit_message'],
        providerMessageId,
        at: new Date(clock.now()).toISOString(),
      });
      log(`inbox: email to ${message.to}: ${message.subject}`);
      clock.at(clock.now(), () => deliver(message));
    }
    return mode === 'time-out-after-accepting'
      ? { body: undefined, isHanging: true }
      : { body: { MessageId: providerMessageId } };
  };

  const check = (email: Email): void => {
    if (email.configurationSet !== undefined && !configurationSets.has(email.configurationSet)) {
      throw new AwsError('NotFoundException', `Configuration set <${email.configurationSet}> does not exist.`, 404);
    }
    const identity = identityOf(email.from);
    if (identities.size > 0 && !identities.has(identity)) {
      throw new AwsError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${assembly.region.toUpperCase()}: ${email.from}`,
        400,
      );
    }
  };

  return {
    channel: 'email',
    signingName: 'ses',
    playable: ['open', 'click', 'bounce', 'complaint', 'delivery', 'deliveryDelay', 'reject'],
    play,
    behave: told.behave,
    service: {
      protocol: 'restJson',
      throttleCode: 'TooManyRequestsException',
      operationOf: sesOperation,
      checks({ operation, body }: AwsCall): Check[] {
        if (operation !== 'SendEmail') return [{ action: `ses:${operation}`, resource: '*' }];
        const from = String(body['FromEmailAddress']);
        const context = { 'ses:fromaddress': bareAddress(from) };
        const set = body['ConfigurationSetName'];
        return [
          { action: 'ses:SendEmail', resource: arn(`identity/${identityOf(from)}`), context },
          ...(set === undefined
            ? []
            : [{ action: 'ses:SendEmail', resource: arn(`configuration-set/${String(set)}`), context }]),
        ];
      },
      async answer({ operation, body, path }: AwsCall): Promise<AwsAnswer> {
        const address = String(body['EmailAddress'] ?? path[4]).toLowerCase();
        switch (operation) {
          case 'SendEmail':
            return send(body);
          case 'PutSuppressedDestination':
            suppressed.add(address);
            return { body: {} };
          case 'DeleteSuppressedDestination':
            if (!suppressed.delete(address))
              throw new AwsError(
                'NotFoundException',
                `Email address ${address} does not exist on your suppression list.`,
                404,
              );
            return { body: {} };
          case 'GetSuppressedDestination':
            if (!suppressed.has(address))
              throw new AwsError(
                'NotFoundException',
                `Email address ${address} does not exist on your suppression list.`,
                404,
              );
            return {
              body: {
                SuppressedDestination: { EmailAddress: address, Reason: 'BOUNCE', LastUpdateTime: clock.now() / 1000 },
              },
            };
          default:
            throw new AwsError('BadRequestException', `The local cloud does not know SES ${operation}`, 400);
        }
      },
    },
  };
}

/**
 * The address, its domain, and every domain above, longest first: a verified domain sends from its subdomains too [E11].
 * Which identity's ARN the role must hold then is not documented; the one that is verified is taken here.
 */
function possibleIdentities(address: string): string[] {
  const labels = address.slice(address.indexOf('@') + 1).split('.');
  return [address, ...labels.map((_, index) => labels.slice(index).join('.'))];
}

function sesOperation(method: string, path: string[]): string | undefined {
  const route = `${method} ${path.slice(0, 4).join('/')}`;
  return {
    'POST v2/email/outbound-emails': 'SendEmail',
    'PUT v2/email/suppression/addresses': 'PutSuppressedDestination',
    'GET v2/email/suppression/addresses': 'GetSuppressedDestination',
    'DELETE v2/email/suppression/addresses': 'DeleteSuppressedDestination',
  }[route];
}

function eventDestinations({ assembly }: ProviderSurroundings): Destination[] {
  return assembly.ofType('AWS::SES::ConfigurationSetEventDestination').flatMap((resource) => {
    const destination = resource.properties['EventDestination'] as JsonObject;
    if (destination['Enabled'] === false || destination['CloudWatchDestination'] !== undefined) return [];
    const sns = destination['SnsDestination'] as JsonObject | undefined;
    if (!sns) throw new Error(`${resource.logicalId}: the local cloud knows SES event destinations of SNS only`);
    return [
      {
        configurationSet: String(resource.properties['ConfigurationSetName']),
        types: ((destination['MatchingEventTypes'] ?? []) as Json[]).map((type) => camelCase(String(type))),
        topicArn: String(sns['TopicARN']),
      },
    ];
  });
}

function camelCase(type: string): string {
  return /^[A-Z_]+$/.test(type)
    ? type.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    : type;
}
