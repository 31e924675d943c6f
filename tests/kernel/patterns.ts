import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { getFirstConsumedChar, type ReadonlyFlags, toCache } from 'regexp-ast-analysis';
import { analyse } from 'scslre';
import ts from 'typescript';

export interface Pattern {
  readonly text: string;
  readonly at: string;
}

/** Every regular expression that is written in a room's sources. */
export function patternsIn(room: string): Pattern[] {
  const root = join(import.meta.dirname, '../..');
  const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) => {
    const path = join(room, file);
    const source = readFileSync(join(root, path), 'utf8');
    return source.includes('/') ? patternsOf(source, path) : [];
  });
}

export function patternsOf(source: string, path: string): Pattern[] {
  const found: Pattern[] = [];
  const parsed = ts.createSourceFile(path, source, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      found.push({
        text: node.text,
        at: `${path}:${parsed.getLineAndCharacterOfPosition(node.getStart(parsed)).line + 1}`,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

/**
 * Why a pattern may take more than a time in proportion to the text, in the words of two analyses:
 *
 * - scslre: attacks that repeat one character (`self`, `trade`: two parts share it; `move`: it is tried at each place);
 * - `choice`: a repeated group whose alternatives can begin alike, so that a text of n parts can be read in 2ⁿ ways.
 */
export function dangersOf(text: string): string[] {
  const end = text.lastIndexOf('/');
  const { pattern, flags } = {
    pattern: new RegExpParser().parsePattern(text.slice(1, end), 0, end - 1, {
      unicode: text.slice(end).includes('u'),
    }),
    flags: new RegExpParser().parseFlags(text.slice(end + 1)),
  };
  const reports = analyse({ source: text.slice(1, end), flags: text.slice(end + 1) }).reports;
  const dangers = new Set(reports.map(({ type }) => type.toLowerCase()));
  const cache = toCache(flags as ReadonlyFlags);
  visitRegExpAST(pattern, {
    onQuantifierEnter({ element, max }) {
      if (max < 10 || !isGroup(element)) return;
      const firsts = element.alternatives.map((one) => getFirstConsumedChar(one, 'ltr', cache).char);
      const overlap = firsts.some((one, index) => firsts.slice(index + 1).some((other) => !one.isDisjointWith(other)));
      if (overlap) dangers.add('choice');
    },
  });
  return [...dangers].sort();
}

const isGroup = (element: AST.Element): element is AST.Group | AST.CapturingGroup =>
  element.type === 'Group' || element.type === 'CapturingGroup';
