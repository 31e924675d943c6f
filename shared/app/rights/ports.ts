import type { Subject } from './subject.ts';

/** One item of a customer, as it is stored. */
export interface SubjectItem {
  /** Of the registry (data/stored-kinds.ts). */
  readonly kind: string;
  readonly table: string;
  /** Its primary key, by attribute. */
  readonly key: { readonly [attribute: string]: string };
  readonly item: { readonly [attribute: string]: unknown };
  /** The item that led to it, where it was not found by the customer's keys. */
  readonly ledBy?: SubjectItem['item'];
}

export interface SubjectPage {
  readonly items: readonly SubjectItem[];
  /** Absent: this was the last page. */
  readonly cursor?: string;
}

/**
 * Walks everything that is stored of one customer, whatever its label, and changes nothing. Strongly consistent.
 *
 * Items that come while it walks may be met or not. A cursor holds for as long as the subject has the same keys; whoever
 * goes on later builds the subject once and keeps it.
 */
export interface SubjectItems {
  page(subject: Subject, cursor?: string): Promise<SubjectPage>;
}
