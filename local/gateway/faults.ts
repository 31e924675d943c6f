/** Faults a test can put on any AWS call of any function. */
export interface ObservedCall {
  functionName: string;
  /** Signing name of the service: dynamodb, sqs, states, ses … */
  service: string;
  /** IAM action, for example sqs:SendMessage. */
  action: string;
  resource: string;
  /** Which call of this function it is, counted from boot. */
  n: number;
  requestId: string | undefined;
  /** What it is about; the same in every run with the same events (local/faults/call-identity.ts). */
  identity: string;
  isConditional: boolean;
  isBatch: boolean;
}

/**
 * - `throttle`, `error-500`: refused without effect;
 * - `reset`: the connection breaks before anything happens;
 * - `crash-before`, `crash-after`: the worker dies before or after the effect, and its invocation with it;
 * - `lose-answer`: the effect happens, the connection breaks before the answer;
 * - `hang`: the effect happens, the answer never comes;
 * - `time-out-before`, `time-out-after`: as a function sees it that waits for an answer until its own time is up, before
 *   or after the effect; a frozen clock lets nobody wait for that, so it ends at once;
 * - `{ delayMs: n }`: the answer comes, after n milliseconds of real time, which is what a caller's time-out measures;
 * - `{ code, status }`: that error, before the effect or after it;
 * - `{ holdBack: n }`: a batch call fails for its last n entries and succeeds for the others; other calls pass.
 */
export type Fault =
  | 'pass'
  | 'throttle'
  | 'error-500'
  | 'reset'
  | 'crash-before'
  | 'crash-after'
  | 'lose-answer'
  | 'hang'
  | 'time-out-before'
  | 'time-out-after'
  | { code: string; status: number; message?: string; afterEffect?: boolean }
  | { delayMs: number }
  | { holdBack: number };

export type FaultHook = (call: ObservedCall) => Fault;
