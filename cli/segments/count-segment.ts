import { type ApiClient, RemoteProblem } from '../remote/api-client.ts';
import type { Outcome, World } from '../verb.ts';

interface Count {
  readonly members: number | null;
  readonly by: 'live' | 'sample' | 'everybody';
  readonly between?: readonly [number, number];
  readonly share?: number;
  readonly sampled?: number;
  readonly at?: string;
}

interface JobDocument {
  readonly id: string;
  readonly state: string;
  readonly error?: string;
  readonly progress: Readonly<Record<string, number>>;
  readonly result?: { readonly members: number; readonly people: number };
}

const POLL_MS = 1_000;

/** An estimate at once; `exact`: a job looks at everybody, and is waited for. */
export async function countSegment(api: ApiClient, id: string, exact: boolean, { terminal }: World): Promise<Outcome> {
  const path = `/v1/segments/${encodeURIComponent(id)}/count`;
  if (!exact) {
    const count = await api.get<Count>(path);
    return { exit: 0, text: [`${id}: ${said(count)}`], json: count };
  }
  let job = await api.get<JobDocument>(`${path}?exact=true`);
  const where = `/v1/jobs/${job.id}`;
  while (job.state === 'queued' || job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await api.get<JobDocument>(where);
    if (job.state === 'running') terminal.note(`${job.progress['people'] ?? 0} customers looked at`);
  }
  const { result, state, error } = job;
  if (result === undefined) {
    throw new RemoteProblem(`GET ${api.base}${where}`, `the job is ${state}${error === undefined ? '' : `: ${error}`}`);
  }
  return { exit: 0, text: [`${id}: ${result.members} of ${result.people} customers`], json: result };
}

function said({ members, by, between, share = 0, sampled, at }: Count): string {
  if (by === 'everybody') return `${members} customers`;
  if (by === 'live') return `about ${members} customers: as counted at ${at}, and who has come and gone since`;
  const percent = `${(share * 100).toFixed(1)} % of ${sampled} who were looked at`;
  if (members === null || between === undefined) return `${percent}; nobody has counted all customers yet`;
  return `about ${members} customers, ${between[0]} to ${between[1]} (95 %): ${percent}`;
}
