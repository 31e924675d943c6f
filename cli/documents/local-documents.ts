import type { WrittenDocument } from '../folder/documents.ts';
import { readFolder } from '../folder/read-folder.ts';
import { printFindings } from '../print-findings.ts';
import { Findings, type World } from '../verb.ts';
import { type CheckedFolder, checkDocuments, hasErrors, type PlacedFinding } from './check-documents.ts';

export const readAndCheck = async (folder: string): Promise<CheckedFolder> => checkDocuments(await readFolder(folder));

/** Documents with an error go nowhere; warnings are said. */
export async function readSound(folder: string, { terminal }: World): Promise<CheckedFolder> {
  const checked = await readAndCheck(folder);
  if (hasErrors(checked.findings)) {
    throw new Findings(`${summaryOf(checked.findings)}: nothing was sent`, checked.findings);
  }
  for (const line of printFindings(checked.findings, terminal.paint)) terminal.note(line);
  return checked;
}

/** For what compares documents: what its schema refuses, and two of one name, cannot be; what lint refuses can. */
export async function readComparable(folder: string): Promise<CheckedFolder> {
  const checked = await readAndCheck(folder);
  const read = new Set(checked.documents.map(({ written }) => written));
  const unread = new Set(checked.written.filter((one) => !read.has(one)).flatMap(filesOf));
  const faults = checked.findings.filter(({ file, code }) => unread.has(file) || code.endsWith('.duplicate'));
  if (faults.length > 0) throw new Findings('put these right first: they cannot be compared', faults);
  return checked;
}

/** The file of a document, and those that stand beside it. */
export const filesOf = ({ file, parts }: WrittenDocument): string[] => [file, ...Object.values(parts)];

export function summaryOf(findings: readonly PlacedFinding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`;
}
