import type { ProviderBehaviour, ProviderCapture } from './provider-capture.ts';

/** What a provider was told to do to its next calls. */
export function misbehaviour(): Pick<ProviderCapture, 'behave'> & { next(): ProviderBehaviour } {
  let behaviour: ProviderBehaviour = 'accept';
  let left = Number.POSITIVE_INFINITY;
  return {
    behave(mode, times = Number.POSITIVE_INFINITY) {
      behaviour = mode;
      left = times;
    },
    next() {
      const mode = left > 0 ? behaviour : 'accept';
      left--;
      return mode;
    },
  };
}
