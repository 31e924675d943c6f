import { questionPage } from './page.ts';
import type { PageLocale } from './page-locale.ts';
import { invalidWords, unsubscribeWords } from './words/unsubscribe.ts';

/** Pages of `/u/{token}`. */
export type UnsubscribePage =
  | { readonly state: 'ask' | 'done'; readonly topicName: string }
  | { readonly state: 'invalid' };

export function unsubscribePage(page: UnsubscribePage, locale: PageLocale): string {
  if (page.state === 'invalid') return invalidPage(locale);
  const words = unsubscribeWords[locale];
  if (page.state === 'done') {
    return questionPage(locale, { title: words.done, text: words.doneText(page.topicName) }, true);
  }
  return questionPage(locale, { title: words.ask, text: words.askText(page.topicName), button: words.button }, false);
}

/** Of a link that is not ours, whatever it was for. */
export function invalidPage(locale: PageLocale): string {
  const { invalid: title, invalidText: text } = invalidWords[locale];
  return questionPage(locale, { title, text }, false);
}
