import {
  closeErasure,
  type ErasePorts,
  lookAtErasure,
  removeRemains,
  type Standing,
  tellErasure,
  type Wanted,
} from '../../shared/app/erasure/erase-steps.ts';
import { erasingOf } from '../../shared/app/erasure/find-parts.ts';

/** One look of an erasure's job and what follows from it, without the pages that the job has between its steps. */
export async function eraseRound(wanted: Wanted, ports: ErasePorts): Promise<Standing['st']> {
  const standing = await lookAtErasure(wanted, ports);
  if (standing.st === 'untold') await tellErasure(wanted, ports);
  if (standing.st !== 'settled') return standing.st;
  const erasing = await erasingOf(ports.profiles, standing.parts, true);
  while ((await removeRemains(erasing, ports)) > 0);
  await closeErasure(wanted.job, standing.parts, ports);
  return standing.st;
}
