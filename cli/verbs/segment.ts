import { connectProject } from '../config/project.ts';
import { countSegment } from '../segments/count-segment.ts';
import { explainSegment } from '../segments/explain-segment.ts';
import { UsageError, verb } from '../verb.ts';

export const segment = verb({
  name: 'segment',
  takes: 'explain ID CUSTOMER | explain --where TEXT CUSTOMER | count ID [--exact]',
  summary:
    'whether a customer belongs to a segment, and why, or what any predicate says of them; how many belong to it',
  help: `explain --where: nothing has to be saved; what nobody counts yet is counted from the journal for this answer.
For scripts: --json has value, validUntil, completeSince and because.
count: an estimate at once, of a live segment or a list by last night and by live counters, of others by a sample.
With --exact a job looks at everybody.`,
  options: {
    where: { type: 'string', takes: 'TEXT', says: 'a predicate as text, in place of a segment' },
    at: { type: 'string', takes: 'INSTANT', says: 'as of then: 2026-11-24T18:00:00Z' },
    anonymous: { type: 'boolean', says: 'CUSTOMER is an anonymousId' },
    exact: { type: 'boolean', says: 'count: look at everybody, and wait for it' },
  },
  words: [2, 3],
  async run(call) {
    const [action, ...words] = call.words as [string, ...string[]];
    const { where, at, anonymous, exact } = call.options;
    if (action === 'count') {
      if (words.length !== 1) throw new UsageError('segment count takes a segment', 'godwit segment count regulars');
      return countSegment(connectProject(call).api, words[0]!, exact === true, call.world);
    }
    if (action !== 'explain') {
      throw new UsageError(`segment ${action}: not in this release`, 'segment explain and segment count are');
    }
    if (words.length !== (where === undefined ? 2 : 1)) {
      throw new UsageError(
        'segment explain takes a segment and a customer, or --where and a customer',
        'godwit segment explain regulars CUSTOMER',
      );
    }
    const predicate = where ?? { segment: words[0]!, is: 'member' };
    const asked = { predicate, profile: words.at(-1)!, anonymous: anonymous === true, ...(at !== undefined && { at }) };
    return explainSegment(connectProject(call).api, asked, call.world);
  },
});
