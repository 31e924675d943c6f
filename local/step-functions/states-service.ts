import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { Execution, Executions } from './executions.ts';

/** Step Functions over its JSON protocol. */
export class StatesService implements AwsService {
  readonly protocol = 'awsJson';
  readonly throttleCode = 'ThrottlingException';
  readonly #executions: Executions;
  readonly #now: () => number;

  constructor(executions: Executions, now: () => number) {
    this.#now = now;
    this.#executions = executions;
  }

  checks({ operation, body }: AwsCall): Check[] {
    const resource = String(body['executionArn'] ?? body['stateMachineArn'] ?? '*');
    return [{ action: `states:${operation}`, resource }];
  }

  async answer({ operation, body }: AwsCall): Promise<AwsAnswer> {
    const text = (key: string): string | undefined => (body[key] === undefined ? undefined : String(body[key]));
    switch (operation) {
      case 'StartExecution': {
        const execution = this.#executions.start(text('stateMachineArn')!, text('name'), text('input') ?? '{}');
        return { body: { executionArn: execution.arn, startDate: execution.startedAt / 1000 } };
      }
      case 'StopExecution': {
        const execution = this.#executions.stop(text('executionArn')!, text('error'), text('cause'));
        return { body: { stopDate: (execution.stoppedAt ?? 0) / 1000 } };
      }
      case 'RedriveExecution': {
        this.#executions.redrive(text('executionArn')!);
        return { body: { redriveDate: this.#now() / 1000 } };
      }
      case 'DescribeExecution':
        return { body: describe(this.#executions.get(text('executionArn')!)) };
      case 'ListExecutions': {
        const status = text('statusFilter');
        const found = this.#executions
          .list()
          .filter(
            (execution) => execution.machineArn === text('stateMachineArn') && (!status || execution.status === status),
          );
        return { body: { executions: found.slice(0, Number(body['maxResults'] ?? 100)).map(describe) } };
      }
      case 'DescribeStateMachine': {
        const machine = this.#executions.machine(text('stateMachineArn')!);
        if (!machine)
          throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${text('stateMachineArn')}'`);
        return {
          body: {
            stateMachineArn: machine.arn,
            name: machine.name,
            status: 'ACTIVE',
            type: 'STANDARD',
            definition: JSON.stringify(machine.definition),
          },
        };
      }
      default:
        throw new AwsError('UnsupportedOperation', `The local cloud does not know Step Functions ${operation}`);
    }
  }
}

function describe(execution: Execution): object {
  const { arn, machineArn, name, status, input, output, error, cause, startedAt, stoppedAt } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    input,
    output,
    error,
    cause,
    startDate: startedAt / 1000,
    ...(stoppedAt !== undefined && { stopDate: stoppedAt / 1000 }),
  };
}
