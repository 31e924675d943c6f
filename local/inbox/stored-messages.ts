import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Inbox } from './inbox.ts';

type Item = Record<string, { S?: string; N?: string } | undefined>;

/** A call that changed a table, as DynamoDB takes it. */
export interface Written {
  readonly operation: string;
  readonly table: string;
  readonly body: object;
}

/** Messages that an app fetches leave by no provider: they are seen where they are stored, and so is what became of them. */
export function watchStoredMessages(
  assembly: ResolvedAssembly,
  inbox: Inbox,
  clock: VirtualClock,
): (written: Written) => void {
  const tables = assembly
    .ofType('AWS::DynamoDB::Table')
    .filter(({ logicalId }) => logicalId.startsWith('TableInbox'))
    .map(({ name }) => name);
  const now = () => new Date(clock.now()).toISOString();
  return ({ operation, table, body }) => {
    if (!tables.includes(table)) return;
    const { Item: item, Key, UpdateExpression = '' } = body as { Item?: Item; Key?: Item; UpdateExpression?: string };
    if (operation === 'PutItem' && item !== undefined) return add(inbox, item, now());
    const what = /^SET (\w+)At\b/.exec(UpdateExpression)?.[1];
    const message = inbox.list({ channel: 'in-app' }).find(({ messageId }) => messageId === Key?.['id']?.S);
    if (what !== undefined && message !== undefined) inbox.note(message, { type: what, at: now() });
  };
}

function add(inbox: Inbox, item: Item, at: string): void {
  const text = (name: string) => item[name]?.S ?? '';
  const { title = '', body = '', ...links } = JSON.parse(text('content')) as Record<string, string>;
  inbox.add({
    channel: 'in-app',
    to: text('pk'),
    from: '',
    subject: title,
    text: '',
    html: body,
    headers: { ...links, expires: new Date(Number(item['expiresAt']?.N)).toISOString() },
    tags: { topic: text('topic'), ...(item['journey'] && { journey: text('journey'), step: text('step') }) },
    messageId: text('id'),
    providerMessageId: text('id'),
    at,
  });
}
