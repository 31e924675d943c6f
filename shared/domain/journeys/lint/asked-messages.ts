import { didYouMean } from '../../../kernel/did-you-mean.ts';
import type { HadMessage } from '../../audiences/predicate.ts';
import type { Channel } from '../../messaging/channel.ts';
import type { Journey, MessageStep } from '../journey.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { channelsOf } from './channels-of.ts';
import { error, type Finding, type LintCatalog, meant, type Rule, warning } from './finding.ts';

/** What can be known of a message of each channel. */
const tells: Readonly<Record<Channel, readonly HadMessage['was'][]>> = {
  email: ['sent', 'delivered', 'opened', 'clicked', 'bounced'],
  sms: ['sent', 'delivered', 'bounced'],
  push: ['sent'],
  'in-app': ['sent', 'delivered', 'opened', 'clicked'],
  webhook: ['sent'],
};

/** `message` predicates ask about a topic, a journey and a step that there are, and about what somebody tells. */
export const askedMessages: Rule = (journey, catalog) =>
  predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer }) =>
      'message' in part ? check(part, `${pointer}/message`, journey, catalog) : [],
    ),
  );

function check({ message, was }: HadMessage, at: string, own: Journey, catalog: LintCatalog): Finding[] {
  const { topics, journeys } = catalog;
  const found: Finding[] = [];
  const all = new Map([...journeys, [own.id, own]]);
  const topic = message.topic === undefined ? undefined : topics.get(message.topic);
  if (message.topic !== undefined && topic === undefined) {
    const detail = `no topic is called "${message.topic}"`;
    found.push(error(`${at}/topic`, 'topic-unknown', detail, meant(didYouMean(message.topic, topics.keys()))));
  }
  const asked = message.journey === undefined ? undefined : all.get(message.journey);
  if (message.journey !== undefined && asked === undefined) {
    const detail = `no published journey is called "${message.journey}"`;
    found.push(warning(`${at}/journey`, 'journey-unknown', detail, meant(didYouMean(message.journey, all.keys()))));
    return found;
  }
  const among = asked === undefined ? [...all.values()] : [asked];
  const steps = message.step === undefined ? [] : among.flatMap((one) => messageStep(one, message.step!));
  if (message.step !== undefined && steps.length === 0) {
    const ids = among.flatMap((one) => Object.keys(one.steps).filter((id) => messageStep(one, id).length > 0));
    const detail = `"${message.step}" is no message step${asked === undefined ? '' : ` of "${asked.id}"`}`;
    found.push(warning(`${at}/step`, 'message-step', detail, meant(didYouMean(message.step, ids))));
  }
  const channels =
    message.channel === undefined ? steps.flatMap((step) => channelsOf(step, catalog)) : [message.channel];
  if (topic?.kind === 'transactional' && (was === 'opened' || was === 'clicked') && !channels.includes('in-app')) {
    const detail = `messages of "${topic.id}" are transactional, so nobody tracks whether they are ${was}`;
    found.push(warning(`${at}/topic`, 'message-untracked', detail, { fix: 'ask for delivered' }));
  }
  if (channels.length > 0 && !channels.some((channel) => tells[channel].includes(was))) {
    const detail = `nobody tells whether a message by ${[...new Set(channels)].join(' or ')} was ${was}`;
    found.push(warning(at, 'message-not-told', detail, { limit: tells[channels[0]!].join(', ') }));
  }
  return found;
}

const messageStep = ({ steps }: Journey, id: string): MessageStep[] => {
  const step = Object.hasOwn(steps, id) ? steps[id] : undefined;
  return step?.type === 'message' ? [step] : [];
};
