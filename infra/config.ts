import * as z from 'zod';
import { defaultDays, deliveryChannels } from '../shared/resources.ts';
import type { Sender as SenderSettings } from '../shared/settings.ts';
import { Roles } from './access-config.ts';
import { Push } from './push-config.ts';
import { Channels, checkSending, WarmUp } from './sending-config.ts';
import { Sms } from './sms-config.ts';

/**
 * Everything a team decides about an environment. Synthesis checks it, so that a wrong value stops on the desk of the
 * person who wrote it, with the field, the limit and the value, and not half-way through a deployment.
 */

/** Retention periods that CloudWatch Logs accepts (API PutRetentionPolicy). */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const Label = z.string().regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, 'must be a-z, 0-9 and hyphens, beginning with a letter');
/** Part of every parameter's name; SSM refuses names that begin with these (API PutParameter). */
const PhysicalName = Label.max(16).regex(
  /^(?!aws|ssm)/,
  "must not begin with 'aws' or 'ssm', which SSM keeps to itself",
);
const DomainName = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'must be a domain name in lower case, for example example.com',
  );
const Address = z.email('must be an e-mail address');
const HostedZone = z.strictObject({
  id: z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'must be the id of a hosted zone, for example Z0123456789ABC'),
  name: DomainName,
});

/** A name of our own for an HTTP API; one of certificate and hosted zone is needed, with a zone both are made. */
const CustomDomain = z
  .strictObject({
    name: DomainName,
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[a-f0-9-]+$/, 'must be the ARN of an ACM certificate')
      .exactOptional(),
    hostedZone: HostedZone.exactOptional(),
  })
  .check(({ value, issues }) => {
    if (value.certificateArn === undefined && value.hostedZone === undefined) {
      issues.push({ code: 'custom', message: 'needs certificateArn or hostedZone', input: value.name });
    }
    if (value.hostedZone !== undefined && !isWithin(value.name, value.hostedZone.name)) {
      const message = `must hold ${value.name}`;
      issues.push({ code: 'custom', message, input: value.hostedZone.name, path: ['hostedZone'] });
    }
  });

const Sender = z
  .strictObject({
    id: Label.max(32),
    /** `Acme <news@example.com>` or the bare address. */
    from: z
      .string()
      .max(200)
      .regex(/^[^\p{Cc}]*$/u, 'must be one line without control characters'),
    replyTo: Address.max(200).exactOptional(),
    /** Domain that SES verifies; the address in `from` lies in it or below it. */
    domain: DomainName,
    /**
     * `create`: the messaging stack makes the identity of `domain`, and fails if the account has one in this region, as
     * whoever sent by SES or Pinpoint before does. `existing`: it is used as it is, with its DKIM, MAIL FROM and feedback
     * forwarding; `dns`, `hostedZone` and `mailFrom` then say nothing.
     */
    identity: z.enum(['create', 'existing']).default('create'),
    /** `route53`: records are written into `hostedZone`; `manual`: they are outputs of the messaging stack. */
    dns: z.enum(['route53', 'manual']).default('manual'),
    hostedZone: HostedZone.exactOptional(),
    /** MAIL FROM domain, below `domain`: SPF then aligns with the sender (RFC 7208, DMARC). */
    mailFrom: DomainName.exactOptional(),
    /** Physical address in the footer: marketing mail must show one (CAN-SPAM §5(a)(5)). */
    postalAddress: z.string().min(10).max(200),
    /** Of a domain that nobody knows yet: so many messages a day, transactional ones first (docs/sending.md). */
    warmUp: WarmUp.exactOptional(),
  })
  .check(({ value, issues }) => {
    const refuse = (field: string, message: string, input: unknown) =>
      issues.push({ code: 'custom', message, input, path: [field] });
    const domain = addressOf(value.from)?.split('@')[1];
    if (domain === undefined || !isWithin(domain, value.domain)) {
      refuse('from', `must be an address at ${value.domain}`, value.from);
    }
    if (value.mailFrom !== undefined && (value.mailFrom === value.domain || !isWithin(value.mailFrom, value.domain))) {
      refuse('mailFrom', `must be a subdomain of ${value.domain}`, value.mailFrom);
    }
    if (value.dns === 'route53' && value.hostedZone === undefined) {
      refuse('hostedZone', "is needed when dns is 'route53'", value.hostedZone);
    }
    if (value.hostedZone !== undefined && !isWithin(value.domain, value.hostedZone.name)) {
      refuse('hostedZone', `must hold ${value.domain}`, value.hostedZone.name);
    }
  });

