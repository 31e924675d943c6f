import { describe, expect, it } from 'vitest';
import type { Template, Templates } from '../../cli/deployment/assembly.ts';
import {
  checkBootstrap,
  checkConcurrency,
  checkCredentials,
  checkDomain,
  checkNode,
  checkSes,
  checkSms,
  domainsOf,
  type Outside,
} from '../../cli/deployment/checks.ts';
import { fullConfig, synthesize } from '../stacks/synthesize.ts';
import { answering } from './answering.ts';

const templates = synthesize(fullConfig).templates as unknown as Record<string, Template> as Templates;

/** Answers by operation, in the form of the reference of AWS CLI 2; an operation that is not there knows nothing. */
function outside(answers: Record<string, object>, dns: Record<string, string[]> = {}): Outside {
  return {
    nodeVersion: 'v24.21.0',
    aws: async (_service, operation) => answers[operation!],
    txt: async (name) => dns[name] ?? [],
    cname: async (name) => dns[name] ?? [],
  };
}
const states = (checks: readonly { name: string; state: string }[]) => checks.map(({ name, state }) => [name, state]);

describe('this machine and the account', () => {
  it.each([
    ['v24.21.0', 'ok'],
    ['v22.18.0', 'ok'],
    ['v22.17.1', 'fail'],
    ['v20.19.0', 'fail'],
  ])('Node %s: %s', (nodeVersion, state) => {
    expect(checkNode({ ...outside({}), nodeVersion }).state).toBe(state);
  });

  it('credentials: whose they are, or that there are none', async () => {
    const caller = { UserId: 'A:b', Account: '123456789012', Arn: 'arn:aws:sts::123456789012:assumed-role/dev/b' };
    expect(await checkCredentials(outside({ 'get-caller-identity': caller }))).toMatchObject({
      state: 'ok',
      found: 'account 123456789012',
    });
    expect(await checkCredentials(outside({}))).toMatchObject({ state: 'fail', todo: expect.any(String) });
  });

  it.each([
    ['CREATE_COMPLETE', 'ok'],
    ['UPDATE_COMPLETE', 'ok'],
    ['ROLLBACK_COMPLETE', 'fail'],
    ['DELETE_COMPLETE', 'fail'],
  ])('bootstrap %s: %s', async (StackStatus, state) => {
    expect((await checkBootstrap(outside({ 'describe-stacks': { Stacks: [{ StackStatus }] } }))).state).toBe(state);
  });

  it.each([
    [10, 'fail'],
    [150, 'warn'],
    // Two mailboxes with 100 consumers each, five channels, and what works beside them: 349, and 100 for those who wait for an answer.
    [448, 'warn'],
    [449, 'ok'],
    [1_000, 'ok'],
  ])('%i functions at once: %s', async (ConcurrentExecutions, state) => {
    const answer = { AccountLimit: { ConcurrentExecutions } };
    expect((await checkConcurrency(outside({ 'get-account-settings': answer }), templates)).state).toBe(state);
  });
});

describe('SES', () => {
  const account = {
    ProductionAccessEnabled: false,
    SendingEnabled: true,
    EnforcementStatus: 'HEALTHY',
    SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
  };

  it('the sandbox fails only where mail is meant to go to everybody', async () => {
    const sink = synthesize({ ...fullConfig, delivery: { mode: 'sink' } }).templates as unknown as Templates;
    const sandbox = outside({ 'get-account': account });
    expect(states(await checkSes(sandbox, templates))[0]).toEqual(['ses.sandbox', 'fail']);
    expect(states(await checkSes(sandbox, sink))[0]).toEqual(['ses.sandbox', 'warn']);
    const out = outside({ 'get-account': { ...account, ProductionAccessEnabled: true } });
    const checks = await checkSes(out, templates);
    expect(states(checks)).toEqual([
      ['ses.sandbox', 'ok'],
      ['ses.quota', 'ok'],
      ['ses.sending', 'ok'],
    ]);
    expect(checks[1]!.found).toBe('200 mails a day, 1 a second');
  });

  it('an account under review fails', async () => {
    const probation = { ...account, EnforcementStatus: 'PROBATION' };
    expect(states(await checkSes(outside({ 'get-account': probation }), templates))[2]).toEqual([
      'ses.sending',
      'fail',
    ]);
  });

  it('senders are asked for by domain', () => {
    expect(domainsOf(templates)).toEqual(['example.org', 'mail.example.com']);
  });

  const identity = {
    VerifiedForSendingStatus: true,
    DkimAttributes: { Status: 'SUCCESS', Tokens: ['one', 'two'] },
    MailFromAttributes: { MailFromDomain: 'return.example.org' },
  };
  const records = {
    'one._domainkey.example.org': ['one.dkim.amazonses.com'],
    'two._domainkey.example.org': ['two.dkim.amazonses.com'],
    'return.example.org': ['v=spf1 include:amazonses.com ~all'],
    '_dmarc.example.org': ['v=DMARC1; p=none'],
  };

  it('a domain with all its records is well', async () => {
    const checks = await checkDomain(outside({ 'get-email-identity': identity }, records), 'example.org');
    expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(['ok']));
    expect(checks).toHaveLength(4);
  });

  it.each([
    ['two._domainkey.example.org', 'dkim example.org', 'fail', /write CNAME two\._domainkey/],
    ['return.example.org', 'spf example.org', 'fail', /write TXT return\.example\.org/],
    ['_dmarc.example.org', 'dmarc example.org', 'warn', /write TXT _dmarc\.example\.org/],
  ])('without %s: %s %s, and what to write', async (missing, name, state, todo) => {
    const dns = { ...records, [missing]: [] };
    const checks = await checkDomain(outside({ 'get-email-identity': identity }, dns), 'example.org');
    expect(checks.filter((one) => one.state !== 'ok')).toEqual([
      { name, state, found: expect.any(String), todo: expect.stringMatching(todo) },
    ]);
  });

  it('one that SES does not know is made by the deployment', async () => {
    const checks = await checkDomain(outside({}, records), 'example.org');
    expect(states(checks)).toEqual([
      ['identity example.org', 'warn'],
      ['dmarc example.org', 'ok'],
    ]);
  });
});

describe('text messages', () => {
  it('sandbox and spend', async () => {
    const answers = {
      'describe-account-attributes': { AccountAttributes: [{ Name: 'ACCOUNT_TIER', Value: 'SANDBOX' }] },
      'describe-spend-limits': {
        SpendLimits: [{ Name: 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 1, MaxLimit: 1, Overridden: false }],
      },
    };
    expect(states(await checkSms(outside(answers), templates))).toEqual([
      ['sms.sandbox', 'warn'],
      ['sms.spend', 'warn'],
    ]);
  });

  it('are not asked about where there are none', async () => {
    const { sms: _, ...without } = fullConfig;
    expect(await checkSms(outside({}), synthesize(without).templates as unknown as Templates)).toEqual([]);
  });
});

describe('godwit doctor --event', () => {
  const words = 'doctor --event --ingest https://one.example';

  it('is told where, and with which key', async () => {
    const { run } = answering();
    expect((await run('doctor')).exit).toBe(2);
    expect((await run('doctor --event --ingest nowhere')).exit).toBe(2);
    expect((await run(words)).stderr).toContain('GODWIT_WRITE_KEY');
  });
});
