import { Forbidden, NotFound } from '../../kernel/errors.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { Clock, ProfileStore } from '../ports.ts';
import { type IdType, identityOf, keyOfIdentity, knownProfile } from '../profiles/find-profile.ts';
import type { SignedLinks } from '../signed-links.ts';

export interface InboxTokenPorts {
  readonly now: Clock;
  readonly links: Pick<SignedLinks, 'inboxToken' | 'read'>;
  readonly profiles: Pick<ProfileStore, 'read'>;
}

export interface InboxToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * For the inbox of one customer and nothing else. It holds the profile, not the id by which it was named: an address may
 * become somebody else's while the token is out. Who is not known yet may have one by the ids that are theirs alone:
 * apps ask for it as they sign a customer in, before the first event has arrived.
 */
export async function issueInboxToken(
  named: { readonly id: string; readonly idType: IdType },
  lifeSeconds: number,
  { now, links, profiles }: InboxTokenPorts,
): Promise<InboxToken> {
  const key = keyOfIdentity(identityOf(named.idType, named.id));
  const isTheirs = named.idType === 'userId' || named.idType === 'anonymousId';
  const profile = (await knownProfile(profiles, key))?.key ?? (isTheirs ? key : undefined);
  if (profile === undefined) throw new NotFound('profile.not-found', 'nothing is known of this customer');
  const expiresAt = now() + lifeSeconds * SECOND_MS;
  return { token: await links.inboxToken({ profile, until: expiresAt }), expiresAt };
}

/** Whose inbox may be read with this header `Authorization`. */
export async function readInboxToken(
  header: string | undefined,
  { now, links }: Pick<InboxTokenPorts, 'now' | 'links'>,
): Promise<ProfileKey> {
  const token = /^Bearer +(\S{1,1000}) *$/i.exec(header ?? '')?.[1];
  if (token === undefined) throw refused('inbox.token-missing', 'send Authorization: Bearer and a token of this inbox');
  const claims = await links.read('inbox', token);
  if (claims === undefined) throw refused('inbox.token-invalid', 'this is no token of an inbox of ours');
  if (claims.until <= now())
    throw refused('inbox.token-expired', 'this token has expired: ask your server for another');
  return claims.profile;
}

const refused = (code: string, detail: string) => new Forbidden(code, detail, 'unauthenticated');
