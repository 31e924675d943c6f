import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand, RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { search } from 'jmespath';
import type { LocalCloud } from '../../../local/cloud.ts';
import type { Figures } from './figures.ts';

type Options = Readonly<Record<string, string>>;
type Command = (options: Options) => Promise<unknown>;

/**
 * Stands in for the AWS CLI in front of the local cloud: the commands of the runbooks, their `--query` (JMESPath, as
 * "Filtering output in the AWS CLI" says) and their `--output text`. What it does not know is an error, never nothing.
 */
export class AwsCli {
  readonly #commands: Readonly<Record<string, Command>>;
  readonly #close: () => void;

  constructor(cloud: LocalCloud, figures: Figures) {
    const [sqs, tables, states] = [
      new SQSClient(cloud.operator),
      new DynamoDBClient(cloud.operator),
      new SFNClient(cloud.operator),
    ];
    this.#close = () => [sqs, tables, states].map((client) => client.destroy());
    this.#commands = { ...ofQueues(sqs), ...ofTables(tables), ...ofStates(states, cloud), ...ofCloud(cloud, figures) };
  }

  async run([service, operation, ...rest]: readonly string[]): Promise<string> {
    const command = this.#commands[`${service} ${operation}`];
    if (command === undefined) throw new Error(`no aws ${service} ${operation} here: mark it as only on AWS`);
    const { query, output = 'json', ...options } = optionsOf(rest);
    const answer: unknown = JSON.parse(JSON.stringify((await command(options)) ?? null, asBase64));
    const found = query === undefined ? answer : search(answer, query);
    if (output === 'text') return asText(found);
    return found === null ? '' : JSON.stringify(found, null, 2);
  }

  close(): void {
    this.#close();
  }
}

/** `--name value value` and `--flag`; what stands alone, as the file that `lambda invoke` writes, is `_`. */
function optionsOf(words: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  let name = '';
  for (const word of words) {
    if (word.startsWith('--')) {
      name = word.slice(2);
      options[name] = '';
    } else if (name === '' || word === '/dev/stdout') options['_'] = word;
    else options[name] = options[name] === '' ? word : `${options[name]} ${word}`;
  }
  return options;
}

/** Rows by line, what is in a row by tab, nothing as None. */
function asText(found: unknown): string {
  const cell = (one: unknown): string =>
    one === null ? 'None' : typeof one === 'object' ? JSON.stringify(one) : `${one}`;
  if (!Array.isArray(found)) return cell(found);
  if (!found.some(Array.isArray)) return found.map(cell).join('\t');
  return found.map((row) => [row].flat().map(cell).join('\t')).join('\n');
}

const ofQueues = (client: SQSClient): Record<string, Command> => ({
  'sqs get-queue-url': ({ 'queue-name': QueueName }) => client.send(new GetQueueUrlCommand({ QueueName })),
  'sqs get-queue-attributes': ({ 'queue-url': QueueUrl, 'attribute-names': name }) =>
    client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name as 'All'] })),
  'sqs receive-message': ({ 'queue-url': QueueUrl, 'max-number-of-messages': most, 'visibility-timeout': seconds }) =>
    client.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl, MaxNumberOfMessages: Number(most), VisibilityTimeout: Number(seconds) },
      }),
    ),
  'sqs delete-message': ({ 'queue-url': QueueUrl, 'receipt-handle': ReceiptHandle }) =>
    client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
  'sqs start-message-move-task': ({ 'source-arn': SourceArn }) =>
    client.send(new StartMessageMoveTaskCommand({ SourceArn })),
});

const ofTables = (client: DynamoDBClient): Record<string, Command> => ({
  'dynamodb get-item': ({ 'table-name': TableName, key }) =>
    client.send(new GetItemCommand({ TableName, Key: JSON.parse(key!) })),
  'dynamodb scan': (options) =>
    client.send(
      new ScanCommand({
        TableName: options['table-name'],
        FilterExpression: options['filter-expression'],
        ProjectionExpression: options['projection-expression'],
        ExpressionAttributeNames:
          options['expression-attribute-names'] && JSON.parse(options['expression-attribute-names']),
        ExpressionAttributeValues:
          options['expression-attribute-values'] && JSON.parse(options['expression-attribute-values']),
      }),
    ),
});