const ConfigurationSet = z.strictObject({
  /** Dedicated IP pool of SES; without one the shared addresses of SES send. */
  ipPool: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/, 'must be 1 to 64 of a-z, 0-9, _ and -')
    .exactOptional(),
  /**
   * Domain of open and click links; without one SES's own shows. SES must have verified it, or a domain above it, before
   * the configuration set is made with it, and refuses the deployment otherwise (SES API, InvalidTrackingOptions): leave
   * it out until the domain of a new sender is verified. Links work once its CNAME to `r.<region>.awstrack.me` is there,
   * which is an output of the messaging stack (SES, "Configuring custom domains to handle open and click tracking").
   */
  trackingDomain: DomainName.exactOptional(),
});

/** What is left of a function's 4 KB of environment (Lambda quotas) beside four mailboxes and all tables. */
const PEOPLE_BYTES = 1_100;

/** What functions know of senders; the rest is between us and DNS. */
export function sendersForFunctions(senders: readonly z.infer<typeof Sender>[]): SenderSettings[] {
  return senders.map(({ id, from, replyTo, postalAddress, warmUp }) => ({
    id,
    from,
    ...(replyTo === undefined ? {} : { replyTo }),
    postalAddress,
    ...(warmUp === undefined ? {} : { warmUp }),
  }));
}

/** A twentieth must be something (shared/app/access/key-rate.ts). */
const PerMinute = z.number().int().min(20).max(10_000_000);

const Throttle = z.strictObject({
  /** Requests a second, for the whole API (HTTP APIs know no throttle per client). */
  rate: z.number().int().min(1).max(10_000),
  burst: z.number().int().min(1).max(5_000),
});

/** IAM's characters (API CreatePolicy), after a path if there is one; CDK fills in `${AWS::…}`. */
const PermissionsBoundary = z
  .string()
  .max(2048)
  .regex(
    /^(arn:(aws[a-z-]*|\$\{AWS::Partition\}):iam::(\d{12}|aws|\$\{AWS::AccountId\}):policy\/)?([\w+=,.@-]{1,128}\/)*[\w+=,.@-]{1,128}$/,
    'must be the name or the ARN of a managed policy',
  );

/** Letters, digits, spaces and these signs are what every service takes (Tagging AWS Resources, "Tag naming limits"). */
const tagText = /^[\p{L}\p{N}\p{Zs}_.:/=+@-]*$/u;
const Tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(tagText, 'must be letters, digits, spaces and _ . : / = + - @')
      .regex(/^(?!aws:)/i, "must not begin with 'aws:', which AWS keeps to itself"),
    z.string().max(256).regex(tagText, 'must be letters, digits, spaces and _ . : / = + - @'),
  )
  .check(({ value, issues }) => {
    // 50 fit a resource; CDK and the environment add some.
    const count = Object.keys(value).length;
    if (count > 45) issues.push({ code: 'custom', message: 'must be 45 or fewer', input: count });
  });

/** What shared/app/delivery-mode.ts compares with: there are no wildcards. */
const AllowedTarget = z
  .string()
  .min(3)
  .max(1_100)
  .refine((entry) => {
    if (/^push:[\x21-\x7E]+$/.test(entry) || /^user:\S.{0,255}$/.test(entry)) return true;
    if (entry.length > 254) return false;
    const target = entry.trim().replace(/^@/, 'somebody@');
    if (target.startsWith('+')) return /^\+[1-9]\d{6,14}$/.test(target);
    return target.includes('@') ? Address.safeParse(target).success : /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(target);
  }, 'must be an address, an @domain, a number like +14155550100, push:<token>, user:<id> or a host; there are no wildcards');

/** As browsers write the header Origin (RFC 6454 6.2). */
const Origin = z
  .string()
  .max(200)
  .regex(
    /^(\*|https:\/\/[a-z0-9.-]+(:\d{1,5})?|http:\/\/localhost(:\d{1,5})?)$/,
    'must be an origin like https://shop.example.com, without a path, or *',
  );

/** MaximumConcurrency of an event source: 2 to 1,000 (Lambda, "Configuring scaling for SQS"). */
const Concurrency = z.number().int().min(2).max(1_000);

