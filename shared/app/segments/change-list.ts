import type { Segment } from '../../domain/audiences/segment.ts';
import { isList } from '../../domain/audiences/segment-kind.ts';
import { Conflict, GodwitError } from '../../kernel/errors.ts';
import { readLiveDocument } from '../catalog/live-documents.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { Mailbox } from '../ports.ts';
import { type IdType, identityOf, keyOfIdentity } from '../profiles/find-profile.ts';
import { type Command, tellProfiles } from '../profiles/tell-profile.ts';

export const MAX_LIST_CHANGES = 1_000;

export interface Named {
  readonly id: string;
  readonly idType?: IdType;
}

export interface ListChange {
  readonly add: readonly Named[];
  readonly remove: readonly Named[];
}

interface Result {
  readonly change: 'join' | 'leave';
  /** In `add` or `remove`. */
  readonly index: number;
  readonly status: 'accepted' | 'refused';
  readonly code?: string;
  readonly detail?: string;
}

/** Puts one record per customer into the mailboxes. One customer's fault does not lose the others (guarantee G13). */
export async function changeList(
  { catalog, mailbox }: { readonly catalog: CatalogStore; readonly mailbox: Mailbox },
  segment: string,
  { add, remove }: ListChange,
  commandId: string,
  now: number,
): Promise<readonly Result[]> {
  const { found } = await readLiveDocument(catalog, 'segment', segment);
  if (!isList(found.document as Segment)) {
    throw new Conflict('segment.no-list', `who belongs to ${segment} is said by its rule, not one by one`);
  }
  const epoch = await catalog.readEpoch('newest');
  const asked = [
    ...add.map((one, index) => ({ ...one, index, change: 'join' as const })),
    ...remove.map((one, index) => ({ ...one, index, change: 'leave' as const })),
  ];
  const made = asked.map(({ id, idType, change, index }): Command | GodwitError => {
    try {
      const identity = identityOf(idType ?? 'userId', id);
      const record = {
        t: 'list',
        id: `${commandId}-${change}-${index}`,
        identity,
        at: now,
        epoch,
        segment,
        change,
      } as const;
      return { key: keyOfIdentity(identity), record };
    } catch (error) {
      if (error instanceof GodwitError) return error;
      throw error;
    }
  });
  const places = made.flatMap((one, place) => (one instanceof GodwitError ? [] : [place]));
  const refusals = await tellProfiles(
    mailbox,
    places.map((place) => made[place] as Command),
    now,
  );
  return asked.map(({ change, index }, place): Result => {
    const fault = made[place];
    if (fault instanceof GodwitError)
      return { change, index, status: 'refused', code: fault.code, detail: fault.message };
    const detail = refusals.get(places.indexOf(place));
    if (detail !== undefined) return { change, index, status: 'refused', code: 'mailbox.refused', detail };
    return { change, index, status: 'accepted' };
  });
}
