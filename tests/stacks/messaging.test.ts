import { describe, expect, it } from 'vitest';
import type { EnvironmentInput } from '../../infra/config.ts';
import { deliveryChannels } from '../../shared/resources.ts';
import type { Settings } from '../../shared/settings.ts';
import { fullConfig, type Properties, type Synthesized, synthesize } from './synthesize.ts';

const live = synthesize(fullConfig);

function settingsOf(environment: Synthesized, name: string): Settings {
  const found = environment
    .ofType('AWS::Lambda::Function')
    .find(({ properties }) => properties['FunctionName'] === `godwit-test-${name}`)!;
  const value = found.properties['Environment'].Variables['GODWIT_SETTINGS'];
  const parts = typeof value === 'string' ? [value] : value['Fn::Join'][1];
  return JSON.parse(parts.map((part: unknown) => (typeof part === 'string' ? part : '<reference>')).join(''));
}

function sendRights(environment: Synthesized): Properties | undefined {
  return environment
    .ofType('AWS::IAM::Policy')
    .flatMap(({ properties }) => properties['PolicyDocument'].Statement)
    .find((statement: Properties) => [statement['Action']].flat().some((action) => action.startsWith('ses:')));
}

describe('delivery', () => {
  it('is a sink unless a team says otherwise (G10): no function may call SES', () => {
    const environment = synthesize({ senders: fullConfig.senders! });
    expect(settingsOf(environment, 'send-email').delivery).toEqual({ mode: 'sink', allow: [] });
    expect(sendRights(environment)).toBeUndefined();
  });

  it('live: send-email may send from our addresses, through our identities and configuration sets', () => {
    const rights = sendRights(live)!;
    expect(rights['Action']).toBe('ses:SendEmail');
    expect(rights['Condition']).toEqual({
      StringEquals: { 'ses:FromAddress': ['hello@mail.example.com', 'news@example.org'] },
    });
    expect(resourcesOf(rights)).toEqual([
      'configuration-set/godwit-test-marketing',
      'configuration-set/godwit-test-transactional',
      'identity/example.org',
      'identity/hello@mail.example.com',
      'identity/mail.example.com',
      'identity/news@example.org',
    ]);
  });

  it('live: also through the domains between a sender and the domain that is verified', () => {
    const from = 'Shop <hello@eu.shop.mail.example.com>';
    const rights = sendRights(synthesize({ ...fullConfig, senders: [{ ...fullConfig.senders![0]!, from }] }))!;
    expect(resourcesOf(rights).filter((each) => /^id/.test(each))).toEqual([
      'identity/eu.shop.mail.example.com',
      'identity/hello@eu.shop.mail.example.com',
      'identity/mail.example.com',
      'identity/shop.mail.example.com',
    ]);
  });

  it('allowlist: also to identities of those on the list, for accounts in the sandbox of SES', () => {
    const delivery: EnvironmentInput['delivery'] = {
      mode: 'allowlist',
      allow: ['@acme.example', 'me@other.example', 'host'],
    };
    const identities = resourcesOf(sendRights(synthesize({ ...fullConfig, delivery }))!).filter((each) =>
      /^id/.test(each),
    );
    expect(identities).toEqual([
      'identity/acme.example',
      'identity/example.org',
      'identity/hello@mail.example.com',
      'identity/mail.example.com',
      'identity/me@other.example',
      'identity/news@example.org',
      'identity/other.example',
    ]);
  });

  function resourcesOf(statement: Properties): string[] {
    return statement['Resource'].map((arn: string) => arn.replace(/^arn:aws:ses:eu-central-1:123456789012:/, ''));
  }
});

