import type { Journey } from '../../domain/journeys/journey.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import type { BroadcastParams } from '../scans/kinds/broadcast.ts';
import { DEFAULT_PER_MINUTE } from '../scans/pace.ts';
import { SEEN_BY_ALL_MS } from '../scans/start-look.ts';
import type { StartScan } from '../scans/start-scan.ts';
import type { Actor, CatalogStore, Head } from './ports.ts';

interface Publication {
  readonly journey: Journey;
  /** As it was before. */
  readonly before: Head;
  /** That is live now. */
  readonly version: number;
}

/**
 * A version that is the first to enter on a segment with `existing: enroll` lets its members in, once each, at the pace of
 * a broadcast. It begins when nobody is decided by the version before any more: whoever comes into the segment meanwhile is
 * let in by one or the other, and not by both (`entry.already`).
 */
export async function enrollExisting(
  { catalog, startScan }: { readonly catalog: CatalogStore; readonly startScan: StartScan },
  { journey, before, version }: Publication,
  { at, by }: Actor,
): Promise<void> {
  const wanted = existingIn(journey);
  if (wanted.length === 0) return;
  const isReal = before.live !== undefined && before.dryRun !== true;
  const last = isReal ? await catalog.readVersion('journey', journey.id, before.live!) : undefined;
  const had = last === undefined ? [] : existingIn(last.document as Journey);
  const { epoch } = await catalog.readSnapshot();
  for (const segment of wanted) {
    if (had.includes(segment)) continue;
    const params: BroadcastParams = {
      journey: journey.id,
      where: { segment, is: 'member' },
      existing: segment,
      epoch,
    };
    const id = `existing-${digest(journey.id, segment, String(version))}`;
    const kind = 'broadcast';
    const begin = at + SEEN_BY_ALL_MS;
    await startScan({ id, kind, params: params as unknown as Json, by, begin, perMinute: DEFAULT_PER_MINUTE });
  }
}

const existingIn = ({ entry }: Journey): string[] => [
  ...new Set(entry.flatMap((one) => (one.on === 'segment' && one.existing === 'enroll' ? [one.segment] : []))),
];
