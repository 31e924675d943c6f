import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Template } from '../../shared/domain/messaging/template.ts';
import { connectProject } from '../config/project.ts';
import { readAndCheck } from '../documents/local-documents.ts';
import { sourceForm } from '../documents/source-form.ts';
import { describeProblem } from '../print-findings.ts';
import type { Problem } from '../remote/api-client.ts';
import { UsageError, verb } from '../verb.ts';

interface Preview {
  readonly rendered?: {
    readonly subject?: string;
    readonly html?: string;
    readonly text: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly sizes?: Readonly<Record<string, number>>;
  readonly length?: { readonly encoding: string; readonly units: number; readonly parts: number };
  readonly price?: { readonly currency: string; readonly perPart: number; readonly amount: number };
  readonly findings: readonly Problem[];
}

export const preview = verb({
  name: 'preview',
  takes: 'TEMPLATE [--profile ID] [--channel CHANNEL] [--html FILE]',
  summary: 'shows a template as a customer would get it; sends nothing',
  help: `The template of the folder, when it is there; with --live what is live. The environment renders it, with the code that sends.
Without --profile the customer is made of the template's examples.`,
  options: {
    profile: { type: 'string', takes: 'ID', says: 'a userId; the key needs profiles:personal' },
    channel: { type: 'string', takes: 'CHANNEL', says: 'email (when absent), or another one' },
    locale: { type: 'string', takes: 'LOCALE', says: "instead of the customer's own" },
    topic: { type: 'string', takes: 'ID', says: 'marketing mails have rules of their own' },
    html: { type: 'string', takes: 'FILE', says: 'write the HTML there' },
    live: { type: 'boolean', says: 'what is live, not what lies in the folder' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world } = call;
    const id = call.words[0]!;
    const channel = options.channel ?? 'email';
    const { project, environment, api } = connectProject(call);
    const { documents } = options.live === true ? { documents: [] } : await readAndCheck(project.folder);
    const local = documents.find((one) => one.kind === 'template' && one.id === id);
    const named = new Set(Object.keys((local?.document as Template | undefined)?.blocks ?? {}));
    const blocks = documents.filter((one) => one.kind === 'block' && named.has(one.id)).map((one) => one.document);
    const asked = new Set(
      Object.values((local?.document as Template | undefined)?.lookups ?? {}).map(({ collection }) => collection),
    );
    const collections = documents
      .filter((one) => one.kind === 'collection' && asked.has(one.id))
      .map((one) => one.document);
    const { rendered, sizes, length, price, findings } = await api.post<Preview>(
      `/v1/templates/${encodeURIComponent(id)}/previews`,
      {
        channel,
        ...(local !== undefined && { template: sourceForm('template', local.document), blocks, collections }),
        ...(options.profile !== undefined && { profile: { id: options.profile } }),
        ...(options.locale !== undefined && { locale: options.locale }),
        ...(options.topic !== undefined && { topic: options.topic }),
      },
    );
    if (options.html !== undefined) {
      if (rendered?.html === undefined) throw new UsageError(`--html: the ${channel} has no HTML`);
      writeFileSync(resolve(world.cwd, options.html), rendered.html);
    }
    const { paint } = world.terminal;
    const of = local === undefined ? `as it is live in ${environment.name}` : `of ${local.written.file}`;
    const headers = { ...rendered?.headers, ...(rendered?.subject !== undefined && { Subject: rendered.subject }) };
    return {
      exit: findings.length === 0 && rendered !== undefined ? 0 : 1,
      text: [
        paint.dim(`${id}, ${of}`),
        ...Object.entries(headers).map(([name, value]) => `${paint.bold(name)}: ${value}`),
        ...(rendered === undefined ? [] : ['', rendered.text, '']),
        ...(sizes === undefined
          ? []
          : [
              paint.dim(
                `bytes: ${Object.entries(sizes)
                  .map(([part, size]) => `${part} ${size}`)
                  .join(', ')}`,
              ),
            ]),
        ...(length === undefined
          ? []
          : [
              paint.dim(
                `${length.encoding}, ${length.units} characters, ${length.parts} ${length.parts === 1 ? 'part' : 'parts'}${
                  price === undefined ? '' : `, ${price.amount} ${price.currency} each`
                }`,
              ),
            ]),
        ...findings.map((finding) => `${paint.red(finding.code)} ${finding.pointer}: ${describeProblem(finding)}`),
      ],
      json: { template: id, from: local?.written.file ?? 'live', rendered, sizes, length, price, findings },
    };
  },
});
