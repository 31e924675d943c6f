import type { Memberships } from './profile.ts';

/**
 * Memberships as the item of a profile holds them. As JSON each takes 40 bytes, and a customer may belong to 200 segments:
 *
 *     saw|due|buyers=mf8k2w1c champions=0 regulars=-5k
 *
 * Numbers in base 36; since when is the difference to the one before, because what one record moves begins in one instant.
 * Ids of segments hold none of `|`, `=` and blank. `due` is empty where time alone moves nothing.
 */
export function printMemberships({ saw, due, in: all }: Memberships): string {
  let before = 0;
  const texts = Object.entries(all).map(([segment, { since }]) => {
    const difference = since - before;
    before = since;
    return `${segment}=${difference.toString(36)}`;
  });
  return [saw.toString(36), due?.toString(36) ?? '', texts.join(' ')].join('|');
}

export function readMemberships(text: string): Memberships {
  const [saw, due, members] = text.split('|') as [string, string, string];
  let since = 0;
  const read = (one: string) => {
    const [segment, difference] = one.split('=') as [string, string];
    since += Number.parseInt(difference, 36);
    return [segment, { since }];
  };
  return {
    saw: Number.parseInt(saw, 36),
    ...(due !== '' && { due: Number.parseInt(due, 36) }),
    in: Object.fromEntries(members === '' ? [] : members.split(' ').map(read)),
  };
}
