import { compileComputedTraits } from '../../domain/computed-traits/computed-traits.ts';
import type { Block } from '../../domain/messaging/block.ts';
import type { Collection } from '../../domain/messaging/collection.ts';
import type { Template } from '../../domain/messaging/template.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { Forbidden, InvalidInput, requireNoProblems } from '../../kernel/errors.ts';
import type { DeliveryChannel } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import { allows, type GrantedScope } from '../access/scopes.ts';
import type { ItemStore } from '../collections/items.ts';
import { checkTemplate, compileTemplate } from '../compile-template.ts';
import type { ProfileStore } from '../ports.ts';
import { type Preview, preview } from '../preview.ts';
import type { GivenLookups } from '../preview-items.ts';
import { findProfile, type IdType, identityOf, keyOfIdentity } from '../profiles/find-profile.ts';
import { readBlocks } from './blocks.ts';
import { readCollections } from './collections.ts';
import { readLiveDocument, saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

/** Checked and compiled, so that hand-over only has to fill it in. Which topic it is for, only a journey says: see lint. */
export async function saveTemplate(catalog: CatalogStore, template: Template, expected: Expectation, actor: Actor) {
  const [blocks, collections] = [await readBlocks(catalog, template), await readCollections(catalog, template)];
  const problems = await checkTemplate(template, { blocks, collections });
  requireNoProblems(problems);
  const document = await compileTemplate(template, blocks);
  return saveLiveDocument(catalog, 'template', { id: template.id, name: template.id, document }, expected, actor);
}

export interface PreviewRequest {
  readonly template?: Template;
  /** Instead of those of the same id that are saved. */
  readonly blocks?: readonly Block[];
  readonly version?: number;
  readonly channel: DeliveryChannel;
  readonly locale?: string;
  readonly topic?: string;
  readonly sender?: string;
  readonly profile?: { readonly id: string; readonly idType?: IdType };
  readonly values?: { readonly [name: string]: Json };
  /** Instead of those of the same id that are saved. */
  readonly collections?: readonly Collection[];
  readonly lookups?: GivenLookups;
}

interface PreviewPorts {
  readonly items: Pick<ItemStore, 'read'>;
  readonly catalog: CatalogStore;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly settings: Settings;
}

export async function previewTemplate(
  ports: PreviewPorts,
  id: string,
  request: PreviewRequest,
  scopes: readonly GrantedScope[],
  now: number,
): Promise<Preview> {
  const { channel, locale, values } = request;
  const stored = request.template
    ? { document: request.template, version: 0 }
    : (await readLiveDocument(ports.catalog, 'template', id, request.version)).found;
  const { policy, topics, computedTraits = [], statistics } = await ports.catalog.readSnapshot();
  const topic = topics.find(({ id: one }) => one === request.topic);
  const topicKind = topic?.kind;
  if (request.topic !== undefined && topicKind === undefined) throw unknown('topic', request.topic);
  const { senders } = ports.settings;
  const sender = request.sender === undefined ? senders[0] : senders.find((one) => one.id === request.sender);
  if (sender === undefined && (channel === 'email' || request.sender !== undefined))
    throw unknown('sender', request.sender ?? '(none is configured)');
  const profile = request.profile && (await readProfile(ports, request.profile, scopes));
  const given = new Map(request.blocks?.map((block) => [block.id, block]));
  const template = stored.document as Template;
  const own = new Map(request.collections?.map((one) => [one.id, one]));
  return preview({
    template,
    collections: await readCollections(ports.catalog, template, own),
    readItems: ports.items.read,
    ...(request.lookups !== undefined && { lookups: request.lookups }),
    blocks: await readBlocks(ports.catalog, stored.document, given),
    version: stored.version,
    channel,
    ...(profile !== undefined && { profile }),
    ...(values !== undefined && { values }),
    ...(locale !== undefined && { locale }),
    ...(topicKind !== undefined && { topicKind }),
    ...(topic?.links !== undefined && { topicLinks: topic.links }),
    policy,
    computed: compileComputedTraits(computedTraits, statistics),
    ...(sender !== undefined && { sender }),
    ...(ports.settings.sms !== undefined && { sms: ports.settings.sms }),
    now,
  });
}

/** A preview shows traits. */
async function readProfile(
  ports: PreviewPorts,
  { id, idType }: NonNullable<PreviewRequest['profile']>,
  scopes: readonly GrantedScope[],
): Promise<Profile> {
  if (!allows(scopes, 'profiles:personal')) {
    throw new Forbidden(
      'auth.scope-missing',
      'with a profile, the scope profiles:personal is needed and missing',
      'forbidden',
    );
  }
  return (await findProfile(ports.profiles, keyOfIdentity(identityOf(idType ?? 'userId', id)))).profile;
}

const unknown = (what: string, id: string) =>
  new InvalidInput(
    `${what}.not-found`,
    `there is no ${what} ${id}`,
    [{ pointer: `/${what}`, code: `${what}.not-found`, detail: `there is no ${what} of this id` }],
    'invalid',
  );
