import type { MailRecord } from '../../domain/mail-record.ts';
import type { Collections } from '../../domain/messaging/collection.ts';
import type { Suppression } from '../../domain/messaging/suppression.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { StoredItem } from '../collections/items.ts';
import type { RowFault } from './raw-rows.ts';
import type { RowObject } from './row-reader.ts';

export interface ImportContext {
  /** Of the job: what state a row sets is told under its id and line, so that a job tells it once. */
  readonly job: string;
  /** When the import was asked for; what happens later than that happens then. Epoch milliseconds. */
  readonly at: number;
  /** Lets nobody in (domain/mail-record.ts). */
  readonly quiet: boolean;
  /** Ids of topics and of lists; absent: unknown here, so that all are taken for right. */
  readonly topics?: ReadonlySet<string>;
  readonly lists?: ReadonlySet<string>;
  readonly collections?: Collections;
  /** Of the catalog that says so. */
  readonly epoch?: number;
}

/** What a row tells: a profile's mailbox, the suppression list, or both; or a collection. */
export type Told =
  | { readonly to: ProfileKey; readonly records: readonly MailRecord[]; readonly suppression?: Suppression }
  | { readonly to?: never; readonly suppression: Suppression }
  | { readonly to?: never; readonly suppression?: never; readonly item: StoredItem };

/** A fault costs its row and no other one (guarantee G13). */
export type Tell = (object: RowObject, line: number, context: ImportContext) => Told | readonly RowFault[];
