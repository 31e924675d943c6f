import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as sesv2 from '@aws-sdk/client-sesv2';
import * as stepfunctions from '@aws-sdk/client-sfn';
import * as sqs from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { verbs } from '../../cli/verbs.ts';
import { deployedFunctions } from '../../infra/functions.ts';
import type { MetricName } from '../../shared/app/ports.ts';
import { routes } from '../../shared/http/route-table.ts';
import { tables } from '../../shared/resources.ts';
import { fullConfig, synthesize } from '../stacks/synthesize.ts';
import { readDocument, root } from './documents.ts';
import { codeSpans, linksOf, splitCode } from './markdown.ts';

const environment = synthesize(fullConfig);
const pages = readdirSync(join(root, 'docs/runbooks'))
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -'.md'.length));
const read = (page: string) => readDocument(`docs/runbooks/${page}.md`);
const linkedFromReadme = linksOf(read('README')).map((link) => link.replace(/\.md$/, ''));

const alarms = environment
  .ofType('AWS::CloudWatch::Alarm')
  .map(({ properties }) => properties)
  .map(({ AlarmName, AlarmDescription }) => ({
    name: AlarmName as string,
    runbook: /docs\/runbooks\/([a-z-]+)\.md/.exec(AlarmDescription)?.[1] ?? '',
  }));

describe('alarms and runbooks', () => {
  it.each(alarms)('$name leads to a page that is there, and that the list of all pages has', ({ runbook }) => {
    expect(pages).toContain(runbook);
    expect(linkedFromReadme).toContain(runbook);
  });

  it.each(pages)('%s is led to by an alarm or by the list', (page) => {
    expect([...alarms.map(({ runbook }) => runbook), ...linkedFromReadme]).toContain(page);
  });

  it.each(alarms)('$name is named on its page', ({ name, runbook }) => {
    const bare = name.slice('godwit-test-'.length);
    const general = [
      bare,
      bare.replace(/^mailbox-\d+/, 'mailbox-<n>'),
      bare.replace(/^messages-[a-z-]+-age$/, 'messages-<channel>-age'),
      bare.replace(/^.*-errors$/, '<function>-errors'),
      bare.replace(/^.*-dead-not-empty$/, '<queue>-dead-not-empty'),
    ];
    expect(codeSpans(read(runbook)).filter((span) => general.includes(span))).not.toEqual([]);
  });
});

