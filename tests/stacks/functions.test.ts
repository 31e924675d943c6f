import { describe, expect, it } from 'vitest';
import { deployedFunctions, duties, type FunctionName, type TableName, tablesOf } from '../../infra/functions.ts';
import { deliveryChannels, files, variables } from '../../shared/resources.ts';
import { fullConfig, type Properties, type Resource, synthesize } from './synthesize.ts';

const environment = synthesize(fullConfig);
const functions = environment.ofType('AWS::Lambda::Function');
const byName = (name: string) =>
  functions.find(({ properties }) => properties['FunctionName'] === `godwit-test-${name}`)!;

function statementsOf(found: Resource): Properties[] {
  const role = found.properties['Role']['Fn::GetAtt'][0];
  return environment
    .ofType('AWS::IAM::Policy')
    .filter(
      ({ stack, properties }) =>
        stack === found.stack && properties['Roles'].some((r: Properties) => r['Ref'] === role),
    )
    .flatMap(({ properties }) => properties['PolicyDocument'].Statement);
}

const knownLengths: Readonly<Record<string, number>> = {
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
  'AWS::Region': 'ap-southeast-2'.length,
  'AWS::AccountId': 12,
};

/** A value of the template with every other reference at its longest: 80 characters, the limit of a queue's name. */
function longest(value: unknown): string {
  if (typeof value === 'string') return value;
  const known = knownLengths[String((value as Properties)['Ref'])];
  if (known !== undefined) return 'x'.repeat(known);
  const { 'Fn::Join': join } = value as Properties;
  return join === undefined ? 'x'.repeat(80) : join[1].map(longest).join(join[0]);
}

describe('functions', () => {
  it('are those of the table, send once per channel', () => {
    const names = functions.map(({ properties }) => properties['FunctionName']).sort();
    expect(names).toEqual(deployedFunctions.map(({ deployed }) => `godwit-test-${deployed}`).sort());
    expect(names).toHaveLength(Object.keys(duties).length - 1 + deliveryChannels.length);
  });

  it.each(deployedFunctions)('$deployed: Node 24 on arm64, JSON logs of a set life, its duty', ({ deployed, name }) => {
    const { properties, stack } = byName(deployed);
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: duties[name].timeoutSeconds,
      MemorySize: duties[name].memoryMb,
      RecursiveLoop: duties[name].recursive ? 'Allow' : 'Terminate',
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN', ApplicationLogLevel: 'INFO' },
    });
    const logGroup = environment
      .ofType('AWS::Logs::LogGroup')
      .find((group) => group.stack === stack && group.id === properties['LoggingConfig'].LogGroup.Ref)!;
    expect(logGroup.properties['RetentionInDays']).toBe(30);
  });

  const inChain: FunctionName[] = ['evaluate', 'arm-timers', 'wake-soon', 'wake-cohort', 'send', 'receipts'];
  it.each([...inChain, 'settle-undelivered' as const])('%s may be part of a long chain of calls', (name) => {
    expect(duties[name].recursive).toBe(true);
  });

  it('whatever channel has templates may look items up in collections, and read nothing else there', () => {
    const rights = deliveryChannels.map((channel) => [channel, tablesOf(duties.send, channel).collections]);
    const expected = deliveryChannels.map((channel) => [channel, channel === 'webhook' ? undefined : ['BatchGetItem']]);
    expect(rights).toEqual(expected);
  });

  it('fit into 4 KB of environment, with the longest names and as many shards and senders as may be', () => {
    const postalAddress = 'x'.repeat(36);
    const largest = synthesize({
      ...fullConfig,
      prefix: 'a234567890123456',
      mailboxShards: 4,
      retention: { journalDays: 3650, messageDays: 3650, jobDays: 3650, answerDays: 45 },
      delivery: { mode: 'allowlist', allow: ['@example.com'] },
      senders: Array.from({ length: 8 }, (_, n) => ({
        ...fullConfig.senders![1]!,
        id: `sender-${n}`,
        from: 'A name <news@example.org>',
        postalAddress,
      })),
    });
    // All but the last bytes of what config.ts lets pass.
    const sizes = largest.ofType('AWS::Lambda::Function').map(({ properties }) => {
      const given = Object.entries(properties['Environment'].Variables as Properties);
      return given.reduce((bytes, [name, value]) => bytes + name.length + longest(value).length, 0);
    });
    expect(Math.max(...sizes)).toBeGreaterThan(3000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
  });
});

