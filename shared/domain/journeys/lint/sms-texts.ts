import { replaceSpans, spansIn } from '../../../kernel/spans.ts';
import { MANY_SMS_PARTS, needlessCharacters, smsLength } from '../../messaging/render/sms-parts.ts';
import { type Finding, type Rule, warning } from './finding.ts';
import { templateOf } from './known-templates.ts';

/** What makes a text message dearer than its author may think. Both are told by the text alone, without its values. */
export const smsTexts: Rule = (journey, catalog) =>
  Object.entries(journey.steps).flatMap(([id, step]) => {
    if (step.type !== 'message' || !step.channels.includes('sms')) return [];
    const variants = templateOf(step, catalog)?.variants ?? [];
    return variants.flatMap(({ channel, content }, i) =>
      channel === 'sms' ? checkText(`/steps/${id}/template`, `variant ${i}`, literal(content['text'] ?? '')) : [],
    );
  });

/** Without outputs, tags and comments of Liquid. */
const literal = (source: string): string =>
  replaceSpans(source, spansIn(source, ['{{', '}}'], ['{%', '%}']), () => '').trim();

function checkText(pointer: string, variant: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const needless = needlessCharacters(text);
  if (needless.length > 0) {
    const detail = `${variant}: ${needless.join(' ')} leaves 70 characters to a part of the message, not 160`;
    findings.push(
      warning(pointer, 'sms-unicode', detail, { fix: 'write plain quotes, dashes and spaces, and no emoji' }),
    );
  }
  const { parts } = smsLength(text);
  if (parts > MANY_SMS_PARTS) {
    const detail = `${variant}: a text message of many parts, each of which is paid for`;
    findings.push(warning(pointer, 'sms-parts', detail, { limit: MANY_SMS_PARTS, actual: parts }));
  }
  return findings;
}
