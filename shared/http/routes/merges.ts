import * as z from 'zod';
import { addresseeOf } from '../../app/profiles/addressee.ts';
import { explainMerges } from '../../app/profiles/explain-merges.ts';
import { identityOf, keyOfIdentity, knownProfile, profilesOf } from '../../app/profiles/find-profile.ts';
import { MAX_HOLDERS } from '../../domain/profiles/limits.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import { accepted, find, identityIn, Params, tell, Which } from '../named-profile.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdType } from '../schemas.ts';
import { showProfile } from './profiles.ts';

const tag = 'Profiles';

const Merge = z
  .strictObject({
    with: CustomerId,
    idType: IdType.exactOptional().meta({ description: 'of `with`; a user id when absent' }),
  })
  .meta({ id: 'MergeRequest' });

export const mergeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/profiles',
    scope: 'profiles:read',
    tag,
    summary: 'Everybody who has an identity',
    description: `None, one, or up to ${MAX_HOLDERS} where identities of the kind never merge: an e-mail address that several people share.`,
    query: z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }),
    answers: { 200: { description: 'profiles, as each of them is read alone' } },
    async handle({ query, now }, ports) {
      const found = await profilesOf(ports.profiles, keyOfIdentity(identityOf(query.idType ?? 'userId', query.id)));
      const catalog = await ports.snapshots.current();
      return ok({ data: found.map((one) => showProfile(one, catalog, now)) });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/merges',
    scope: 'profiles:read',
    tag,
    summary: 'Which identities are one person, since when, by what, and what each of them brought',
    params: Params,
    query: Which,
    answers: {
      200: { description: 'merges and declined identities, with what the journal says of them as long as it keeps it' },
    },
    async handle(call, ports) {
      const stored = await find(call, ports);
      const { merges, decisions, ...rest } = await explainMerges(ports.history, stored);
      return ok({
        key: stored.key,
        ids: stored.profile.ids,
        merges: merges.map((one) => ({ ...one, at: one.at === null ? null : formatInstant(one.at) })),
        decisions: decisions.map((one) => ({ ...one, at: formatInstant(one.at) })),
        ...rest,
      });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/profiles/{id}/merges',
    scope: 'profiles:write',
    tag,
    summary: 'Says that two profiles are one person, known users too; it cannot be undone',
    params: Params,
    query: Which,
    body: Merge,
    bodyCode: 'merge',
    answers: accepted,
    async handle(call, ports) {
      const { commandId: id, now: at, body } = call;
      const other = identityOf(body.idType ?? 'userId', body.with);
      const [mine, theirs] = await Promise.all(
        [identityIn(call), other].map((identity) => addresseeOf(identity, ports)),
      );
      const [root, otherRoot] = await Promise.all(
        [mine!.key, theirs!.key].map((one) => knownProfile(ports.profiles, one)),
      );
      // A user that was never seen would be declined, where nobody looks.
      if ('user' in other && otherRoot === undefined) {
        throw new NotFound('profile.not-found', 'nothing is known of the customer in `with`');
      }
      const { key } = theirs!;
      if (key === mine!.key || (root !== undefined && root.key === otherRoot?.key)) {
        const problem = { pointer: '/with', code: 'merge.same', detail: 'the same profile' };
        throw new InvalidInput('merge.same', 'with names the same profile', [problem], 'invalid');
      }
      return tell(call, (identity) => ({ t: 'merge', id, ...identity, at, with: key }), ports);
    },
  }),
];
