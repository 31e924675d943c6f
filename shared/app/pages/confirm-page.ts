import type { Confirmation } from '../confirm.ts';
import { questionPage } from './page.ts';
import type { PageLocale } from './page-locale.ts';
import { confirmWords } from './words/confirm.ts';

/** Page of `/confirm/{token}`. */
export function confirmPage({ state, topicNames }: Confirmation, locale: PageLocale): string {
  const words = confirmWords[locale];
  const names = new Intl.ListFormat(locale, { type: 'conjunction' }).format(topicNames.map(words.quoted));
  if (state === 'expired') return questionPage(locale, { title: words.expired, text: words.expiredText }, false);
  if (state === 'done') return questionPage(locale, { title: words.done, text: words.doneText(names) }, true);
  return questionPage(locale, { title: words.ask, text: words.askText(names), button: words.button }, false);
}
