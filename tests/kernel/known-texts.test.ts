import { describe, expect, it } from 'vitest';
import { knownTexts } from '../../shared/kernel/known-texts.ts';

describe('knownTexts', () => {
  it('makes each text once, by both of its parts', () => {
    const made: string[] = [];
    const textOf = knownTexts((one, other) => {
      made.push(`${one}/${other}`);
      return `${one}/${other}`;
    });
    const asked = [textOf('a', 'b'), textOf('a', 'c'), textOf('b', 'b'), textOf('a', 'b'), textOf('', '')];
    expect(asked).toEqual(['a/b', 'a/c', 'b/b', 'a/b', '/']);
    expect(made).toEqual(['a/b', 'a/c', 'b/b', '/']);
  });

  it('forgets when there are too many, and is right all the same', () => {
    let made = 0;
    const textOf = knownTexts((one, other) => {
      made += 1;
      return `${one} ${other}`;
    });
    const askAll = () => {
      for (let index = 0; index < 25_000; index += 1) {
        expect(textOf(`p${index % 50}`, String(index))).toBe(`p${index % 50} ${index}`);
      }
    };
    askAll();
    expect(made).toBe(25_000);
    expect(textOf('p49', '24999')).toBe('p49 24999');
    expect(made).toBe(25_000);
    askAll();
    expect(made).toBeGreaterThan(25_000);
  });
});
