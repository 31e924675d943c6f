import { connectProject } from '../config/project.ts';
import { UsageError, verb } from '../verb.ts';

interface Explained {
  readonly predicate: string;
  readonly at: string;
  readonly value: boolean;
  readonly validUntil: string | null;
  readonly completeSince: string | null;
  readonly fromJournal: number;
  readonly because: readonly { readonly part: string; readonly value: boolean; readonly saw?: string }[];
}

export const segment = verb({
  name: 'segment',
  takes: 'explain ID CUSTOMER | explain --where TEXT CUSTOMER',
  summary: 'whether a customer belongs to a segment, and why; or what any predicate says of them',
  help: 'With --where nothing has to be saved: what nobody counts yet is counted from the journal for this answer.\nFor scripts: --json has value, validUntil, completeSince and because.',
  options: {
    where: { type: 'string', takes: 'TEXT', says: 'a predicate as text, in place of a segment' },
    at: { type: 'string', takes: 'INSTANT', says: 'as of then: 2026-11-24T18:00:00Z' },
    anonymous: { type: 'boolean', says: 'CUSTOMER is an anonymousId' },
  },
  words: [2, 3],
  async run(call) {
    const [action, ...words] = call.words as [string, ...string[]];
    const { where, at, anonymous } = call.options;
    if (action !== 'explain') throw new UsageError(`segment ${action}: not in this release`, 'segment explain is');
    if (words.length !== (where === undefined ? 2 : 1)) {
      throw new UsageError(
        'segment explain takes a segment and a customer, or --where and a customer',
        'godwit segment explain regulars CUSTOMER',
      );
    }
    const profile = words.at(-1)!;
    const predicate = where ?? { segment: words[0]!, is: 'member' };
    const { api } = connectProject(call);
    const { paint } = call.world.terminal;
    const idType = anonymous === true ? 'anonymousId' : 'userId';
    const body = { predicate, profile, idType, ...(at !== undefined && { at }) };
    const found = await api.post<Explained>('/v1/predicates/explain', body);
    const { value, validUntil, completeSince, because, fromJournal } = found;
    const widest = Math.max(0, ...because.map(({ part }) => part.length));
    const mark = (holds: boolean) => (holds ? paint.green('yes') : paint.red('no '));
    return {
      exit: 0,
      text: [
        `${paint.bold(value ? 'yes' : 'no')}: ${found.predicate}`,
        ...because.map(({ part, value: holds, saw }) =>
          `  ${mark(holds)}  ${part.padEnd(widest)}${saw === undefined ? '' : paint.dim(`  saw ${saw}`)}`.trimEnd(),
        ),
        validUntil === null
          ? 'it stays so until something happens'
          : `it stays so until ${validUntil}, if nothing happens`,
        ...(completeSince === null ? [] : [paint.yellow(`what was before ${completeSince} is not known`)]),
        ...(fromJournal === 0 ? [] : [paint.dim(`${fromJournal} counted from the journal, because nobody keeps it`)]),
      ],
      json: found,
    };
  },
});
