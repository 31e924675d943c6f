import type { Paint } from '../terminal.ts';
import { type Change, longestCommon } from './diff-documents.ts';

const maxCharacters = 160;
const maxLines = 40;

/** Lines for people: `~ /steps/two-days/for: "PT48H" → "PT24H"`. A long text is shown by the lines that differ. */
export function printChanges(changes: readonly Change[], paint: Paint): string[] {
  return changes.flatMap(({ pointer, change, before, after }) => {
    const at = pointer === '' ? '(the document)' : pointer;
    if (change === 'added') return [paint.green(`+ ${at}: ${short(after)}`)];
    if (change === 'removed') return [paint.red(`- ${at}: ${short(before)}`)];
    if (isLongText(before) && isLongText(after)) return [`~ ${at}:`, ...changedLines(before, after, paint)];
    return [`~ ${at}: ${paint.red(short(before))} → ${paint.green(short(after))}`];
  });
}

const isLongText = (value: unknown): value is string => typeof value === 'string' && value.includes('\n');

function changedLines(before: string, after: string, paint: Paint): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const common = longestCommon(old, fresh);
  const kept = [new Set(common.map(([b]) => b)), new Set(common.map(([, a]) => a))] as const;
  const lines = [
    ...old.flatMap((line, index) =>
      kept[0].has(index) ? [] : [{ index, order: 0, text: paint.red(`    - ${line}`) }],
    ),
    ...fresh.flatMap((line, index) =>
      kept[1].has(index) ? [] : [{ index, order: 1, text: paint.green(`    + ${line}`) }],
    ),
  ];
  lines.sort((x, y) => x.index - y.index || x.order - y.order);
  const shown = lines.slice(0, maxLines).map(({ text }) => text);
  return lines.length > maxLines ? [...shown, `    … ${lines.length - maxLines} more lines differ`] : shown;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}… (${text.length} characters)`;
}
