import type { MessageRequest } from '../domain/decision.ts';
import { testMessageId } from '../domain/journeys/engine/test-run.ts';
import type { TestCustomer } from '../domain/mail-record.ts';
import type { Template } from '../domain/messaging/template.ts';
import { emptyProfile, type Profile } from '../domain/profiles/profile.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { testKey } from '../kernel/ids.ts';
import type { DeliveryChannel } from '../resources.ts';
import type { Settings } from '../settings.ts';
import { findTopic, type TopicPorts } from './catalog/find-topic.ts';
import { readLiveDocument } from './catalog/live-documents.ts';
import type { CatalogStore } from './catalog/ports.ts';
import { readTestRecipient, type TestChannel } from './delivery-mode.ts';
import { exampleScope } from './example-scope.ts';
import type { Clock, Mailbox, ProfileStore } from './ports.ts';
import { findProfile, type IdType, identityOf, keyOfIdentity } from './profiles/find-profile.ts';
import { tellProfile } from './profiles/tell-profile.ts';
import { mayReceive } from './test-runs.ts';
import { traitsFrom } from './traits-from.ts';

export interface TestSendRequest {
  readonly to: string;
  readonly channel: DeliveryChannel;
  readonly version?: number;
  /** Whose copy gets it; absent: somebody who is made of the examples. */
  readonly profile?: { readonly id: string; readonly idType?: IdType };
  readonly locale?: string;
  /** The first by id when absent. */
  readonly topic?: string;
  readonly sender?: string;
  readonly values?: MessageRequest['values'];
}

type TestSendPorts = TopicPorts & {
  readonly now: Clock;
  readonly catalog: CatalogStore;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly mailbox: Mailbox;
  readonly settings: Settings;
};

/**
 * One message of a template to its author, by the code and the roles that send to customers. It begins an actor of its
 * own, as a test run does, so nothing happens to the customer whose copy it is; the recipient is checked here, and again
 * at hand-over.
 *
 * @returns the id of the message: what became of it is in `GET /v1/messages/{id}`.
 */
export async function startTestSend(
  ports: TestSendPorts,
  templateId: string,
  command: string,
  request: TestSendRequest,
): Promise<string> {
  const { channel, version, sender, values } = request;
  if (!isOfAuthors(channel)) {
    const limit = Object.keys(testRecipientOf).join(', ');
    throw refused('/channel', 'test-send.channel', 'no author has an address on this channel', limit);
  }
  const { found } = await readLiveDocument(ports.catalog, 'template', templateId, version);
  const template = found.document as Template;
  const own = [...new Set(template.variants.map((variant) => variant.channel))];
  if (!own.includes(channel)) {
    throw refused('/channel', 'template.no-variant', 'the template has no variant of this channel', own.join(', '));
  }
  const { senders } = ports.settings;
  if (sender !== undefined && !senders.some(({ id }) => id === sender)) {
    throw refused(
      '/sender',
      'sender.not-found',
      `there is no sender ${sender}`,
      senders.map(({ id }) => id).join(', '),
    );
  }
  const sendTo = await mayReceive(ports, request.to, '/to');
  if (readTestRecipient(sendTo)?.channel !== channel) {
    const detail = `is no address of the channel ${channel}`;
    throw refused('/to', 'test-send.recipient', detail, testRecipientOf[channel]);
  }
  const topic = await findTopic(ports, ({ id }) => request.topic === undefined || id === request.topic);
  if (topic === undefined) throw refused('/topic', 'topic.not-found', 'there is no such topic');
  const { profile: exampleTraits, ...examples } = exampleScope(template);
  const at = ports.now();
  const customer = await customerOf(ports, request, traitsFrom(exampleTraits, at), at);
  const key = testKey(`template:${templateId}`, command);
  const record = {
    t: 'test',
    id: command,
    at,
    epoch: await ports.catalog.readEpoch('newest'),
    test: { sendTo, speed: 1 },
    customer,
    send: {
      template: version === undefined ? templateId : `${templateId}@${version}`,
      ...{ channel, topic: topic.id, values: { ...examples, ...values } },
      ...(sender !== undefined && { sender }),
    },
  } as const;
  await tellProfile(ports.mailbox, { key, record }, at);
  return testMessageId(key, command);
}

/** Every channel that an author can be addressed on, and as what. */
const testRecipientOf: { readonly [C in TestChannel]: string } = {
  email: 'an e-mail address',
  push: 'push: and a token',
  sms: 'a phone number, as +4915112345678',
};

const isOfAuthors = (channel: DeliveryChannel): channel is TestChannel => Object.hasOwn(testRecipientOf, channel);

/** What a template sees of them. Neither consents nor what was sent: a test send asks for neither. */
async function customerOf(
  { profiles }: TestSendPorts,
  { profile: named, locale }: TestSendRequest,
  examples: Profile['traits'],
  at: number,
): Promise<TestCustomer> {
  const known =
    named && (await findProfile(profiles, keyOfIdentity(identityOf(named.idType ?? 'userId', named.id)))).profile;
  const { createdAt, traits, seen, computed, memberships, lists } = known ?? {
    ...emptyProfile,
    createdAt: at,
    traits: examples,
  };
  return {
    createdAt,
    traits: { ...traits, ...(locale !== undefined && traitsFrom({ locale }, at)) },
    ...{ seen, consents: {}, entered: {}, sends: [], deadAddresses: {} },
    ...(computed !== undefined && { computed }),
    ...(memberships !== undefined && { memberships: { saw: memberships.saw, in: memberships.in } }),
    ...(lists !== undefined && { lists }),
  };
}

function refused(pointer: string, code: string, detail: string, limit?: string): InvalidInput {
  return new InvalidInput(code, detail, [{ pointer, code, detail, ...(limit !== undefined && { limit }) }], 'invalid');
}
