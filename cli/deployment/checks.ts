import type { Templates } from './assembly.ts';

/** One thing that must be so, and what to do when it is not. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly todo?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of many services, of which a check reads a few fields
type Json = any;

/** The outside, as far as checks look at it. */
export interface Outside {
  /** AWS CLI 2 with `--output json`; undefined when there is no such thing, throws what else goes wrong. */
  aws(...words: string[]): Promise<Json | undefined>;
  /** Text records of a name, each joined; none when there are none. */
  txt(name: string): Promise<readonly string[]>;
  cname(name: string): Promise<readonly string[]>;
  readonly nodeVersion: string;
}

const ok = (name: string, found: string): Check => ({ name, state: 'ok', found });
const warn = (name: string, found: string, todo: string): Check => ({ name, state: 'warn', found, todo });
const fail = (name: string, found: string, todo: string): Check => ({ name, state: 'fail', found, todo });

/** Types are stripped by Node from this version on, without a flag (Node.js, "Modules: TypeScript"). */
const leastNode = [22, 18] as const;

export function checkNode({ nodeVersion }: Outside): Check {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  const isEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  if (isEnough) return ok('node', nodeVersion);
  return fail('node', nodeVersion, `install Node.js ${leastNode.join('.')} or newer, or run npm ci, which brings one`);
}

export async function checkCredentials({ aws }: Outside): Promise<Check> {
  const caller = await aws('sts', 'get-caller-identity');
  const todo = 'log in (aws sso login, aws configure), and choose the profile with AWS_PROFILE';
  if (caller === undefined) return fail('credentials', 'none', todo);
  return ok('credentials', `account ${caller.Account}`);
}

export async function checkBootstrap({ aws }: Outside): Promise<Check> {
  const answer = await aws('cloudformation', 'describe-stacks', '--stack-name', 'CDKToolkit');
  const status: string | undefined = answer?.Stacks?.[0]?.StackStatus;
  if (status !== undefined && /COMPLETE$/.test(status) && !/DELETE|ROLLBACK_COMPLETE$/.test(status)) {
    return ok('bootstrap', `CDKToolkit is ${status}`);
  }
  return fail(
    'bootstrap',
    status ?? 'there is no stack CDKToolkit',
    'run npx cdk bootstrap, once for an account and region',
  );
}

/** Functions share what the account may run at once; new accounts have 10 (Lambda, "Lambda quotas"). */
export async function checkConcurrency({ aws }: Outside, templates: Templates): Promise<Check> {
  const answer = await aws('lambda', 'get-account-settings');
  const limit: number = answer?.AccountLimit?.ConcurrentExecutions ?? 0;
  const wanted = concurrencies(templates).reduce((sum, one) => sum + one, 0);
  const todo = `ask for more: Service Quotas, Lambda, "Concurrent executions" (at least ${wanted + 100})`;
  if (limit <= 50) return fail('concurrency', `${limit} functions at once`, todo);
  if (limit < wanted + 100)
    return warn('concurrency', `${limit} at once, what works off queues may take ${wanted}`, todo);
  return ok('concurrency', `${limit} functions at once`);
}

function concurrencies(templates: Templates): number[] {
  return resourcesOf(templates, 'AWS::Lambda::EventSourceMapping').map((properties) =>
    Number((properties as Json)['ScalingConfig']?.MaximumConcurrency ?? 0),
  );
}

const isLive = (templates: Templates): boolean => /\\"mode\\":\\"live\\"/.test(JSON.stringify(templates));

/** "Request production access", SES: in the sandbox only verified recipients, 200 mails a day, one a second. */
export async function checkSes({ aws }: Outside, templates: Templates): Promise<Check[]> {
  const account = await aws('sesv2', 'get-account');
  if (account === undefined)
    return [fail('ses', 'no answer', 'SES must be there in the region, and callers may ses:GetAccount')];
  const { ProductionAccessEnabled, SendingEnabled, EnforcementStatus, SendQuota = {} } = account;
  const quota = `${SendQuota.Max24HourSend} mails a day, ${SendQuota.MaxSendRate} a second`;
  const access = 'SES console, Account dashboard, "Request production access"; it takes about a day';
  const sandbox = isLive(templates)
    ? fail('ses.sandbox', 'in the sandbox, while delivery.mode is live', access)
    : warn('ses.sandbox', 'in the sandbox: only to verified addresses', access);
  return [
    ProductionAccessEnabled ? ok('ses.sandbox', 'out of it') : sandbox,
    ok('ses.quota', quota),
    SendingEnabled !== false && (EnforcementStatus ?? 'HEALTHY') === 'HEALTHY'
      ? ok('ses.sending', 'healthy')
      : fail(
          'ses.sending',
          `${EnforcementStatus}, sending ${SendingEnabled ? 'on' : 'off'}`,
          'see the mails of AWS about it',
        ),
  ];
}

