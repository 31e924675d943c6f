import * as z from 'zod';
import { type Route, route } from '../route.ts';

const tag = 'Public';
const Token = z.strictObject({ token: z.string().min(1).max(2_000) });
/** Mail programs and proxies add words of their own to links. */
const Anything = z.looseObject({});

const pages = () => import('../public-pages.ts');

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
    handle: async (call, ports) => (await pages()).answerUnsubscribe(call, ports),
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
    handle: async (call, ports) => (await pages()).answerUnsubscribe(call, ports),
  }),
  route({
    method: 'GET',
    path: '/preferences/{token}',
    scope: 'public',
    tag,
    summary: 'What a customer may be written to about, to choose from; changes nothing',
    params: Token,
    query: Anything,
    answers: { 200: { description: 'a page with a form' }, 404: { description: 'not a link of ours' } },
    handle: async (call, ports) => (await pages()).answerPreferences(call, ports),
  }),
  route({
    method: 'POST',
    path: '/preferences/{token}',
    scope: 'public',
    tag,
    summary: 'Saves a choice; the page shows it at once, the profile has it a moment later',
    params: Token,
    query: Anything,
    bodyType: 'form',
    answers: { 200: { description: 'saved' }, 404: { description: 'not a link of ours' } },
    handle: async (call, ports) => (await pages()).answerPreferences(call, ports),
  }),
  route({
    method: 'GET',
    path: '/confirm/{token}',
    scope: 'public',
    tag,
    summary: 'Asks whether to confirm a consent; changes nothing, because scanners follow links',
    params: Token,
    query: Anything,
    answers: {
      200: { description: 'a page with a button' },
      404: { description: 'not a link of ours' },
      410: { description: 'expired, or overtaken' },
    },
    handle: async (call, ports) => (await pages()).answerConfirmation(call, ports),
  }),
  route({
    method: 'POST',
    path: '/confirm/{token}',
    scope: 'public',
    tag,
    summary: 'Confirms a consent (double opt-in)',
    params: Token,
    query: Anything,
    bodyType: 'form',
    answers: {
      200: { description: 'granted' },
      404: { description: 'not a link of ours' },
      410: { description: 'expired, or overtaken' },
    },
    handle: async (call, ports) => (await pages()).answerConfirmation(call, ports),
  }),
];
