import type { Json } from '../../kernel/canonical-json.ts';
import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { Life, LifeAct } from './generate.ts';
import type { Vocabulary } from './vocabulary.ts';

const MAX_TRIES = 4_000;

/**
 * A smaller life that still breaks the rule, by delta debugging: acts are left out (many at once, then one by one),
 * times shortened, values dropped and made plain, again and again until nothing helps any more.
 */
export function shrink(life: Life, vocabulary: Vocabulary, from: number, isBroken: (life: Life) => boolean): Life {
  let smallest = life;
  let tries = 0;
  const attempt = (candidate: Life): boolean => {
    if (tries >= MAX_TRIES) return false;
    tries += 1;
    if (!isBroken(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let before: Life | undefined; before !== smallest; ) {
    before = smallest;
    leaveOut(() => smallest, attempt);
    if (smallest.start !== from) attempt({ ...smallest, start: from });
    shorten(() => smallest, vocabulary, attempt);
    simplify(() => smallest, vocabulary, attempt);
  }
  return smallest;
}

type Attempt = (candidate: Life) => boolean;

function leaveOut(life: () => Life, attempt: Attempt): void {
  for (let size = Math.ceil(life().acts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let index = 0; index < life().acts.length; ) {
      const { acts } = life();
      const rest = [...acts.slice(0, index), ...acts.slice(index + size)];
      const gone = acts.slice(index, index + size).reduce((sum, { after }) => sum + after, 0);
      const inTime = rest.map((act, i) => (i === index ? { ...act, after: act.after + gone } : act));
      if (attempt({ ...life(), acts: rest }) || attempt({ ...life(), acts: inTime })) continue;
      index += 1;
    }
  }
}

function shorten(life: () => Life, { spans }: Vocabulary, attempt: Attempt): void {
  for (let index = 0; index < life().acts.length; index += 1) {
    const { after } = life().acts[index]!;
    const shorter = [0, SECOND_MS, MINUTE_MS, ...spans].filter((span) => span < after).sort((a, b) => a - b);
    for (const span of new Set(shorter)) if (attempt(withAct(life(), index, { after: span }))) break;
  }
}

function simplify(life: () => Life, vocabulary: Vocabulary, attempt: Attempt): void {
  for (let index = 0; index < life().acts.length; index += 1) {
    const act = life().acts[index]!;
    const [key, pools] =
      act.t === 'traits'
        ? (['traits', vocabulary.traitValues] as const)
        : (['properties', vocabulary.propertyValues] as const);
    for (const name of Object.keys(valuesOf(act))) {
      const values = () => valuesOf(life().acts[index]!);
      const { [name]: value, ...others } = values();
      if (attempt(withAct(life(), index, { [key]: others }))) continue;
      const plain = pools.get(name)?.[0];
      if (plain === undefined || plain === value) continue;
      attempt(withAct(life(), index, { [key]: { ...values(), [name]: plain } }));
    }
  }
}

const valuesOf = (act: LifeAct): { readonly [name: string]: Json } =>
  act.t === 'traits' ? act.traits : act.t === 'consent' ? {} : act.properties;

const withAct = (life: Life, index: number, change: object): Life => ({
  ...life,
  acts: life.acts.map((act, i) => (i === index ? ({ ...act, ...change } as LifeAct) : act)),
});