/** Which domains the stacks send from, made by them or there before. */
export function domainsOf(templates: Templates): string[] {
  const made = resourcesOf(templates, 'AWS::SES::EmailIdentity').map((one) => String(one['EmailIdentity']));
  const there = Object.values(templates).flatMap(
    ({ Metadata }) => (Metadata?.['godwit:existing-identities'] ?? []) as string[],
  );
  return [...new Set([...made, ...there])].sort();
}

/** RFC 7489 for DMARC; SES, "Authenticating email with DKIM" and "Using a custom MAIL FROM domain" (whose TXT record is SPF). */
export async function checkDomain(outside: Outside, domain: string): Promise<Check[]> {
  const identity = await outside.aws('sesv2', 'get-email-identity', '--email-identity', domain);
  const dmarc = (await outside.txt(`_dmarc.${domain}`)).some((text) => /^v=DMARC1\b/i.test(text));
  const checks = [
    dmarc
      ? ok(`dmarc ${domain}`, 'published')
      : warn(
          `dmarc ${domain}`,
          'no policy',
          `write TXT _dmarc.${domain} "v=DMARC1; p=none": large providers ask for one`,
        ),
  ];
  if (identity === undefined) {
    const todo = 'deploy; then write the records that are outputs of the messaging stack, and call this again';
    return [warn(`identity ${domain}`, 'SES does not know it yet', todo), ...checks];
  }
  return [...(await checkIdentity(outside, domain, identity)), ...checks];
}

async function checkIdentity({ cname, txt }: Outside, domain: string, identity: Json): Promise<Check[]> {
  const { VerifiedForSendingStatus: isVerified, DkimAttributes: dkim = {}, MailFromAttributes: from = {} } = identity;
  const tokens: string[] = dkim.Tokens ?? [];
  const found = await Promise.all(tokens.map((token) => cname(`${token}._domainkey.${domain}`)));
  const missing = tokens.filter((_, index) => found[index]!.length === 0);
  const write = `write CNAME ${missing[0]}._domainkey.${domain} to ${missing[0]}.dkim.amazonses.com, and the others`;
  const mailFrom: string | undefined = from.MailFromDomain;
  const spf = mailFrom === undefined ? [] : await txt(mailFrom);
  const hasSpf = spf.some((text) => /^v=spf1\b.*\binclude:amazonses\.com\b/i.test(text));
  return [
    isVerified
      ? ok(`identity ${domain}`, 'verified')
      : fail(`identity ${domain}`, `DKIM ${dkim.Status}`, 'nothing is sent from it until SES finds the records'),
    missing.length === 0
      ? ok(`dkim ${domain}`, `${tokens.length} records`)
      : fail(`dkim ${domain}`, `${missing.length} of ${tokens.length} records are missing`, write),
    mailFrom === undefined
      ? warn(`spf ${domain}`, 'no MAIL FROM domain of its own', 'set mailFrom of the sender: SPF is then aligned')
      : hasSpf
        ? ok(`spf ${domain}`, `of ${mailFrom}`)
        : fail(`spf ${domain}`, `${mailFrom} has none`, `write TXT ${mailFrom} "v=spf1 include:amazonses.com ~all"`),
  ];
}

/** End User Messaging, "SMS sandbox" and "spending limits". Only where the stacks send text messages. */
export async function checkSms({ aws }: Outside, templates: Templates): Promise<Check[]> {
  if (resourcesOf(templates, 'AWS::SMSVOICE::ConfigurationSet').length === 0 && !usesSms(templates)) return [];
  const attributes = await aws('pinpoint-sms-voice-v2', 'describe-account-attributes');
  const limits = await aws('pinpoint-sms-voice-v2', 'describe-spend-limits');
  const tier: string =
    attributes?.AccountAttributes?.find(({ Name }: Json) => Name === 'ACCOUNT_TIER')?.Value ?? 'unknown';
  const text = limits?.SpendLimits?.find(({ Name }: Json) => Name === 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT');
  const spend = `${text?.EnforcedLimit ?? '?'} of at most ${text?.MaxLimit ?? '?'} US dollars a month`;
  return [
    tier === 'PRODUCTION'
      ? ok('sms.sandbox', 'out of it')
      : warn('sms.sandbox', tier, 'End User Messaging console, "Exit SMS sandbox"'),
    (text?.EnforcedLimit ?? 0) > 1
      ? ok('sms.spend', spend)
      : warn('sms.spend', spend, 'ask for a higher limit: what is beyond is refused'),
  ];
}

const usesSms = (templates: Templates): boolean => /sms-voice:SendTextMessage/.test(JSON.stringify(templates));

function resourcesOf(templates: Templates, type: string): Readonly<Record<string, unknown>>[] {
  return Object.values(templates).flatMap(({ Resources }) =>
    Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties ?? {}] : [])),
  );
}
