import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDocuments } from '../../cli/documents/check-documents.ts';
import { sourceForm } from '../../cli/documents/source-form.ts';
import { filesOf, writeFiles } from '../../cli/documents/write-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';

describe('what is written is what is read again', () => {
  it.each(['examples/shop', 'cli/starter'])('%s', async (name) => {
    const { documents } = await checkDocuments(await readFolder(join(import.meta.dirname, '../..', name)));
    const folder = mkdtempSync(join(tmpdir(), 'godwit-write-'));
    for (const { kind, id, document } of documents) writeFiles(folder, filesOf(kind, id, sourceForm(kind, document))!);
    const again = await checkDocuments(await readFolder(folder));
    rmSync(folder, { recursive: true });
    const etags = (all: typeof documents) => all.map(({ kind, id, etag }) => `${kind} ${id} ${etag}`).sort();
    expect(etags(again.documents)).toEqual(etags(documents));
    expect(documents.length).toBeGreaterThan(2);
  });

  it('a text that looks like the name of a file goes into one; two parts of one name get two', () => {
    const variant = { channel: 'email', content: { subject: 'mail.txt', html: 'a\nb' } };
    const files = filesOf('template', 't', { id: 't', variants: [variant, variant] })!;
    expect(files.map(({ file, text }) => [file, text]).slice(1)).toEqual([
      ['templates/t/email.subject.liquid', 'mail.txt'],
      ['templates/t/email.html', 'a\nb'],
      ['templates/t/email.subject.2.liquid', 'mail.txt'],
      ['templates/t/email.2.html', 'a\nb'],
    ]);
  });

  it.each(['../../etc/passwd', 'a/b', '.', ''])('an id of a server that is no id is no name of a file: %j', (id) => {
    expect(() => filesOf('journey', id, {})).toThrow('is not an id');
  });
});

describe('the source form', () => {
  const journey = (steps: object) => ({
    schemaVersion: 1,
    id: 'j',
    name: 'J',
    topic: 't',
    entry: [{ on: 'event', event: 'E' }],
    reentry: { again: 'never', whileInside: 'ignore' },
    start: 'a',
    steps,
  });

  it('writes predicates as text', () => {
    const stored = journey({
      a: { type: 'branch', cases: [{ if: { ref: 'profile.plan', is: 'pro' }, next: 'end' }], else: 'end' },
    });
    expect(sourceForm('journey', stored)).toMatchObject({ steps: { a: { cases: [{ if: 'profile.plan = "pro"' }] } } });
  });

  it('leaves out what MJML compiled to', () => {
    const variants = [{ channel: 'email', content: { subject: 's', mjml: '<mjml/>', html: '<html/>' } }];
    expect(sourceForm('template', { schemaVersion: 1, id: 't', variables: {}, variants })).toMatchObject({
      variants: [{ content: { subject: 's', mjml: '<mjml/>' } }],
    });
  });

  it('does not take an example for a predicate', () => {
    const variables = { 'event.rule': { type: 'object', example: { if: { ref: 'profile.plan', is: 'pro' } } } };
    const template = {
      schemaVersion: 1,
      id: 't',
      variables,
      variants: [{ channel: 'webhook', content: { body: '{}' } }],
    };
    expect(sourceForm('template', template)).toEqual(template);
  });
});
