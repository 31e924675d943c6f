import { noOccurrences } from '../domain/audiences/did-clauses.ts';
import { evaluatePredicate } from '../domain/audiences/evaluate-predicate.ts';
import type { Facts } from '../domain/audiences/facts.ts';
import type { Predicate } from '../domain/audiences/predicate.ts';
import { parseRef } from '../domain/audiences/ref.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { consentKey } from '../domain/messaging/consent.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import {
  type ContentFailure,
  isContentFailure,
  renderEmail,
  renderJson,
} from '../domain/messaging/render/email-content.ts';
import type { LiquidScope, RenderSetting } from '../domain/messaging/render/liquid.ts';
import { refOf, variablesOf } from '../domain/messaging/render/variables.ts';
import { chooseVariant, normaliseLocale } from '../domain/messaging/render/variant.ts';
import type { Template, TemplateVariant } from '../domain/messaging/template.ts';
import type { WebhookEndpoint } from '../domain/messaging/webhook-endpoint.ts';
import { historyIn } from '../domain/profiles/journey-history.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { traitValue } from '../domain/profiles/set-traits.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { nominalMs } from '../kernel/duration.ts';
import { isZone } from '../kernel/zone-name.ts';
import type { Sender } from '../settings.ts';
import type { OutgoingEmail, OutgoingWebhook } from './delivery.ts';

/** Why a message cannot be made; final, and no customer's data in it. */
export interface Unprepared {
  readonly refused: string;
  readonly detail?: Json;
}

export const isUnprepared = (result: object): result is Unprepared => 'refused' in result;

type Common = Pick<EmailInput, 'request' | 'profile' | 'policy' | 'now' | 'zone'>;

export interface EmailInput {
  readonly request: MessageRequest;
  readonly profile: Profile;
  readonly template: { readonly document: Template; readonly version: number };
  readonly policy: Policy;
  readonly sender: Sender;
  readonly to: string;
  readonly configurationSet: string;
  /** Absent for transactional mail. */
  readonly unsubscribeUrl?: string;
  readonly now: number;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
}

export interface Prepared<M> {
  readonly message: M;
  /** What the record of a message keeps of its content (G7): which template, and how large it became. */
  readonly detail: { readonly [key: string]: Json };
}

export function prepareEmail(input: EmailInput): Prepared<OutgoingEmail> | Unprepared {
  const { request, profile, template, policy, sender, unsubscribeUrl } = input;
  const variant = chooseVariant(template.document, 'email', localesOf(profile, policy), holdsFor(input));
  const named = { template: `${template.document.id}@${template.version}` };
  if (variant === undefined) return { refused: 'template.no-variant', detail: named };
  const scope = {
    ...scopeOf(profile, request.values),
    unsubscribe_url: unsubscribeUrl ?? '',
    postal_address: sender.postalAddress,
  };
  const missing = missingVariable(template.document, variant, scope);
  if (missing !== undefined) return { refused: 'template.variable-missing', detail: { ...named, variable: missing } };
  const content = renderEmail(variant.content, scope, settingOf(input));
  if (isContentFailure(content)) return { refused: content.code, detail: { ...named, ...placeOf(content) } };
  return {
    message: {
      channel: 'email',
      id: request.id,
      to: input.to,
      from: sender.from,
      ...(sender.replyTo !== undefined && { replyTo: sender.replyTo }),
      ...content,
      configurationSet: input.configurationSet,
      ...(unsubscribeUrl !== undefined && { unsubscribeUrl }),
      ...(request.origin !== undefined && { origin: { journey: request.origin.journey, step: request.origin.step } }),
    },
    detail: { ...named, ...(variant.locale !== undefined && { locale: variant.locale }), bytes: emailSizes(content) },
  };
}

export interface WebhookInput {
  readonly request: MessageRequest;
  readonly profile: Profile;
  readonly endpoint: WebhookEndpoint;
  /** Absent: the body is the one that the step resolved. */
  readonly template?: { readonly document: Template; readonly version: number };
  /** Of a task. */
  readonly outcomeUrl?: string;
  readonly policy: Policy;
  readonly now: number;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
}

/** The longest a webhook may take: a sender must know what became of it well within its own 30 seconds. */
const maxWebhookMs = 10_000;