export const EnvironmentConfig = z
  .strictObject({
    /** Without account and region the stacks deploy wherever the credentials point. */
    account: z
      .string()
      .regex(/^\d{12}$/, 'must be twelve digits')
      .exactOptional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, for example eu-central-1')
      .exactOptional(),
    /** First part of every physical name; two installations in one account need two. */
    prefix: PhysicalName.default('godwit'),
    /** Name or ARN of a managed policy. */
    permissionsBoundary: PermissionsBoundary.exactOptional(),
    tags: Tags.default({}),
    /** `retain` also protects tables, queues and stacks against deletion. */
    removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
    retention: z
      .strictObject({
        logDays: z.literal(logRetentionDays, `must be one of ${logRetentionDays.join(', ')}`).default(30),
        /** How long a repeated event is known as such (G2) and a reason can be asked for (G7). */
        journalDays: z.number().int().min(1).max(3650).default(90),
        /** Claims guard against handing a message over twice (G3); never below the journal's. */
        messageDays: z.number().int().min(60).max(3650).default(90),
        /** Of the audit log; `none`: entries do not end. */
        auditDays: z.union([z.literal('none'), z.number().int().min(1).max(3650)]).default(400),
        /**
         * Jobs, with the certificates of erasures; never less than the 90 days for which Step Functions knows the name of an
         * execution (StartExecution), or a job that is asked for again would not begin.
         */
        jobDays: z.number().int().min(90).max(3650).default(defaultDays.job),
        /**
         * Within which a customer has their answer, as certificates say. One month by the law, at its shortest, unless yours says
         * otherwise (GDPR, Article 12(3): three when it is extended; CCPA, 1798.130: 45 days, twice).
         */
        answerDays: z.number().int().min(1).max(90).default(defaultDays.answer),
        /** Point-in-time recovery; erased data stays restorable for as long (G12). */
        backupDays: z.number().int().min(1).max(35).default(35),
      })
      .check(({ value, issues }) => {
        if (value.messageDays < value.journalDays) {
          issues.push({
            code: 'custom',
            message: `must be at least journalDays (${value.journalDays})`,
            input: value.messageDays,
            path: ['messageDays'],
          });
        }
      })
      .prefault({}),
    /** `false`: what an older release can read. For the first deployment of an upgrade that may have to be rolled back. */
    compressProfiles: z.boolean().default(true),
    /** Alarms go here; the address must confirm a mail from SNS once. */
    alarmEmail: Address.exactOptional(),
    /** Change it only while the mailbox is drained: a profile's mail must stay in one queue. */
    mailboxShards: z.number().int().min(1).max(4).default(1),
    concurrency: z
      .strictObject({
        evaluate: Concurrency.default(200),
        send: z.partialRecord(z.enum(deliveryChannels), Concurrency).default({}),
        receipts: Concurrency.default(20),
      })
      .prefault({}),
    throttle: z
      .strictObject({
        ingest: Throttle.default({ rate: 1_000, burst: 2_000 }),
        api: Throttle.default({ rate: 50, burst: 100 }),
        /** Of one key: events, or requests, a minute. Absent: no limit but those above. */
        perKey: z.strictObject({ ingest: PerMinute.exactOptional(), api: PerMinute.exactOptional() }).default({}),
      })
      .prefault({}),
    domains: z
      .strictObject({
        ingest: CustomDomain.exactOptional(),
        api: CustomDomain.exactOptional(),
        links: CustomDomain.exactOptional(),
      })
      .check(({ value, issues }) => {
        const names = Object.values(value).map((domain) => domain.name);
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined) issues.push({ code: 'custom', message: 'the same name twice', input: twice });
      })
      .default({}),
    senders: z.array(Sender).max(8).default([]),
    /** How fast, by channel and sender. */
    channels: Channels.default({}),
    /** Absent: no text messages. */
    sms: Sms.exactOptional(),
    /** Absent: no push notifications. */
    push: Push.exactOptional(),
    configurationSets: z
      .strictObject({ marketing: ConfigurationSet.default({}), transactional: ConfigurationSet.default({}) })
      .prefault({}),
    /**
     * `sink`: nothing leaves (the default, so that a new environment cannot write to customers by accident);
     * `allowlist`: only to `allow`; `live`: to everybody.
     */
    delivery: z
      .strictObject({
        mode: z.enum(['sink', 'allowlist', 'live']).default('sink'),
        allow: z.array(AllowedTarget).max(50).default([]),
      })
      .check(({ value, issues }) => {
        if (value.mode === 'allowlist' && value.allow.length === 0) {
          issues.push({
            code: 'custom',
            message: "needs an entry when mode is 'allowlist'",
            input: [],
            path: ['allow'],
          });
        }
      })
      .prefault({}),
    /**
     * So many hours after it became so, a message that is `unknown` is counted as one of which nothing will be heard
     * (docs/receipts.md). One that is heard of later is settled all the same.
     */
    unknownAfterHours: z.number().int().min(1).max(72).default(6),
    /** Sends an event of nobody every five minutes, and raises an alarm when it is not decided; about 7 cents a month. */
    canary: z.boolean().default(true),
    /** Messages that apps fetch (docs/in-app.md). */
    inbox: z
      .strictObject({
        /** Of the web pages that may call `/inbox`; apps that are no web pages need none. */
        origins: z.array(Origin).max(20).default([]),
        /** How long a message is kept whose template does not say. */
        keptDays: z.number().int().min(1).max(365).default(90),
      })
      .prefault({}),
    /**
     * Who of the AWS account may open a session, and as what (docs/access.md). The ARN of a user or of a role, without its path;
     * `*` stands for characters of a name. They also need `execute-api:Invoke` on the route.
     */
    roles: Roles.default({}),
    /** `second-person`: a journey goes live only when somebody else has approved this very draft. `-everywhere`: so with what is live once it is saved, and with broadcasts. */
    approval: z.enum(['none', 'second-person', 'second-person-everywhere']).default('none'),
    zone: z.string().refine(isZone, 'must be a zone of the IANA database, for example Europe/Berlin').default('UTC'),
    locale: z
      .string()
      .max(35)
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'must be a BCP 47 tag, for example en or pt-BR')
      .default('en'),
  })
  .check(({ value, issues }) => {
    const refuse = (path: (string | number)[], message: string, input: unknown) =>
      issues.push({ code: 'custom', message, input, path });
    value.senders.forEach((sender, index) => {
      const first = value.senders.findIndex((other) => other.id === sender.id);
      if (first !== index) refuse(['senders', index, 'id'], `is the id of senders.${first} too`, sender.id);
      const same = value.senders.find((other) => other.domain === sender.domain)!;
      for (const field of ['identity', 'dns', 'mailFrom'] as const) {
        if (same[field] === sender[field]) continue;
        refuse(['senders', index, field], `must be one for all senders of ${sender.domain}`, sender[field]);
      }
    });
    checkSending(value, refuse);
    if (value.delivery.mode === 'live' && value.senders.length === 0 && value.sms === undefined) {
      refuse(['senders'], "needs an entry when delivery.mode is 'live'", value.senders.length);
    }
    for (const [name, domain] of Object.entries(value.domains)) {
      const [, , , region, account] = domain.certificateArn?.split(':') ?? [];
      const certificate = ['domains', name, 'certificateArn'];
      if (region !== undefined && value.region !== undefined && region !== value.region) {
        refuse(certificate, `must lie in ${value.region}, the region of the API`, region);
      }
      if (account !== undefined && value.account !== undefined && account !== value.account) {
        refuse(certificate, `must belong to ${value.account}, the account of the API`, account);
      }
    }
    const size = Buffer.byteLength(
      JSON.stringify([
        sendersForFunctions(value.senders),
        value.delivery.allow,
        value.inbox.origins,
        value.sms ?? null,
        value.channels,
      ]),
    );
    if (size > PEOPLE_BYTES) {
      const limit = `must fit into ${PEOPLE_BYTES} bytes with delivery.allow, inbox.origins, sms and channels (a function has 4 KB of environment)`;
      refuse(['senders'], limit, size);
    }
  });

