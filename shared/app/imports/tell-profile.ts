import type { MailRecord } from '../../domain/mail-record.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import type { Consent } from '../../domain/profiles/profile.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import { maxEventBytes } from '../../wire/segment-event.ts';
import { findFault } from '../../wire/segment-faults.ts';
import { keyOfIdentity } from '../profiles/find-profile.ts';
import type { RowFault } from './raw-rows.ts';
import { readIdentity } from './read-identity.ts';
import { faultOf, isObject, isText, readAt, typeOf, unknownFields } from './row-fields.ts';
import type { ImportContext, Tell } from './told.ts';

const profileFields = ['userId', 'anonymousId', 'idType', 'id', 'at', 'traits', 'consents'];

/** A customer as they are: traits and consents as of `at`, or of when the import was asked for. */
export const tellProfile: Tell = (object, line, context) => {
  const faults: RowFault[] = unknownFields(object, profileFields);
  const identity = readIdentity(object, faults);
  const at = readAt(object['at'], '/at', context, faults);
  const traits = readTraits(object['traits'] ?? {}, faults);
  const consents = readConsents(object['consents'] ?? [], at, context, faults);
  const bytes = Buffer.byteLength(JSON.stringify(object));
  if (bytes > maxEventBytes) {
    const detail = `a profile's row has at most ${maxEventBytes} bytes`;
    faults.push({ code: 'row.too-large', detail, pointer: '', limit: maxEventBytes, actual: bytes });
  }
  if (faults.length > 0 || identity === undefined) return faults;
  const quiet = context.quiet && ({ quiet: true } as const);
  const id = (t: string) => digest('import', context.job, String(line), t);
  const records: MailRecord[] = [];
  if (consents.length === 0 || Object.keys(traits).length > 0) {
    records.push({ t: 'patch', id: id('patch'), identity, at, traits, ...quiet });
  }
  if (consents.length > 0) {
    records.push({ t: 'consent', id: id('consent'), identity, at: context.at, consents, ...quiet });
  }
  return { to: keyOfIdentity(identity), records };
};

function readTraits(written: Json, faults: RowFault[]): { readonly [name: string]: Json } {
  if (!isObject(written)) {
    faults.push({ code: 'traits.type', detail: 'traits is an object', pointer: '/traits', actual: typeOf(written) });
    return {};
  }
  const fault = findFault(written, '/traits');
  if (fault !== undefined) faults.push(faultOf(fault));
  return written;
}

const MAX_CONSENTS = 50;
const consentFields = ['channel', 'topic', 'state', 'at', 'source', 'textVersion', 'evidence', 'guardian'];
const states: readonly unknown[] = ['granted', 'pending', 'withdrawn'] satisfies Consent['state'][];

/** A list as the API takes it, or `{"email/news": "granted"}`. */
function readConsents(written: Json, rowAt: number, context: ImportContext, faults: RowFault[]): Consent[] {
  const list = isObject(written) ? Object.entries(written).map(consentOf) : written;
  if (!Array.isArray(list) || list.length > MAX_CONSENTS) {
    const limit = `a list of at most ${MAX_CONSENTS}, or an object`;
    faults.push({
      code: 'consents.type',
      detail: `not ${limit}`,
      pointer: '/consents',
      limit,
      actual: typeOf(written),
    });
    return [];
  }
  return list.flatMap((one: Json, index): Consent[] => {
    const pointer = `/consents/${index}`;
    const fault = (field: string, limit: string) =>
      faults.push({ code: `consent.${field}`, detail: `must be ${limit}`, pointer: `${pointer}/${field}`, limit });
    const before = faults.length;
    if (!isObject(one)) {
      fault('type', 'an object');
      return [];
    }
    faults.push(...unknownFields(one, consentFields, pointer));
    const { channel, topic, state, source = 'import', textVersion, evidence, guardian } = one;
    if (!Channel.safeParse(channel).success) fault('channel', Channel.options.join(', '));
    if (typeof topic !== 'string' || context.topics?.has(topic) === false) fault('topic', 'a topic that exists');
    if (!states.includes(state)) fault('state', states.join(', '));
    for (const [field, text, most] of [
      ['source', source, 200],
      ['textVersion', textVersion, 200],
      ['evidence', evidence, 1_000],
      ['guardian', guardian, 200],
    ] as const) {
      if (text !== undefined && !isText(text, most)) fault(field, `a text of at most ${most} characters`);
    }
    const at = one['at'] === undefined ? rowAt : readAt(one['at'], `${pointer}/at`, context, faults);
    if (faults.length > before) return [];
    const { at: _, ...rest } = one;
    return [{ ...rest, source, at } as unknown as Consent];
  });
}

const consentOf = ([name, state]: readonly [string, Json]): Json => {
  const slash = name.indexOf('/');
  return { channel: name.slice(0, Math.max(0, slash)), topic: name.slice(slash + 1), state };
};
