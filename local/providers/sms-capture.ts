/** End User Messaging SMS: takes SendTextMessage, keeps what would have been sent, plays what phones and carriers do. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { JsonObject } from '../assembly/read-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { CapturedMessage } from '../inbox/inbox.ts';
import { misbehaviour } from './misbehaviour.ts';
import type { PlayedEvent, ProviderBehaviour, ProviderCapture, ProviderSurroundings } from './provider-capture.ts';
import { inboundMessage, textEvent, textEvents } from './sms-event.ts';

interface Destination {
  configurationSet: string;
  types: string[];
  topicArn: string;
}

/** What a phone may answer by a button; `reply` takes any text. */
const answers: Record<string, string> = { stop: 'STOP', start: 'START' };

export function captureSms(around: ProviderSurroundings): ProviderCapture {
  const { assembly, inbox, topics, clock, ids, log } = around;
  const destinations = eventDestinations(around);
  const configurationSets = new Set(assembly.ofType('AWS::SMSVOICE::ConfigurationSet').map((set) => set.name));
  /** The account's opt-out list: nothing is sent to who is on it (user guide, "Opt-out lists"). */
  const optedOut = new Set<string>();
  const arn = (rest: string): string => `arn:aws:sms-voice:${assembly.region}:${assembly.account}:${rest}`;
  const told = misbehaviour();

  const publish = (source: string, topicArn: string, document: object): void =>
    topics.publishAs('sms-voice.amazonaws.com', source, topicArn, { message: JSON.stringify(document) });

  const play = (message: CapturedMessage, event: PlayedEvent): void => {
    const text = event.type === 'reply' ? String(event['text'] ?? '') : answers[event.type];
    inbox.note(message, {
      type: event.type === 'reply' ? `reply ${text}` : event.type,
      at: new Date(clock.now()).toISOString(),
    });
    // AWS answers STOP by itself and tells nobody, unless opt-outs are self-managed.
    if (event.type === 'optOut') {
      optedOut.add(message.to);
      return;
    }
    if (text !== undefined) {
      // Every number is set up for two-way messages, with the topic of its configuration set.
      for (const topicArn of new Set(destinations.map((one) => one.topicArn)))
        publish(arn('phone-number/local'), topicArn, inboundMessage(message, text, ids.uuid()));
      return;
    }
    const played = textEvents[event.type];
    if (!played) throw new Error(`SMS has no event ${event.type}; it has ${Object.keys(textEvents).join(', ')}`);
    for (const { configurationSet, types, topicArn } of destinations) {
      if (configurationSet !== message.tags['ConfigurationSetName'] || !types.includes(played.eventType)) continue;
      publish(arn(`configuration-set/${configurationSet}`), topicArn, textEvent(message, played, clock.now()));
    }
  };

  const send = (body: JsonObject): AwsAnswer => {
    const mode = told.next();
    misbehave(mode);
    const to = String(body['DestinationPhoneNumber'] ?? '');
    check(body, to);
    const providerMessageId = ids.uuid();
    const message = inbox.add({
      channel: 'sms',
      to,
      from: String(body['OriginationIdentity'] ?? ''),
      subject: '',
      text: String(body['MessageBody'] ?? ''),
      html: '',
      headers: {},
      tags: Object.fromEntries(
        ['MessageType', 'ConfigurationSetName', 'TimeToLive', 'MaxPrice'].flatMap((name) =>
          body[name] === undefined ? [] : [[name, String(body[name])]],
        ),
      ),
      messageId: (body['Context'] as Record<string, string> | undefined)?.['godwit_message'],
      providerMessageId,
      at: new Date(clock.now()).toISOString(),
    });
    log(`inbox: sms to ${message.to}: ${message.text}`);
    clock.at(clock.now(), () => {
      play(message, { type: 'pending' });
      play(message, { type: 'delivered' });
    });
    return mode === 'time-out-after-accepting'
      ? { body: undefined, isHanging: true }
      : { body: { MessageId: providerMessageId } };
  };

  const check = (body: JsonObject, to: string): void => {
    const text = body['MessageBody'];
    if (!/^\+?[1-9][0-9]{1,18}$/.test(to)) throw invalid('DestinationPhoneNumber');
    if (typeof text !== 'string' || text.length < 1 || text.length > 1600) throw invalid('MessageBody');
    const ttl = body['TimeToLive'];
    if (ttl !== undefined && !(Number(ttl) >= 5 && Number(ttl) <= 259_200)) throw invalid('TimeToLive');
    if (Object.keys((body['Context'] ?? {}) as object).length > 5) throw invalid('Context');
    const set = body['ConfigurationSetName'];
    if (set !== undefined && !configurationSets.has(String(set)))
      throw new AwsError('ResourceNotFoundException', 'A requested resource couldn’t be found.', 400, {
        ResourceType: 'configuration-set',
      });
    if (optedOut.has(to))
      throw new AwsError('ConflictException', 'The destination phone number is opted out.', 400, {
        Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT',
      });
  };

  return {
    channel: 'sms',
    signingName: 'sms-voice',
    playable: [...Object.keys(textEvents), ...Object.keys(answers), 'reply', 'optOut'],
    play,
    behave: told.behave,
    service: {
      protocol: 'awsJson',
      throttleCode: 'ThrottlingException',
      checks({ operation, body }: AwsCall): Check[] {
        if (operation !== 'SendTextMessage') return [{ action: `sms-voice:${operation}`, resource: '*' }];
        const set = body['ConfigurationSetName'];
        const action = 'sms-voice:SendTextMessage';
        // Whether the configuration set is looked at, too, is not documented; here it is.
        return [
          { action, resource: arn(senderResource(body)) },
          ...(set === undefined ? [] : [{ action, resource: arn(`configuration-set/${String(set)}`) }]),
        ];
      },
      async answer({ operation, body }: AwsCall): Promise<AwsAnswer> {
        if (operation === 'SendTextMessage') return send(body);
        throw new AwsError('ValidationException', `The local cloud does not know ${operation} of SMS`, 400);
      },
    },
  };
}

