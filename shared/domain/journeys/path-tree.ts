import type { Journey, Step } from './journey.ts';
import { END, nextOf } from './ports.ts';

/**
 * The paths through a version of a journey, told apart where a step has more than one: at branches, splits, wait-fors,
 * tasks, and at messages and webhooks whose ports lead elsewhere. A path is what was chosen so far, one after the other;
 * ports that lead to the same step are one choice, arms of a split never are.
 *
 * 1. A path is a number: a run remembers it in a few bytes, and a counter is named by it. Made of the document alone, so
 *    the same wherever this version is read; 0 is the path on which nothing was chosen yet.
 * 2. Shorter paths come first. What is beyond MAX_PATHS is OTHER_PATH, and what follows on it too: counters of a journey
 *    lie in one item per day, which is paid for by its size.
 */
export const MAX_PATHS = 128;
export const OTHER_PATH = -1;

interface Path {
  readonly before: number;
  readonly step: string;
  /** The arm of a split; else the step that it leads to. */
  readonly choice: string;
  readonly isArm: boolean;
}

interface Choice extends Pick<Path, 'choice' | 'isArm'> {
  readonly next: string;
}

interface Made {
  readonly paths: readonly (Path | undefined)[];
  readonly after: ReadonlyMap<string, number>;
}

export class PathTree {
  readonly #journey: Journey;
  #made: Made | undefined;
  #many: boolean | undefined;
  /** By step, as they were asked for. */
  readonly #choices = new Map<string, readonly Choice[]>();

  constructor(journey: Journey) {
    this.#journey = journey;
  }

  /** When it is first asked for: most versions are only read. */
  get #tree(): Made {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make(): Made {
    const paths: (Path | undefined)[] = [undefined];
    const after = new Map<string, number>();
    const open = [{ path: 0, at: this.#journey.start }];
    for (let one = open.shift(); one !== undefined; one = open.shift()) {
      const step = this.#choiceFrom(one.at);
      if (step === undefined) continue;
      for (const { choice, next, isArm } of this.#choicesAt(step)) {
        if (paths.length > MAX_PATHS) return { paths, after };
        const path = paths.push({ before: one.path, step, choice, isArm }) - 1;
        after.set(placeOf(one.path, step, choice), path);
        open.push({ path, at: next });
      }
    }
    return { paths, after };
  }

  /** Whether there is anything to choose. */
  get many(): boolean {
    this.#many ??= this.#choiceFrom(this.#journey.start) !== undefined;
    return this.#many;
  }

  /** The path of a run that leaves a step; the same one where the step leaves no choice. */
  after(path: number, from: string, next: string, port: string): number {
    if (this.#choicesAt(from).length < 2) return path;
    const choice = this.#step(from)?.type === 'split' ? port.slice('arm-'.length) : next;
    return this.#tree.after.get(placeOf(path, from, choice)) ?? OTHER_PATH;
  }

  /** `tier:gold > offer:b`; undefined for a number that this version has not. */
  text(path: number): string | undefined {
    const passed = this.passed(path);
    return passed.length === 0 ? undefined : passed.map(({ step, choice }) => `${step}:${choice}`).join(' > ');
  }

  /** The path itself and those that it continues, the shortest first; without the one on which nothing was chosen. */
  passed(path: number): readonly (Path & { readonly path: number })[] {
    const passed: (Path & { readonly path: number })[] = [];
    const { paths } = this.#tree;
    for (let at = path, one = paths[at]; one !== undefined; at = one.before, one = paths[at]) {
      passed.unshift({ ...one, path: at });
    }
    return passed;
  }

  #step(id: string): Step | undefined {
    return Object.hasOwn(this.#journey.steps, id) ? this.#journey.steps[id] : undefined;
  }

  #choicesAt(id: string): readonly Choice[] {
    let choices = this.#choices.get(id);
    if (choices === undefined) {
      const step = this.#step(id);
      choices = step === undefined ? [] : choicesOf(step);
      this.#choices.set(id, choices);
    }
    return choices;
  }

  /** The first step with a choice, this one included. */
  #choiceFrom(id: string): string | undefined {
    const passed = new Set<string>();
    for (let at = id; at !== END && !passed.has(at); ) {
      passed.add(at);
      const [first, ...more] = this.#choicesAt(at);
      if (first === undefined) return undefined;
      if (more.length > 0) return at;
      at = first.next;
    }
    return undefined;
  }
}

const placeOf = (path: number, step: string, choice: string): string => `${path} ${step} ${choice}`;

function choicesOf(step: Step): readonly Choice[] {
  if (step.type === 'split') return step.arms.map(({ id, next }) => ({ choice: id, next, isArm: true }));
  return [...new Set(nextOf(step).map(({ next }) => next))].map((next) => ({ choice: next, next, isArm: false }));
}

/** As counters name it. */
export const pathName = (path: number): string => (path === OTHER_PATH ? 'other' : String(path));
