import * as z from 'zod';
import { askConfirmation, type Confirmation, confirm } from '../../app/confirm.ts';
import { confirmPage } from '../../app/pages/confirm-page.ts';
import { pageHeaders } from '../../app/pages/page.ts';
import { pageLocale } from '../../app/pages/page-locale.ts';
import { type Done, preferencePage } from '../../app/pages/preference-page.ts';
import { type UnsubscribePage, unsubscribePage } from '../../app/pages/unsubscribe-page.ts';
import { type PreferenceView, readPreferenceForm, savePreferences, showPreferences } from '../../app/preferences.ts';
import { askUnsubscribe, isOneClick, unsubscribe } from '../../app/unsubscribe.ts';
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

function preferences(request: HttpRequest, now: number, view: PreferenceView | undefined, done?: Done): Answer {
  if (view === undefined) return page(request, 404, { state: 'invalid' });
  const locale = pageLocale(request.headers['accept-language'], view.locale);
  return { status: 200, headers: pageHeaders, html: preferencePage(view, locale, now, done) };
}

function confirmation(request: HttpRequest, found: Confirmation | undefined): Answer {
  if (found === undefined) return page(request, 404, { state: 'invalid' });
  const html = confirmPage(found, pageLocale(request.headers['accept-language'], found.locale));
  return { status: found.state === 'expired' ? 410 : 200, headers: pageHeaders, html };
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
  route({
    method: 'GET',
    path: '/preferences/{token}',
    scope: 'public',
    tag,
    summary: 'What a customer may be written to about, to choose from; changes nothing',
    params: Token,
    query: Anything,
    answers: { 200: { description: 'a page with a form' }, 404: { description: 'not a link of ours' } },
    async handle({ params, request, now }, ports) {
      return preferences(request, now, await showPreferences(params.token, ports.preferences));
    },
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
    async handle({ params, request, now }, ports) {
      const form = readPreferenceForm(request.body?.toString('utf8') ?? '');
      const view = await savePreferences(params.token, form, ports.preferences);
      return preferences(request, now, view, form.all ? 'saved-none' : 'saved');
    },
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
    handle: async ({ params, request }, ports) =>
      confirmation(request, await askConfirmation(params.token, ports.preferences)),
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
    handle: async ({ params, request }, ports) => confirmation(request, await confirm(params.token, ports.preferences)),
  }),
];
