import * as z from 'zod';
import { type Addressee, addresseeOf, requireTracked } from '../app/profiles/addressee.ts';
import { type IdType as IdTypeName, identityOf, keyOfIdentity, knownProfile } from '../app/profiles/find-profile.ts';
import { tellProfile } from '../app/profiles/tell-profile.ts';
import type { MailRecord } from '../domain/mail-record.ts';
import { NotFound } from '../kernel/errors.ts';
import { pageQuery } from './lists.ts';
import type { Ports } from './ports.ts';
import { CustomerId, IdType } from './schemas.ts';

/** How routes name a profile: `/v1/profiles/{id}?idType=`, a user id when the type is absent. */
export const Params = z.strictObject({ id: CustomerId });
const which = { idType: IdType.exactOptional() };
export const Which = z.strictObject(which);
export const WhichPage = z.strictObject({ ...which, ...pageQuery });

interface Named {
  readonly params: { readonly id: string };
  readonly query: { readonly idType?: IdTypeName };
}

export const identityIn = ({ params, query }: Named) => identityOf(query.idType ?? 'userId', params.id);

/** The profile. Who is asked for by a kind that the policy does not name is told that, and not that nobody has it. */
export async function find(named: Named, ports: Ports) {
  const identity = identityIn(named);
  const found = await knownProfile(ports.profiles, keyOfIdentity(identity));
  if (found !== undefined) return found;
  if ('kind' in identity) await requireTracked(identity.kind, ports.catalog);
  throw new NotFound('profile.not-found', 'nothing is known of this customer');
}

export const accepted = {
  202: { description: 'in the mailbox of the profile; `id` names the change in the timeline' },
};

/** @param make the record, with how the profile was named where that is to be remembered. */
export async function tell(
  call: Named & { readonly now: number },
  make: (identity: Pick<Addressee, 'identity'>) => Extract<MailRecord, { readonly id: string }>,
  ports: Ports,
) {
  const { key, ...identity } = await addresseeOf(identityIn(call), ports);
  const record = make(identity);
  await tellProfile(ports.mailbox, { key, record }, call.now);
  return { status: 202, body: { id: record.id } };
}
