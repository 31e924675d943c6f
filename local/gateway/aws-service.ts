import type { JsonObject } from '../assembly/read-assembly.ts';
import type { Check } from '../iam/statement.ts';
import type { Chain } from '../queues/message.ts';

export interface Caller {
  /** "-" for calls from outside, which may do everything. */
  functionName: string;
  role: string | undefined;
  requestId: string | undefined;
  chain: Chain;
}

export interface AwsCall {
  operation: string;
  body: JsonObject;
  raw: Buffer;
  method: string;
  /** Decoded path segments. */
  path: string[];
  headers: Record<string, string | undefined>;
  query: URLSearchParams;
  caller: Caller;
}

export interface AwsAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: string | Buffer | object | undefined;
  /** Keeps the caller waiting for ever: the effect happened, the answer got lost. */
  isHanging?: boolean;
}

/** How a service's requests and errors are written (Smithy protocol names). */
export type Protocol = 'awsJson' | 'restJson' | 'restXml' | 'awsQuery';

/** One AWS service as the gateway sees it. */
export interface AwsService {
  protocol: Protocol;
  /** What AWS calls it when it refuses for load. */
  throttleCode: string;
  /** The operation of a request, from target header, form or path. */
  operationOf?(method: string, path: string[]): string | undefined;
  /** What the caller's role must allow; batch calls count as the single ones [I1]. */
  checks(call: AwsCall): Check[];
  answer(call: AwsCall): Promise<AwsAnswer>;
}
