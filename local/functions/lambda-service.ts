import type { VirtualClock } from '../clock/virtual-clock.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import { functionNameOf } from '../iam/resource-policies.ts';
import type { Check } from '../iam/statement.ts';
import type { FunctionPool } from './function-pool.ts';
import { invokeLater } from './invoke-later.ts';

/** The Invoke operation: POST /2015-03-31/functions/{name}/invocations. */
export class LambdaService implements AwsService {
  readonly protocol = 'restJson';
  readonly throttleCode = 'TooManyRequestsException';
  readonly #pools: Map<string, FunctionPool>;
  readonly #clock: VirtualClock;

  constructor(pools: Map<string, FunctionPool>, clock: VirtualClock) {
    this.#pools = pools;
    this.#clock = clock;
  }

  operationOf(method: string, path: string[]): string | undefined {
    return method === 'POST' && path[1] === 'functions' && path[3] === 'invocations' ? 'InvokeFunction' : undefined;
  }

  checks(call: AwsCall): Check[] {
    return [{ action: `lambda:${call.operation}`, resource: this.#pool(call).definition.arn }];
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    const pool = this.#pool(call);
    const payload = call.raw.length > 0 ? call.raw.toString('utf8') : '{}';
    const { chain } = call.caller;
    if (!pool.admits(chain)) {
      throw new AwsError('RecursiveInvocationException', 'Lambda detected a recursive loop and stopped it', 400);
    }
    if (call.headers['x-amz-invocation-type'] === 'Event') {
      invokeLater(pool, payload, this.#clock, chain);
      return { status: 202, body: '' };
    }
    const outcome = await pool.invoke(payload, { chain });
    if (outcome.ok) return { body: outcome.payload ?? 'null', headers: { 'x-amz-executed-version': '$LATEST' } };
    return { body: outcome.error, headers: { 'x-amz-function-error': 'Unhandled' } };
  }

  #pool(call: AwsCall): FunctionPool {
    const pool = this.#pools.get(functionNameOf(call.path[2] ?? ''));
    if (!pool) throw new AwsError('ResourceNotFoundException', `Function not found: ${call.path[2]}`, 404);
    return pool;
  }
}
