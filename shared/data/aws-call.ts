import { isTransient } from '../aws/is-transient.ts';
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
