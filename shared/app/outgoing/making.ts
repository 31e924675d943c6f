import type { Segment } from '../../domain/audiences/segment.ts';
import type { ComputedTraits } from '../../domain/computed-traits/computed-traits.ts';
import type { MessageRequest } from '../../domain/decision.ts';
import type { Policy } from '../../domain/messaging/policy.ts';
import { wordsOfLocale } from '../../domain/messaging/render/built-in-words.ts';
import type { ContentFailure } from '../../domain/messaging/render/email-content.ts';
import { type LinkTags, linkTags, noLinkTags } from '../../domain/messaging/render/link-tags.ts';
import type { RenderSetting } from '../../domain/messaging/render/liquid.ts';
import { wantedOf } from '../../domain/messaging/render/look-ups.ts';
import { missingVariable, type Recipient, scopeOf, variantFor } from '../../domain/messaging/render/made-for.ts';
import type { SmsLength } from '../../domain/messaging/render/sms-parts.ts';
import { localeOfText, normaliseLocale } from '../../domain/messaging/render/variant.ts';
import { renderedContent } from '../../domain/messaging/rendered-content.ts';
import type { Template, TemplateVariant } from '../../domain/messaging/template.ts';
import type { Topic } from '../../domain/messaging/topic.ts';
import type { WebhookEndpoint } from '../../domain/messaging/webhook-endpoint.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import { traitValue } from '../../domain/profiles/set-traits.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { Problem } from '../../kernel/errors.ts';
import type { Settings } from '../../settings.ts';
import type { ReadItems } from '../collections/items.ts';
import { lookUp } from '../collections/look-up.ts';
import type { Outgoing } from '../delivery.ts';
import type { SignedLinks } from '../signed-links.ts';

/** All that a channel may need to make a message: of the request, the customer, and what the catalog says of both. */
export interface Material {
  readonly request: MessageRequest;
  /** Where the state lies. */
  readonly profile: Profile;
  readonly topic: Topic;
  /** Normalised; '' for a channel without addresses. */
  readonly address: string;
  /** All of them: several where they are devices. */
  readonly addresses: readonly string[];
  readonly template?: { readonly document: Template; readonly version: number };
  /** What its template asks for in collections; absent: nothing. */
  readonly lookups?: { readonly [name: string]: Json };
  readonly policy: Policy;
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>;
  readonly segments?: ReadonlyMap<string, Segment>;
  readonly computed?: ComputedTraits;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
}

export interface MakingPorts {
  readonly settings: Pick<Settings, 'senders' | 'configurationSets' | 'inbox' | 'sms' | 'push'>;
  readonly links: Pick<SignedLinks, 'unsubscribeUrl' | 'preferencesUrl' | 'confirmUrl' | 'taskUrl'>;
}

/** Why a message cannot be made; final, and no customer's data in it. */
export interface Unprepared {
  readonly refused: string;
  /** Its template says that it is not to go, which is no failure. */
  readonly as?: 'not-sent';
  readonly detail?: Json;
}

export const isUnprepared = (result: object): result is Unprepared => 'refused' in result;

export interface Prepared<M extends Outgoing = Outgoing> {
  readonly message: M;
  /** What the record of a message keeps of its content (G7): which template, and how large it became. */
  readonly detail: { readonly [key: string]: Json };
}

export interface Shown {
  readonly rendered: {
    readonly subject?: string;
    readonly html?: string;
    readonly text: string;
    readonly link?: string;
    readonly image?: string;
    readonly headers: { readonly [name: string]: string };
  };
  /** Of a text message: what carriers count. */
  readonly length?: SmsLength;
  /** In bytes. */
  readonly sizes: { readonly subject?: number; readonly html?: number; readonly text: number };
  readonly findings: readonly Problem[];
}

