import * as z from 'zod';
import { personalQuestion, requireNothingPersonal } from '../../app/access/personal-questions.ts';
import { explainPredicate, requireAboutCustomer } from '../../app/profiles/explain-predicate.ts';
import { findProfile, identityOf, keyOfIdentity } from '../../app/profiles/find-profile.ts';
import { Predicate } from '../../domain/audiences/predicate.ts';
import { printPredicate } from '../../domain/audiences/print-predicate.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdType, Timestamp } from '../schemas.ts';

const Request = z
  .strictObject({
    predicate: Predicate,
    profile: CustomerId,
    idType: IdType.exactOptional(),
    at: Timestamp.exactOptional().meta({
      description: 'as of then: what had happened by that instant; traits, consents and journeys as they are now',
    }),
  })
  .meta({ id: 'ExplainRequest' });

const Explained = z
  .object({
    predicate: z.string().meta({ description: 'as text' }),
    at: Timestamp,
    value: z.boolean(),
    validUntil: Timestamp.nullable().meta({
      description: 'until then it stays so if nothing new is learned; null: for ever',
    }),
    completeSince: Timestamp.nullable().meta({
      description: 'some count looks further back than what is known: complete only since then',
    }),
    fromJournal: z.int().meta({ description: 'counts that nobody keeps, made from the journal for this answer' }),
    because: z
      .array(
        z.object({
          part: z.string(),
          value: z.boolean(),
          saw: z.string().optional().meta({ description: 'the value that was compared, or how many' }),
        }),
      )
      .meta({ description: 'every comparison that was made' }),
  })
  .meta({ id: 'PredicateExplained' });

export const predicateRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/predicates/explain',
    scope: 'profiles:read',
    tag: 'Segments',
    summary: 'What a predicate says of a customer, and why',
    description:
      'Any predicate may be tried. What some published document asks about the past is counted already; the rest is counted from the journal, as far as that reaches.',
    body: Request,
    bodyCode: 'predicate',
    bodyLimits: DOCUMENT_LIMITS,
    idempotency: 'none',
    answers: {
      200: { description: 'its value, until when, and what was compared', schema: Explained },
      404: { description: 'nothing is known of this customer' },
      422: { description: 'it asks what is not known of a customer' },
    },
    async handle({ body, principal, now }, ports) {
      const { predicate, profile, idType = 'userId' } = body;
      await requireNothingPersonal(principal, () => personalQuestion(predicate, ports));
      const snapshot = await ports.snapshots.current();
      requireAboutCustomer(predicate, snapshot, '/predicate');
      const stored = await findProfile(ports.profiles, keyOfIdentity(identityOf(idType, profile)));
      const at = body.at === undefined ? undefined : parseInstant(body.at)!;
      const { value, validUntil, completeSince, fromJournal, because } = await explainPredicate(
        ports,
        snapshot,
        stored,
        predicate,
        at,
      );
      return ok({
        predicate: printPredicate(predicate),
        at: formatInstant(at ?? now),
        value,
        validUntil: validUntil === null ? null : formatInstant(validUntil),
        completeSince: completeSince === undefined ? null : formatInstant(completeSince),
        fromJournal,
        because,
      });
    },
  }),
];