describe('text messages', () => {
  const smsRights = (environment: Synthesized): Properties | undefined =>
    environment
      .ofType('AWS::IAM::Policy')
      .filter(({ id }) => /SendSms/.test(id))
      .flatMap(({ properties }) => properties['PolicyDocument'].Statement)
      .find(({ Sid }: Properties) => Sid === 'SendTextMessage' || Sid === 'SendMessages');
  const sets = (environment: Synthesized) => environment.ofType('AWS::SMSVOICE::ConfigurationSet');
  const { sms } = fullConfig;

  it('go from our numbers, pools and sender IDs, and from no other of the account', () => {
    const rights = smsRights(live)!;
    expect(rights['Action']).toBe('sms-voice:SendTextMessage');
    const text = JSON.stringify(rights['Resource']);
    for (const resource of [
      'sender-id/SHOP/DE',
      `phone-number/${sms!.senders['US']}`,
      `pool/${sms!.senders['default']}`,
    ]) {
      expect(text).toContain(`:${resource}"`);
    }
    expect(text).toContain('configuration-set/godwit-test-sms"');
    expect(text.match(/sms-voice/g)).toHaveLength(4);
  });

  it('report how they ended to the receipts topic, and nothing on the way', () => {
    const [set, ...more] = sets(live);
    expect(more).toEqual([]);
    expect(set!.properties['ConfigurationSetName']).toBe('godwit-test-sms');
    const [destination] = set!.properties['EventDestinations'];
    expect(destination).toMatchObject({ Enabled: true, SnsDestination: { TopicArn: expect.anything() } });
    expect(destination.MatchingEventTypes).toEqual(
      expect.arrayContaining(['TEXT_DELIVERED', 'TEXT_SUCCESSFUL', 'TEXT_INVALID']),
    );
    expect(destination.MatchingEventTypes).not.toEqual(expect.arrayContaining(['TEXT_PENDING']));
  });

  it('do not go from a sink, nor where nobody has set them up', () => {
    const sink = synthesize({ sms: sms! });
    expect(smsRights(sink)).toBeUndefined();
    expect(sets(sink)).toHaveLength(1);
    const without = synthesize({ senders: fullConfig.senders! });
    expect(sets(without)).toEqual([]);
    expect(settingsOf(without, 'send-sms')).not.toHaveProperty('sms');
  });

  it('go through a project of Pinpoint, which reports nothing', () => {
    const applicationId = '0123456789abcdef0123456789abcdef';
    const pinpoint = synthesize({
      delivery: { mode: 'live' },
      sms: { transport: 'pinpoint', applicationId, senders: { default: 'SHOP' } },
    });
    expect(smsRights(pinpoint)!['Action']).toBe('mobiletargeting:SendMessages');
    expect(JSON.stringify(smsRights(pinpoint)!['Resource'])).toContain(`apps/${applicationId}/messages`);
    expect(sets(pinpoint)).toEqual([]);
    expect(settingsOf(pinpoint, 'send-sms').sms).toMatchObject({ transport: 'pinpoint', application: applicationId });
  });
});

describe('push notifications', () => {
  const pushRights = (environment: Synthesized): Properties[] =>
    environment
      .ofType('AWS::IAM::Policy')
      .filter(({ id }) => /SendPush/.test(id))
      .flatMap(({ properties }) => properties['PolicyDocument'].Statement)
      .filter(({ Sid }: Properties) => Sid === 'SendMessages');
  const app = '0123456789abcdef0123456789abcdef';

  it('go by our application, and by no other of the account', () => {
    const [rights, ...more] = pushRights(synthesize({ ...fullConfig, push: { app } }));
    expect(more).toEqual([]);
    expect(rights).toMatchObject({ Action: 'mobiletargeting:SendMessages' });
    expect(rights!['Resource']).toMatch(new RegExp(`:mobiletargeting:eu-central-1:123456789012:apps/${app}/messages$`));
  });

  it('make the application when they are told to, which stays when the stack goes', () => {
    const [made, ...more] = live.ofType('AWS::Pinpoint::App');
    expect(more).toEqual([]);
    expect(made).toMatchObject({ deletionPolicy: 'Retain', properties: { Name: 'godwit-test-push' } });
    expect(JSON.stringify(pushRights(live)[0]!['Resource'])).toContain(made!.id);
    expect(synthesize({ ...fullConfig, push: { app } }).ofType('AWS::Pinpoint::App')).toEqual([]);
  });

  it('are sent by nobody in a sink, nor where they are not set up', () => {
    const { push: _, ...without } = fullConfig;
    expect(pushRights(synthesize({ ...fullConfig, delivery: { mode: 'sink' } }))).toEqual([]);
    expect(pushRights(synthesize(without))).toEqual([]);
  });

  it('tell the application to nobody but who sends them', () => {
    const environment = synthesize({ ...fullConfig, push: { app } });
    expect(settingsOf(environment, 'send-push').push).toEqual({ apns: 'production', application: app });
    expect(settingsOf(environment, 'api').push).toEqual({ apns: 'production' });
  });
});

describe('settings', () => {
  it('carry what the environment decided', () => {
    const core = { journalRetentionDays: 90, messageRetentionDays: 90, zone: 'Europe/Berlin', locale: 'de-DE' };
    expect(settingsOf(live, 'evaluate'), 'who makes no messages knows nobody who sends any').toEqual(core);
    expect(settingsOf(live, 'send-email')).toEqual({
      ...core,
      environment: 'test',
      delivery: { mode: 'live', allow: [] },
      senders: [
        {
          id: 'shop',
          from: 'Shop <hello@mail.example.com>',
          replyTo: 'service@example.com',
          postalAddress: 'Example Shop, 1 Harbour Street, Exampletown',
        },
        { id: 'news', from: 'news@example.org', postalAddress: 'Example News, 2 Harbour Street, Exampletown' },
      ],
      configurationSets: { marketing: 'godwit-test-marketing', transactional: 'godwit-test-transactional' },
      sms: {
        transport: 'end-user-messaging',
        configurationSet: 'godwit-test-sms',
        senders: fullConfig.sms!.senders,
        maxPrice: '0.50000',
      },
      push: { apns: 'sandbox' },
      linksBaseUrl: '<reference>',
      inbox: { origins: [], keptDays: 90 },
      retention: { logDays: 30, backupDays: 35 },
    });
  });

  it.each(deliveryChannels)('tell send-%s where links lead', (channel) => {
    const published = (environment: Synthesized) =>
      environment
        .ofType('AWS::SSM::Parameter')
        .find(({ properties }) => properties['Name'] === '/godwit/test/links/url')!.properties['Value'];
    expect(settingsOf(live, `send-${channel}`).linksBaseUrl).toBe('<reference>');
    expect(published(live)).toBe('https://links.example.com');
    expect(JSON.stringify(published(synthesize()))).toContain('ApiEndpoint');
  });
});

