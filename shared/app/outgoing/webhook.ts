import type { MessageRequest } from '../../domain/decision.ts';
import { isContentFailure, renderJson } from '../../domain/messaging/render/email-content.ts';
import type { WebhookEndpoint } from '../../domain/messaging/webhook-endpoint.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { nominalMs } from '../../kernel/duration.ts';
import type { OutgoingWebhook } from '../delivery.ts';
import { contentFor, isUnprepared, type Making, type MakingPorts, type Material, notRendered } from './making.ts';

/** The longest a webhook may take: a sender must know what became of it well within its own 30 seconds. */
const maxWebhookMs = 10_000;

export const webhook: Making<OutgoingWebhook> = {
  async make(material, ports) {
    const { request, endpoints, profile, template } = material;
    const named = endpoints.get(request.webhook?.endpoint ?? '');
    const endpoint = profile.test === undefined || named === undefined ? named : forTests(named);
    if (endpoint === undefined) {
      return { refused: 'endpoint.missing', detail: { endpoint: request.webhook?.endpoint ?? null } };
    }
    let body = JSON.stringify(bodyOf(material, await outcomeUrlOf(ports, request)));
    let detail: Record<string, Json> = { endpoint: endpoint.id };
    if (template !== undefined) {
      const found = contentFor(material);
      if (isUnprepared(found)) return found;
      const rendered = renderJson(found.variant.content, found.scope, found.setting);
      if (isContentFailure(rendered)) return notRendered(rendered, found);
      detail = { ...detail, ...found.named };
      body = rendered.json;
    }
    const { timeout } = endpoint;
    const wantedMs = request.webhook?.timeoutMs ?? (timeout === undefined ? maxWebhookMs : nominalMs(timeout));
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
  },

  targets: ({ endpoint }) => [new URL(endpoint.url).hostname],

  show: ({ body }) => ({
    rendered: { text: body, headers: {} },
    sizes: { text: Buffer.byteLength(body) },
    findings: [],
  }),
};

/** Whom it is about is read here: until now nothing that lay in a queue named the customer. */
function bodyOf({ request: { id, webhook }, profile: { ids } }: Material, outcomeUrl: string | undefined): Json {
  const given = webhook?.body ?? {};
  if (outcomeUrl === undefined && webhook?.about !== true) return given;
  const anonymousId = ids.anonymous?.[0];
  const profile = ids.user !== undefined ? { userId: ids.user } : anonymousId !== undefined ? { anonymousId } : {};
  const about = { ...(given as { readonly [name: string]: Json }), profile };
  return outcomeUrl === undefined ? about : { task: id, ...about, outcomeUrl };
}

/** Of an endpoint that has no address for tests, nothing is called in one. */
const forTests = ({ test, ...endpoint }: WebhookEndpoint): WebhookEndpoint | undefined =>
  test === undefined ? undefined : { ...endpoint, url: test };

async function outcomeUrlOf(
  { links }: MakingPorts,
  { key: profile, id: message, webhook, origin }: MessageRequest,
): Promise<string | undefined> {
  if (webhook?.task === undefined || origin === undefined) return undefined;
  const { journey, version, step, run, visit = 1 } = origin;
  return links.taskUrl({ profile, message, journey, version, step, run, visit });
}
