import type { Preference, PreferenceView } from '../preferences.ts';
import { escapeHtml, htmlPage, isolated } from './page.ts';
import { type PageLocale, wordsFor } from './page-locale.ts';
import { preferenceWords } from './words/preferences.ts';

/** What was just done, said first and to screen readers too. */
export type Done = 'saved' | 'saved-none' | undefined;

/**
 * The page of `/preferences/{token}`: plain HTML, one form that goes to the page's own address.
 *
 * `was` carries what the reader saw, so that what they change is known even where the profile is not there yet; `form` tells
 * two clicks of one page from two pages.
 *
 * @param form when it was made.
 */
export function preferencePage(view: PreferenceView, locale: PageLocale, form: number, done?: Done): string {
  const words = preferenceWords[locale];
  const status = done === undefined ? '' : `<p role="status">${done === 'saved' ? words.saved : words.savedNone}</p>\n`;
  const intro =
    view.address === undefined
      ? escapeHtml(words.introWithout)
      : `${escapeHtml(words.intro[0])}${isolated(view.address)}${escapeHtml(words.intro[1])}`;
  const topics = [...Map.groupBy(view.preferences, ({ topic }) => topic)];
  const body =
    topics.length === 0
      ? `<p>${escapeHtml(words.empty)}</p>\n`
      : topics.map(([topic, all]) => fieldset(topic, all, locale, view.locale ?? locale)).join('');
  const save = topics.length === 0 ? '' : `<button class="main">${escapeHtml(words.save)}</button>\n`;
  return htmlPage(
    locale,
    words.title,
    `${status}<p>${intro}</p>
<form method="post">
<input type="hidden" name="form" value="${form}">
${body}<div class="row">
${save}<button class="other" name="all" value="1">${escapeHtml(words.none)}</button>
</div>
</form>`,
  );
}

function fieldset(
  topic: Preference['topic'],
  all: readonly Preference[],
  locale: PageLocale,
  customers: string,
): string {
  const said = wordsFor(topic.words, customers) ?? wordsFor(topic.words, locale);
  const name = said?.name ?? topic.name ?? topic.id;
  const description = said?.description ?? topic.description;
  const about = `about-${topic.id}`;
  const boxes = all.map(({ channel, key, on }) => {
    const was = on ? `<input type="hidden" name="was" value="${key}">` : '';
    const box = `<input type="checkbox" name="on" value="${key}"${on ? ' checked' : ''}>`;
    return `${was}<label>${box}<span>${escapeHtml(preferenceWords[locale].channels[channel])}</span></label>\n`;
  });
  return `<fieldset${description === undefined ? '' : ` aria-describedby="${about}"`}>
<legend dir="auto">${escapeHtml(name)}</legend>
${description === undefined ? '' : `<p id="${about}" dir="auto">${escapeHtml(description)}</p>\n`}${boxes.join('')}</fieldset>
`;
}
