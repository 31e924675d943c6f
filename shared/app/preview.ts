import type { ComputedTraits } from '../domain/computed-traits/computed-traits.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { zoneOf } from '../domain/journeys/engine/scope.ts';
import { normaliseAddress } from '../domain/messaging/address.ts';
import type { Blocks } from '../domain/messaging/block.ts';
import type { Collections } from '../domain/messaging/collection.ts';
import { addressesIn } from '../domain/messaging/policy/check-address.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import type { SmsLength } from '../domain/messaging/render/sms-parts.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Topic } from '../domain/messaging/topic.ts';
import { emptyProfile, type Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import type { Problem } from '../kernel/errors.ts';
import type { DeliveryChannel } from '../resources.ts';
import type { Sender, SmsSettings } from '../settings.ts';
import type { ReadItems } from './collections/items.ts';
import { checkTemplate, compileTemplate } from './compile-template.ts';
import { exampleScope } from './example-scope.ts';
import { isUnprepared, type MakingPorts, type Material, type Shown, withLookups } from './outgoing/making.ts';
import { makingOf } from './outgoing/registry.ts';
import { type GivenLookups, orExamples, readGiven, shownByExample } from './preview-items.ts';
import { traitsFrom } from './traits-from.ts';

export interface PreviewInput {
  readonly template: Template;
  readonly version?: number;
  readonly channel: DeliveryChannel;
  /** Absent: a customer who is made of the examples. */
  readonly profile?: Profile;
  /** Values that a message would carry (entry, event, steps, vars); they win over the examples. */
  readonly values?: MessageRequest['values'];
  /** Instead of the customer's own. */
  readonly locale?: string;
  readonly topicKind?: Topic['kind'];
  readonly topicLinks?: Topic['links'];
  readonly blocks?: Blocks;
  readonly collections?: Collections;
  /** Absent: there are no items. */
  readonly readItems?: ReadItems;
  /** In the place of what would be read. */
  readonly lookups?: GivenLookups;
  readonly policy: Policy;
  /** Of the profile; one that is made of examples has its values there. */
  readonly computed?: ComputedTraits;
  /** Of mails. Absent: the environment has none. */
  readonly sender?: Sender;
  readonly sms?: SmsSettings;
  readonly now: number;
}

export interface Preview extends Partial<Omit<Shown, 'findings'>> {
  /** Of a text message, by the policy's price of one part. */
  readonly price?: { readonly currency: string; readonly perPart: number; readonly amount: number };
  /** Why nothing is rendered, where nothing is; else what there is to say of it. */
  readonly findings: readonly Problem[];
}

/** Says what it is; it unsubscribes nobody. */
const exampleUrl = async () => 'https://preview.invalid/u/example';

/** The same code that sends renders it; nothing is stored or sent. */
export async function preview(input: PreviewInput): Promise<Preview> {
  const { channel, policy, now } = input;
  const { topicKind, blocks = new Map(), collections = new Map() } = input;
  const findings = await checkTemplate(input.template, { topicKind, blocks, collections });
  const document = await compileTemplate(input.template, blocks);
  const template = { document, version: input.version ?? 0 };
  const { profile, values } = subjectOf(input);
  const making = makingOf(channel)!;
  const material: Material = {
    request: requestOf(channel, values),
    profile,
    topic: {
      id: 'preview',
      kind: input.topicKind ?? 'marketing',
      consent: {},
      ...(input.topicLinks !== undefined && { links: input.topicLinks }),
    },
    ...addressedTo(channel, profile),
    template,
    policy,
    endpoints: new Map([['preview', { id: 'preview', url: 'https://preview.invalid/' }]]),
    ...(input.profile !== undefined && input.computed !== undefined && { computed: input.computed }),
    now,
    zone: zoneOf({ profile, now, catalog: { policy } }, undefined),
  };
  const byExample = new Set<string>();
  const given = readGiven(document, input.lookups ?? {}, collections);
  const read = input.readItems ?? (async () => []);
  // A customer who is made of examples may name what is nowhere.
  const items = input.profile === undefined ? orExamples(read, collections, now, byExample) : read;
  const full = await withLookups(material, items, given);
  findings.push(...[...byExample].map(shownByExample));
  const ports: MakingPorts = {
    settings: {
      senders: input.sender === undefined ? [] : [input.sender],
      configurationSets: { marketing: 'preview', transactional: 'preview' },
      inbox: { origins: [], keptDays: 1 },
      sms: smsOf(input),
      push: { apns: 'production' },
    },
    links: { unsubscribeUrl: exampleUrl, preferencesUrl: exampleUrl, confirmUrl: exampleUrl, taskUrl: exampleUrl },
  };
  const prepared = isUnprepared(full) ? full : await making.make(full, ports);
  if (isUnprepared(prepared)) return { findings: [...findings, refusalOf(prepared.refused, prepared.detail)] };
  const shown = await making.show(prepared.message);
  const price = priceOf(policy, shown.length);
  return { ...shown, ...(price !== undefined && { price }), findings: [...findings, ...shown.findings] };
}

/** The customer's own, because senders of text messages go by the number's country; else an example. */
function addressedTo(channel: DeliveryChannel, profile: Profile): Pick<Material, 'address' | 'addresses'> {
  const own = addressesIn(profile, channel).flatMap((one) => normaliseAddress(channel, one) ?? []);
  const addresses = own.length > 0 ? own : (examples[channel] ?? []);
  return { address: addresses[0] ?? '', addresses };
}

/** RFC 2606; numbers that NANPA keeps for fiction; a device of either service, since both have limits. */
const examples: { readonly [channel: string]: readonly string[] } = {
  email: ['customer@preview.invalid'],
  sms: ['+12025550100'],
  push: ['0'.repeat(64), 'preview:fcm'],
};

/** Whoever the number's country has as sender, else any: a preview shows a text, wherever it may go. */
function smsOf({ sms }: PreviewInput): SmsSettings {
  const senders = sms?.senders ?? {};
  const [any = 'preview'] = Object.values(senders);
  return { transport: 'end-user-messaging', ...sms, senders: { default: any, ...senders } };
}

function priceOf({ prices }: Policy, length: SmsLength | undefined): Preview['price'] {
  const perPart = prices?.perMessage.sms;
  if (length === undefined || prices === undefined || perPart === undefined) return undefined;
  return { currency: prices.currency, perPart, amount: Number((perPart * length.parts).toFixed(6)) };
}

function subjectOf({ template, profile, values, locale, now }: PreviewInput) {
  const examples = exampleScope(template);
  const example: Profile = { ...emptyProfile, traits: traitsFrom(examples['profile'], now) };
  const base = profile ?? example;
  const { profile: _traits, ...exampleValues } = examples;
  return {
    profile: locale === undefined ? base : { ...base, traits: { ...base.traits, ...traitsFrom({ locale }, now) } },
    values: { ...exampleValues, ...values } as MessageRequest['values'],
  };
}

function requestOf(channel: DeliveryChannel, values: MessageRequest['values']): MessageRequest {
  const never = { onUnknown: 'count', report: 'non-success', transactional: false, decidedAt: 0 } as const;
  const webhook = channel === 'webhook' && { webhook: { endpoint: 'preview' } };
  return { id: 'preview', key: 'preview', channel, topic: 'preview', values, ...webhook, ...never };
}

function refusalOf(code: string, detail: Json | undefined): Problem {
  const { part, line, column, variable, detail: text } = (detail ?? {}) as { [name: string]: Json | undefined };
  const place = typeof line === 'number' && line > 0 ? `line ${line}, column ${String(column)}: ` : '';
  return {
    pointer: '',
    code,
    detail: `${part === undefined ? '' : `${String(part)}: `}${place}${String(text ?? variable ?? 'it would not be sent')}`,
  };
}
