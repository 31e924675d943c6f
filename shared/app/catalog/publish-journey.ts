import { traitsOfDays } from '../../domain/journeys/engine/date-entries.ts';
import { scheduleEntries } from '../../domain/journeys/engine/schedule-entries.ts';
import { Conflict, InvalidInput } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import type { WakeParams } from '../scans/kinds/wake.ts';
import type { StartScan } from '../scans/start-scan.ts';
import { requireSound } from './check-journey.ts';
import { countInFlight } from './count-journey.ts';
import { enrollExisting } from './enroll-existing.ts';
import { armForDays, startOccurrences, stateAfterPublish } from './journey-lifecycle.ts';
import { type PlanPorts, plansWith, readDraftAsSeen, readPlan, requireFresh } from './plan-publication.ts';
import type { Actor } from './ports.ts';

export type PublishPorts = PlanPorts & { readonly startScan: StartScan };

interface Publication {
  readonly draftEtag: string;
  readonly planId?: string;
  readonly dryRun: boolean;
}

/**
 * 1. What is published is the draft that the caller saw, and lint has no error in it: against what is live now.
 * 2. Who is in flight stays on their version (guarantee G8), or does what the plan says; how many they are is in the
 *    answer.
 * 3. A plan that moves people is followed by a scan that wakes everybody inside: whoever is decided meanwhile has met
 *    it already.
 * 4. Customers with a trait that names a day are armed by a scan. Should its start fail, resuming the journey starts it.
 * 5. A dry run takes no real version's place: customers would enter it as if, and nobody would get anything. For the same
 *    reason it moves nobody.
 * 6. Members of a segment that a version is the first to enter on, with `existing: enroll`, are let in by a broadcast.
 * 7. The first occurrence of what a clock starts is armed; should that fail, the daily sweep does it.
 */
export async function publishJourney(
  ports: PublishPorts,
  id: string,
  { draftEtag, planId, dryRun }: Publication,
  actor: Actor,
) {
  if (dryRun && planId !== undefined) {
    throw new InvalidInput(
      'plan.dry-run',
      'a plan moves people, and a dry run touches nobody: publish with one of them',
      [],
      'invalid',
    );
  }
  const { head, journey } = await readDraftAsSeen(ports.catalog, id, draftEtag);
  const plan = planId === undefined ? undefined : await readPlan(ports.catalog, id, planId);
  if (plan !== undefined) requireFresh(plan, head, draftEtag, actor.at);
  const state = stateAfterPublish(head.state);
  if (dryRun && head.dryRun !== true && (head.state === 'live' || head.state === 'paused')) {
    throw new Conflict(
      'journey.live',
      `version ${head.live} is ${head.state}, and a dry run would take its place: stop it, or use another id`,
    );
  }
  const findings = await requireSound(ports, journey, actor.at);
  const counted = await countInFlight(ports.stats, head);
  const inFlight = counted.map(({ version, inside }) => ({ version, inside }));
  const plans = plan && plansWith(plan, await ports.catalog.readSnapshot(), actor.at);
  const apply = plan && { id: plan.id, ...(plans !== undefined && { plans }) };
  const how = { dryRun, ...(apply !== undefined && { plan: apply }) };
  const published = await ports.catalog.publishDraft(head, journey, state, actor, how);
  if (plan !== undefined && plans !== undefined) {
    const { epoch } = await ports.catalog.readSnapshot();
    const params: WakeParams = { epoch, journey: id };
    await ports.startScan({ id: `plan-${digest(plan.id)}`, kind: 'wake', params, by: actor.by });
  }
  if (traitsOfDays(journey).length > 0) {
    await armForDays(ports.startScan, journey, (await ports.catalog.readSnapshot()).epoch, actor);
  }
  if (!dryRun) await enrollExisting(ports, { journey, before: head, version: published.latest }, actor);
  if (scheduleEntries(journey).length > 0) {
    await startOccurrences(ports.startScan, journey, (await ports.catalog.readSnapshot()).epoch, actor);
  }
  return { published: true, dryRun, version: published.latest, state, findings, inFlight };
}
