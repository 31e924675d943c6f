import { GodwitError } from '../../shared/kernel/errors.ts';

/**
 * An error without what it says. Texts of errors that we did not write quote what somebody sent: JSON.parse shows the
 * beginning of a body, AWS the value that it refuses. Where an error came from is what a bug needs.
 */
export function withoutWords(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const frames = (error.stack ?? '').replace(error.message, '').split('\n').filter(isFrame);
  const bare = new Error(error.name);
  bare.name = error.name;
  bare.stack = [error.name, ...frames].join('\n');
  return bare;
}

/** `    at name (file:line:column)`: a text of several lines may look like one, but hardly to the end. */
const isFrame = (line: string) => /^ {4}at \S.{0,300}:\d+:\d+\)?$/.test(line);

/**
 * A handler whose errors may be seen: what leaves it is logged by Lambda's runtime, and of a task of a state machine it
 * is kept in the history of the execution. Errors of our own name no customer and stay as they are.
 */
export const withPrivateErrors =
  <Given extends readonly unknown[], Result>(handler: (...given: Given) => Promise<Result>) =>
  async (...given: Given): Promise<Result> => {
    try {
      return await handler(...given);
    } catch (error) {
      throw error instanceof GodwitError ? error : withoutWords(error);
    }
  };
