import type { TemplateVariant } from './template.ts';

/** What is rendered. */
export const renderedContent = ({ content, compiled }: TemplateVariant): TemplateVariant['content'] =>
  compiled === undefined ? content : { ...content, ...compiled };
