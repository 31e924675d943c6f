import { tables } from '../resources.ts';
import { accessKinds } from './access-store.ts';
import { auditKinds } from './audit-store.ts';
import { catalogKinds } from './catalog-kinds.ts';
import { consentKinds } from './consent-store.ts';
import { counterKinds } from './counter-store.ts';
import { idempotencyKinds } from './idempotency-store.ts';
import { inboxKinds } from './inbox-store.ts';
import { intakeKinds } from './intake-store.ts';
import { collectionKinds } from './item-store.ts';
import { jobKinds } from './job-store.ts';
import { journalKinds } from './journal.ts';
import { messageKinds } from './message-store.ts';
import { outageKinds } from './outage-store.ts';
import { profileKinds } from './profile-store.ts';
import { secretKinds } from './secret-store.ts';
import { segmentSizeKinds } from './segment-sizes.ts';
import { statsKinds } from './stats-store.ts';
import type { StoredItem, StoredKind, StoredTable } from './stored-kind.ts';
import { suppressionKinds } from './suppression-store.ts';

/**
 * Everything that is stored, in all tables: each store declares its own kinds, beside its codec. docs/data-map.md is
 * made of them, and what one customer may ask for, to have it or to have it gone, is found by them. No emulator of a
 * test stops while an item lies there that nobody has declared (tests/emulators/dynamo.ts).
 */
export const storedKinds: readonly StoredKind[] = [
  ...profileKinds,
  ...journalKinds,
  ...messageKinds,
  ...consentKinds,
  ...inboxKinds,
  ...suppressionKinds,
  ...jobKinds,
  ...collectionKinds,
  ...catalogKinds,
  ...statsKinds,
  ...segmentSizeKinds,
  ...counterKinds,
  ...outageKinds,
  ...intakeKinds,
  ...accessKinds,
  ...auditKinds,
  ...idempotencyKinds,
  ...secretKinds,
];

/** All kinds that claim the item; what is right is exactly one. */
export const kindsOf = (table: StoredTable, item: StoredItem): StoredKind[] =>
  storedKinds.filter((kind) => kind.table === table && hasKey(kind, item) && (kind.is?.(item) ?? true));

function hasKey({ table, key }: StoredKind, item: StoredItem): boolean {
  const { partition, sort }: { readonly partition: string; readonly sort?: string } = tables[table];
  if (!key.partition.test(item[partition]?.S ?? '')) return false;
  return sort === undefined || key.sort === undefined || key.sort.test(item[sort]?.S ?? '');
}
