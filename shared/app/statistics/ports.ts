/** How many members a segment had, by calendar day (UTC, `2026-11-26`). */
export interface SegmentSizes {
  /** Of one day; what is there of that day is overwritten. */
  put(day: string, sizes: ReadonlyMap<string, number>): Promise<void>;
  /** Oldest first; both days are in it. */
  read(segment: string, from: string, to: string): Promise<readonly SegmentSize[]>;
}

export interface SegmentSize {
  readonly day: string;
  readonly members: number;
}
