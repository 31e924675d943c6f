import type { MeterReading } from '../local/cloud.ts';
import type { ApiClient } from '../local/demo/api-client.ts';

/** Something that was metered, and how many customers, events or rows share it. */
export interface Row {
  readonly what: string;
  readonly per: number;
  readonly reading: MeterReading;
}

/** What the parts of `count.ts` work with. */
export interface Bench {
  readonly api: ApiClient;
  /** Meters what happens until everything is at rest, for all customers. */
  measure(what: string, work: () => Promise<void>, per?: number): Promise<void>;
  /** One request after another, one for each customer. */
  each(make: (userId: string) => object): Promise<void>;
  /** Jobs that saving a document starts come to an end. */
  advance(): Promise<void>;
  now(): number;
  /** Mean of the items of customers who are known by now, names of attributes included. */
  itemBytes(): Promise<number>;
}