const ofStates = (client: SFNClient, { assembly }: LocalCloud): Record<string, Command> => ({
  'stepfunctions list-state-machines': async () => ({
    stateMachines: assembly
      .ofType('AWS::StepFunctions::StateMachine')
      .map(({ name, arn }) => ({ name, stateMachineArn: arn })),
  }),
  'stepfunctions list-executions': (options) =>
    client.send(
      new ListExecutionsCommand({
        stateMachineArn: options['state-machine-arn'],
        statusFilter: options['status-filter'] as 'FAILED',
        maxResults: Number(options['max-items']),
      }),
    ),
  'stepfunctions redrive-execution': ({ 'execution-arn': executionArn }) =>
    client.send(new RedriveExecutionCommand({ executionArn })),
});

const ofCloud = (cloud: LocalCloud, figures: Figures): Record<string, Command> => ({
  'ssm get-parameter': async ({ name }) => {
    const Value = cloud.assembly.parameters.get(name!);
    if (Value === undefined) throw new Error(`ParameterNotFound: ${name}`);
    return { Parameter: { Name: name, Value } };
  },
  'cloudformation describe-stacks': async ({ 'stack-name': stack }) => ({
    Stacks: [
      {
        StackName: stack,
        StackStatus: 'CREATE_COMPLETE',
        // All APIs of the local cloud share one address.
        Outputs: [{ OutputKey: 'ApiUrl', OutputValue: cloud.api }],
      },
    ],
  }),
  'lambda invoke': async ({ 'function-name': name, payload }) =>
    cloud.invoke(name!, payload === undefined ? {} : JSON.parse(payload)),
  'lambda list-event-source-mappings': async ({ 'function-name': name }) => ({
    EventSourceMappings: cloud
      .eventSources()
      .filter(({ pool }) => pool.definition.name === name)
      .map(({ id, isEnabled, queue }) => ({
        ...{ UUID: id, State: isEnabled ? 'Enabled' : 'Disabled', EventSourceArn: queue.settings.arn },
      })),
  }),
  'lambda update-event-source-mapping': async (options) => {
    const source = cloud.eventSources().find(({ id }) => id === options['uuid']);
    if (source === undefined) throw new Error(`ResourceNotFoundException: ${options['uuid']}`);
    source.enable('enabled' in options);
    return { UUID: source.id, State: source.isEnabled ? 'Enabling' : 'Disabling' };
  },
  'logs filter-log-events': async (options) => ({ events: eventsOf(cloud, options) }),
  'cloudwatch get-metric-statistics': async (options) => ({ Datapoints: pointsOf(figures, options) }),
});

/** Patterns of any of these terms: `?ERROR ?WARN` (CloudWatch Logs, "Filter pattern syntax"). */
function eventsOf(cloud: LocalCloud, options: Options): object[] {
  const group = options['log-group-name']!;
  const terms = options['filter-pattern']!.split(' ').map((term) => term.replace(/^\?/, ''));
  if (!group.startsWith('/aws/lambda/') || terms.some((term) => !/^\w+$/.test(term))) {
    throw new Error(`no such logs here: ${group} ${options['filter-pattern']}`);
  }
  const from = Number(options['start-time']);
  return cloud
    .traces()
    .filter(({ kind, of, at, text }) => {
      if (kind !== 'log' || of !== group.slice('/aws/lambda/'.length) || at < from) return false;
      return terms.some((term) => text.includes(term));
    })
    .map(({ at, text }) => ({ timestamp: at, message: text }));
}

function pointsOf(figures: Figures, options: Options): object[] {
  const [periodMs, from, to] = ['period', 'start-time', 'end-time'].map((name) => Number(options[name]) * 1_000) as [
    number,
    number,
    number,
  ];
  const dimensions = options['dimensions']!.split(' ')
    .map((pair) => /^Name=(.+),Value=(.+)$/.exec(pair)!)
    .map(([, name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
  const found = figures
    .list(options['namespace']!)
    .filter((one) => one.namespace === options['namespace'] && one.name === options['metric-name'])
    .filter((one) => one.dimensions === dimensions && one.at >= from && one.at < to);
  const periods = Map.groupBy(found, ({ at }) => Math.floor(at / periodMs) * periodMs);
  return [...periods].map(([at, points]) => ({
    Timestamp: new Date(at).toISOString(),
    Sum: points.reduce((sum, { value }) => sum + value, 0),
    Maximum: Math.max(...points.map(({ value }) => value)),
  }));
}

/** As the command line prints bytes (AWS CLI, "Controlling command output"). */
const asBase64 = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
