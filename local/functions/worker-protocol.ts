/** What goes to and fro between the pool and a worker. */
export interface WorkerData {
  file: string;
  exportName: string;
  /** Shared cells of the virtual clock. */
  clock: SharedArrayBuffer;
  /** How many ms this worker's clock is beside it. */
  skew: SharedArrayBuffer;
  /** A file whose node_modules stand in for the SDK that the Lambda runtime contains. */
  runtimeModules: string;
  functionName: string;
  functionArn: string;
  memoryMb: number;
}

export interface WorkerCall {
  requestId: string;
  payload: string;
  timeoutMs: number;
  traceHeader: string;
}

export interface WorkerError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

export type WorkerAnswer =
  | { kind: 'ready' }
  | { kind: 'result'; requestId: string; payload: string | undefined; roundTrips: number }
  | { kind: 'error'; requestId: string | undefined; error: WorkerError };