describe('e-mail', () => {
  const identities = live.ofType('AWS::SES::EmailIdentity');

  it('has one identity per domain, signed with 2048 bits, with a MAIL FROM of its own and no forwarding', () => {
    expect(identities.map(({ properties }) => properties)).toMatchObject([
      {
        EmailIdentity: 'mail.example.com',
        DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
        MailFromAttributes: { MailFromDomain: 'bounce.mail.example.com' },
        FeedbackAttributes: { EmailForwardingEnabled: false },
      },
      { EmailIdentity: 'example.org', MailFromAttributes: { MailFromDomain: 'return.example.org' } },
    ]);
  });

  it('uses an identity that the account has, and leaves it and its DNS alone', () => {
    const [shop, news] = fullConfig.senders!;
    const environment = synthesize({ ...fullConfig, senders: [{ ...shop!, identity: 'existing' }, news!] });
    const made = environment.ofType('AWS::SES::EmailIdentity').map(({ properties }) => properties['EmailIdentity']);
    expect(made).toEqual(['example.org']);
    const template = environment.templates['godwit-test-messaging']!;
    expect(environment.ofType('AWS::Route53::RecordSet').filter(({ stack }) => stack.endsWith('messaging'))).toEqual(
      [],
    );
    expect(JSON.stringify(template['Outputs'])).not.toContain('mail.example.com');
    expect(template['Metadata']).toMatchObject({ 'godwit:existing-identities': ['mail.example.com'] });
    expect(sendRights(environment)).toEqual(sendRights(live));
  });

  it('writes DKIM, MX and SPF into Route 53 where it may', () => {
    const records = live
      .ofType('AWS::Route53::RecordSet')
      .filter(({ stack }) => stack.endsWith('messaging'))
      .map(({ properties }) => properties);
    expect(records.map((record) => record['Type'])).toEqual(['CNAME', 'CNAME', 'CNAME', 'MX', 'TXT']);
    expect(records[3]!['ResourceRecords']).toEqual(['10 feedback-smtp.eu-central-1.amazonses.com']);
  });

  it('shows the records that somebody else has to write', () => {
    const outputs = Object.entries(live.templates['godwit-test-messaging']!['Outputs'] as Properties);
    const shown = outputs.filter(([id]) => id.startsWith('Domainexampleorg'));
    expect(shown).toHaveLength(3 + 2 + 1);
    expect(JSON.stringify(shown)).toContain('return.example.org MX 10 feedback-smtp.eu-central-1.amazonses.com');
  });

  it('reports outcomes of all mail to the topic of receipts, opens and clicks of marketing only', () => {
    const destinations = live
      .ofType('AWS::SES::ConfigurationSetEventDestination')
      .map(({ properties }) => [
        properties['ConfigurationSetName'].Ref.replace(/[0-9A-F]{8}$/, ''),
        properties['EventDestination'].MatchingEventTypes,
        JSON.stringify(properties['EventDestination'].SnsDestination),
      ]);
    const outcomes = ['delivery', 'bounce', 'complaint', 'reject', 'renderingFailure', 'deliveryDelay'];
    const topic = expect.stringContaining('topicsreceipts');
    expect(destinations).toEqual([
      ['SetMarketing', [...outcomes, 'open', 'click'], topic],
      ['SetTransactional', outcomes, topic],
    ]);
  });

  it('keeps reputation by purpose, with the pool and tracking domain of each', () => {
    const sets = live.ofType('AWS::SES::ConfigurationSet').map(({ properties }) => properties);
    expect(sets).toMatchObject([
      {
        Name: 'godwit-test-marketing',
        ReputationOptions: { ReputationMetricsEnabled: true },
        DeliveryOptions: { SendingPoolName: 'pool' },
        TrackingOptions: { CustomRedirectDomain: 'click.example.com' },
      },
      { Name: 'godwit-test-transactional', ReputationOptions: { ReputationMetricsEnabled: true } },
    ]);
    expect(sets[1]).not.toHaveProperty('TrackingOptions');
  });

  it('shows the record that a tracking domain needs', () => {
    const outputs = live.templates['godwit-test-messaging']!['Outputs'] as Properties;
    const shown = Object.values(outputs).filter(({ Value }) => JSON.stringify(Value).includes('awstrack.me'));
    expect(shown.map(({ Value }) => Value)).toEqual(['click.example.com CNAME r.eu-central-1.awstrack.me']);
  });
});
