/** Of DynamoDB and SQS alike (SDK names without "Exception"). */
const throttled =
  /^(Throttling|ThrottlingError|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests|RequestThrottled|LimitExceeded|KmsThrottled|TransactionInProgress|ExecutionLimitExceeded)(Exception)?$/;

/** Whether AWS may answer better next time: throttling, 5xx, no answer at all. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (throttled.test(error.name)) return true;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  // An error of the SDK without a status never had an answer: connection, time-out.
  return status === undefined
    ? '$metadata' in error || 'code' in error || error.name === 'TimeoutError'
    : status >= 500;
}
