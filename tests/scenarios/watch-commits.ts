import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { textsWritten } from '../texts-written.ts';
import type { Environment } from './environment.ts';

export interface Commits {
  /** When something of the customer was decided first, epoch milliseconds. */
  firstAt(userId: string): number | undefined;
  /** As it was committed last. */
  trait(userId: string, name: string): unknown;
  /** Of all customers. */
  sum(trait: string): number;
}

interface Put {
  readonly Item?: { readonly pk?: { readonly S?: string }; readonly doc?: { readonly S?: string } };
}

/** Every state of every profile, as it is committed from now on: a look that costs no call. */
export function watchCommits(env: Environment): Commits {
  const table = env.cloud.assembly
    .ofType('AWS::DynamoDB::Table')
    .find(({ logicalId }) => logicalId.startsWith('TableProfiles'))!.name;
  const first = new Map<ProfileKey, number>();
  const last = new Map<ProfileKey, string>();
  env.cloud.onWritten(({ operation, table: written, body }) => {
    if (operation !== 'PutItem' || written !== table) return;
    const { Item } = body as Put;
    const key = Item!.pk!.S!;
    if (!first.has(key)) first.set(key, env.cloud.now());
    last.set(key, textsWritten(Item!).doc);
  });
  const traitOf = (doc: string | undefined, name: string) =>
    doc === undefined ? undefined : JSON.parse(doc).traits?.[name]?.value;
  return {
    firstAt: (userId) => first.get(profileKey('user', userId)),
    trait: (userId, name) => traitOf(last.get(profileKey('user', userId)), name),
    sum: (name) => [...last.values()].reduce((sum, doc) => sum + (traitOf(doc, name) ?? 0), 0),
  };
}
