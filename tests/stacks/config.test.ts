import { describe, expect, it } from 'vitest';
import type { EnvironmentInput } from '../../infra/config.ts';
import { chooseEnvironment, readConfig, readEnvironmentConfig } from '../../infra/read-config.ts';
import { fullConfig } from './synthesize.ts';

const sender = fullConfig.senders![0]!;

describe('environment config', () => {
  it('needs nothing, and then sends nothing, keeps everything and protects it', () => {
    expect(readEnvironmentConfig({})).toMatchObject({
      prefix: 'godwit',
      removalPolicy: 'retain',
      delivery: { mode: 'sink', allow: [] },
      retention: { logDays: 30, journalDays: 90, messageDays: 90, jobDays: 90, answerDays: 28, backupDays: 35 },
      mailboxShards: 1,
      inbox: { origins: [], keptDays: 90 },
      zone: 'UTC',
      locale: 'en',
      senders: [],
    });
  });

  it('accepts an environment with everything', () => {
    expect(readEnvironmentConfig(fullConfig)).toMatchObject(fullConfig);
  });

  const withSender = (change: object) => ({ senders: [{ ...sender, ...change }] });
  const pool = 'pool-0123456789abcdef0123456789abcdef';
  const smsRefusals = (
    [
      ['no sender', { senders: {} }, 'sms.senders: needs a country, or default'],
      [
        'a country of three letters',
        { senders: { DEU: 'SHOP' } },
        "sms.senders.DEU: must be a country like DE, or 'default'",
      ],
      [
        'a number that rights cannot be given by',
        { senders: { DE: '+4915100000000' } },
        'sms.senders.DE: must be phone-…, pool-…',
      ],
      [
        'a sender ID for all countries',
        { senders: { default: 'SHOP' } },
        'sms.senders.default: must be a number or a pool',
      ],
      ['a price of nothing', { senders: { default: pool }, maxPriceUsd: 0 }, 'sms.maxPriceUsd: '],
      [
        'Pinpoint without a project',
        { transport: 'pinpoint', senders: { DE: 'SHOP' } },
        'sms.applicationId: is needed',
      ],
      [
        'a pool of Pinpoint',
        { transport: 'pinpoint', applicationId: 'a'.repeat(32), senders: { DE: pool } },
        'sms.senders.DE: must be a number or a sender ID',
      ],
      [
        'a price that Pinpoint does not know',
        { transport: 'pinpoint', applicationId: 'a'.repeat(32), senders: { DE: 'SHOP' }, maxPriceUsd: 1 },
        'sms.maxPriceUsd: must be absent',
      ],
    ] as const
  ).map(([what, sms, message]): [string, object, string] => [`text messages with ${what}`, { sms }, message]);

  const refused: [what: string, config: object, line: string][] = [
    ['an unknown key', { retenton: {} }, 'configuration: Unrecognized key: "retenton" (value: {"retenton":{}})'],
    ['a short account', { account: '1234' }, 'account: must be twelve digits (value: "1234")'],
    [
      'a zone as region',
      { region: 'eu-central-1a' },
      'region: must be a region, for example eu-central-1 (value: "eu-c',
    ],
    ['a long prefix', { prefix: 'godwit-of-marketing' }, 'to have <=16 characters (value: "godwit-of-marketing")'],
    [
      'a prefix in capitals',
      { prefix: 'Godwit' },
      'prefix: must be a-z, 0-9 and hyphens, beginning with a letter (value',
    ],
    [
      'an odd log retention',
      { retention: { logDays: 31 } },
      'retention.logDays: must be one of 1, 3, 5, 7, 14, 30, 60, ',
    ],
    [
      'a journal of half a day',
      { retention: { journalDays: 0.5 } },
      'retention.journalDays: Invalid input: expected int',
    ],
    [
      'an origin with a path',
      { inbox: { origins: ['https://shop.example/'] } },
      'inbox.origins.0: must be an origin like https://shop.example.com, without a path, or * (value',
    ],
    [
      'a role for whoever took it',
      { roles: { operator: ['arn:aws:sts::123456789012:assumed-role/Ops/ann'] } },
      'roles.operator.0: must be the ARN of a user or a role, without a path, for example',
    ],
    [
      'a role for everybody',
      { roles: { marketer: ['arn:aws:iam::123456789012:role/*'] } },
      'roles.marketer.0: must begin with three characters of a name',
    ],
    ['an unknown role', { roles: { admin: [] } }, 'roles: Unrecognized key: "admin"'],
    [
      'more principals than a function has room for',
      {
        roles: {
          marketer: Array.from({ length: 50 }, (_, n) => `arn:aws:iam::123456789012:role/Team${'x'.repeat(30)}${n}`),
        },
      },
      'roles: must fit into 3000 bytes (value: 3504)',
    ],
    ['an audit log of no day', { retention: { auditDays: 0 } }, 'retention.auditDays: '],
    ['an inbox without end', { inbox: { keptDays: 400 } }, 'inbox.keptDays: Too big: expected number to be <=365'],
    [
      'no journal (G2)',
      { retention: { journalDays: 0 } },
      'retention.journalDays: Too small: expected number to be >=1 (v',
    ],
    [
      'messages below 60 days (G3)',
      { retention: { messageDays: 59 } },
      'messageDays: Too small: expected number to be >=60',
    ],
    [
      'messages below the journal (G3)',
      { retention: { journalDays: 120 } },
      'retention.messageDays: must be at least journalDays (120) (value: 90)',
    ],
    [
      'backups over 35 days',
      { retention: { backupDays: 36 } },
      'retention.backupDays: Too big: expected number to be <=35',
    ],
    [
      'jobs that are forgotten before their executions',
      { retention: { jobDays: 89 } },
      'retention.jobDays: Too small: expected number to be >=90',
    ],
    [
      'an answer that is never due',
      { retention: { answerDays: 91 } },
      'retention.answerDays: Too big: expected number to be <=90',
    ],
    ['no mailbox', { mailboxShards: 0 }, 'mailboxShards: Too small: expected number to be >=1 (value: 0)'],
    [
      'concurrency of one',
      { concurrency: { evaluate: 1 } },
      'concurrency.evaluate: Too small: expected number to be >=2',
    ],
    ['an unknown channel', { concurrency: { send: { fax: 5 } } }, 'concurrency.send: Unrecognized key: "fax"'],
    ['an address without @', { alarmEmail: 'on-call' }, 'alarmEmail: must be an e-mail address (value: "on-call")'],
    ['an unknown zone', { zone: 'Europe/Atlantis' }, 'zone: must be a zone of the IANA database, for example Europe/B'],
    ['an offset as zone', { zone: '+01:00' }, 'for example Europe/Berlin (value: "+01:00")'],
    [
      'an unknown delivery mode',
      { delivery: { mode: 'on' } },
      'delivery.mode: Invalid option: expected one of "sink"|"al',
    ],
    [
      'an empty allowlist',
      { delivery: { mode: 'allowlist' } },
      "delivery.allow: needs an entry when mode is 'allowlist'",
    ],
    [
      'live without sender',
      { delivery: { mode: 'live' } },
      "senders: needs an entry when delivery.mode is 'live' (value: 0",
    ],
    [
      'a foreign sender',
      withSender({ from: 'a@other.com' }),
      'senders.0.from: must be an address at mail.example.com (value: "a@other.com")',
    ],
    [
      'a sender without address',
      withSender({ from: 'Shop' }),
      'senders.0.from: must be an address at mail.example.com',
    ],
    [
      'a header of its own in a name',
      withSender({ from: 'Shop\r\nBcc: x@other.com <a@mail.example.com>' }),
      'senders.0.from: must be one line',
    ],
    ['a domain that only ends alike', withSender({ from: 'a@xmail.example.com' }), '(value: "a@xmail.example.com")'],
    [
      'MAIL FROM on the domain',
      withSender({ mailFrom: sender.domain }),
      'senders.0.mailFrom: must be a subdomain of mail.',
    ],
    [
      'a short postal address',
      withSender({ postalAddress: 'here' }),
      'senders.0.postalAddress: Too small: expected stri',
    ],
    [
      'two senders of one id',
      { senders: [sender, sender] },
      'senders.1.id: is the id of senders.0 too (value: "shop")',
    ],
    [
      'two ways of DNS for one domain',
      { senders: [sender, { ...sender, id: 'b', dns: 'manual' }] },
      'senders.1.dns: must be one for all senders of mail.example.com (value: "manual")',
    ],
    [
      'one domain to create and to find',
      { senders: [sender, { ...sender, id: 'b', identity: 'existing' }] },
      'senders.1.identity: must be one for all senders of mail.example.com (value: "existing")',
    ],
    [
      'an odd identity',
      withSender({ identity: 'mine' }),
      'senders.0.identity: Invalid option: expected one of "create"|',
    ],
    [
      'a hosted zone of another domain',
      withSender({ domain: 'mail.org', from: 'a@mail.org' }),
      'senders.0.hostedZone: must hold mail.org (value: "example.com")',
    ],
    [
      'route53 without hosted zone',
      { senders: [{ ...fullConfig.senders![1]!, dns: 'route53' }] },
      "senders.0.hostedZone: is needed when dns is 'route53' (value: absent)",
    ],
    [
      'a domain without certificate',
      { domains: { api: { name: 'a.example.com' } } },
      'domains.api: needs certificateArn or hostedZone (value: "a.example.com")',
    ],
    [
      'a certificate of another region',
      { region: 'eu-west-1', domains: { api: fullConfig.domains!.api! } },
      'domains.api.certificateArn: must lie in eu-west-1, the region of the API (value: "eu-central-1")',
    ],
    [
      'one name for two APIs',
      { domains: { api: fullConfig.domains!.ingest!, ingest: fullConfig.domains!.ingest! } },
      'domains: the same name twice (value: "events.example.com")',
    ],
    [
      'a domain outside its hosted zone',
      {
        domains: { ingest: { name: 'events.shop.org', hostedZone: { id: 'Z0123456789ABC', name: 'example.com' } } },
      },
      'domains.ingest.hostedZone: must hold events.shop.org (value: "example.com")',
    ],
    [
      'a certificate of another account',
      { account: '210987654321', domains: { api: fullConfig.domains!.api! } },
      'domains.api.certificateArn: must belong to 210987654321, the account of the API (value: "123456789012")',
    ],
    [
      'a prefix that SSM keeps to itself',
      { prefix: 'aws-shop' },
      "prefix: must not begin with 'aws' or 'ssm', which SSM keeps to itself (value: \"aws-shop\")",
    ],
    [
      'a boundary that is no policy',
      { permissionsBoundary: 'arn:aws:iam::123456789012:role/developers' },
      'permissionsBoundary: must be the name or the ARN of a managed policy (value: "arn:aws:iam::123456789012:role/d',
    ],
    [
      'a boundary with a space',
      { permissionsBoundary: 'our developers' },
      'permissionsBoundary: must be the name or the ARN of a managed policy (value: "our developers")',
    ],
    [
      'a tag of AWS',
      { tags: { 'AWS:team': 'growth' } },
      'tags.AWS:team: must not begin with \'aws:\', which AWS keeps to itself (value: "AWS:team")',
    ],
    [
      'a tag with odd characters',
      { tags: { 'team?': 'growth' } },
      'tags.team?: must be letters, digits, spaces and _ . : / = + - @ (value: "team?")',
    ],
    [
      'a tag value with odd characters',
      { tags: { team: '<growth>' } },
      'tags.team: must be letters, digits, spaces and _ . : / = + - @ (value: "<growth>")',
    ],
    [
      'more tags than fit',
      { tags: Object.fromEntries(Array.from({ length: 46 }, (_, n) => [`tag-${n}`, ''])) },
      'tags: must be 45 or fewer (value: 46)',
    ],
    [
      'a pool with odd characters',
      { configurationSets: { marketing: { ipPool: 'Pool 1' } } },
      'configurationSets.marketing.ipPool: must be 1 to 64 of a-z, 0-9, _ and - (value: "Pool 1")',
    ],
    ...['*@example.com', '*.example.com', '@', 'a@b', 'https://example.com/hook', 'example.com/hook'].map(
      (entry): [string, object, string] => [
        `${entry}, which allows nobody`,
        { delivery: { mode: 'allowlist', allow: [entry] } },
        entry.length < 3
          ? 'delivery.allow.0: Too small: expected string to have >=3 characters (value: "@")'
          : `delivery.allow.0: must be an address, an @domain, a number like +14155550100, push:<token>, user:<id> or a host; there are no wildcards (value: "${entry}")`,
      ],
    ),
    ...smsRefusals,
    [
      'more senders than fit into a function',
      {
        senders: Array.from({ length: 8 }, (_, n) => ({
          ...sender,
          id: `sender-${n}`,
          postalAddress: 'x'.repeat(200),
        })),
      },
      'senders: must fit into 1100 bytes with delivery.allow, inbox.origins, sms and channels (a function has 4 KB of environment) (value: 2',
    ],
  ];

  it.each(refused)('G13 refuses %s, and names field, limit and value', (_what, config, line) => {
    expect(() => readEnvironmentConfig(config)).toThrow(line);
  });

  it.each<[string, EnvironmentInput]>([
    ['a policy name', { permissionsBoundary: 'developers' }],
    ['a policy with a path', { permissionsBoundary: 'teams/developers' }],
    ['a policy ARN', { permissionsBoundary: 'arn:aws-cn:iam::123456789012:policy/teams/developers' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CDK fills it in
    ['a policy ARN of any account', { permissionsBoundary: 'arn:aws:iam::${AWS::AccountId}:policy/developers' }],
    ['tags in any script', { tags: { 'Équipe du marché': 'växt / тест = 1 + 1' } }],
    [
      'targets',
      { delivery: { mode: 'allowlist', allow: ['Me@Example.com', '@example.com', 'hooks.example.com', 'crm'] } },
    ],
    ['an API under its zone', { domains: { api: fullConfig.domains!.links! } }],
  ])('accepts %s', (_what, config) => {
    expect(readEnvironmentConfig(config)).toMatchObject(config);
  });

  it('lists every wrong field at once', () => {
    expect(() => readEnvironmentConfig({ account: '1', region: 'x', mailboxShards: 99 })).toThrow(
      /account:.*region:.*mailboxShards:/s,
    );
  });
});

describe('project config', () => {
  const inAccount = (over: EnvironmentInput = {}): EnvironmentInput => ({ senders: [{ ...sender }], ...over });

  it('needs an environment', () => {
    expect(() => readConfig({ environments: {} })).toThrow('needs an environment');
  });

  it.each([
    ['Production', 'must be a-z, 0-9 and hyphens, beginning with a letter'],
    ['an-environment-name', 'Too big: expected string to have <=16 characters'],
    ['1st', 'must be a-z, 0-9 and hyphens, beginning with a letter'],
    ['a_b', 'must be a-z, 0-9 and hyphens, beginning with a letter'],
    ['ssm-test', "must not begin with 'aws' or 'ssm', which SSM keeps to itself"],
  ])('refuses the name %s, and says why', (name, rule) => {
    const line = `environments.${name}: ${rule} (value: "${name}")`;
    expect(() => readConfig({ environments: { [name]: {} } })).toThrow(line);
  });

  it('refuses one domain name for two environments in one account and region', () => {
    const { links } = fullConfig.domains!;
    const domains = (over: EnvironmentInput = {}): EnvironmentInput => ({ domains: { links: links! }, ...over });
    expect(() => readConfig({ environments: { dev: domains(), prod: { domains: { api: links! } } } })).toThrow(
      'environments.prod.domains.api.name: belongs to dev in the same account and region: each environment needs names of its own (value: "links.example.com")',
    );
    const apart = { dev: domains({ region: 'eu-west-1' }), prod: domains({ region: 'eu-central-1' }) };
    expect(Object.keys(readConfig({ environments: apart }).environments)).toEqual(['dev', 'prod']);
  });

  it('chooses the first environment, or the one that is asked for', () => {
    const config = readConfig({ environments: { dev: { locale: 'de' }, staging: { locale: 'fr' } } });
    expect(chooseEnvironment(config)).toMatchObject({ environment: 'dev', config: { locale: 'de' } });
    expect(chooseEnvironment(config, 'staging')).toMatchObject({ environment: 'staging', config: { locale: 'fr' } });
    expect(() => chooseEnvironment(config, 'prod')).toThrow('-c env=prod: the configuration has dev, staging');
    expect(() => chooseEnvironment(config, 'constructor')).toThrow('-c env=constructor');
  });

  it('refuses one sending domain for two environments in one account and region', () => {
    const environments = { dev: inAccount(), staging: inAccount() };
    expect(() => readConfig({ environments })).toThrow('environments.staging.senders: belongs to dev');
  });

  it('accepts one sending domain for two environments when one at most creates it', () => {
    const existing: EnvironmentInput = { senders: [{ ...sender, identity: 'existing' }] };
    const environments = { dev: inAccount(), staging: existing, prod: existing };
    expect(Object.keys(readConfig({ environments }).environments)).toEqual(['dev', 'staging', 'prod']);
  });

  it('accepts one sending domain in two accounts', () => {
    const environments = { dev: inAccount({ account: '111111111111' }), prod: inAccount({ account: '222222222222' }) };
    expect(Object.keys(readConfig({ environments }).environments)).toEqual(['dev', 'prod']);
  });
});
