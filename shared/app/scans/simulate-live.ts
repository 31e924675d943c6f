import type { Journey } from '../../domain/journeys/journey.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { checkJourney } from '../catalog/check-journey.ts';
import { readJourney, stateAfterPublish, type WantedVersion } from '../catalog/journey-lifecycle.ts';
import type { PlanPorts } from '../catalog/plan-publication.ts';
import type { Actor } from '../catalog/ports.ts';
import type { Job } from './job.ts';
import { type SimulateParams, simulateKind } from './kinds/simulate.ts';
import type { StartScan } from './start-scan.ts';

export type Simulation = Pick<SimulateParams, 'sample' | 'days' | 'seed' | 'events' | 'behaviour'> & {
  readonly version: WantedVersion;
};

/** Starts it; what could not be published is refused, in the same words. */
export async function simulateLive(
  ports: Pick<PlanPorts, 'catalog' | 'settings' | 'intake'> & { readonly startScan: StartScan },
  id: string,
  { version: wanted, ...asked }: Simulation,
  commandId: string,
  actor: Actor,
): Promise<Job> {
  const { head, version, found } = await readJourney(ports.catalog, id, wanted);
  stateAfterPublish(head.state);
  const document = found.document as Journey;
  const { errors } = await checkJourney(ports, document);
  if (errors.length > 0) {
    throw new InvalidInput(
      errors[0]!.code,
      `${errors.length} errors keep this journey from being live`,
      errors,
      'invalid',
    );
  }
  const { epoch } = await ports.catalog.readSnapshot();
  const params: SimulateParams = {
    ...asked,
    journey: id,
    version: version === head.live ? version : head.latest + 1,
    document,
    epoch,
  };
  const job = { id: `simulate-${digest(commandId)}`, kind: simulateKind.kind, params, by: actor.by };
  // One segment: the first of all.
  return ports.startScan({ ...job, params: params as never, segments: 1 });
}
