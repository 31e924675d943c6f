import { bill } from '../../shared/cost/bill.ts';
import { type Figures, rowOf } from '../../shared/cost/figures.ts';
import { loadOf } from '../../shared/cost/load.ts';
import { TENS } from './tens.ts';

/**
 * What must come out different, or what was counted means nothing: records that share batches need fewer requests, a kind of
 * event that writes more costs more, and a month without anybody costs less.
 *
 * @throws Error naming what came out the same.
 */
export function mustDiffer(figures: Figures): void {
  const of = (id: string) => rowOf(figures, id);
  const shares = of(`inert-event${TENS}`).fifoRequests / of('inert-event').fifoRequests;
  if (shares > 0.2) throw new Error(`ten events in one request need ${shares} of the requests that they need alone`);
  if (of('trait-event').writeUnits <= of('inert-event').writeUnits) throw new Error('moving a trait writes nothing');
  if (of('journey').emails !== 3) throw new Error(`the reference journey sent ${of('journey').emails} messages, not 3`);
  const [nobody, some] = [0, 1_000_000].map((profiles) => bill(loadOf({ profiles }), 'likely', figures).awsDollars);
  if (nobody! >= some!) throw new Error('a month without anybody costs as much as one of a million profiles');
}
