import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkDocuments } from '../../cli/documents/check-documents.ts';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-folder-'));
  folders.push(folder);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const topic = 'id: offers\nkind: marketing\nconsent: { email: opt-out }\n';

describe('a folder of documents', () => {
  it('is read in the order in which an environment takes it, whatever it is written in', async () => {
    const folder = folderWith({
      'journeys/a.json': '{"id": "a"}',
      'journeys/b.ts': "const id: string = 'b';\nexport default { id, gone: undefined };\n",
      'journeys/b.test.ts': 'throw new Error();',
      'journeys/README.md': '# no document',
      'journeys/_draft.yaml': 'id: draft',
      'templates/t/template.yaml':
        'id: t\nvariants:\n  - { channel: email, content: { subject: mail.txt is text, text: mail.txt } }\n',
      'templates/t/mail.txt': 'Hello\n',
      'templates/flat.yaml': 'id: flat',
      'blocks/footer/block.yaml': 'id: footer\nvariants: [{ content: { text: footer.txt } }]\n',
      'blocks/footer/footer.txt': 'Bye\n',
      'blocks/flat.yaml': 'id: flat',
      'endpoints/crm.yml': 'id: crm',
      'computed-traits/shop.yaml': 'id: shop',
      'segments/vip.yaml': 'id: vip',
      'policy.yaml': 'zone: UTC',
      'topics/offers.yaml': topic,
    });
    const documents = await readFolder(folder);
    expect(documents.map(({ kind, file }) => [kind, file])).toEqual([
      ['topic', 'topics/offers.yaml'],
      ['policy', 'policy.yaml'],
      ['endpoint', 'endpoints/crm.yml'],
      ['computed-trait', 'computed-traits/shop.yaml'],
      ['segment', 'segments/vip.yaml'],
      ['block', 'blocks/flat.yaml'],
      ['block', 'blocks/footer/block.yaml'],
      ['template', 'templates/flat.yaml'],
      ['template', 'templates/t/template.yaml'],
      ['journey', 'journeys/a.json'],
      ['journey', 'journeys/b.ts'],
    ]);
    expect(documents[6]!.value).toEqual({ id: 'footer', variants: [{ content: { text: 'Bye\n' } }] });
    expect(documents[8]!.value).toEqual({
      id: 't',
      variants: [{ channel: 'email', content: { subject: 'mail.txt is text', text: 'Hello\n' } }],
    });
    expect(documents[8]!.parts).toEqual({ '/variants/0/content/text': 'templates/t/mail.txt' });
    expect(documents[10]!.value).toEqual({ id: 'b' });
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['YAML that is none', { 'topics/a.yaml': 'a: [1,\nb: 2\n' }, 'topics/a.yaml', 'not YAML'],
    ['a key that stands twice', { 'topics/a.yaml': 'a: 1\na: 2\n' }, 'topics/a.yaml', 'not YAML'],
    ['YAML in a .json', { 'topics/a.json': 'id: a' }, 'topics/a.json', 'not JSON'],
    ['aliases that stand for more than they are', { 'topics/a.yaml': bomb() }, 'topics/a.yaml', 'not a document'],
    ['TypeScript that throws', { 'journeys/a.ts': 'throw new Error("so");' }, 'journeys/a.ts', 'cannot be loaded: so'],
    ['TypeScript without a default', { 'journeys/a.ts': 'export const a = 1;' }, 'journeys/a.ts', 'no default export'],
    ['a template folder without a template', { 'templates/t/mail.txt': '' }, 'templates/t', 'without template.yaml'],
    ['two policies', { 'policy.yaml': 'a: 1', 'policy.json': '{}' }, 'policy.json', 'policy.yaml is there too'],
    [
      'a part that is not there',
      { 'templates/t/template.yaml': 'variants: [{ content: { mjml: gone.mjml } }]' },
      'templates/t/template.yaml',
      'names gone.mjml',
    ],
  ])('says of which file it is: %s', async (_, files, file, detail) => {
    await expect(readFolder(folderWith(files))).rejects.toMatchObject({
      file,
      message: expect.stringContaining(detail),
    });
  });

  it('places what a schema refuses at its line, and what stands in a part in its file', async () => {
    const folder = folderWith({
      'topics/offers.yaml': 'id: offers\nkind: marketing\nconsent:\n  email: opt-aut\n',
      'templates/t/template.yaml':
        'schemaVersion: 1\nid: t\nvariables: {}\nvariants:\n  - { channel: email, content: { subject: Hi, text: a.txt } }\n',
      'templates/t/a.txt': '{{ profile.name }}\n',
    });
    const { findings } = await checkDocuments(await readFolder(folder));
    expect(findings).toMatchObject([
      { file: 'topics/offers.yaml', line: 4, column: 10, pointer: '/consent/email', fix: 'did you mean "opt-out"?' },
      { file: 'templates/t/a.txt', code: 'template.variable-undeclared', severity: 'error' },
    ]);
  });

  it('puts blocks into templates, in whatever order they name each other, and says what is wrong with either', async () => {
    const blockOf = (id: string, text: string) =>
      `schemaVersion: 1\nid: ${id}\nvariants: [{ content: { text: "${text}" } }]\n`;
    const template = (text: string) =>
      `schemaVersion: 1\nid: t\nvariables: {}\nvariants: [{ channel: sms, content: { text: "${text}" } }]\n`;
    const files = {
      'blocks/a.yaml': blockOf('a', "{% render 'b' %}!"),
      'blocks/b.yaml': blockOf('b', 'Bye'),
      'templates/t.yaml': template("{% render 'a' %}"),
    };
    const sound = await checkDocuments(await readFolder(folderWith(files)));
    expect(sound.findings).toEqual([]);
    expect(sound.documents[2]!.document).toMatchObject({ variants: [{ compiled: { text: 'Bye!' } }] });
    expect(groupDocuments(sound.written).templates).toMatchObject([{ variants: [{ compiled: { text: 'Bye!' } }] }]);
    const { findings } = await checkDocuments(
      await readFolder(folderWith({ ...files, 'blocks/b.yaml': blockOf('b', '{{ oops') })),
    );
    expect(findings).toMatchObject([
      { file: 'blocks/a.yaml', line: 3, code: 'template.syntax' },
      { file: 'blocks/b.yaml', line: 3, code: 'template.syntax' },
      { file: 'templates/t.yaml', line: 4, code: 'template.syntax' },
    ]);
  });

  it('finds two documents of one name', async () => {
    const { findings } = await checkDocuments(
      await readFolder(folderWith({ 'topics/a.yaml': topic, 'topics/b.yaml': topic })),
    );
    expect(findings).toMatchObject([{ file: 'topics/b.yaml', line: 1, code: 'topic.duplicate' }]);
  });

  it('finds nothing in the starter', async () => {
    const root = join(import.meta.dirname, '../..');
    const starter = await checkDocuments(await readFolder(join(root, 'cli/starter')));
    expect([starter.documents.length, starter.findings]).toEqual([3, []]);
  });
});

function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);
  return `a0: &a0 [x, x]\n${lines.join('\n')}\n`;
}
