import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { isBySomebodyElse } from './approvals.ts';
import type { AccessStore } from './ports.ts';

/**
 * What somebody asked for that changes what is sent, until somebody else has said yes: a document that is live as soon as it is
 * saved, or a broadcast.
 *
 * 1. Its id is a hash of the whole request, so an approval is of this content and of the state that it replaces, and of no other.
 * 2. An approval does nothing by itself: whoever asked asks again, and is who the audit log and the document name.
 */
export interface Proposal {
  readonly id: string;
  /** `template welcome`, `policy`, `broadcast`. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
  /** As sent; of a list of customers only how many they are. */
  readonly body?: unknown;
  /** Principal: `key:<id>` or an ARN. */
  readonly who: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly expiresAt: number;
}

export interface ProposalApproval {
  readonly proposal: string;
  readonly who: string;
  readonly at: number;
  readonly expiresAt: number;
  readonly note?: string;
}

export interface ProposalStore {
  /** The same again replaces the first, and leaves its approvals. */
  propose(proposal: Proposal): Promise<void>;
  approve(approval: ProposalApproval): Promise<void>;
  /** Those that have not expired, newest first. */
  list(now: number): Promise<readonly Proposed[]>;
  find(id: string, now: number): Promise<Proposed | undefined>;
}

export interface Proposed {
  readonly proposal: Proposal;
  readonly approvals: readonly ProposalApproval[];
}

/** Of the proposal as of the approval, from when each was made. */
export const PROPOSAL_LIVES_MS = 14 * DAY_MS;
/** An item of DynamoDB has 400 KB; documents have 200. */
const MOST_BYTES = 300 * 1024;

interface Ports {
  readonly proposals: ProposalStore;
  readonly access: Pick<AccessStore, 'listKeys'>;
}

/** Throws unless somebody else than whoever asks has approved precisely this; it is then there to be looked at and approved. */
export async function requireSecondPerson(
  asked: Omit<Proposal, 'expiresAt'>,
  { proposals, access }: Ports,
): Promise<void> {
  const { id, who, at } = asked;
  const approvals = (await proposals.find(id, at))?.approvals ?? [];
  if (await isBySomebodyElse(approvals, who, access)) return;
  const bytes = Buffer.byteLength(JSON.stringify(asked.body ?? null));
  if (bytes > MOST_BYTES) {
    const problem = { pointer: '', code: 'approval.too-large', detail: 'too large to be looked at', limit: MOST_BYTES };
    const detail = `what needs an approval has at most ${MOST_BYTES} bytes; this has ${bytes}`;
    throw new InvalidInput('approval.too-large', detail, [{ ...problem, actual: bytes }], 'too-large');
  }
  await proposals.propose({ ...asked, expiresAt: at + PROPOSAL_LIVES_MS });
  const detail = `${asked.what} changes what is sent, so somebody else than ${who} has to approve it; it was proposed as ${id}, and nothing was changed`;
  const problem = { pointer: '', code: 'approval.missing', detail: 'not approved', limit: 'somebody else' };
  const fix = `godwit approve --proposal ${id}, by somebody else with journeys:approve, within 14 days; then do the same again`;
  throw new Conflict('approval.missing', detail, 'state', [{ ...problem, fix }]);
}

export async function findProposal(id: string, proposals: ProposalStore, now: number): Promise<Proposed> {
  const found = await proposals.find(id, now);
  if (found === undefined)
    throw new NotFound('proposal.not-found', 'there is no proposal of this id; they are kept for 14 days');
  return found;
}
