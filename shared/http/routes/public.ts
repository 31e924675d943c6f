import * as z from 'zod';
import { askUnsubscribe, isOneClick, unsubscribe } from '../../app/unsubscribe.ts';
import { pageHeaders, pageLocale, type UnsubscribePage, unsubscribePage } from '../../app/unsubscribe-page.ts';
import type { HttpRequest } from '../request.ts';
import { type Answer, type Route, route } from '../route.ts';

const tag = 'Public';
const Token = z.strictObject({ token: z.string().min(1).max(2_000) });
/** Mail programs and proxies add words of their own to links. */
const Anything = z.looseObject({});

function page(request: HttpRequest, status: number, content: UnsubscribePage): Answer {
  return {
    status,
    headers: pageHeaders,
    html: unsubscribePage(content, pageLocale(request.headers['accept-language'])),
  };
}

export const publicRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/u/{token}',
    scope: 'public',
    tag,
    summary: 'Asks whether to unsubscribe; changes nothing, because scanners follow links',
    params: Token,
    query: Anything,
    answers: { 200: { description: 'a page with a button' }, 404: { description: 'not a link of ours' } },
    async handle({ params, request }, ports) {
      const question = await askUnsubscribe(params.token, ports.unsubscribe);
      if (question === undefined) return page(request, 404, { state: 'invalid' });
      return page(request, 200, { state: 'ask', topicName: question.topicName });
    },
  }),
  route({
    method: 'POST',
    path: '/u/{token}',
    scope: 'public',
    tag,
    summary: 'Unsubscribes: the button, or a mail program (RFC 8058)',
    params: Token,
    query: Anything,
    bodyType: 'form',
    answers: { 200: { description: 'done' }, 404: { description: 'not a link of ours' } },
    async handle({ params, request }, ports) {
      const via = isOneClick(request.body?.toString('utf8') ?? '') ? 'one-click' : 'link';
      const done = await unsubscribe(params.token, via, ports.unsubscribe);
      if (done === undefined) return page(request, 404, { state: 'invalid' });
      return page(request, 200, { state: 'done', topicName: done.topicName });
    },
  }),
];
