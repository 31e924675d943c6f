import { Journey } from '../../domain/journeys/journey.ts';
import type { Template } from '../../domain/messaging/template.ts';
import { parseTemplateName } from '../../domain/messaging/template-name.ts';
import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import { documentEtag } from '../catalog/document-etag.ts';
import { saveJourneyDraft } from '../catalog/journey-lifecycle.ts';
import type { Actor, CatalogStore } from '../catalog/ports.ts';
import { type PublishPorts, publishJourney } from '../catalog/publish-journey.ts';

const TAG = 'broadcast';

/**
 * The journey of one message in which a template is broadcast, made or brought up to date: what holds for a journey's
 * message (consent, caps, quiet hours, hold, kill switches, lint, counters) then holds for it, by the same code. One for each
 * template and topic; a customer is in it once per broadcast. Somebody's dry run of it ends here.
 */
export async function templateJourney(ports: PublishPorts, name: string, topic: string, actor: Actor): Promise<string> {
  const wanted = await documentOf(ports.catalog, name, topic);
  const { id } = wanted;
  const head = await ports.catalog.readHead('journey', id);
  const live = head?.live === undefined ? undefined : await ports.catalog.readVersion('journey', id, head.live);
  if (live !== undefined && !(live.document as Journey).tags?.includes(TAG)) {
    throw new Conflict('broadcast.journey-exists', `journey ${id} was made by somebody else: rename it`);
  }
  if (head?.state === 'paused') throw new Conflict('journey.not-live', `journey ${id} is paused: resume it first`);
  const isLive = head?.state === 'live' && head.dryRun !== true;
  if (live !== undefined && isLive && documentEtag(live.document) === documentEtag(wanted)) return id;
  const expected = head === undefined ? ({ absent: true } as const) : { etag: head.etag };
  const draft = await saveJourneyDraft(ports.catalog, wanted, expected, actor);
  await publishJourney(ports, id, { draftEtag: draft.etag, dryRun: false }, actor);
  return id;
}

async function documentOf(catalog: CatalogStore, name: string, topic: string): Promise<Journey> {
  const { id: template, version } = parseTemplateName(name);
  const head = await catalog.readHead('template', template);
  const number = version ?? head?.live;
  const found = number === undefined ? undefined : await catalog.readVersion('template', template, number);
  if (found === undefined) throw new NotFound('template.not-found', `there is no template ${name}`);
  const id = `broadcast-${name.replace('@', '-v')}-${topic}`;
  const channels = [...new Set((found.document as Template).variants.map(({ channel }) => channel))];
  const parsed = Journey.safeParse({
    schemaVersion: 1,
    id,
    name: `Broadcasts of ${name} about ${topic}`,
    tags: [TAG],
    topic,
    entry: [{ on: 'api', properties: { broadcast: { type: 'string', required: true } } }],
    reentry: { key: 'entry.broadcast', again: 'never', whileInside: 'ignore' },
    start: 'message',
    steps: { message: { type: 'message', template: name, channels, next: 'end' } },
  });
  if (parsed.success) return parsed.data;
  throw new InvalidInput('broadcast.template', 'no journey can be made of this template and topic', [
    {
      pointer: '/template',
      code: 'id',
      detail: 'the ids of template and topic name a journey',
      limit: 53,
      actual: id.length - 11,
    },
  ]);
}
