import type { Json } from '../../../kernel/canonical-json.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import type { MessageOrigin, Reason } from '../../decision.ts';
import type { ToldRecord } from '../../mail-record.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Next, Step } from '../journey.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { visitsOf } from './message-id.ts';
import { runScope, type Scope } from './scope.ts';

/** A run at a step, in one turn. */
export interface Visit<S extends Step = Step> {
  readonly turn: Turn;
  readonly journey: CompiledJourney;
  readonly runId: string;
  readonly run: Run;
  readonly stepId: string;
  readonly step: S;
  /** The event that set this pass off. */
  readonly event?: CustomerEvent;
  /** As in Moving: no message is wanted any more. */
  readonly overdue?: boolean;
}

/** What becomes of a run at a step. `sent`: a message was decided here. */
export type Move =
  /** It leaves through a port, at once. */
  | { readonly go: Next; readonly port?: string; readonly save?: Saved; readonly sent?: true }
  /**
   * It stands here; `due` is rounded up where it must be (due.ts), and lies after now. `lookAgain`: when time alone may
   * change what it waits for. `slot`: when a message that is paced may go.
   */
  | {
      readonly stand: Run['stand'];
      readonly due?: number;
      readonly sent?: true;
      readonly lookAgain?: number;
      readonly slot?: number;
    }
  | { readonly exit: string };

/** What later steps read as `steps.<as>.<field>`. */
export interface Saved {
  readonly as: string;
  readonly fields: { readonly [field: string]: Json };
}

/** It stays; until then nothing changes by time alone. Null: for ever. */
export interface Again {
  readonly again: number | null;
}

export type Outcome = Extract<ToldRecord, { readonly t: 'outcome' }>;

/**
 * One step type. `arrive` is called when a run comes to the step, and again when one that was held here may try again.
 * Undefined from the others: this does not concern the run, it stays as it is.
 */
export interface StepHandler<S extends Step> {
  arrive(visit: Visit<S>): Move;
  /**
   * A plan has moved it here from the same step of an older version, where it has stood since `run.since`. Absent: it
   * stands on, for what it stood for.
   */
  remain?(visit: Visit<S>): Move;
  /** Its due time has come. */
  wake?(visit: Visit<S>): Move;
  /** An event came while it stands here. */
  event?(visit: Visit<S>, event: CustomerEvent): Move | undefined;
  /** The run got a receipt that some trigger asks for (`run.got`). */
  receipt?(visit: Visit<S>): Move | undefined;
  /** More is known of the customer, or it is time to look again. */
  look?(visit: Visit<S>): Move | Again;
  /** What became of the message it waits for. */
  outcome?(visit: Visit<S>, outcome: Outcome): Move | undefined;
  /** What became of the task it waits for. */
  task?(visit: Visit<S>, outcome: string): Move | undefined;
}

export const scopeOf = (visit: Visit): Scope => runScope(visit.journey.document, visit.run, visit.event);

/** Of a message that this visit decides. */
export function originOf({ journey, run, runId, stepId }: Visit): MessageOrigin {
  const visit = visitsOf(run, stepId);
  return {
    journey: journey.id,
    version: journey.version,
    step: stepId,
    run: runId,
    ...(visit > 1 && { visit }),
    ...(run.runKey !== undefined && { runKey: run.runKey }),
  };
}

/** A reason that says where. */
export function reasonAt(visit: Visit, reason: Reason): Reason {
  const { journey, runId, stepId } = visit;
  return { journey: journey.id, version: journey.version, run: runId, step: stepId, ...reason };
}
