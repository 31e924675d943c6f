import { digest } from '../../kernel/ids.ts';
import { keyOfIdentity } from '../profiles/find-profile.ts';
import type { RowFault } from './raw-rows.ts';
import { readIdentity } from './read-identity.ts';
import { readAt, unknownFields } from './row-fields.ts';
import type { Tell } from './told.ts';

const listFields = ['list', 'change', 'at', 'userId', 'anonymousId', 'idType', 'id'];

/** Somebody joins a list, or leaves it (`change`: join where it is absent), as of `at`, or of when the import was asked for. */
export const tellList: Tell = (object, line, context) => {
  const faults: RowFault[] = unknownFields(object, listFields);
  const { list, change = 'join' } = object;
  const identity = readIdentity(object, faults);
  const at = readAt(object['at'], '/at', context, faults);
  if (typeof list !== 'string' || context.lists?.has(list) === false) {
    faults.push({
      code: 'list.unknown',
      detail: 'no list is called so',
      pointer: '/list',
      limit: 'a list that exists',
    });
  }
  if (change !== 'join' && change !== 'leave') {
    faults.push({ code: 'list.change', detail: 'must be join or leave', pointer: '/change', limit: 'join, leave' });
  }
  if (faults.length > 0 || identity === undefined) return faults;
  const record = {
    t: 'list',
    id: digest('import', context.job, String(line), 'list'),
    identity,
    at,
    ...(context.epoch !== undefined && { epoch: context.epoch }),
    segment: list as string,
    change: change as 'join' | 'leave',
    ...(context.quiet && ({ quiet: true } as const)),
  } as const;
  return { to: keyOfIdentity(identity), records: [record] };
};
