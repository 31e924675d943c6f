import type { ApiClient } from '../remote/api-client.ts';
import type { Paint } from '../terminal.ts';
import type { Outcome } from '../verb.ts';

/** As `GET /v1/profiles/{id}/consents/history` answers. */
interface Page {
  readonly data: readonly {
    readonly channel: string;
    readonly topic: string;
    readonly state: string;
    readonly at: string;
    readonly source: string;
    readonly textVersion?: string;
    readonly evidence?: string;
    readonly guardian?: string;
    readonly recordedAt: string | null;
    readonly outcome: 'held' | 'older' | 'refused';
  }[];
  readonly nextCursor: string | null;
  readonly complete: boolean;
}

/** All pages, as one list: whoever asks has to show that a consent was given. */
export async function tellConsents(
  customer: string,
  query: URLSearchParams,
  api: Pick<ApiClient, 'get'>,
  paint: Paint,
): Promise<Outcome> {
  const data: Page['data'][number][] = [];
  let page: Page;
  const asked = new URLSearchParams(query);
  asked.set('limit', '200');
  do {
    page = await api.get<Page>(`/v1/profiles/by/consents/history?${asked}`);
    data.push(...page.data);
    if (page.nextCursor !== null) asked.set('cursor', page.nextCursor);
  } while (page.nextCursor !== null);
  const { complete } = page;
  return { exit: 0, text: show(customer, data, complete, paint), json: { data, complete } };
}

const notes = { held: '', older: ', older than what held already', refused: ', not taken: the profile was full' };

function show(customer: string, data: Page['data'], complete: boolean, paint: Paint): string[] {
  return [
    `${paint.bold(customer)}: ${data.length} statements, newest first`,
    ...data.flatMap(({ channel, topic, state, at, source, textVersion, evidence, guardian, outcome }) => [
      `  ${paint.dim(at)} ${channel} / ${topic}: ${state} (${source}${
        textVersion === undefined ? '' : `, text ${textVersion}`
      }${guardian === undefined ? '' : `, by guardian ${guardian}`})${notes[outcome]}`,
      ...(evidence === undefined ? [] : [paint.dim(`    ${evidence}`)]),
    ]),
    ...(complete ? [] : ['there are more than were read']),
  ];
}
