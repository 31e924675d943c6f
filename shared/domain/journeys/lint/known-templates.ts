import { didYouMean } from '../../../kernel/did-you-mean.ts';
import type { Template } from '../../messaging/template.ts';
import type { MessageStep } from '../journey.ts';
import { error, type LintCatalog, meant, type Rule } from './finding.ts';

/** Every template is there, in the pinned version, with a variant for each channel of its step. */
export const knownTemplates: Rule = ({ steps }, catalog) =>
  Object.entries(steps).flatMap(([stepId, step]) => {
    if (step.type !== 'message') return [];
    const at = `/steps/${stepId}`;
    const template = templateOf(step, catalog);
    if (template === undefined) {
      const [id, version] = splitTemplate(step.template);
      if (version !== undefined && catalog.templates.get(id) !== undefined) {
        const fix = { actual: version, fix: `write "${id}" for the live version` };
        return [error(`${at}/template`, 'template-version-unknown', `"${id}" has no version ${version}`, fix)];
      }
      const fix = meant(didYouMean(id, catalog.templates.ids()));
      return [error(`${at}/template`, 'template-unknown', `no template is called "${id}"`, fix)];
    }
    if (step.channels === 'by-policy') return [];
    return step.channels.flatMap((channel, i) =>
      template.variants.some((variant) => variant.channel === channel)
        ? []
        : [
            error(`${at}/channels/${i}`, 'template-channel', `"${template.id}" has no variant for ${channel}`, {
              limit: [...new Set(template.variants.map((variant) => variant.channel))].join(', '),
            }),
          ],
    );
  });

export function templateOf(step: MessageStep, catalog: LintCatalog): Template | undefined {
  const [id, version] = splitTemplate(step.template);
  return catalog.templates.get(id, version);
}

function splitTemplate(written: string): [id: string, version: number | undefined] {
  const [id, version] = written.split('@');
  return [id!, version === undefined ? undefined : Number(version)];
}
