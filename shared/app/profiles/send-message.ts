import type { Reason } from '../../domain/decision.ts';
import { addressHash, keyOfAddress, normaliseAddress } from '../../domain/messaging/address.ts';
import type { Channel } from '../../domain/messaging/channel.ts';
import { directMessageId, readMessageId } from '../../domain/messaging/message-id.ts';
import type { Template } from '../../domain/messaging/template.ts';
import type { Topic } from '../../domain/messaging/topic.ts';
import { emptyProfile } from '../../domain/profiles/profile.ts';
import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { findTopic, type TopicPorts } from '../catalog/find-topic.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { Mailbox, MessageRecord, MessageStore, ProfileStore, StoredProfile } from '../ports.ts';
import { type IdType, identityOf, keyOfIdentity, keysOf, knownProfile } from './find-profile.ts';
import type { ProfileHistory } from './ports.ts';
import { tellProfile } from './tell-profile.ts';

export interface DirectMessage {
  readonly template: string;
  readonly profile?: { readonly id: string; readonly idType?: IdType };
  /** An address instead of the profile's own. */
  readonly to?: string;
  readonly channels?: readonly Channel[];
  /** A transactional one; the first of them by id when absent. */
  readonly topic?: string;
  readonly properties?: { readonly [name: string]: Json };
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/**
 * One transactional message without a journey. Decided by the profile's actor like any other: consent, suppression
 * and the topic's kind are looked at there and at hand-over. Without a profile the address is one of its own, so
 * that even a stranger's messages are decided in order.
 */
export async function sendMessage(
  ports: TopicPorts & {
    readonly catalog: CatalogStore;
    readonly mailbox: Mailbox;
    readonly profiles: Pick<ProfileStore, 'read'>;
  },
  message: DirectMessage,
  commandId: string,
  now: number,
): Promise<{ readonly id: string }> {
  const template = await requireTemplate(ports.catalog, message.template);
  requireVariant(template, message.channels);
  await requireTransactional(ports, message.topic);
  const named = message.profile && identityOf(message.profile.idType ?? 'userId', message.profile.id);
  if (named === undefined && message.to === undefined) {
    const problem = { pointer: '/profile', code: 'message.no-recipient', detail: 'required without to' };
    throw new InvalidInput('message.no-recipient', 'name a profile, or an address in to', [problem]);
  }
  if (message.to !== undefined) requireAddress(message.to);
  if (message.expiresAt !== undefined && message.expiresAt <= now) {
    const problem = { pointer: '/expiresAt', code: 'message.expired', detail: 'in the past', limit: 'after now' };
    throw new InvalidInput('message.expired', 'expiresAt lies in the past', [problem], 'invalid');
  }
  const known = named && keyOfIdentity(named);
  const key = known ?? strangerKey(message.to!);
  const record = {
    t: 'message',
    id: commandId,
    ...(named !== undefined && { identity: named }),
    at: now,
    epoch: await ports.catalog.readEpoch('newest'),
    template: message.template,
    properties: message.properties ?? {},
    ...(message.channels !== undefined && { channels: message.channels }),
    ...(message.topic !== undefined && { topic: message.topic }),
    ...(message.to !== undefined && { to: message.to }),
    ...(message.expiresAt !== undefined && { expiresAt: message.expiresAt }),
  } as const;
  // The root decides, so its key is in the id; who merges right now is found by GET all the same.
  const root = (await knownProfile(ports.profiles, key))?.key ?? key;
  await tellProfile(ports.mailbox, { key, record }, now);
  return { id: directMessageId(root, commandId) };
}

function strangerKey(to: string): ProfileKey {
  const channel = normaliseAddress('email', to) === undefined ? 'sms' : 'email';
  return keyOfAddress(addressHash(channel, to));
}

async function requireTemplate(catalog: CatalogStore, named: string): Promise<Template> {
  const [id, version] = named.split('@') as [string, string?];
  const head = await catalog.readHead('template', id);
  const wanted = version === undefined ? head?.live : Number(version);
  const found = wanted === undefined ? undefined : await catalog.readVersion('template', id, wanted);
  if (found !== undefined) return found.document as Template;
  const problem = { pointer: '/template', code: 'template.not-found', detail: `there is no template ${named}` };
  throw new InvalidInput('template.not-found', `there is no template ${named}`, [problem], 'invalid');
}

function requireVariant({ variants }: Template, wanted: readonly Channel[] | undefined): void {
  const own = [...new Set(variants.map(({ channel }) => channel))];
  if (wanted === undefined || wanted.some((channel) => own.includes(channel))) return;
  const detail = 'the template has none of these channels';
  const problem = { pointer: '/channels', code: 'template.no-variant', detail, limit: own.join(', ') };
  throw new InvalidInput('template.no-variant', detail, [problem], 'invalid');
}

/** Said at once and not only in the journal: nothing that is marketing goes out without a journey. */
async function requireTransactional(ports: TopicPorts, id: string | undefined): Promise<void> {
  const isWanted = (topic: Topic) => topic.kind === 'transactional' && (id === undefined || topic.id === id);
  if ((await findTopic(ports, isWanted)) !== undefined) return;
  const exists = id !== undefined && (await findTopic(ports, (topic) => topic.id === id)) !== undefined;
  const code = exists ? 'topic.not-transactional' : 'topic.not-found';
  const detail = id === undefined ? 'there is no transactional topic' : 'the topic must exist and be transactional';
  const problem = { pointer: '/topic', code, detail, fix: 'name a transactional topic' };
  throw new InvalidInput(code, detail, [problem], 'invalid');
}

function requireAddress(to: string): void {
  if (normaliseAddress('email', to) !== undefined || normaliseAddress('sms', to) !== undefined) return;
  const problem = {
    pointer: '/to',
    code: 'message.address',
    detail: 'neither an e-mail address nor a phone number in E.164 form, +14155550100',
    actual: `${to.length} characters`,
  };
  throw new InvalidInput('message.address', 'to is neither an e-mail address nor a phone number', [problem], 'invalid');
}

export type MessageFate =
  | { readonly record: MessageRecord }
  | { readonly state: 'queued' | 'decided-against' | 'undecided'; readonly reasons: readonly Reason[] };

/** Nothing of what the journal says of it was kept in a profile. */
export const unheardOf = (key: ProfileKey): StoredProfile => ({
  key,
  version: 0,
  at: 0,
  epoch: 0,
  profile: emptyProfile,
});

/**
 * A message moves with its profile when that is merged: its own key, then the root it leads to. What was decided
 * against never reached a queue; the journal says why (guarantee G7).
 */
export async function directMessageFate(
  ports: {
    readonly messages: Pick<MessageStore, 'read'>;
    readonly profiles: Pick<ProfileStore, 'read'>;
    readonly history: Pick<ProfileHistory, 'journal'>;
  },
  id: string,
): Promise<MessageFate> {
  const parts = readMessageId(id);
  if (parts === undefined) throw new NotFound('message.not-found', 'this is no id of a message');
  const found = await ports.messages.read(parts.key, id);
  if (found !== undefined) return { record: found };
  const root = (await knownProfile(ports.profiles, parts.key)) ?? unheardOf(parts.key);
  const movedId = `${root.key}-${parts.hash}`;
  const moved = root.key === parts.key ? undefined : await ports.messages.read(root.key, movedId);
  if (moved !== undefined) return { record: moved };
  const journals = await Promise.all(keysOf(root).map((key) => ports.history.journal(key)));
  const handled = [...journals.flatMap(({ data }) => data), ...(root.pending?.ids ?? [])];
  const reasons = new Map(
    handled
      .flatMap((entry) => entry.why)
      .filter(({ message }) => message === id || message === movedId)
      .map((reason) => [canonicalJson(reason), reason]),
  );
  const codes = [...reasons.values()].map(({ code }) => code);
  const state = codes.length === 0 ? 'undecided' : codes.includes('message.decided') ? 'queued' : 'decided-against';
  return { state, reasons: [...reasons.values()] };
}
