import { expect, it } from 'vitest';
import { makePlan } from '../../cli/documents/plan.ts';
import type { ApiClient } from '../../cli/remote/api-client.ts';
import { compileTemplate } from '../../shared/app/compile-template.ts';
import { Segment } from '../../shared/domain/audiences/segment.ts';
import { Block } from '../../shared/domain/messaging/block.ts';
import { Template } from '../../shared/domain/messaging/template.ts';

it('sends a segment after those that it asks for', async () => {
  const empty = { list: async () => [], read: async () => ({ etag: 'default' }) } as unknown as ApiClient;
  const wanted = (id: string, where: string) => {
    const document = Segment.parse({ schemaVersion: 1, id, name: id, where });
    return { kind: 'segment' as const, id, document, etag: id };
  };
  const plan = await makePlan(
    empty,
    [wanted('a', 'in segment c or in segment b'), wanted('b', 'in segment c'), wanted('c', 'profile.x = 1')],
    { publish: false },
  );
  expect(plan.documents.map(({ id, action }) => `${action} ${id}`)).toEqual(['create c', 'create b', 'create a']);
});

it('sends a template anew when a block that it uses says something else', async () => {
  const footer = (text: string) => Block.parse({ schemaVersion: 1, id: 'footer', variants: [{ content: { text } }] });
  const template = Template.parse({
    schemaVersion: 1,
    id: 'hello',
    variables: {},
    variants: [{ channel: 'sms', content: { text: '{% render "footer" %}' } }],
  });
  const [then, now] = await Promise.all(
    ['Bye', 'See you'].map((text) => compileTemplate(template, new Map([['footer', footer(text)]]))),
  );
  const stored: Record<string, object> = { '/v1/blocks/footer': footer('Bye'), '/v1/templates/hello': then! };
  const api = {
    list: async (path: string) =>
      Object.keys(stored)
        .filter((key) => key.startsWith(`${path}/`))
        .map((key) => ({ id: key.split('/')[3], etag: 'then' })),
    read: async (path: string) => ({ etag: 'then', body: stored[path] }),
  } as unknown as ApiClient;
  const plan = await makePlan(
    api,
    [
      { kind: 'template', id: 'hello', document: now, etag: 'now' },
      { kind: 'block', id: 'footer', document: footer('See you'), etag: 'now' },
    ],
    { publish: false },
  );
  expect(plan.documents.map(({ id, action, changes }) => [id, action, changes.map(({ pointer }) => pointer)])).toEqual([
    ['footer', 'replace', ['/variants/0/content/text']],
    ['hello', 'replace', ['/blocks/footer']],
  ]);
});
