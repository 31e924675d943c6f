import * as z from 'zod';
import { countJourney } from '../../app/catalog/count-journey.ts';
import { countByArm, countByPath } from '../../app/catalog/count-paths.ts';
import { readJourneyHead } from '../../app/catalog/journey-lifecycle.ts';
import { enrollCustomers, MAX_ENROLLMENTS } from '../../app/profiles/enroll-customers.ts';
import { findProfile, identityOf, keyOfIdentity } from '../../app/profiles/find-profile.ts';
import { explainJourney } from '../../app/profiles/profile-history.ts';
import { tellProfile } from '../../app/profiles/tell-profile.ts';
import { formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdParams, IdType, JsonObject } from '../schemas.ts';

const tag = 'Journeys';

const Customer = z
  .strictObject({
    id: CustomerId,
    idType: IdType.exactOptional(),
    traits: JsonObject.exactOptional(),
    properties: JsonObject.exactOptional(),
    key: z.string().min(1).max(200).exactOptional().meta({ description: "value of the journey's re-entry key" }),
  })
  .meta({ id: 'EnrollmentRequest' });
const Result = z.object({
  index: z.int(),
  status: z.enum(['accepted', 'refused']),
  code: z.string().optional(),
  detail: z.string().optional(),
});

export const enrollmentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/enrollments',
    scope: 'journeys:enroll',
    tag,
    summary: 'Enrolls customers through the API entry',
    description:
      'At most 1,000 at a time. Accepted means: in the mailbox. Whether a customer enters is decided there, and `…/why` says it.',
    params: IdParams,
    body: z.strictObject({ customers: z.array(Customer).min(1).max(MAX_ENROLLMENTS) }),
    bodyCode: 'enrollment',
    idempotency: 'required',
    answers: { 202: { description: 'one result per index', schema: z.object({ results: z.array(Result) }) } },
    async handle({ params, body, commandId, now }, ports) {
      return {
        status: 202,
        body: { results: await enrollCustomers(ports, params.id, body.customers, commandId, now) },
      };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/journeys/{id}/enrollments/{profile}',
    scope: 'journeys:enroll',
    tag,
    summary: 'Takes a customer out of a journey',
    params: z.strictObject({ ...IdParams.shape, profile: CustomerId }),
    query: z.strictObject({ idType: IdType.exactOptional() }),
    answers: { 202: { description: 'in the mailbox' } },
    async handle({ params, query, commandId, now }, ports) {
      await readJourneyHead(ports.catalog, params.id);
      const key = keyOfIdentity(identityOf(query.idType ?? 'userId', params.profile));
      const record = { t: 'unenroll', id: commandId, at: now, journey: params.id } as const;
      await tellProfile(ports.mailbox, { key, record }, now);
      return { status: 202, body: { id: commandId } };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/counts',
    scope: 'journeys:read',
    tag,
    summary: 'What happened in a journey: by step, by day, by path, or by arm of a split',
    description:
      'Live counters: at least once, so approximate. Exact figures come from journal and messages. By path and by arm: `conversion` is the share that reached the goal, `holdout` sets those let in beside those kept out.',
    params: IdParams,
    query: z.strictObject({
      by: z.enum(['step', 'day', 'path', 'arm']).exactOptional(),
      dryRun: z
        .enum(['true', 'false'])
        .exactOptional()
        .meta({ description: '`true`: what dry runs would have done, and nothing else' }),
    }),
    answers: { 200: { description: 'counters of the newest 20 versions, summed' } },
    async handle({ params, query }, ports) {
      const head = await readJourneyHead(ports.catalog, params.id);
      const by = query.by ?? 'step';
      const dryRun = query.dryRun === 'true';
      const counted =
        by === 'path'
          ? await countByPath(ports, head, dryRun)
          : by === 'arm'
            ? await countByArm(ports, head, dryRun)
            : await countJourney(ports.stats, head, by, dryRun);
      return ok({ by, approximate: true, ...counted });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/why',
    scope: 'profiles:read',
    tag,
    summary: 'Why a customer is, was or is not in a journey',
    params: IdParams,
    query: z.strictObject({ profile: CustomerId, idType: IdType.exactOptional() }),
    answers: {
      200: {
        description:
          'every recorded reason that names the journey, at most 200: decisions newest first, the reasons of one in the order in which they came about',
      },
    },
    async handle({ params, query }, ports) {
      await readJourneyHead(ports.catalog, params.id);
      const stored = await findProfile(
        ports.profiles,
        keyOfIdentity(identityOf(query.idType ?? 'userId', query.profile)),
      );
      const { runs: real, asIf } = stored.profile;
      const runs = [
        ...Object.values(real).map((run) => ({ ...run, dryRun: false })),
        ...Object.values(asIf?.runs ?? {}).map((run) => ({ ...run, dryRun: true })),
      ].filter((run) => run.journey === params.id);
      const { reasons, complete } = await explainJourney(ports.history, stored, params.id, 200);
      return ok({
        inside: runs.map(({ version, step, since, due, stand, dryRun }) => ({
          version,
          step,
          stand,
          ...(dryRun && { dryRun }),
          since: formatInstant(since),
          due: due === undefined ? null : formatInstant(due),
        })),
        reasons: reasons.map(({ at, cause, reason }) => ({ at: formatInstant(at), cause, ...reason })),
        complete,
      });
    },
  }),
];
