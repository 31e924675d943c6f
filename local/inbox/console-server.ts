/** The pages and endpoints for whoever watches the local cloud: inbox, webhook endpoints, clock. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../clock/duration.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { listen, readAll } from '../gateway/gateway.ts';
import type { PlayedEvent, ProviderCapture } from '../providers/provider-capture.ts';
import type { CapturedMessage, Inbox } from './inbox.ts';
import { linksOf, listPage, messagePage, unsubscribeUrl } from './inbox-page.ts';
import type { Webhooks } from './webhooks.ts';

export interface ConsoleOptions {
  inbox: Inbox;
  webhooks: Webhooks;
  clock: VirtualClock;
  captures: ProviderCapture[];
}

interface Visit {
  method: string;
  path: string[];
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
  response: ServerResponse;
}

export class ConsoleServer {
  readonly #server: Server;
  #options: ConsoleOptions | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: Error) => {
        const isMistake = error instanceof RangeError || error instanceof SyntaxError;
        if (!response.headersSent) send(response, isMistake ? 400 : 500, { message: error.message });
      });
    });
  }

  listen(port: number): Promise<string> {
    return listen(this.#server, port);
  }

  serve(options: ConsoleOptions): void {
    this.#options = options;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const options = this.#options;
    if (!options) return send(response, 503, { message: 'The cloud is still starting' });
    const url = new URL(request.url ?? '/', 'http://console');
    const visit: Visit = {
      method: request.method ?? 'GET',
      path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: (await readAll(request)).toString('utf8'),
      response,
    };
    const [area, part] = visit.path;
    if (area === 'clock') return clockVisit(visit, options);
    if (area === 'inbox' && part === 'hooks') return hookVisit(visit, options);
    if (area === 'inbox' && part === 'messages' && visit.path.length > 2) return messageVisit(visit, options);
    if (area === 'inbox' || area === undefined) return listVisit(visit, options);
    send(response, 404, { message: 'Not found' });
  }
}

async function clockVisit({ method, path, body, headers, response }: Visit, { clock }: ConsoleOptions): Promise<void> {
  if (method === 'POST' && path[1] === 'advance') await clock.advance(byOf(readFields(body).by));
  else if (method === 'POST' && path[1] === 'settle') await clock.settle();
  else if (method !== 'GET' || path.length > 1) return send(response, 404, { message: 'Not found' });
  if (isForm(headers)) return redirect(response, headers['referer'] ?? '/inbox/');
  const now = clock.now();
  send(response, 200, { now, iso: new Date(now).toISOString() });
}

/** A duration like P7D, or milliseconds. */
function byOf(by: unknown): number {
  if (typeof by === 'number' && by >= 0) return by;
  if (typeof by === 'string') return durationMs(by);
  throw new RangeError('{"by": …} must be a duration like P7D or PT1H, or milliseconds >= 0');
}

async function hookVisit(visit: Visit, { webhooks }: ConsoleOptions): Promise<void> {
  const { method, path, headers, body, response } = visit;
  const [, , host, ...rest] = path;
  if (host === undefined) return send(response, 404, { message: 'Not found' });
  if (method === 'PUT') {
    const { status = 200, body: answer } = readFields(body);
    webhooks.answerWith(host, Number(status), answer);
    return send(response, 200, {});
  }
  const fault = webhooks.onCall?.(host) ?? 'pass';
  if (fault === 'reset') return cutOff(response);
  if (typeof fault === 'object' && 'status' in fault) {
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  const answer = webhooks.receive(host, `/${rest.join('/')}`, headers, body);
  if (fault === 'hang') return;
  if (fault === 'lose-answer') return cutOff(response);
  if (typeof fault === 'object') await sleep(fault.delayMs);
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
}

function cutOff(response: ServerResponse): void {
  response.socket?.destroy();
}

async function listVisit({ method, path, query, response }: Visit, { inbox, clock }: ConsoleOptions): Promise<void> {
  const filter = { to: query.get('to') ?? undefined, channel: query.get('channel') ?? undefined };
  if (path[1] !== 'messages') return sendPage(response, listPage(inbox.list(filter), clock.now(), filter.to));
  if (method === 'DELETE') {
    inbox.clear();
    return send(response, 200, []);
  }
  send(response, 200, inbox.list(filter));
}

async function messageVisit(visit: Visit, options: ConsoleOptions): Promise<void> {
  const { method, path, query, headers, body, response } = visit;
  const message = options.inbox.find(path[2]!);
  if (!message) return send(response, 404, { message: 'No such message' });
  const capture = options.captures.find(({ channel }) => channel === message.channel);
  const action = path[3];
  if (method === 'GET' && action === undefined) {
    if (headers['accept']?.includes('application/json')) return send(response, 200, message);
    return sendPage(response, messagePage(message, capture?.playable ?? [], options.clock.now()));
  }
  if (method === 'GET' && action === 'click') {
    const link = query.get('link') ?? '';
    // Only links of the message itself, so that this is no open redirect.
    if (!linksOf(message).includes(link)) return send(response, 400, { message: 'The message has no such link' });
    capture?.play(message, { type: 'click', link });
    return redirect(response, link);
  }
  if (method === 'POST' && action === 'events') {
    const event = readFields(body) as unknown as PlayedEvent;
    if (!capture?.playable.includes(event.type)) {
      return send(response, 400, {
        message: `type must be one of ${capture?.playable.join(', ') ?? 'nothing: this channel plays no events'}`,
      });
    }
    capture.play(message, event);
  } else if (method === 'POST' && action === 'unsubscribe') {
    return oneClick(visit, message, options);
  } else {
    return send(response, 404, { message: 'Not found' });
  }
  if (isForm(headers)) return redirect(response, `/inbox/messages/${message.id}`);
  send(response, 200, message);
}

/** What a mail client does for the recipient who presses "unsubscribe" (RFC 8058). */
async function oneClick(
  { headers, response }: Visit,
  message: CapturedMessage,
  { inbox, clock }: ConsoleOptions,
): Promise<void> {
  const url = unsubscribeUrl(message);
  if (!url) return send(response, 400, { message: 'The message offers no one-click unsubscribe' });
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    redirect: 'manual',
  });
  inbox.note(message, { type: `unsubscribe ${answer.status}`, at: new Date(clock.now()).toISOString(), link: url });
  if (isForm(headers)) return redirect(response, `/inbox/messages/${message.id}`);
  send(response, 200, { status: answer.status });
}

function readFields(body: string): Record<string, unknown> {
  if (body.trimStart().startsWith('{')) return JSON.parse(body) as Record<string, unknown>;
  return Object.fromEntries(new URLSearchParams(body));
}

function isForm(headers: Record<string, string>): boolean {
  return (
    headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true &&
    headers['accept']?.includes('text/html') === true
  );
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
