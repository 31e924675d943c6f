/** Codes of reasons in plain words, for those who do not know the codes. What has no words here is its own code. */
const words: Readonly<Record<string, string>> = {
  'address.invalid': 'the address is not a whole one',
  'address.missing': 'no address on any of its channels',
  'age.too-young': 'too young for marketing',
  'cap.journey': "the journey's own limit of messages was reached",
  'cap.reached': 'a frequency cap was reached',
  'cap.zero': 'a frequency cap lets nothing through',
  'channel.none': 'no channel fits',
  'consent.missing': 'has not agreed to get this',
  'consent.pending': 'has not confirmed the consent yet',
  'consent.withdrawn': 'has withdrawn the consent',
  'entry.circle': 'journeys that let each other in without end',
  'entry.filtered': 'does not fit the filter of the journey',
  'entry.holdout': 'kept out for comparison',
  'entry.no-key': 'the event has no key for the re-entry rule',
  'entry.no-match': 'does not fit the filter of the entry',
  'entry.too-old': 'the event was too old',
  'entry.quiet': 'the event was imported quietly',
  'exit.ended': 'left: the journey is over',
  'exit.finished': 'came to the end',
  'exit.goal': 'left: the goal was reached',
  'journey.ended': 'the journey is over',
  'journey.not-started': 'the journey has not begun',
  'message.blocked': 'was not sent',
  'message.held-too-long': 'would have been held too long',
  'message.not-held': 'the step does not hold messages',
  'message.too-late': 'would have been too late',
  'quiet-hours': 'quiet hours',
  'reentry.inside': 'is inside already',
  'reentry.max': 'has entered as often as one may',
  'reentry.never': 'has been in before',
  'reentry.too-soon': 'entered too short a time ago',
  'sending.closed-date': 'a closed day',
  'sending.windows': 'outside the sending hours',
  'step.answer': 'waits for an answer',
  'suppressed.bounce': 'the address has bounced',
  'suppressed.complaint': 'has complained about a message',
  'template.no-variant': 'the template has no version for this channel or language',
  'template.variable-missing': 'a value that the template needs was missing',
  simulated: 'the endpoint failed, as the scenario says',
};

export const reasonWords = (code: string): string => words[code] ?? code;

/** A run's end: its reason is the author's own word. */
export const exitWords = (reason: string): string =>
  reason === 'finished' ? 'came to the end' : (words[`exit.${reason}`]?.replace(/^left: /, '') ?? reason);
