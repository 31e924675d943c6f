/**
 * The one door to every AWS service here. Who calls is read from the access key id in the signature; whether that
 * function's role allows the call is decided before the service sees it. Signatures themselves are not checked.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../assembly/read-assembly.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { identityOf, isConditional } from '../faults/call-identity.ts';
import type { ExecutionEnvironment } from '../functions/execution-environment.ts';
import type { Roles } from '../iam/roles.ts';
import type { Check } from '../iam/statement.ts';
import type { Meter } from '../meter.ts';
import { AwsError } from './aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService, Caller, Protocol } from './aws-service.ts';
import type { Fault, FaultHook, ObservedCall } from './faults.ts';
import { holdBack, isBatch, isEmptyBatch } from './partial-batch.ts';

export interface KnownCaller extends Caller {
  environment: ExecutionEnvironment | undefined;
}

export interface GatewayOptions {
  services: Map<string, AwsService>;
  roles: Roles;
  meter: Meter;
  clock: VirtualClock;
  identify(accessKeyId: string): KnownCaller | undefined;
  log: (line: string) => void;
}

export class Gateway {
  faultHook: FaultHook | undefined;
  readonly #server: Server;
  #options: GatewayOptions | undefined;
  readonly #callCounts = new Map<string, number>();

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  /** The address must be known before templates are resolved, the services only after. */
  async listen(port: number): Promise<string> {
    return listen(this.#server, port);
  }

  serve(options: GatewayOptions): void {
    this.#options = options;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const options = this.#options;
    if (!options) {
      response.writeHead(503).end();
      return;
    }
    const { clock } = options;
    response.sendDate = false;
    // The SDK corrects its own clock by this header, so it has to be the virtual time.
    response.setHeader('Date', new Date(clock.now()).toUTCString());
    response.setHeader('x-amzn-requestid', randomUUID());
    const raw = await readAll(request);
    const end = clock.begin('a call to AWS');
    try {
      await this.#answer(options, request, raw, response);
    } catch (error) {
      options.log(`gateway: ${error instanceof Error ? error.stack : String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    } finally {
      end();
    }
  }

  async #answer(
    options: GatewayOptions,
    request: IncomingMessage,
    raw: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    // A presigned URL carries its signature in the query [S2], and is used by somebody outside.
    const presigned = new URL(request.url ?? '/', 'http://gateway').searchParams.get('X-Amz-Credential');
    const signed = presigned === null ? request.headers.authorization : `Credential=${presigned}`;
    const credential = /Credential=([^/]+)\/[^/]*\/[^/]*\/([^/]+)\//.exec(signed ?? '');
    const service = credential ? options.services.get(credential[2]!) : undefined;
    if (!credential || !service) {
      write(
        response,
        'awsJson',
        new AwsError('UnrecognizedClientException', `No service for ${credential?.[2] ?? 'an unsigned request'}`, 403),
      );
      return;
    }
    const caller = options.identify(credential[1]!);
    if (!caller) {
      write(
        response,
        service.protocol,
        new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
      );
      return;
    }
    const call = readCall(service, request, raw, caller);
    const checks = service.checks(call);
    const action = checks[0]?.action ?? `${credential[2]}:${call.operation}`;
    const resource = checks[0]?.resource ?? '*';
    const fault = presigned === null ? this.#fault(caller, call, credential[2]!, action, resource) : 'pass';
    const sent = (answer: AwsAnswer | AwsError): void => {
      const bytes = write(response, service.protocol, answer);
      options.meter.call(caller.functionName, action, raw.length, bytes);
    };
    const crash = async (): Promise<void> => {
      await caller.environment?.kill();
      request.socket.destroy();
    };
    const timeOut = async (): Promise<void> => {
      await caller.environment?.timeOut();
      request.socket.destroy();
    };
    if (fault === 'crash-before') return crash();
    if (fault === 'time-out-before') return timeOut();
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    if (fault === 'throttle') return sent(new AwsError(service.throttleCode, 'Rate exceeded', 400));
    if (fault === 'error-500')
      return sent(new AwsError('InternalServerError', 'The local cloud was told to fail', 500));
    const error = typeof fault === 'object' && 'code' in fault ? fault : undefined;
    const refusal = error && new AwsError(error.code, error.message ?? error.code, error.status);
    if (refusal && !error.afterEffect) return sent(refusal);
    const answer = await this.#effect(options, service, call, checks, caller, fault);
    if (fault === 'crash-after') return crash();
    if (fault === 'time-out-after') return timeOut();
    if (typeof fault === 'object' && 'delayMs' in fault) await sleep(fault.delayMs);
    if (fault === 'lose-answer') {
      request.socket.destroy();
      return;
    }
    if (fault === 'hang' || (!(answer instanceof AwsError) && answer.isHanging)) return;
    sent(refusal ?? answer);
  }

  async #effect(
    options: GatewayOptions,
    service: AwsService,
    call: AwsCall,
    checks: Check[],
    caller: KnownCaller,
    fault: Fault,
  ): Promise<AwsAnswer | AwsError> {
    try {
      if (caller.role !== undefined) options.roles.require(caller.role, caller.functionName, checks);
      if (typeof fault !== 'object' || !('holdBack' in fault) || !isBatch(call)) return await service.answer(call);
      const part = holdBack(call, fault.holdBack);
      return part.complete(isEmptyBatch(part.call) ? { body: {} } : await service.answer(part.call));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'AccessDeniedException') options.log(`denied: ${error.message}`);
      return error;
    }
  }

  #fault(caller: KnownCaller, call: AwsCall, service: string, action: string, resource: string): Fault {
    if (!this.faultHook || caller.functionName === '-') return 'pass';
    const { functionName, requestId } = caller;
    const n = (this.#callCounts.get(functionName) ?? 0) + 1;
    this.#callCounts.set(functionName, n);
    const observed: ObservedCall = {
      ...{ functionName, service, action, resource, n, requestId },
      ...{ identity: identityOf(call), isConditional: isConditional(call), isBatch: isBatch(call) },
    };
    return this.faultHook(observed);
  }
}

export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address with a port');
  return `http://127.0.0.1:${address.port}`;
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function readCall(service: AwsService, request: IncomingMessage, raw: Buffer, caller: Caller): AwsCall {
  const url = new URL(request.url ?? '/', 'http://gateway');
  const path = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const method = request.method ?? 'GET';
  const headers = request.headers as Record<string, string | undefined>;
  let operation: string | undefined;
  let body: JsonObject = {};
  if (service.protocol === 'awsQuery') {
    body = Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
    operation = String(body['Action']);
  } else {
    const target = headers['x-amz-target'];
    operation = service.operationOf?.(method, path) ?? target?.slice(target.indexOf('.') + 1);
    body =
      raw.length > 0 && service.protocol !== 'restXml' && headers['content-type']?.includes('json')
        ? (JSON.parse(raw.toString('utf8')) as JsonObject)
        : {};
  }
  const query = url.searchParams;
  return { operation: operation ?? `${method} /${path.join('/')}`, body, raw, method, path, query, headers, caller };
}

/** Writes an answer or an error in the protocol of the service; returns the bytes of the body. */
function write(response: ServerResponse, protocol: Protocol, answer: AwsAnswer | AwsError): number {
  if (response.destroyed) return 0;
  if (!(answer instanceof AwsError)) {
    const body =
      typeof answer.body === 'object' && !Buffer.isBuffer(answer.body)
        ? JSON.stringify(answer.body)
        : (answer.body ?? '');
    const type = {
      awsJson: 'application/x-amz-json-1.0',
      restJson: 'application/json',
      restXml: 'application/xml',
      awsQuery: 'text/xml',
    }[protocol];
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers }).end(body);
    return Buffer.byteLength(body);
  }
  const { code, message, status, details } = answer;
  if (protocol === 'awsQuery') {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`;
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    return body.length;
  }
  if (protocol === 'restXml') {
    const known = code === 'AccessDeniedException' ? 'AccessDenied' : code;
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${known}</Code><Message>${escapeXml(message)}</Message></Error>`;
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
    return body.length;
  }
  const body = JSON.stringify({ __type: `com.amazonaws#${code}`, message, ...details });
  response
    .writeHead(protocol === 'awsJson' && status === 403 ? 400 : status, {
      'content-type': protocol === 'awsJson' ? 'application/x-amz-json-1.0' : 'application/json',
      'x-amzn-errortype': code,
    })
    .end(body);
  return body.length;
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
