/** One page of a list; `cursor` is opaque to everybody but the store that made it. */
export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor?: string;
}
