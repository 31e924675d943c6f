/** What AWS would bill, counted where it happens; prices are the business of whoever reads the meter. */
export interface MeterReading {
  readUnits: number;
  writeUnits: number;
  /** Capacity by "function table": [read units, write units]; the function is "-" for calls from outside. */
  capacity: Record<string, { readUnits: number; writeUnits: number }>;
  /** Requests of 64 KB, as SQS bills them. */
  standardQueueRequests: number;
  fifoQueueRequests: number;
  /** 64-KB requests by "action queue". */
  queueRequests: Record<string, number>;
  stateTransitions: number;
  executions: number;
  invocations: Record<string, number>;
  invocationMs: Record<string, number>;
  /** Invocations by function and by how many calls to AWS they waited for one after the other; failed ones not. */
  roundTrips: Record<string, Record<string, number>>;
  gigabyteSeconds: number;
  apiRequests: number;
  /** HTTP API requests of 512 KB, as API Gateway bills them [A8]. */
  apiUnits: number;
  emails: number;
  topicPublishes: number;
  /** Bytes of AWS requests and answers, by service. */
  bytes: Record<string, { sent: number; received: number }>;
  calls: Record<string, number>;
}

const QUEUE_UNIT_BYTES = 65_536;
const API_UNIT_BYTES = 524_288;

export class Meter {
  #reading = emptyReading();

  read(): MeterReading {
    return structuredClone(this.#reading);
  }

  reset(): void {
    this.#reading = emptyReading();
  }

  capacity(functionName: string, table: string, units: { readUnits?: number; writeUnits?: number }): void {
    const reading = this.#reading;
    const key = `${functionName} ${table}`;
    reading.capacity[key] ??= { readUnits: 0, writeUnits: 0 };
    const entry = reading.capacity[key];
    entry.readUnits += units.readUnits ?? 0;
    entry.writeUnits += units.writeUnits ?? 0;
    reading.readUnits += units.readUnits ?? 0;
    reading.writeUnits += units.writeUnits ?? 0;
  }

  /** One SQS request; a payload counts one request per started 64 KB [P2]. */
  queueRequest(action: string, queue: { name: string; fifo: boolean }, bytes: number): void {
    const units = Math.max(1, Math.ceil(bytes / QUEUE_UNIT_BYTES));
    if (queue.fifo) this.#reading.fifoQueueRequests += units;
    else this.#reading.standardQueueRequests += units;
    increase(this.#reading.queueRequests, `${action} ${queue.name}`, units);
  }

  transitions(count: number): void {
    this.#reading.stateTransitions += count;
  }

  execution(): void {
    this.#reading.executions++;
  }

  invocation(functionName: string, ms: number, memoryMb: number, roundTrips: number | undefined): void {
    increase(this.#reading.invocations, functionName, 1);
    increase(this.#reading.invocationMs, functionName, ms);
    if (roundTrips !== undefined) {
      this.#reading.roundTrips[functionName] ??= {};
      increase(this.#reading.roundTrips[functionName], String(roundTrips), 1);
    }
    this.#reading.gigabyteSeconds += (ms / 1000) * (memoryMb / 1024);
  }

  apiRequest(bytes: number): void {
    this.#reading.apiRequests++;
    this.#reading.apiUnits += Math.max(1, Math.ceil(bytes / API_UNIT_BYTES));
  }

  email(): void {
    this.#reading.emails++;
  }

  publish(): void {
    this.#reading.topicPublishes++;
  }

  call(functionName: string, action: string, sent: number, received: number): void {
    const service = action.slice(0, action.indexOf(':'));
    this.#reading.bytes[service] ??= { sent: 0, received: 0 };
    this.#reading.bytes[service].sent += sent;
    this.#reading.bytes[service].received += received;
    increase(this.#reading.calls, `${functionName} ${action}`, 1);
  }
}

function increase(counts: Record<string, number>, key: string, by: number): void {
  counts[key] = (counts[key] ?? 0) + by;
}

function emptyReading(): MeterReading {
  return {
    readUnits: 0,
    writeUnits: 0,
    capacity: {},
    standardQueueRequests: 0,
    fifoQueueRequests: 0,
    queueRequests: {},
    stateTransitions: 0,
    executions: 0,
    invocations: {},
    invocationMs: {},
    roundTrips: {},
    gigabyteSeconds: 0,
    apiRequests: 0,
    apiUnits: 0,
    emails: 0,
    topicPublishes: 0,
    bytes: {},
    calls: {},
  };
}
