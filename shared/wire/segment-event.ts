import type { CustomerEvent } from '../domain/customer-event.ts';
import { keyOfNamed, type NamedId, normaliseId } from '../domain/profiles/named-id.ts';
import { normalisePushToken } from '../kernel/addresses.ts';
import { canonicalJson, type Json } from '../kernel/canonical-json.ts';
import { digest, profileKey } from '../kernel/ids.ts';
import { type Arrival, type Fault, isFault, type Refusal } from './arrival.ts';
import { readNamedIds } from './segment-external-ids.ts';
import { findFault, isDeeperThan, maxDepth, textFault, tooDeep } from './segment-faults.ts';
import { readId, readMessageId } from './segment-ids.ts';
import { eventName, reservedNames } from './segment-names.ts';
import { correctedTime, sentAsWritten } from './segment-time.ts';

export const maxEventBytes = 32 * 1024;
/** As in journeys and predicates: a longer name could never be asked for. */
const maxNameCharacters = 200;

const kinds = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type EventKind = (typeof kinds)[number];
export const isEventKind = (text: unknown): text is EventKind => kinds.includes(text as EventKind);

const fixedNames: Record<Exclude<EventKind, 'track'>, string> = {
  identify: 'Identified',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  group: 'Group Joined',
  alias: 'Alias Created',
};

type Fields = { readonly [name: string]: unknown };

