import { digest, type ProfileKey } from '../../kernel/ids.ts';
import type { Turn } from '../turn.ts';

interface Word {
  readonly by: ProfileKey;
  readonly inc?: number;
}

/** In the place of a holder that is gone: nobody reads from it who that was, and its words, redriven, are known by it. */
const goneHolder = (actor: ProfileKey, { by, inc = 0 }: Word): string => digest('gone', actor, by, String(inc));

/** A word of a holder that has been erased since. */
export const isOfGone = ({ profile, key }: Turn, word: Word): boolean =>
  Object.hasOwn(profile.holders ?? {}, goneHolder(key, word));

/**
 * The actor of an identity or a push token forgets who had it. The rank of who had a token stays: of those who were told
 * it before, nobody gets it back.
 */
export function forgetHolder(turn: Turn, word: Word): void {
  const { holders = {}, movedTo } = turn.profile;
  const { [word.by]: since = 1, ...others } = holders;
  const gone = goneHolder(turn.key, word);
  if (movedTo !== undefined || Object.hasOwn(others, gone)) return;
  turn.change({ holders: { ...others, [gone]: -Math.abs(since) } });
  turn.because({ code: 'identity.forgotten' });
}
