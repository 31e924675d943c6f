import { printPredicate } from '../../shared/domain/audiences/print-predicate.ts';
import type { Entry, Step, Trigger } from '../../shared/domain/journeys/journey.ts';
import { type DurationParts, parseDuration } from '../../shared/kernel/duration.ts';
import type { Window } from '../../shared/kernel/schema.ts';

/** Journeys in the words of those who write them. */

export function stepWords(step: Step): string {
  switch (step.type) {
    case 'message':
      return `Send "${step.template}" by ${step.channels === 'by-policy' ? 'the channel that the policy says' : step.channels.join(', else ')}`;
    case 'wait':
      return 'for' in step ? `Wait ${durationWords(step.for)}` : `Wait until ${untilWords(step.until)}`;
    case 'wait-for':
      return `Wait up to ${durationWords(step.within)} for something to happen`;
    case 'branch':
      return 'Which of these is true?';
    case 'split':
      return 'Split by chance';
    case 'update':
      return `Change ${changed(step).join(', ')}`;
    case 'emit':
      return `Make the event "${step.event}"`;
    case 'webhook':
      return `Call the endpoint "${step.endpoint}"`;
    case 'task':
      return `Give a task to "${step.queue}", due in ${durationWords(step.due)}`;
    case 'enroll':
      return `Enter the journey "${step.journey}" too`;
    case 'exit':
      return `Leave: ${step.reason}`;
  }
}

/** What a port means; empty where there is only one way on. */
export function portWords(step: Step, port: string): string {
  switch (step.type) {
    case 'message':
      return port === 'next' ? 'sent' : port;
    case 'wait-for': {
      const trigger = step.any[numberIn(port)];
      return trigger === undefined ? 'time is up' : triggerWords(trigger);
    }
    case 'branch': {
      const one = step.cases[numberIn(port)];
      return one === undefined ? 'else' : printPredicate(one.if);
    }
    case 'split': {
      const arm = step.arms.find(({ id }) => `arm-${id}` === port);
      return arm === undefined ? port : `${arm.id} (${arm.weight} %)`;
    }
    case 'webhook':
      return port === 'next' ? 'answered' : port;
    case 'task':
      return port === 'timeout' ? 'time is up' : port.slice('outcome-'.length);
    default:
      return '';
  }
}

export function triggerWords(trigger: Trigger): string {
  switch (trigger.on) {
    case 'event':
      return `does "${trigger.event}"`;
    case 'segment':
      return `${trigger.change} the segment ${trigger.segment}`;
    case 'message':
      return `${trigger.was} "${trigger.step}"`;
    case 'becomes-true':
      return printPredicate(trigger.if);
  }
}

export function entryWords(entry: Entry): string {
  switch (entry.on) {
    case 'event':
      return `who does "${entry.event}"`;
    case 'segment':
      return `who ${entry.change} the segment ${entry.segment}`;
    case 'date':
      return `by the date ${entry.trait}`;
    case 'schedule':
      return `the segment ${entry.segment}, at set times`;
    case 'api':
      return 'who is enrolled by the API';
    case 'journey':
      return `who leaves the journey ${entry.journey}`;
  }
}

export function durationWords(text: string): string {
  const parts = parseDuration(text);
  const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
  const words = units.flatMap((unit: keyof DurationParts & string) => {
    const count = parts[unit];
    return count === 0 ? [] : [`${count} ${count === 1 ? unit.slice(0, -1) : unit}`];
  });
  return words.length === 0 ? 'no time' : words.join(' ');
}

function untilWords(until: Extract<Extract<Step, { type: 'wait' }>, { until: unknown }>['until']): string {
  if ('time' in until) return [until.time, ...(until.days === undefined ? [] : [until.days.join(', ')])].join(' on ');
  if ('windows' in until) return until.windows.map(windowWords).join(' or ');
  const at = typeof until.at === 'string' ? until.at : until.at.ref;
  return until.offset === undefined ? at : `${at} ${until.offset}`;
}

const windowWords = ({ days, from, to }: Window): string =>
  `${days === undefined ? '' : `${days.join(', ')} `}${from}–${to}`;

const numberIn = (port: string): number => Number(/^(?:any|case)-(\d+)$/.exec(port)?.[1] ?? -1);

function changed({ set, increment, append, unset }: Extract<Step, { type: 'update' }>): string[] {
  return [...[set, increment, append].flatMap((values) => Object.keys(values ?? {})), ...(unset ?? [])];
}
