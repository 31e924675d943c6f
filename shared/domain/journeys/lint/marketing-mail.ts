import { missingFromMarketingMail } from '../../messaging/marketing-mail.ts';
import { renderedContent } from '../../messaging/rendered-content.ts';
import type { Journey, MessageStep } from '../journey.ts';
import { channelsOf } from './channels-of.ts';
import { error, type Finding, type LintCatalog, type Rule } from './finding.ts';
import { templateOf } from './known-templates.ts';

/** A marketing mail shows a way out and its sender's postal address, so the template needs both, and the sender the latter. */
export const marketingMail: Rule = (journey, catalog) =>
  Object.entries(journey.steps).flatMap(([id, step]) =>
    step.type === 'message' && channelsOf(step, catalog).includes('email') && isMarketing(journey, step, catalog)
      ? checkStep(step, `/steps/${id}`, catalog)
      : [],
  );

/** Unknown topics are reported elsewhere. */
function isMarketing(journey: Journey, step: MessageStep, { topics }: LintCatalog): boolean {
  return topics.get(step.topic ?? journey.topic)?.kind === 'marketing';
}

function checkStep(step: MessageStep, pointer: string, catalog: LintCatalog): Finding[] {
  const template = templateOf(step, catalog);
  if (template === undefined) return [];
  const sender = catalog.senders.find(
    ({ id, channel }) => channel === 'email' && (step.sender === undefined || id === step.sender),
  );
  const findings = template.variants.flatMap((variant, i) =>
    variant.channel === 'email'
      ? missingFromMarketingMail(renderedContent(variant)).map(({ part, word }) =>
          error(
            `${pointer}/template`,
            word === 'unsubscribe_url' ? 'unsubscribe-missing' : 'postal-address-missing',
            `variant ${i}: a marketing mail without {{ ${word} }} in its ${part}`,
            { fix: `add {{ ${word} }} to the template` },
          ),
        )
      : [],
  );
  if (sender !== undefined && !sender.postalAddress)
    findings.push(
      error(
        `${pointer}/template`,
        'postal-address-missing',
        'a marketing mail from a sender without a postal address',
        {
          fix: 'give the sender a postal address in the configuration of the environment',
        },
      ),
    );
  return findings;
}
