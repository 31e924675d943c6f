import { error, type Rule } from './finding.ts';

/** Each message that a limit counts is remembered in the profile, about 150 bytes of it. */
const MAX_COUNTED = 50;

export const limitSize: Rule = ({ limits }) =>
  (limits?.messagesPerProfile ?? []).flatMap(({ max }, index) =>
    max <= MAX_COUNTED
      ? []
      : [
          error(`/limits/messagesPerProfile/${index}/max`, 'limit-too-large', 'so many cannot be remembered', {
            limit: MAX_COUNTED,
            actual: max,
          }),
        ],
  );