describe('a page', () => {
  it.each(pages)('%s says what to do in this order, and briefly', (page) => {
    const text = read(page);
    const order = ['# ', '**Symptom.**', '**What customers notice.**', '## Look', '## Decide', 'ct\n', '## Verify'];
    const places = order.map((part) => text.indexOf(part === 'ct\n' ? /## .*[Aa]ct\n/.exec(text)![0] : part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it.each(['README', ...pages])('%s has commands that a shell can read', (page) => {
    for (const { language, text } of splitCode(read(page)).blocks) {
      expect(language).toBe('bash');
      // Placeholders would be redirections.
      const filled = text.replace(/<[\w .-]+>/g, 'X');
      expect(spawnSync('bash', ['-n'], { input: filled, encoding: 'utf8' }).stderr).toBe('');
    }
  });
});

/** Commands of all pages: lines of blocks, and what stands between backticks. */
const commands = ['README', ...pages].flatMap((page) => {
  const text = read(page);
  const lines = [...splitCode(text).blocks.flatMap((block) => block.text.split('\n')), ...codeSpans(text)];
  return lines.map((line) => line.replace(/(^|\s)#.*$/, ''));
});
/** First arguments of one of the functions that the README defines, where they are written out. */
const argumentsOf = (name: string, argument = 1): string[] => {
  const call = new RegExp(`(?<!(?:aws|dlq) )(?<=^|[\\s;(|])${name}((?: +[^\\s;|)"']+){${argument}})`, 'g');
  const found = commands.flatMap((line) => [...line.matchAll(call)].map((match) => match[1]!.trim().split(/ +/)));
  return [...new Set(found.map((words) => words[argument - 1]!).filter((word) => !/[$<{`]/.test(word)))];
};

const queues = environment
  .ofType('AWS::SSM::Parameter')
  .flatMap(({ properties }) => /\/queues\/(.+)$/.exec(properties['Name'])?.[1] ?? []);
const functions = deployedFunctions.map(({ deployed }) => deployed);
const metricNames: Record<MetricName, true> = {
  RecordsParked: true,
  RecordsFailed: true,
  EffectsRefused: true,
  EffectsRepeated: true,
  StatsLost: true,
  MessagesSent: true,
  MessagesNotSent: true,
  MessagesFailed: true,
  MessagesUnknown: true,
  MessagesSettled: true,
  MessagesUnsettled: true,
  AnswersLate: true,
  MessagesRetried: true,
  MessagesPaced: true,
  MessagesParked: true,
  ProviderDown: true,
  ProviderMisconfigured: true,
  OptOutsLearntLate: true,
  PushCredentialsRefused: true,
  WakesLate: true,
  SweepFound: true,
  CanarySilent: true,
  EventsAccepted: true,
  EventsRejected: true,
  IntakeLost: true,
  AuditOutcomesLost: true,
  ReceiptsReceived: true,
  ReceiptsIgnored: true,
  ReceiptsFailed: true,
};

describe('what the commands name is there', () => {
  it.each<[string, readonly string[], least: number]>([
    ['depth', queues, 8],
    ['peek', queues, 1],
    ['redrive', queues, 3],
    ['table', Object.keys(tables), 3],
    ['logs', functions, 6],
    ['measure', functions, 3],
    ['mappings', functions, 4],
    ['count', Object.keys(metricNames), 8],
  ])('%s', (name, known, least) => {
    const named = argumentsOf(name);
    expect(named.length).toBeGreaterThanOrEqual(least);
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('godwit: verbs', () => {
    const called = commands.flatMap((line) => [...line.matchAll(/\bgodwit ([a-z-]+)/g)].map((match) => match[1]!));
    const known = Object.keys(verbs);
    expect(called.length).toBeGreaterThan(5);
    expect(called.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('api: methods and paths are routes', () => {
    const calls = commands.flatMap((line) =>
      [...line.matchAll(/(?:^|[\s(])api ([A-Z]+) "?(\/[^\s"')]+)/g)].map((match) => [match[1]!, match[2]!] as const),
    );
    const known = routes.map(({ method, path }) => ({
      method,
      pattern: new RegExp(`^${path.replace(/[.+]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
    }));
    const unknown = calls.filter(
      ([method, path]) => !known.some((one) => one.method === method && one.pattern.test(path.split('?')[0]!)),
    );
    expect(calls.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });

  it('aws: operations of the services whose clients are here', () => {
    const clients: Record<string, object> = { dynamodb, sesv2, sqs, stepfunctions };
    const calls = commands.flatMap((line) =>
      [...line.matchAll(/\baws (\w+) ([a-z-]+)/g)].map((match) => [match[1]!, match[2]!] as const),
    );
    const known = calls.filter(([service]) => service in clients);
    expect(new Set(known.map(([service]) => service)).size).toBe(4);
    const commandOf = (name: string) =>
      `${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Command`;
    expect(known.filter(([service, name]) => !(commandOf(name) in clients[service]!))).toEqual([]);
  });

  it('the output with the address of the API, and whatever has a name of its own', () => {
    expect(Object.keys(environment.templates['godwit-test-api']!['Outputs'])).toEqual(
      expect.arrayContaining(['ApiUrl', 'FirstKey']),
    );
    const named = commands.flatMap((line) =>
      [...line.matchAll(/\$NAME-([a-z]+(?:-[a-z]+)*)/g)].map((match) => `godwit-test-${match[1]}`),
    );
    const own = [
      ...Object.keys(environment.templates),
      ...environment.resources.flatMap(({ properties }) => [
        properties['FunctionName'],
        properties['StateMachineName'],
        ...(properties['ReputationOptions'] === undefined ? [] : [properties['Name']]),
      ]),
    ];
    expect(new Set(named).size).toBeGreaterThan(5);
    expect(named.filter((name) => !own.includes(name))).toEqual([]);
  });
});
