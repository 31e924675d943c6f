import { addressHash } from '../domain/messaging/address.ts';
import { type KeywordMeaning, meaningOf } from '../domain/messaging/keywords.ts';
import { keyOfNamed } from '../domain/profiles/named-id.ts';
import { normalisePhone } from '../kernel/addresses.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { sha256Hex } from '../kernel/ids.ts';
import type { InboundSms } from '../wire/sms.ts';
import type { Clock, Mailbox, OptOutStore, SuppressionStore } from './ports.ts';

export interface Keyword {
  /** The same in every redelivery. */
  readonly id: string;
  readonly word: KeywordMeaning;
  /** E.164. */
  readonly phone: string;
  readonly at: number;
}

/** Nothing but a keyword counts, and nothing else of what somebody wrote is kept anywhere. */
export function keywordIn({ id, text, from, at }: InboundSms): Keyword | undefined {
  const word = meaningOf(text);
  const phone = normalisePhone(from);
  return word === undefined || phone === undefined ? undefined : { id, word, phone, at };
}

/**
 * A keyword from a phone.
 *
 * 1. First the number itself: whoever holds it, and whether or not anybody does, hand-over finds that nothing is to be
 *    sent there (G10).
 * 2. Then everybody who holds it, as far as the policy tracks phone numbers: the actor of the number passes it on.
 * 3. Both are idempotent. START before its STOP, by the time of publication, frees nothing; STOP that comes again after
 *    START stops again, because of the two mistakes that is the one to make.
 */
export async function takeKeyword(
  { id, word, phone, at }: Keyword,
  ports: { readonly suppressions: SuppressionStore & OptOutStore; readonly mailbox: Mailbox; readonly now: Clock },
): Promise<void> {
  const { suppressions, mailbox, now } = ports;
  const hash = addressHash('sms', phone);
  if (word === 'start') await suppressions.optIn('sms', hash, at);
  else await suppressions.put({ channel: 'sms', addressHash: hash, topic: null, reason: 'unsubscribe', at });
  const named = [
    { kind: 'phone', id: phone },
    { kind: 'phone-sha256', id: sha256Hex(phone) },
  ] as const;
  const record = { t: 'keyword', id, at, channel: 'sms', word, named } as const;
  const mail = { schema: 1, key: keyOfNamed(named[0]), received: now(), hop: 0, records: [record] } as const;
  for (const { code } of await mailbox.send([{ id, mail }])) {
    throw new InvalidInput(code, 'the keyword was refused by the mailbox');
  }
}
