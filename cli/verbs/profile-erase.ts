import type { ApiClient } from '../remote/api-client.ts';
import { RemoteProblem } from '../remote/api-client.ts';
import { followJob, type RemoteJob } from '../remote/follow-job.ts';
import type { Paint } from '../terminal.ts';
import type { Outcome } from '../verb.ts';

interface Certificate {
  readonly doneAt?: string;
  readonly dueBy: string;
  readonly erased: readonly {
    readonly erasedAt: string;
    readonly profiles: number;
    readonly identities: number;
    /** Absent in what an older release has counted. */
    readonly addresses?: number;
    /** The same. */
    readonly suppressions?: 'none' | 'salted-hash';
    readonly kinds: readonly { readonly kind: string; readonly items: number; readonly sha256: string }[];
  }[];
  readonly notShortened?: { readonly [what: string]: { readonly days: number | null; readonly holds: string } };
}

type ErasingJob = RemoteJob & { readonly result?: Certificate };

/** Waits until nothing is left, and shows the certificate. */
export async function eraseProfile(
  query: URLSearchParams,
  api: ApiClient,
  paint: Paint,
  note: (line: string) => void,
): Promise<Outcome> {
  const started = await api.remove<RemoteJob>(`/v1/profiles/by?${query}`);
  note(`job ${started.id}: it takes some minutes, and goes on without this command`);
  const { id, state, error, result }: ErasingJob = await followJob(api, started.id, () => undefined);
  if (state !== 'done' || result === undefined) {
    throw new RemoteProblem(`erasure ${id}`, `the job is ${state}`, { code: error ?? `job.${state}` });
  }
  return { exit: 0, text: showCertificate(id, result, paint), json: result };
}

function showCertificate(id: string, { doneAt, erased, notShortened = {} }: Certificate, paint: Paint): string[] {
  return [
    `${paint.bold('erased')} ${doneAt ?? ''}  job ${id}`,
    ...erased.flatMap(({ erasedAt, profiles, identities, addresses = 0, suppressions, kinds }) => [
      `since ${erasedAt}: ${profiles} profiles, ${identities} identities, ${addresses} addresses`,
      ...kinds.map(({ kind, items, sha256 }) => `  ${items} ${kind}  ${paint.dim(sha256)}`),
      ...(suppressions === 'salted-hash' ? ['  suppressions stay, as salted hashes'] : []),
    ]),
    paint.bold('what stays elsewhere'),
    ...Object.entries(notShortened).map(
      ([what, { days, holds }]) =>
        `  ${what}: ${days === null ? 'until it is deleted there' : `${days} days`}: ${holds}`,
    ),
  ];
}
