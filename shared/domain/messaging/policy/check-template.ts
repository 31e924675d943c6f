import type { Check } from './check.ts';

/** A message says what, not where to: only a webhook step names an endpoint. */
export const checkChannel: Check = ({ channel }) =>
  channel === 'webhook' ? { no: 'channel.no-endpoint', fix: 'use a webhook step' } : undefined;

/** A pinned version that is not the live one cannot be looked into here; `send` reads it. */
export const checkTemplate: Check = ({ template, catalog, channel }) => {
  if (template === undefined) return undefined;
  const live = catalog.templates.get(template.id);
  if (live === undefined) {
    return template.version === undefined
      ? { no: 'template.missing', saw: { template: template.id }, fix: 'publish the template' }
      : undefined;
  }
  if (template.version !== undefined && template.version !== live.version) return undefined;
  if (live.document.variants.some((variant) => variant.channel === channel)) return undefined;
  return {
    no: 'template.no-variant',
    saw: { template: template.id, version: live.version },
    fix: `add a ${channel} variant to the template`,
  };
};
