import type { NamedIdentity } from '../../domain/mail-record.ts';
import { NAMED_KIND } from '../../domain/profiles/named-id.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { isFault } from '../../wire/arrival.ts';
import { readId } from '../../wire/segment-ids.ts';
import { type IdType, identityOf } from '../profiles/find-profile.ts';
import type { RowFault } from './raw-rows.ts';
import { faultOf } from './row-fields.ts';
import type { RowObject } from './row-reader.ts';

/** By userId, by anonymousId, or by `idType` and `id` as the API takes them. */
export function readIdentity(
  { userId, anonymousId, idType, id }: RowObject,
  faults: RowFault[],
): NamedIdentity | undefined {
  if (idType !== undefined || id !== undefined) return readNamed(idType, id, faults);
  const user = readId(userId, '/userId');
  const anonymous = readId(anonymousId, '/anonymousId');
  for (const one of [user, anonymous]) if (isFault(one)) faults.push(faultOf(one));
  if (typeof user === 'string') return { user };
  if (typeof anonymous === 'string') return { anonymous };
  if (user === undefined && anonymous === undefined) {
    faults.push({ code: 'id.missing', detail: 'userId or anonymousId is required', pointer: '/userId' });
  }
  return undefined;
}

function readNamed(idType: Json | undefined, id: Json | undefined, faults: RowFault[]): NamedIdentity | undefined {
  if (typeof idType !== 'string' || !isIdType(idType)) {
    faults.push({ code: 'id.type', detail: 'no such type of id', pointer: '/idType', limit: 'as the API takes them' });
    return undefined;
  }
  const text = readId(id, '/id');
  if (isFault(text)) faults.push(faultOf(text));
  else if (text === undefined) faults.push({ code: 'id.missing', detail: 'id is required', pointer: '/id' });
  if (typeof text !== 'string') return undefined;
  try {
    return identityOf(idType, text);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    faults.push(...error.problems.map(faultOf));
    return undefined;
  }
}

const isIdType = (text: string): text is IdType => text === 'userId' || text === 'anonymousId' || NAMED_KIND.test(text);
