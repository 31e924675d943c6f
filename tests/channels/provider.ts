import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Which connection, in the order they came. */
  readonly connection: number;
}

/** What the provider does with the next requests. */
export type Behaviour = (response: ServerResponse, received: Received, socket: Socket) => void;

export const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(body);
export const hang: Behaviour = () => {};
export const reset: Behaviour = (_response, _received, socket) => socket.resetAndDestroy();

/** A provider on this machine: takes whole requests, writes them down, and does what it is told. */
export async function startProvider() {
  const received: Received[] = [];
  const connections = new Map<Socket, number>();
  let behaviour: Behaviour = answer(200);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!connections.has(request.socket)) connections.set(request.socket, connections.size);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      connection: connections.get(request.socket)!,
    };
    received.push(one);
    behaviour(response, one, request.socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    plays(next: Behaviour) {
      behaviour = next;
      received.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Provider = Awaited<ReturnType<typeof startProvider>>;

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const provider = await startProvider();
  await provider.stop();
  return provider.port;
}
