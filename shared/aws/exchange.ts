import { Agent, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overTls, Agent as TlsAgent } from 'node:https';

export interface Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** As many sockets as the SDK opens. */
const options = { keepAlive: true, maxSockets: 50 };
const agents = { plain: new Agent(options), tls: new TlsAgent(options) };

/** One request and its whole answer. It waits as long as it takes: the function's own time-out is shorter than the SDK's. */
export function exchange(
  { protocol, hostname, port }: Address,
  {
    method,
    path,
    headers,
    body,
  }: { method: string; path: string; headers: Record<string, string>; body?: string | Uint8Array },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isPlain = protocol === 'http:';
    const heard = (incoming: IncomingMessage) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          statusCode: incoming.statusCode ?? 0,
          headers: incoming.headers as Record<string, string>,
          body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
        }),
      );
    };
    const to = { host: hostname, port, method, path, headers };
    const outgoing = isPlain
      ? overHttp({ ...to, agent: agents.plain }, heard)
      : overTls({ ...to, agent: agents.tls }, heard);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
