import { inflateSync } from 'node:zlib';
import { DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { LocalCloud } from '../../local/cloud.ts';

/** One value for each place where a customer may be named, so that what turns up elsewhere tells where it came from. */
export const marks = {
  userId: 'mkqa1user',
  anonymousId: 'mkqa2device',
  firstName: 'Mkqa3name',
  email: 'mkqa4mail@mail.example',
  phone: '+4915177700505',
  trait: 'Mkqa6trait',
  property: 'Mkqa7property',
  token: 'fcm:mkqa8token',
  ip: '203.0.113.99',
  userAgent: 'Mkqa9agent/1',
  page: 'https://shop.example/mkqa10page',
  eventId: 'mkqa11event',
  note: 'Mkqa12note',
  groupId: 'mkqa13group',
  context: 'Mkqa14context',
} as const;

/** As it is, in parts of a URL, and as base64 has it, wherever in a group of three bytes it begins. */
function shapesOf(mark: string): string[] {
  const bases = [0, 1, 2].map((before) => {
    const base64 = Buffer.from(' '.repeat(before) + mark).toString('base64');
    return base64.slice(before === 0 ? 0 : before + 1, -4).replace(/=+$/, '');
  });
  const plain = [mark, encodeURIComponent(mark), Buffer.from(mark).toString('hex')];
  return [...plain.map((shape) => shape.toLowerCase()), ...bases];
}

const shapes = Object.entries(marks).map(([name, mark]) => [name, shapesOf(mark)] as const);

/** Which of the marks are in a text. */
export function marksIn(text: string): string[] {
  const lower = text.toLowerCase();
  return shapes.flatMap(([name, [first, second, third, ...bases]]) =>
    [first!, second!, third!].some((shape) => lower.includes(shape)) || bases.some((base) => text.includes(base))
      ? [name]
      : [],
  );
}

/** What AWS keeps in the clear, and for as long as it likes: logs, labels of messages, executions. */
export function shownBy(cloud: LocalCloud): { readonly where: string; readonly text: string }[] {
  return [
    ...cloud.traces().map(({ kind, of, text }) => ({ where: `${kind} ${of}`, text })),
    ...cloud.executions().map((execution) => ({ where: 'execution', text: JSON.stringify(execution) })),
  ];
}

/** An address or a telephone number of anybody: senders and the mail of teams are of other domains. */
const anybody = /[\w.+-]+(?:@|%40)mail\.example|\+49151\d+/;

/** For the end of every scenario: what they all call their customers must not be in what AWS shows. */
export function requireNobodyShown(cloud: LocalCloud): void {
  const found = shownBy(cloud).find(({ text }) => anybody.test(text));
  if (found !== undefined) throw new Error(`personal data in ${found.where}: ${found.text.slice(0, 2_000)}`);
}

/** Tables by the beginning of their logical id, with the marks that are in them. */
export async function marksInTables(cloud: LocalCloud): Promise<Record<string, string[]>> {
  const client = new DynamoDBClient(cloud.operator);
  const found: Record<string, string[]> = {};
  for (const { name, logicalId } of cloud.assembly.ofType('AWS::DynamoDB::Table')) {
    let text = '';
    let from: ScanCommandOutput['LastEvaluatedKey'];
    do {
      const page: ScanCommandOutput = await client.send(
        new ScanCommand({ TableName: name, ...(from !== undefined && { ExclusiveStartKey: from }) }),
      );
      text += JSON.stringify(page.Items, (_, value) => (value instanceof Uint8Array ? readable(value) : value));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    found[/^Table([A-Z][a-z]+)/.exec(logicalId)?.[1] ?? logicalId] = marksIn(text);
  }
  client.destroy();
  return found;
}

/** Two bytes begin what zlib has written (RFC 1950): what is compressed hides nothing. */
const readable = (bytes: Uint8Array): string =>
  (bytes[0] === 0x78 && bytes[1] === 0x9c ? inflateSync(bytes) : Buffer.from(bytes)).toString('latin1');
