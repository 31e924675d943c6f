import type { Journey } from '../domain/journeys/journey.ts';
import { InvalidInput, NotFound, Permanent } from '../kernel/errors.ts';
import { digest } from '../kernel/ids.ts';
import type { CatalogStore } from './catalog/ports.ts';
import type { Clock, Mailbox } from './ports.ts';
import type { SignedLinks } from './signed-links.ts';

export interface TaskPorts {
  readonly now: Clock;
  readonly links: Pick<SignedLinks, 'read'>;
  readonly mailbox: Mailbox;
  readonly catalog: Pick<CatalogStore, 'readVersion'>;
}

/**
 * What became of a task, told by whoever has its link. The record's id is the task's, whatever the outcome: of several
 * answers the first in the mailbox counts, and the others are its repetitions. Whether the run still waits is decided
 * there, and recorded.
 *
 * @returns the task's id.
 */
export async function tellTaskOutcome(token: string, outcome: string, ports: TaskPorts): Promise<string> {
  const claims = await ports.links.read('task', token);
  if (claims === undefined) throw new NotFound('task.not-found', 'this is no link to a task of ours');
  const { profile, message, journey, version, step, run, visit } = claims;
  const found = await ports.catalog.readVersion('journey', journey, version);
  const asked = (found?.document as Journey | undefined)?.steps[step];
  if (asked?.type !== 'task') throw new NotFound('task.not-found', 'the journey of this task is not there any more');
  if (!Object.hasOwn(asked.outcomes, outcome)) {
    const limit = Object.keys(asked.outcomes).join(', ');
    const detail = 'not one of the outcomes of this task';
    const problem = { pointer: '/outcome', code: 'task.outcome-unknown', detail, limit };
    throw new InvalidInput('task.outcome-unknown', `${detail}: ${limit}`, [problem], 'invalid');
  }
  const at = ports.now();
  const id = digest('task', message);
  const origin = { journey, version, step, run, ...(visit > 1 && { visit }) };
  const record = { t: 'task', id, at, task: message, outcome, origin } as const;
  const mail = { schema: 1, key: profile, received: at, hop: 0, records: [record] } as const;
  for (const { code } of await ports.mailbox.send([{ id, mail }])) {
    throw new Permanent('mailbox.refused', `the mailbox does not take this: ${code}`);
  }
  return message;
}
