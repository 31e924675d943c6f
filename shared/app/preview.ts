import type { ComputedTraits } from '../domain/computed-traits/computed-traits.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { zoneOf } from '../domain/journeys/engine/scope.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Topic } from '../domain/messaging/topic.ts';
import { emptyProfile, type Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import type { Problem } from '../kernel/errors.ts';
import type { Sender } from '../settings.ts';
import { checkTemplate, compileTemplate } from './compile-template.ts';
import { exampleScope } from './example-scope.ts';
import { emailSizes, isUnprepared, prepareEmail, prepareWebhook } from './prepare-message.ts';

export interface PreviewInput {
  readonly template: Template;
  readonly version?: number;
  readonly channel: 'email' | 'webhook';
  /** Absent: a customer who is made of the examples. */
  readonly profile?: Profile;
  /** Values that a message would carry (entry, event, steps, vars); they win over the examples. */
  readonly values?: MessageRequest['values'];
  /** Instead of the customer's own. */
  readonly locale?: string;
  readonly topicKind?: Topic['kind'];
  readonly policy: Policy;
  /** Of the profile; one that is made of examples has its values there. */
  readonly computed?: ComputedTraits;
  readonly sender: Sender;
  readonly now: number;
}

export interface Preview {
  /** Absent when it cannot be rendered; `findings` say why. */
  readonly rendered?: {
    readonly subject?: string;
    readonly html?: string;
    readonly text: string;
    readonly headers: { readonly [name: string]: string };
  };
  /** In bytes. */
  readonly sizes?: { readonly subject?: number; readonly html?: number; readonly text: number };
  readonly findings: readonly Problem[];
}

/** Gmail shows no more of a mail than this, and cuts off what often is the unsubscribe link. */
const clippedAtBytes = 102_000;
/** Says what it is; it unsubscribes nobody. */
const exampleUnsubscribeUrl = 'https://preview.invalid/u/example';

/** The same code that sends renders it; nothing is stored or sent. */
export async function preview(input: PreviewInput): Promise<Preview> {
  const { channel, policy, now } = input;
  const findings = await checkTemplate(input.template, input.topicKind);
  const document = await compileTemplate(input.template);
  const template = { document, version: input.version ?? 0 };
  const { profile, values } = subjectOf(input);
  const request = requestOf(channel, values);
  const given = {
    request,
    profile,
    template,
    policy,
    ...(input.profile !== undefined && input.computed !== undefined && { computed: input.computed }),
    now,
    zone: zoneOf({ profile, now, catalog: { policy } }, undefined),
  };
  if (channel === 'webhook') {
    const endpoint = { id: 'preview', url: 'https://preview.invalid/' };
    const prepared = prepareWebhook({ ...given, endpoint });
    if (isUnprepared(prepared)) return { findings: [...findings, refusalOf(prepared.refused, prepared.detail)] };
    const { body } = prepared.message;
    return { rendered: { text: body, headers: {} }, sizes: { text: Buffer.byteLength(body) }, findings };
  }
  const prepared = prepareEmail({
    ...given,
    sender: input.sender,
    to: 'customer@preview.invalid',
    configurationSet: 'preview',
    ...(input.topicKind !== 'transactional' && { unsubscribeUrl: exampleUnsubscribeUrl }),
  });
  if (isUnprepared(prepared)) return { findings: [...findings, refusalOf(prepared.refused, prepared.detail)] };
  const { subject, html, text, from, replyTo, unsubscribeUrl } = prepared.message;
  const sizes = emailSizes(prepared.message);
  return {
    rendered: {
      subject,
      ...(html !== undefined && { html }),
      text,
      headers: {
        From: from,
        ...(replyTo !== undefined && { 'Reply-To': replyTo }),
        ...(unsubscribeUrl !== undefined && { 'List-Unsubscribe': `<${unsubscribeUrl}>` }),
      },
    },
    sizes,
    findings: sizes.html > clippedAtBytes ? [...findings, clipped(sizes.html)] : findings,
  };
}

function subjectOf({ template, profile, values, locale, now }: PreviewInput) {
  const examples = exampleScope(template);
  const example: Profile = { ...emptyProfile, traits: traitsOf(examples['profile'], now) };
  const base = profile ?? example;
  const { profile: _traits, ...exampleValues } = examples;
  return {
    profile: locale === undefined ? base : { ...base, traits: { ...base.traits, ...traitsOf({ locale }, now) } },
    values: { ...exampleValues, ...values } as MessageRequest['values'],
  };
}

function traitsOf(values: Json | undefined, at: number): Profile['traits'] {
  const entries = Object.entries((values ?? {}) as { [name: string]: Json });
  return Object.fromEntries(entries.map(([name, value]) => [name, { value, at, source: 'api' } as const]));
}

function requestOf(channel: 'email' | 'webhook', values: MessageRequest['values']): MessageRequest {
  const never = { onUnknown: 'count', report: 'non-success', transactional: false, decidedAt: 0 } as const;
  return { id: 'preview', key: 'preview', channel, topic: 'preview', values, ...never };
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

function clipped(bytes: number): Problem {
  const detail = 'Gmail cuts mails off here, and the end of the HTML is what readers will miss';
  return { pointer: '', code: 'template.html-clipped', detail, limit: clippedAtBytes, actual: bytes };
}