describe('rights', () => {
  // Of a folder of the bucket the wildcard is what lies in it: its files have names that nobody knows before.
  it.each(deployedFunctions)('$deployed: no action and no resource with a wildcard (G11)', ({ deployed }) => {
    const folders = new RegExp(`/(${files.uploads}|${files.exports})\\*`, 'g');
    for (const statement of statementsOf(byName(deployed))) {
      const reach = JSON.stringify([statement['Action'], statement['Resource']]);
      expect(/^(Read|Write)Files$/.test(statement['Sid']) ? reach.replaceAll(folders, '') : reach).not.toContain('*');
    }
  });

  it('nobody changes or deletes what stands in the audit log', () => {
    const rights = environment
      .ofType('AWS::IAM::Policy')
      .flatMap(({ properties }) =>
        properties['PolicyDocument'].Statement.filter((one: { Sid?: string }) => one.Sid === 'TableAudit').map(
          ({ Action }: { Action: string | string[] }) => [Action].flat().sort().join(' '),
        ),
      );
    expect(rights.sort()).toEqual(['dynamodb:PutItem', 'dynamodb:PutItem', 'dynamodb:PutItem dynamodb:Query']);
  });

  it('no role has a managed policy or an inline one besides', () => {
    for (const { properties } of environment.ofType('AWS::IAM::Role')) {
      expect([properties['ManagedPolicyArns'], properties['Policies']]).toEqual([undefined, undefined]);
    }
  });

  it('every role stays within the boundary of the account', () => {
    for (const { id, properties } of environment.ofType('AWS::IAM::Role')) {
      expect([id, JSON.stringify(properties['PermissionsBoundary'])]).toEqual([
        id,
        expect.stringContaining('developers'),
      ]);
    }
  });

  it.each(deployedFunctions)(
    '$deployed: sees the variables of what it may reach, and no others (G11)',
    ({ deployed, name, channel }) => {
      const { posts = [], gauges, redrives, arms, scans, settings, checksAccess, files: folders } = duties[name];
      const expected = [
        ...Object.keys(tablesOf(duties[name], channel)).map((table) => variables[`${table as TableName}Table`]),
        ...(folders ? [variables.filesBucket] : []),
        ...(posts.includes('mailbox') ? [variables.mailboxQueues] : []),
        ...(gauges === 'mailbox' ? [variables.mailboxRoom] : []),
        ...(posts.includes('messages') ? [variables.messageQueues] : []),
        ...(posts.includes('wakes') ? [variables.wakesQueue] : []),
        ...(posts.includes('soon') ? [variables.soonQueue] : []),
        ...(posts.includes('receipts') ? [variables.receiptsQueue] : []),
        ...(redrives ? [variables.deadLetterQueues] : []),
        ...(arms ? [variables.waitMachine] : []),
        ...(scans ? [variables.scanMachine] : []),
        ...(settings ? [variables.settings] : []),
        ...(checksAccess ? [variables.accessSettings] : []),
        ...(name === 'send' ? [variables.channel] : []),
        ...(name === 'canary' ? [variables.ingestUrl] : []),
        ...[variables.service, 'POWERTOOLS_METRICS_NAMESPACE'],
      ];
      expect(Object.keys(byName(deployed).properties['Environment'].Variables).sort()).toEqual(expected.sort());
    },
  );

  it.each(deployedFunctions)('$deployed: touches tables as its duty says', ({ deployed, name, channel }) => {
    const granted = statementsOf(byName(deployed))
      .filter(({ Sid }) => Sid.startsWith('Table'))
      .map(({ Sid, Action }) => [Sid.slice(5).toLowerCase(), [Action].flat().sort()]);
    const expected = Object.entries(tablesOf(duties[name], channel)).map(([table, actions]) => [
      table,
      actions.map((action) => `dynamodb:${action}`).sort(),
    ]);
    expect(Object.fromEntries(granted)).toEqual(Object.fromEntries(expected));
  });

  it('mailbox mail goes to every shard', () => {
    const statement = statementsOf(byName('ingest')).find(({ Sid }) => Sid === 'PostToMailbox')!;
    expect(statement['Action']).toBe('sqs:SendMessage');
    expect(statement['Resource']).toHaveLength(2);
  });

  it.each([
    [200, '6000'],
    [1_000, '30000'],
    [2, '1000'],
  ])(
    'who tells many leaves %i consumers room: with more than %s waiting it waits, and asks every shard',
    (evaluate, room) => {
      const other = synthesize({ ...fullConfig, mailboxShards: 3, concurrency: { evaluate } });
      const scan = other
        .ofType('AWS::Lambda::Function')
        .find(({ properties }) => properties['FunctionName'] === 'godwit-test-scan-profiles')!;
      expect(scan.properties['Environment'].Variables[variables.mailboxRoom]).toBe(room);
      const gauge = other
        .ofType('AWS::IAM::Policy')
        .flatMap(({ properties }) => properties['PolicyDocument'].Statement as { Sid: string; Resource: unknown[] }[])
        .filter(({ Sid }) => Sid === 'GaugeMailbox');
      expect(gauge).toEqual([expect.objectContaining({ Action: 'sqs:GetQueueAttributes' })]);
      expect(gauge[0]!.Resource).toHaveLength(3);
    },
  );

  it('who decides may not send, and who sends may not decide', () => {
    const actions = (name: string) => statementsOf(byName(name)).flatMap(({ Action }) => Action);
    expect(actions('evaluate').filter((action) => action.startsWith('ses:'))).toEqual([]);
    expect(duties.send.tables?.profiles).toEqual(['GetItem']);
    expect(duties.send.tables?.journal).toBeUndefined();
  });
});
