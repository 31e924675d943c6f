import { alsoByQuery } from './by-query.ts';
import type { Route } from './route.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { auditRoutes } from './routes/audit.ts';
import { backfillRoutes } from './routes/backfills.ts';
import { blockRoutes } from './routes/blocks.ts';
import { broadcastRoutes } from './routes/broadcasts.ts';
import { collectionRoutes } from './routes/collections.ts';
import { computedTraitRoutes } from './routes/computed-traits.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deviceRoutes } from './routes/devices.ts';
import { endpointSecretRoutes } from './routes/endpoint-secrets.ts';
import { enrollmentRoutes } from './routes/enrollments.ts';
import { exportRoutes, profileExportRoutes } from './routes/exports.ts';
import { importRoutes } from './routes/imports.ts';
import { inboxRoutes, inboxTokenRoutes } from './routes/inbox.ts';
import { jobRoutes } from './routes/jobs.ts';
import { journeyRoutes } from './routes/journeys.ts';
import { keyRoutes } from './routes/keys.ts';
import { memberRoutes } from './routes/members.ts';
import { mergeRoutes } from './routes/merges.ts';
import { messageRoutes } from './routes/messages.ts';
import { metaRoutes } from './routes/meta.ts';
import { operationRoutes } from './routes/operations.ts';
import { planRoutes } from './routes/plans.ts';
import { predicateRoutes } from './routes/predicates.ts';
import { profileRoutes } from './routes/profiles.ts';
import { proposalRoutes } from './routes/proposals.ts';
import { publicRoutes } from './routes/public.ts';
import { segmentRoutes } from './routes/segments.ts';
import { openSessionRoutes, sessionRoutes } from './routes/sessions.ts';
import { settingsRoutes } from './routes/settings.ts';
import { simulationRoutes } from './routes/simulations.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { suppressionRoutes } from './routes/suppressions.ts';
import { taskRoutes } from './routes/tasks.ts';
import { templateRoutes } from './routes/templates.ts';
import { testRunRoutes } from './routes/test-runs.ts';
import { guarded } from './second-person.ts';

/** Every route of the API, once. An area is one file in routes/ and one line here. */
const areas: readonly Route[] = [
  ...journeyRoutes,
  ...planRoutes,
  ...approvalRoutes,
  ...proposalRoutes,
  ...simulationRoutes,
  ...alsoByQuery(enrollmentRoutes, 'profile'),
  ...testRunRoutes,
  ...templateRoutes,
  ...blockRoutes,
  ...collectionRoutes,
  ...segmentRoutes,
  ...backfillRoutes,
  ...predicateRoutes,
  ...computedTraitRoutes,
  ...memberRoutes,
  ...statisticsRoutes,
  ...settingsRoutes,
  ...endpointSecretRoutes,
  ...messageRoutes,
  ...alsoByQuery(profileRoutes, 'id'),
  ...alsoByQuery(profileExportRoutes, 'id'),
  ...alsoByQuery(deviceRoutes, 'id'),
  ...alsoByQuery(mergeRoutes, 'id'),
  ...alsoByQuery(suppressionRoutes, 'address'),
  ...alsoByQuery(operationRoutes, 'messageId'),
  ...deadLetterRoutes,
  ...broadcastRoutes,
  ...jobRoutes,
  ...importRoutes,
  ...exportRoutes,
  ...keyRoutes,
  ...sessionRoutes,
  ...openSessionRoutes,
  ...alsoByQuery(inboxTokenRoutes, 'id'),
  ...publicRoutes,
  ...inboxRoutes,
  ...taskRoutes,
];

export const routes: readonly Route[] = [
  ...areas.map(guarded),
  ...auditRoutes(() => routes),
  ...metaRoutes(() => routes),
];
