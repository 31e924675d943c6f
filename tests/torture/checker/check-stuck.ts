import { nextDue } from '../../../shared/domain/profiles/profile.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import type { Finding, Replay } from './replay.ts';

/** Journal entries of a scan, by profile key and journal key: the version of the commit that wrote each. */
export type Certificates = ReadonlyMap<string, number>;

export const certificateOf = (key: string, jk: string): string => `${key} ${jk}`;

/** Nobody waits for what has passed, nothing is half done, and no question is open (G1, G6). The journal of the erased is gone. */
export function checkStuck(
  replay: Pick<Replay, 'states' | 'profileOf'>,
  certificates: Certificates,
  left: readonly { readonly what: string; readonly count: number }[],
  now: number,
  erased: ReadonlySet<ProfileKey> = new Set(),
): Finding[] {
  const findings: Finding[] = left.map(({ what, count }) => ({ rule: 'stuck', who: what, detail: `${count} left` }));
  const find = (who: string, detail: string) => findings.push({ rule: 'stuck', who, detail });
  for (const [key, { version, last }] of replay.states) {
    const profile = replay.profileOf(key);
    const due = profile.movedTo === undefined ? nextDue(profile) : undefined;
    if (due !== undefined && due < now) find(key, `due at ${new Date(due).toISOString()}`);
    if (last !== undefined && !erased.has(key) && certificates.get(certificateOf(key, last)) !== version)
      find(key, `version ${version} is not certified`);
    if (profile.frozen === true) find(key, 'state left behind in a signpost');
    const asked = Object.keys(profile.asked);
    if (profile.movedTo === undefined && asked.length > 0)
      find(key, `asked ${asked.length} profiles, and has no answer`);
    if (profile.movedTo !== undefined && replay.profileOf(rootOf(replay, key)).movedTo !== undefined)
      find(key, 'signposts form a circle');
  }
  return findings;
}

function rootOf(replay: Pick<Replay, 'profileOf'>, key: string): string {
  let at = key;
  for (let hops = 0; hops < 20; hops++) {
    const { movedTo } = replay.profileOf(at);
    if (movedTo === undefined) return at;
    at = movedTo;
  }
  return at;
}
