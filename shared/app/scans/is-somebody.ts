import type { Profile } from '../../domain/profiles/profile.ts';

/** Merged people are met at their root; what an erasure has left is nobody. */
export const isSomebody = ({ movedTo, frozen, ids }: Profile): boolean =>
  movedTo === undefined &&
  frozen === undefined &&
  (ids.user !== undefined || (ids.anonymous ?? []).length > 0 || ids.named !== undefined);
