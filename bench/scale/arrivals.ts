export const DAY_SECONDS = 86_400;

/** How far the busiest minute of a normal day lies above the mean, and what comes on top of it in an advertising break. */
export const curve = { peak: 3, peakAtHour: 19, spikeAtHour: 20, spikeMinutes: 10, spike: 3 } as const;

/**
 * Of every second of a day, its share of the day's events. The day is von Mises's curve, the bell for what goes round (its
 * concentration is sought so that the peak is `curve.peak` times the mean); the spike adds `curve.spike` times the mean.
 */
export function shapeOfDay(): Float64Array {
  let [low, high] = [0, 10];
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2;
    if (peakOf(middle) < curve.peak) low = middle;
    else high = middle;
  }
  const usual = scaled(Float64Array.from({ length: DAY_SECONDS }, (_, second) => bell(low, second)));
  return scaled(usual.map((share, second) => share + (isSpike(second) ? curve.spike / DAY_SECONDS : 0)));
}

const isSpike = (second: number): boolean => {
  const minutes = second / 60 - curve.spikeAtHour * 60;
  return minutes >= 0 && minutes < curve.spikeMinutes;
};

const bell = (concentration: number, second: number): number =>
  Math.exp(concentration * Math.cos((2 * Math.PI * (second - curve.peakAtHour * 3_600)) / DAY_SECONDS));

/** By the minute, which is as good. */
function peakOf(concentration: number): number {
  let sum = 0;
  for (let minute = 0; minute < 1_440; minute++) sum += bell(concentration, minute * 60);
  return (Math.exp(concentration) * 1_440) / sum;
}

function scaled(shares: Float64Array): Float64Array {
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}
