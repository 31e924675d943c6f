import type { Cohort } from '../../shared/app/ports.ts';
import { wakeCohort } from '../../shared/app/wake-cohort.ts';
import { wakePorts } from '../edge/actor-ports.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';

const ports = wakePorts();

/**
 * Task of the state machine. Executions sleep for up to 300 days: whatever shape `Cohort` takes, the one of a year ago
 * must still be understood here.
 */
export const handler = withPrivateErrors(
  async ({ execution, ...cohort }: Cohort & { readonly execution: string }): Promise<void> => {
    await wakeCohort(execution, cohort, ports);
  },
);
