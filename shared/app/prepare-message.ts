import type { Segment } from '../domain/audiences/segment.ts';
import type { ComputedTraits } from '../domain/computed-traits/computed-traits.ts';
import type { MessageRequest } from '../domain/decision.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import {
  type ContentFailure,
  isContentFailure,
  renderEmail,
  renderJson,
} from '../domain/messaging/render/email-content.ts';
import type { RenderSetting } from '../domain/messaging/render/liquid.ts';
import { missingVariable, type Recipient, scopeOf, variantFor } from '../domain/messaging/render/made-for.ts';
import { normaliseLocale } from '../domain/messaging/render/variant.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { WebhookEndpoint } from '../domain/messaging/webhook-endpoint.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { traitValue } from '../domain/profiles/set-traits.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { nominalMs } from '../kernel/duration.ts';
import type { Sender } from '../settings.ts';
import type { OutgoingEmail, OutgoingWebhook } from './delivery.ts';

/** Why a message cannot be made; final, and no customer's data in it. */
export interface Unprepared {
  readonly refused: string;
  readonly detail?: Json;
}

export const isUnprepared = (result: object): result is Unprepared => 'refused' in result;

type Common = Pick<EmailInput, 'request' | 'profile' | 'policy' | 'segments' | 'computed' | 'now' | 'zone'>;

export interface EmailInput {
  readonly request: MessageRequest;
  readonly profile: Profile;
  readonly template: { readonly document: Template; readonly version: number };
  readonly policy: Policy;
  readonly segments?: ReadonlyMap<string, Segment>;
  readonly computed?: ComputedTraits;
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
  const { request, template, sender, unsubscribeUrl } = input;
  const recipient = recipientOf(input);
  const variant = variantFor(recipient, template.document, 'email');
  const named = { template: `${template.document.id}@${template.version}` };
  if (variant === undefined) return { refused: 'template.no-variant', detail: named };
  const scope = {
    ...scopeOf(recipient),
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
  const { request, endpoint, template, outcomeUrl } = input;
  let body = JSON.stringify(bodyOf(input, outcomeUrl));
  let detail: Record<string, Json> = { endpoint: endpoint.id };
  if (template !== undefined) {
    detail = { ...detail, template: `${template.document.id}@${template.version}` };
    const recipient = recipientOf(input);
    const variant = variantFor(recipient, template.document, 'webhook');
    if (variant === undefined) return { refused: 'template.no-variant', detail };
    const scope = scopeOf(recipient);
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

/** Whom it is about is read here: until now nothing that lay in a queue named the customer. */
function bodyOf({ request: { id, webhook }, profile: { ids } }: WebhookInput, outcomeUrl: string | undefined): Json {
  const given = webhook?.body ?? {};
  if (outcomeUrl === undefined && webhook?.about !== true) return given;
  const anonymousId = ids.anonymous?.[0];
  const profile = ids.user !== undefined ? { userId: ids.user } : anonymousId !== undefined ? { anonymousId } : {};
  const about = { ...(given as { readonly [name: string]: Json }), profile };
  return outcomeUrl === undefined ? about : { task: id, ...about, outcomeUrl };
}

export function emailSizes(content: { readonly subject: string; readonly html?: string; readonly text: string }) {
  return {
    subject: Buffer.byteLength(content.subject),
    html: Buffer.byteLength(content.html ?? ''),
    text: Buffer.byteLength(content.text),
  };
}

const recipientOf = ({ request: { values }, profile, policy, segments, computed, now, zone }: Common): Recipient => ({
  profile,
  values,
  policy,
  ...(segments !== undefined && { segments }),
  ...(computed !== undefined && { computed }),
  now,
  zone,
});

function settingOf({ profile, policy, now, zone }: Common): RenderSetting {
  return { now, zone, locale: normaliseLocale(traitValue(profile, 'locale')) ?? policy.locale };
}

function placeOf({ part, line, column, detail }: ContentFailure) {
  return { part, line, column, detail };
}