/** How a channel makes messages. What is made is whole: its adapter only translates it for the provider. */
export interface Making<M extends Outgoing> {
  make(material: Material, ports: MakingPorts): Promise<Prepared<M> | Unprepared>;
  /** To whom it goes, as `delivery.allow` of an environment names them: addresses, or the host of a URL. */
  targets(message: M): readonly string[];
  /** Under which the same list names whoever has all of its targets; absent: nothing does. */
  owner?(message: M): string | undefined;
  /** As the author of a test run gets it. Absent: as it is. */
  forTest?(message: M): M;
  /** In a sink's record, beside the detail: shows that the journey and its template work. */
  inSink?(message: M): { readonly [key: string]: Json };
  /** For a preview. */
  show(message: M): Shown | Promise<Shown>;
}

export interface Content {
  /** Its content as it is rendered, blocks in place. */
  readonly variant: TemplateVariant;
  readonly scope: { readonly [root: string]: Json };
  readonly setting: RenderSetting;
  /** Every body goes through it. */
  readonly links: LinkTags;
  /** For the record: template and version, and the variant's locale. */
  readonly named: { readonly [key: string]: Json };
}

/** What of the template this customer gets, with all that it needs there. */
export function contentFor(material: Material, words: { readonly [name: string]: Json } = {}): Content | Unprepared {
  const { request, template, topic, profile, policy, now, zone, lookups = {} } = material;
  if (template === undefined) return { refused: 'template.missing' };
  const { channel, origin } = request;
  const recipient = recipientOf(material);
  const { document, version } = template;
  const id = `${document.id}@${version}`;
  const variant = variantFor(recipient, document, channel);
  if (variant === undefined) return { refused: 'template.no-variant', detail: { template: id } };
  const customer = normaliseLocale(traitValue(profile, 'locale'));
  const locale = localeOfText(variant.locale, customer, policy.locale);
  const scope = { ...scopeOf(recipient), ...wordsOfLocale(locale), ...words, lookups };
  const missing = missingVariable(document, variant, scope);
  if (missing !== undefined) {
    return { refused: 'template.variable-missing', detail: { template: id, variable: missing } };
  }
  const tagging = (topic.links ?? policy.links)?.utm;
  const from = { channel, template: document.id, journey: origin?.journey, step: origin?.step };
  const links = tagging ? linkTags(tagging, from, Object.values(words).filter(isUrl)) : noLinkTags;
  const named = { template: id, ...(variant.locale !== undefined && { locale: variant.locale }) };
  return {
    variant: { ...variant, content: renderedContent(variant) },
    scope,
    setting: { now, zone, locale },
    links,
    named,
  };
}

function recipientOf({ request, profile, policy, segments, computed, now, zone }: Material): Recipient {
  return {
    ...{ profile, values: request.values, policy, now, zone },
    ...(segments !== undefined && { segments }),
    ...(computed !== undefined && { computed }),
  };
}

/**
 * Looks up what the template asks for, or says why the message does not go. Of a template that asks for nothing, nothing
 * is read.
 *
 * @param given by the look-up's name, in the place of what would be read.
 */
export async function withLookups(
  material: Material,
  read: ReadItems,
  given: { readonly [name: string]: Json } = {},
): Promise<Material | Unprepared> {
  const { template, request, now } = material;
  if (template?.document.lookups === undefined) return material;
  const recipient = recipientOf(material);
  const variant = variantFor(recipient, template.document, request.channel);
  if (variant === undefined) return material;
  const wanted = wantedOf(template.document, variant, scopeOf(recipient));
  const found = await lookUp(
    wanted.filter(({ name }) => !Object.hasOwn(given, name)),
    read,
    now,
  );
  if ('lookups' in found) return { ...material, lookups: { ...found.lookups, ...given } };
  const detail = { template: `${template.document.id}@${template.version}`, ...found };
  return { refused: 'lookup.missing', as: 'not-sent', detail };
}

const isUrl = (word: Json): word is string => typeof word === 'string' && /^https?:/i.test(word);

/** The content could not be rendered. */
export const notRendered = (
  { code, part, line, column, detail }: ContentFailure,
  { named }: Pick<Content, 'named'>,
): Unprepared => ({ refused: code, detail: { ...named, part, line, column, detail } });