/** What an event inherits from the request that it came in. */
export interface Envelope {
  readonly receivedAt: number;
  /** The request's `sentAt`; an event's own goes before. */
  readonly sentAt: unknown;
  readonly context: Fields;
  /** UTF-8 bytes of that context: an event pays for what it inherits. */
  readonly contextBytes: number;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Judges one event by itself, so that its faults cost no neighbour (guarantee G13). Never throws. */
export function judgeEvent(
  raw: unknown,
  kind: EventKind | undefined,
  pointer: string,
  envelope: Envelope,
): Arrival | Refusal {
  if (!isFields(raw)) {
    const actual = Array.isArray(raw) ? 'array' : raw === null ? 'null' : typeof raw;
    return { code: 'event.type', detail: 'an event is an object', pointer, limit: 'object', actual, fields: [] };
  }
  if (isDeeperThan(raw, maxDepth + 1)) return { ...tooDeep(pointer), ...outline(raw, kind) };
  const bytes = Buffer.byteLength(JSON.stringify(raw)) + envelope.contextBytes;
  const event =
    bytes > maxEventBytes ? tooLarge(pointer, bytes) : readEvent(raw, kind ?? raw['type'], pointer, envelope);
  return isFault(event) ? { ...event, ...outline(raw, kind) } : { event, key: keyOf(event), pointer, bytes };
}

function tooLarge(pointer: string, bytes: number): Fault {
  const detail = `an event has at most ${maxEventBytes} bytes`;
  return { code: 'event.too-large', detail, pointer, limit: maxEventBytes, actual: bytes };
}

function readEvent(raw: Fields, kind: unknown, pointer: string, envelope: Envelope): CustomerEvent | Fault {
  if (!isEventKind(kind)) {
    const actual = typeof kind === 'string' ? `${kind.length} characters` : kind === null ? 'null' : typeof kind;
    return { code: 'event.kind', detail: 'no such type', pointer: `${pointer}/type`, limit: kinds.join(', '), actual };
  }
  const name = kind === 'track' ? readName(raw['event'], `${pointer}/event`) : fixedNames[kind];
  if (isFault(name)) return name;

  const messageId = readMessageId(raw['messageId'], `${pointer}/messageId`);
  if (isFault(messageId)) return messageId;
  const userId = readId(raw['userId'], `${pointer}/userId`);
  if (isFault(userId)) return userId;
  const anonymousId = readId(raw['anonymousId'], `${pointer}/anonymousId`);
  if (isFault(anonymousId)) return anonymousId;
  const previousId = kind === 'alias' ? readId(raw['previousId'], `${pointer}/previousId`) : undefined;
  if (isFault(previousId)) return previousId;
  const groupId = kind === 'group' ? readId(raw['groupId'], `${pointer}/groupId`) : undefined;
  if (isFault(groupId)) return groupId;

  if (kind === 'alias' && userId === undefined) return missing('userId', pointer);
  if (kind === 'alias' && previousId === undefined) return missing('previousId', pointer);
  if (kind === 'group' && groupId === undefined) return missing('groupId', pointer);

  const data = readData(raw, kind, pointer);
  if (isFault(data)) return data;
  const context = isFields(raw['context']) ? { ...envelope.context, ...raw['context'] } : envelope.context;
  const isNamed = userId !== undefined || anonymousId !== undefined;
  const named = isNamed ? readNamedIds(context) : asAddress(readNamedIds(context), kind, data);
  if (!isNamed && named.length === 0) return missing('userId', pointer, whoItIs);
  const sent = sentAsWritten(raw);
  return {
    id: messageId ?? derivedId(raw, sent, pointer, envelope.receivedAt),
    sent,
    at: correctedTime(sent, raw['sentAt'] ?? envelope.sentAt, envelope.receivedAt),
    kind,
    name,
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
    ...(previousId !== undefined && { previousId }),
    ...(groupId !== undefined && { groupId }),
    ...(named.length > 0 && { named }),
    data,
    context: readContext(context),
  };
}

const whoItIs = 'userId or anonymousId, or else context.externalIds or, of identify, an e-mail address in traits.email';

/** Whom an event without user id and anonymous id is about: external ids, then the address that an identify tells. */
function asAddress(named: readonly NamedId[], kind: EventKind, data: CustomerEvent['data']): readonly NamedId[] {
  const email = kind === 'identify' ? normaliseId('email', data['email']) : undefined;
  return email === undefined || named.some((one) => one.kind === 'email' && one.id === email)
    ? named
    : [...named, { kind: 'email', id: email }];
}

/**
 * An event that names both identities goes to the known one, whose mailbox asks the anonymous one to join. One with neither
 * goes to the first of its other identities, whatever the policy says: ingest reads no policy, the identity's actor does.
 */
function keyOf({ userId, anonymousId, named }: CustomerEvent) {
  if (userId !== undefined) return profileKey('user', userId);
  return anonymousId !== undefined ? profileKey('anonymous', anonymousId) : keyOfNamed(named![0]!);
}

function readName(value: unknown, pointer: string): string | Fault {
  if (typeof value !== 'string' || value.trim() === '') {
    const actual = typeof value === 'string' ? 0 : value === null ? 'null' : typeof value;
    return {
      code: 'event.name-missing',
      detail: 'a track event has a name',
      pointer,
      limit: maxNameCharacters,
      actual,
    };
  }
  if (value.length > maxNameCharacters) {
    const detail = `longer than ${maxNameCharacters} characters`;
    return { code: 'event.name-too-long', detail, pointer, limit: maxNameCharacters, actual: value.length };
  }
  return textFault(value, pointer) ?? eventName(value);
}

/** Properties or traits. Page and screen keep their name and category at the top level of the wire; here they are properties. */
function readData(raw: Fields, kind: EventKind, pointer: string): CustomerEvent['data'] | Fault {
  if (kind === 'alias') return {};
  const field = kind === 'identify' || kind === 'group' ? 'traits' : 'properties';
  const value = raw[field] ?? {};
  if (!isFields(value)) {
    const actual = Array.isArray(value) ? 'array' : typeof value;
    return {
      code: 'event.data-type',
      detail: `${field} is an object`,
      pointer: `${pointer}/${field}`,
      limit: 'object',
      actual,
    };
  }
  const fault = findFault(value, `${pointer}/${field}`);
  if (fault !== undefined) return fault;
  const data = value as CustomerEvent['data'];
  if (kind === 'identify') return reservedNames(data);
  if (kind !== 'page' && kind !== 'screen') return data;
  const top = { ...readTop(raw, 'name'), ...readTop(raw, 'category') };
  return findFault(top, pointer) ?? { ...top, ...data };
}

const readTop = (raw: Fields, field: 'name' | 'category') =>
  typeof raw[field] === 'string' ? { [field]: raw[field] } : {};

/** The parts that decisions use. A faulty one is left out: it decorates the event and must not cost it. */
function readContext(context: Fields): CustomerEvent['context'] {
  const kept: { -readonly [part in keyof CustomerEvent['context']]: CustomerEvent['context'][part] } = {};
  for (const part of ['locale', 'timezone'] as const) {
    const text = context[part];
    if (typeof text === 'string' && text !== '' && text.length <= 64 && findFault(text, '') === undefined)
      kept[part] = text;
  }
  for (const part of ['page', 'campaign'] as const) {
    const value = context[part];
    if (isFields(value) && findFault(value, '') === undefined) kept[part] = value as Json;
  }
  const token = isFields(context['device']) ? normalisePushToken(context['device']['token']) : undefined;
  if (token !== undefined) kept.device = { token };
  return kept;
}

/**
 * An id for an event whose client gave none. With a time stamp its content is its identity, so that a byte-equal
 * retry is the same event. Without one, two equal events ("Logged In" today and tomorrow) must stay two: such an event
 * is new at every arrival, as at Segment itself.
 */
function derivedId(raw: Fields, sent: string | null, pointer: string, receivedAt: number): string {
  const { sentAt: _sentAt, writeKey: _writeKey, _metadata, ...content } = raw;
  return sent === null
    ? digest('arrival', canonicalJson(content), String(receivedAt), pointer)
    : digest('content', canonicalJson(content));
}

function missing(field: string, pointer: string, what = field): Fault {
  return {
    code: 'id.missing',
    detail: `${what} is required`,
    pointer: `${pointer}/${field}`,
    limit: 'required',
    actual: 'absent',
  };
}

const maxFieldNames = 20;

/** What may be kept of a refused event: its names, cut short. */
function outline(raw: Fields, kind: EventKind | undefined): Omit<Refusal, keyof Fault> {
  const messageId = readMessageId(raw['messageId'], '');
  const name = readName(raw['event'], '');
  const shownKind = kind ?? (isEventKind(raw['type']) ? raw['type'] : undefined);
  const parts = ['properties', 'traits'].flatMap((part) =>
    isFields(raw[part])
      ? Object.keys(raw[part])
          .slice(0, maxFieldNames)
          .map((key) => `${part}.${key}`)
      : [],
  );
  return {
    fields: [...Object.keys(raw).slice(0, maxFieldNames), ...parts]
      .slice(0, maxFieldNames)
      .map((key) => key.slice(0, 64)),
    ...(typeof messageId === 'string' && { eventId: messageId }),
    ...(typeof name === 'string' && { name }),
    ...(shownKind !== undefined && { kind: shownKind }),
  };
}
