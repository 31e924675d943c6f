import { Transient } from '../kernel/errors.ts';

/**
 * Turns what AWS may answer better next time (throttling, 5xx, no answer at all) into Transient, after the client's
 * own retries. Everything else stays what it is: a lost condition, or a bug.
 */
export async function awsCall<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isTransient(error) ? new Transient(`aws.${(error as Error).name}`, tellOf(error)) : error;
  }
}

/** Not what AWS says, which may quote what it was sent. */
function tellOf(error: unknown): string {
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  return `status ${$metadata?.httpStatusCode ?? 'none'}${code === undefined ? '' : `, ${code}`}`;
}

/** Of DynamoDB and SQS alike (SDK names without "Exception"). */
const throttled =
  /^(Throttling|ThrottlingError|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests|RequestThrottled|LimitExceeded|KmsThrottled|TransactionInProgress|ExecutionLimitExceeded)(Exception)?$/;

export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (throttled.test(error.name)) return true;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  // An error of the SDK without a status never had an answer: connection, time-out.
  return status === undefined
    ? '$metadata' in error || 'code' in error || error.name === 'TimeoutError'
    : status >= 500;
}