export function prepareWebhook(input: WebhookInput): Prepared<OutgoingWebhook> | Unprepared {
  const { request, profile, endpoint, template, policy, outcomeUrl } = input;
  const given = request.webhook?.body ?? {};
  let body = JSON.stringify(outcomeUrl === undefined ? given : taskBody(input, outcomeUrl));
  let detail: Record<string, Json> = { endpoint: endpoint.id };
  if (template !== undefined) {
    detail = { ...detail, template: `${template.document.id}@${template.version}` };
    const variant = chooseVariant(template.document, 'webhook', localesOf(profile, policy), holdsFor(input));
    if (variant === undefined) return { refused: 'template.no-variant', detail };
    const scope = scopeOf(profile, request.values);
    const missing = missingVariable(template.document, variant, scope);
    if (missing !== undefined)
      return { refused: 'template.variable-missing', detail: { ...detail, variable: missing } };
    const rendered = renderJson(variant.content, scope, settingOf(input));
    if (isContentFailure(rendered)) return { refused: rendered.code, detail: { ...detail, ...placeOf(rendered) } };
    body = rendered.json;
  }
  const wantedMs =
    request.webhook?.timeoutMs ?? (endpoint.timeout === undefined ? maxWebhookMs : nominalMs(endpoint.timeout));
  return {
    message: {
      channel: 'webhook',
      id: request.id,
      endpoint,
      body,
      timeoutMs: Math.max(100, Math.min(wantedMs, maxWebhookMs)),
      save: request.webhook?.save ?? false,
    },
    detail: { ...detail, bytes: Buffer.byteLength(body) },
  };
}

/** Whom a task is about is read here: until now nothing that lay in a queue named the customer. */
function taskBody({ request, profile: { ids } }: WebhookInput, outcomeUrl: string): Json {
  const anonymousId = ids.anonymous?.[0];
  const profile = ids.user !== undefined ? { userId: ids.user } : anonymousId !== undefined ? { anonymousId } : {};
  return { task: request.id, ...(request.webhook?.body as { readonly [name: string]: Json }), profile, outcomeUrl };
}

export function zoneFor(profile: Profile, journeyZone: string | undefined, policy: Policy): string {
  const own = traitValue(profile, 'timezone');
  return typeof own === 'string' && isZone(own) ? own : (journeyZone ?? policy.zone);
}

/** What a template sees: `profile.<trait>` beside the values that the message carries. */
export function scopeOf(profile: Profile, values: MessageRequest['values']): LiquidScope {
  const traits = Object.entries(profile.traits).map(([name, trait]) => [name, trait.value]);
  return { entry: {}, event: {}, steps: {}, vars: {}, ...values, profile: Object.fromEntries(traits) };
}

export function emailSizes(content: { readonly subject: string; readonly html?: string; readonly text: string }) {
  return {
    subject: Buffer.byteLength(content.subject),
    html: Buffer.byteLength(content.html ?? ''),
    text: Buffer.byteLength(content.text),
  };
}

function localesOf(profile: Profile, policy: Policy) {
  return { customer: normaliseLocale(traitValue(profile, 'locale')), environment: policy.locale };
}

function settingOf({ profile, policy, now, zone }: Common): RenderSetting {
  return { now, zone, locale: normaliseLocale(traitValue(profile, 'locale')) ?? policy.locale };
}

/** A variant's `if`, over the profile and the values that the message carries. */
function holdsFor({ request, profile, now, zone }: Common): (predicate: Predicate) => boolean {
  const scope = scopeOf(profile, request.values);
  const facts: Facts = {
    now,
    zone,
    lookup: (ref) => {
      const parts = parseRef(ref);
      return parts === undefined ? undefined : (dig(scope, [parts.root, ...parts.path]) as Json | undefined);
    },
    occurrences: ({ id }) =>
      Object.hasOwn(profile.seen, id) ? profile.seen[id] : noOccurrences(profile.createdAt || now),
    journey: (id) => historyIn(profile, id),
    consent: (channel, topic) => profile.consents[consentKey(channel, topic)]?.state ?? 'none',
  };
  return (predicate) => evaluatePredicate(predicate, facts).value;
}

function dig(scope: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, name) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? node[name as never] : undefined,
    scope,
  );
}

/** The first required variable that this variant reads and nobody has given. */
function missingVariable(template: Template, variant: TemplateVariant, scope: LiquidScope): string | undefined {
  const required = Object.keys(template.variables).filter((ref) => template.variables[ref]!.required === true);
  if (required.length === 0) return undefined;
  const uses = variablesOf(variant.content);
  for (const use of uses) {
    const ref = refOf(use);
    if (ref === undefined || !required.some((one) => one === ref)) continue;
    const value = dig(scope, [use.root, ...use.path]);
    if (value === undefined || value === null || value === '') return ref;
  }
  return undefined;
}

function placeOf({ part, line, column, detail }: ContentFailure) {
  return { part, line, column, detail };
}
