import { CANARY } from '../../domain/profiles/canary.ts';
import type { Profile } from '../../domain/profiles/profile.ts';

/** Merged people are met at their root; what an erasure has left is nobody, and so is the canary. */
export const isSomebody = ({ movedTo, frozen, ids }: Profile): boolean =>
  movedTo === undefined &&
  frozen === undefined &&
  ids.user !== CANARY.userId &&
  (ids.user !== undefined || (ids.anonymous ?? []).length > 0 || ids.named !== undefined);
