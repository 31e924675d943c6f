import type { Confirmation } from '../app/confirm.ts';
import { askConfirmation, confirm } from '../app/confirm.ts';
import { confirmPage } from '../app/pages/confirm-page.ts';
import { pageHeaders } from '../app/pages/page.ts';
import { pageLocale } from '../app/pages/page-locale.ts';
import { type Done, preferencePage } from '../app/pages/preference-page.ts';
import { type UnsubscribePage, unsubscribePage } from '../app/pages/unsubscribe-page.ts';
import { type PreferenceView, readPreferenceForm, savePreferences, showPreferences } from '../app/preferences.ts';
import { askUnsubscribe, isOneClick, unsubscribe } from '../app/unsubscribe.ts';
import type { Ports } from './ports.ts';
import type { HttpRequest } from './request.ts';
import type { Answer } from './route.ts';

/**
 * What the public routes answer. Loaded with the first of them: the words of six languages are nothing that a container needs to
 * answer the management API.
 */
export interface PublicCall {
  readonly params: { readonly token: string };
  readonly request: HttpRequest;
  readonly now: number;
}

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

export async function answerUnsubscribe({ params, request }: PublicCall, ports: Ports): Promise<Answer> {
  if (request.method === 'POST') {
    const via = isOneClick(request.body?.toString('utf8') ?? '') ? 'one-click' : 'link';
    const done = await unsubscribe(params.token, via, ports.unsubscribe);
    if (done === undefined) return page(request, 404, { state: 'invalid' });
    return page(request, 200, { state: 'done', topicName: done.topicName });
  }
  const question = await askUnsubscribe(params.token, ports.unsubscribe);
  if (question === undefined) return page(request, 404, { state: 'invalid' });
  return page(request, 200, { state: 'ask', topicName: question.topicName });
}

export async function answerPreferences({ params, request, now }: PublicCall, ports: Ports): Promise<Answer> {
  if (request.method !== 'POST')
    return preferences(request, now, await showPreferences(params.token, ports.preferences));
  const form = readPreferenceForm(request.body?.toString('utf8') ?? '');
  const view = await savePreferences(params.token, form, ports.preferences);
  return preferences(request, now, view, form.all ? 'saved-none' : 'saved');
}

export async function answerConfirmation({ params, request }: PublicCall, ports: Ports): Promise<Answer> {
  const answer = request.method === 'POST' ? confirm : askConfirmation;
  return confirmation(request, await answer(params.token, ports.preferences));
}
