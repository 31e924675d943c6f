import { Conflict } from '../../kernel/errors.ts';
import type { AccessKey, AccessStore } from './ports.ts';

/** Of a draft, by its content: another draft needs another one. */
export interface Approval {
  readonly journey: string;
  readonly draftEtag: string;
  /** Principal: `key:<id>` or an ARN. */
  readonly who: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly note?: string;
}

export interface ApprovalStore {
  /** Once for each principal and draft; a second time replaces the first. */
  approve(approval: Approval): Promise<void>;
  list(journey: string, draftEtag: string): Promise<readonly Approval[]>;
}

interface ApprovalPorts {
  readonly approvals: ApprovalStore;
  readonly access: Pick<AccessStore, 'listKeys'>;
}

/** Throws unless somebody else has approved this very draft. Keys that somebody made are that somebody. */
export async function requireApproval(
  { journey, draftEtag, by }: { readonly journey: string; readonly draftEtag: string; readonly by: string },
  { approvals, access }: ApprovalPorts,
): Promise<void> {
  const given = await approvals.list(journey, draftEtag);
  if (await isBySomebodyElse(given, by, access)) return;
  const own =
    given.length === 0 ? '' : `; the approval of ${given[0]!.who} is by the same principal, or by a key that they made`;
  const detail = `the draft ${draftEtag} has no approval by another principal than ${by}${own}`;
  const problem = {
    pointer: '/draftEtag',
    code: 'journey.approval-missing',
    detail: 'not approved',
    limit: 'somebody else',
  };
  const fix = `godwit approve ${journey}, by somebody with journeys:approve`;
  throw new Conflict('journey.approval-missing', detail, 'state', [{ ...problem, fix }]);
}

/** Whether one of those who approved is another person than `by`. */
export async function isBySomebodyElse(
  given: readonly { readonly who: string }[],
  by: string,
  access: Pick<AccessStore, 'listKeys'>,
): Promise<boolean> {
  if (given.length === 0) return false;
  const personOf = persons(await access.listKeys());
  return given.some(({ who }) => personOf(who) !== personOf(by));
}

/** `operator` is whoever may invoke `issue-key`: two keys of theirs are two apps or two people. */
function persons(keys: readonly AccessKey[]): (who: string) => string {
  const makers = new Map(keys.map(({ id, createdBy }) => [`key:${id}`, createdBy]));
  return (who) => {
    let person = who;
    const seen = new Set<string>();
    for (;;) {
      const maker = makers.get(person);
      if (maker === undefined || maker === 'operator' || seen.has(maker)) return person;
      seen.add(maker);
      person = maker;
    }
  };
}
