import type { LocalCloud } from '../../../local/cloud.ts';
import { metrics } from '../../../shared/resources.ts';

/** One figure of CloudWatch: a metric is known by its namespace, its name and all of its dimensions. */
export interface Figure {
  readonly namespace: string;
  readonly name: string;
  /** `Name=Value`, sorted, as the AWS CLI takes them. */
  readonly dimensions: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

export const dimensionsOf = (pairs: readonly (readonly [name: string, value: string])[]): string =>
  pairs
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');

interface Embedded {
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}

/** What a line of a log says in the embedded metric format (CloudWatch, "Specification: Embedded metric format"). */
function embeddedIn(text: string): Figure[] {
  if (!text.includes('"CloudWatchMetrics"')) return [];
  const { _aws, ...rest } = JSON.parse(text) as { _aws: Embedded; [field: string]: unknown };
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = dimensionsOf(names.map((name) => [name, String(rest[name])]));
      return Metrics.flatMap(({ Name: name }) =>
        [rest[name]].flat().map((value) => ({ namespace, name, dimensions, at: _aws.Timestamp, value: Number(value) })),
      );
    }),
  );
}

/**
 * The figures that CloudWatch would have of the local cloud. Our own are read from the logs, those of functions and
 * executions from what has run; of queues nobody keeps any, so they are looked at when `look` says so.
 *
 * Not there: throttling of tables, functions and executions, answers of API Gateway, reputation, spend.
 */
export class Figures {
  readonly #cloud: LocalCloud;
  readonly #own: Figure[] = [];
  readonly #queues: Figure[] = [];
  #read = 0;

  constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
  }

  /** Depth and age of all queues as they are now. */
  look(): void {
    const at = this.#cloud.now();
    for (const { name } of this.#cloud.assembly.ofType('AWS::SQS::Queue')) {
      const queue = this.#cloud.queue(name);
      const dimensions = dimensionsOf([['QueueName', name]]);
      const add = (metric: string, value: number) =>
        this.#queues.push({ namespace: 'AWS/SQS', name: metric, dimensions, at, value });
      const { visible } = queue.counts();
      if (visible > 0) add('ApproximateNumberOfMessagesVisible', visible);
      // Of a standard queue, what was received three times is left out (SQS, "Available CloudWatch metrics").
      const waiting = queue.messages().filter(({ receiveCount }) => queue.settings.fifo || receiveCount < 3);
      if (waiting.length === 0) continue;
      add('ApproximateAgeOfOldestMessage', Math.max(...waiting.map(({ sentAt }) => (at - sentAt) / 1_000)));
    }
  }

  /** Of some namespaces, or of all. */
  list(...wanted: readonly string[]): Figure[] {
    const traces = this.#cloud.traces();
    for (const { kind, text } of traces.slice(this.#read)) if (kind === 'log') this.#own.push(...embeddedIn(text));
    this.#read = traces.length;
    const is = (namespace: string): boolean => wanted.length === 0 || wanted.includes(namespace);
    return [
      ...(is(metrics.namespace) ? this.#own : []),
      ...(is('AWS/SQS') ? this.#queues : []),
      ...(is('AWS/Lambda') ? this.#ofFunctions() : []),
      ...(is('AWS/States') ? this.#ofExecutions() : []),
    ];
  }

  #ofFunctions(): Figure[] {
    return Object.entries(this.#cloud.functions()).flatMap(([functionName, { measures }]) => {
      const dimensions = dimensionsOf([['FunctionName', functionName]]);
      return measures.flatMap(({ at, invocations, errors, longestMs }) =>
        Object.entries({ Invocations: invocations, Errors: errors, Duration: longestMs }).map(([name, value]) => ({
          ...{ namespace: 'AWS/Lambda', name, dimensions, at, value },
        })),
      );
    });
  }

  #ofExecutions(): Figure[] {
    const named = { FAILED: 'ExecutionsFailed', ABORTED: 'ExecutionsAborted', TIMED_OUT: 'ExecutionsTimedOut' };
    return this.#cloud.executions().flatMap(({ machineArn, status, stoppedAt }) => {
      const name = named[status as keyof typeof named];
      if (name === undefined || stoppedAt === undefined) return [];
      const dimensions = dimensionsOf([['StateMachineArn', machineArn]]);
      return [{ namespace: 'AWS/States', name, dimensions, at: stoppedAt, value: 1 }];
    });
  }
}
