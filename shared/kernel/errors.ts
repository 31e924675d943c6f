/**
 * The five things that may be thrown on purpose. Anything else is a bug and raises an alarm.
 * A "no" of the business (no consent, cap reached) is never thrown: it is a value with a reason, and recorded.
 *
 * `code` is stable and dotted (`journey.next-dangling`). `detail` states the limit and the value's size or type,
 * never a customer's data.
 */
export interface Problem {
  /** JSON pointer to the field, '' for the whole document. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly limit?: string | number;
  /** Size or type of what was found; never the value of a customer's field. */
  readonly actual?: string | number;
  readonly fix?: string;
}

export abstract class GodwitError extends Error {
  readonly code: string;
  readonly problems: readonly Problem[];

  constructor(code: string, detail: string, problems: readonly Problem[] = []) {
    super(detail);
    this.name = new.target.name;
    this.code = code;
    this.problems = problems;
  }
}

/** The request or document is wrong; sending it again unchanged is of no use. `kind` tells malformed from understood-but-invalid. */
export class InvalidInput extends GodwitError {
  readonly kind: 'malformed' | 'invalid' | 'too-large';

  constructor(
    code: string,
    detail: string,
    problems: readonly Problem[] = [],
    kind: 'malformed' | 'invalid' | 'too-large' = 'malformed',
  ) {
    super(code, detail, problems);
    this.kind = kind;
  }
}

const MAX_PROBLEMS_TOLD = 100;

/** Throws InvalidInput with the code of the first of them, when there are any; tells at most a hundred. */
export function requireNoProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const detail = `${problems.length} problems: ${first.pointer}: ${first.detail}`;
  throw new InvalidInput(first.code, detail, problems.slice(0, MAX_PROBLEMS_TOLD), 'invalid');
}

export class NotFound extends GodwitError {}

/** Somebody else was first, or the thing is in another state: read again, then decide again. */
export class Conflict extends GodwitError {
  readonly kind: 'state' | 'precondition-failed' | 'precondition-required';

  constructor(
    code: string,
    detail: string,
    kind: 'state' | 'precondition-failed' | 'precondition-required' = 'state',
    problems: readonly Problem[] = [],
  ) {
    super(code, detail, problems);
    this.kind = kind;
  }
}

/** Who asks is unknown (`kind` 'unauthenticated') or may not do this ('forbidden', detail names the missing scope). */
export class Forbidden extends GodwitError {
  readonly kind: 'unauthenticated' | 'forbidden';

  constructor(code: string, detail: string, kind: 'unauthenticated' | 'forbidden') {
    super(code, detail);
    this.kind = kind;
  }
}

/** Try again later, unchanged. */
export class Transient extends GodwitError {
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, detail: string, retryAfterSeconds?: number, problems: readonly Problem[] = []) {
    super(code, detail, problems);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Try again later: who asks has asked too often. */
export class TooMany extends Transient {}

/** The other side will never accept this. */
export class Permanent extends GodwitError {}
