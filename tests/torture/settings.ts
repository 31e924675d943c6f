import type { Settings } from '../policy/checker/log.ts';
import type { Library } from './documents.ts';

/** What the policy's checker asks of the documents. */
export function settingsOf({ savings, journeys }: Library): Settings {
  const of = (kind: string) => savings.filter(({ path }) => path.startsWith(kind)).map(({ document }) => document);
  const [policy] = of('policy');
  return { policy, topics: of('topics/'), journeys } as unknown as Settings;
}