/** Errors of SendTextMessage (API reference of End User Messaging SMS and Voice v2). */
function misbehave(mode: ProviderBehaviour): void {
  if (mode === 'throttle') throw new AwsError('ThrottlingException', 'Rate exceeded', 400);
  if (mode === 'error-500') throw new AwsError('InternalServerException', 'The local cloud was told to fail', 500);
  if (mode === 'reject') {
    throw new AwsError('ValidationException', 'The message is refused.', 400, { Reason: 'INVALID_REQUEST' });
  }
  if (mode === 'paused') {
    throw new AwsError('ServiceQuotaExceededException', 'The monthly spend limit was reached.', 402, {
      Reason: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT',
    });
  }
}

const invalid = (field: string): AwsError =>
  new AwsError('ValidationException', `${field} is invalid`, 400, {
    Reason: 'INVALID_PARAMETER',
    Fields: [{ Name: field, Message: 'is invalid' }],
  });

/** A sender ID is one resource per country (Service Authorization Reference). */
function senderResource(body: JsonObject): string {
  const sender = String(body['OriginationIdentity'] ?? '');
  if (sender.startsWith('phone-')) return `phone-number/${sender}`;
  if (sender.startsWith('pool-')) return `pool/${sender}`;
  const country = parsePhoneNumberFromString(String(body['DestinationPhoneNumber']))?.country ?? 'ZZ';
  return `sender-id/${sender}/${country}`;
}

function eventDestinations({ assembly }: ProviderSurroundings): Destination[] {
  return assembly.ofType('AWS::SMSVOICE::ConfigurationSet').flatMap((set) =>
    ((set.properties['EventDestinations'] ?? []) as JsonObject[]).flatMap((destination) => {
      if (destination['Enabled'] === false) return [];
      const sns = destination['SnsDestination'] as JsonObject | undefined;
      if (!sns) throw new Error(`${set.logicalId}: the local cloud knows event destinations of SNS only`);
      return [
        {
          configurationSet: set.name,
          types: ((destination['MatchingEventTypes'] ?? []) as string[]).map(String),
          topicArn: String(sns['TopicArn']),
        },
      ];
    }),
  );
}
