import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { LocalCloud } from '../../local/cloud.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { type CompiledCatalog, compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import { tableOf } from './witness.ts';

/** Who is on call: redrives what was given up, and looks into tables. Their own calls never fail. */
export class Operator {
  readonly #redriven = { redriven: 0, 'executions redriven': 0, 'dead letters': 0 };
  readonly #givenUp = new Set<string>();
  readonly #cloud: LocalCloud;
  readonly #queues: SQSClient;
  readonly #machines: SFNClient;
  readonly #tables: DynamoDBClient;
  #catalog: CompiledCatalog | undefined;

  constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.#queues = new SQSClient(cloud.operator);
    this.#machines = new SFNClient(cloud.operator);
    this.#tables = new DynamoDBClient(cloud.operator);
  }

  get done(): Readonly<Record<string, number>> {
    return { ...this.#redriven, 'scans of a night given up': this.#givenUp.size };
  }

  /** Sends what lies in dead-letter queues back to where it comes from, and lets failed executions go on. */
  async redrive(): Promise<number> {
    let redriven = 0;
    for (const queue of this.#deadLetterQueues()) {
      const waiting = queue.counts().visible;
      if (waiting === 0) continue;
      await this.#queues.send(new StartMessageMoveTaskCommand({ SourceArn: queue.settings.arn }));
      this.#redriven['dead letters'] += waiting;
      redriven += waiting;
    }
    for (const { arn, name, state, status } of this.#cloud.executions()) {
      if (status !== 'FAILED' && status !== 'TIMED_OUT') continue;
      if (hasGivenUp(name, state)) {
        this.#givenUp.add(arn);
        continue;
      }
      await this.#machines.send(new RedriveExecutionCommand({ executionArn: arn }));
      this.#redriven['executions redriven'] += 1;
      redriven += 1;
    }
    this.#redriven.redriven += redriven;
    return redriven;
  }

  /** Messages anywhere, and executions that are not at their end although nothing keeps them. */
  left(): { readonly what: string; readonly count: number }[] {
    const queues = this.#queueNames().map((name) => ({ what: name, count: this.#cloud.queue(name).messages().length }));
    const overdue = this.#cloud
      .executions()
      .filter(
        ({ name, state, status, wakeAt = 0 }) =>
          (status === 'FAILED' && !hasGivenUp(name, state)) || (status === 'RUNNING' && wakeAt < this.#cloud.now()),
      )
      .map(({ name, state, status, error }) => ({
        what: `execution ${name}, ${status} at ${state} ${error ?? ''}`,
        count: 1,
      }));
    return [...queues, ...overdue].filter(({ count }) => count > 0);
  }

  async *scan(table: string): AsyncGenerator<Record<string, unknown>> {
    let ExclusiveStartKey: Record<string, never> | undefined;
    do {
      const page = await this.#tables.send(
        new ScanCommand({ TableName: tableOf(this.#cloud, table), ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
      );
      for (const item of page.Items ?? []) yield unmarshall(item);
      ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /** As it is now; compiled once for each epoch. */
  async catalog(): Promise<CompiledCatalog> {
    const store = catalogStore(this.#tables, tableOf(this.#cloud, 'Catalog'));
    if (this.#catalog?.epoch !== (await store.readEpoch('newest')))
      this.#catalog = compileCatalog(await store.readSnapshot());
    return this.#catalog;
  }

  #queueNames = (): string[] => this.#cloud.assembly.ofType('AWS::SQS::Queue').map(({ name }) => name);

  #deadLetterQueues() {
    const all = this.#queueNames().map((name) => this.#cloud.queue(name));
    const dead = new Set(all.map(({ settings }) => settings.deadLetter?.arn));
    return all.filter(({ settings, onVisible }) => dead.has(settings.arn) && onVisible === undefined);
  }
}

/**
 * The scan of a night whose task failed until its tries were used up: its job is over, nobody can redrive it, and that of
 * the next night does its work (docs/runbooks/scans-failed.md). The last sweep of a run must have ended well.
 */
const hasGivenUp = (name: string, state: string): boolean => state === 'Failed' && /^(sweep|statistics)-\d/.test(name);