export type EnvironmentConfig = z.infer<typeof EnvironmentConfig>;
export type EnvironmentInput = z.input<typeof EnvironmentConfig>;

/** Part of every physical name. */
export const EnvironmentName = PhysicalName;

/** The first environment is the default one. */
export const GodwitConfig = z
  .strictObject({
    environments: z
      .record(EnvironmentName, EnvironmentConfig)
      .refine((environments) => Object.keys(environments).length > 0, 'needs an environment'),
  })
  .check(({ value, issues }) => {
    // SES and API Gateway know a domain once per account and region; the second stack would fail to create it.
    const owners = new Map<string, string>();
    for (const [name, { account = '', region = '', senders, domains }] of Object.entries(value.environments)) {
      const claim = (kind: string, domain: string, path: string[], way: string) => {
        const place = `${account}/${region}/${kind}/${domain}`;
        const owner = owners.get(place);
        owners.set(place, owner ?? name);
        if (owner === undefined) return;
        const message = `belongs to ${owner} in the same account and region: ${way}`;
        issues.push({ code: 'custom', message, input: domain, path: ['environments', name, ...path] });
      };
      const created = senders.filter(({ identity }) => identity === 'create');
      for (const domain of new Set(created.map((sender) => sender.domain))) {
        claim('sender', domain, ['senders'], "use a subdomain, another account, or identity: 'existing'");
      }
      for (const [api, domain] of Object.entries(domains)) {
        claim('api', domain.name, ['domains', api, 'name'], 'each environment needs names of its own');
      }
    }
  });
export type GodwitConfig = z.infer<typeof GodwitConfig>;

/** The bare address of `Name <address>` or of an address. */
export function addressOf(from: string): string | undefined {
  const bare = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
  return Address.safeParse(bare).success ? bare : undefined;
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Z]/.test(zone);
  } catch {
    return false;
  }
}
