import type { PlacedFinding } from './documents/check-documents.ts';
import type { Paint } from './terminal.ts';

/** What is wrong, beyond where it stands: what it is, its limit, what was found, and what to do. */
export function describeProblem({
  detail,
  limit,
  actual,
  fix,
}: Pick<PlacedFinding, 'detail' | 'limit' | 'actual' | 'fix'>): string {
  const sizes = [
    ...(limit === undefined ? [] : [`limit: ${limit}`]),
    ...(actual === undefined ? [] : [`found: ${actual}`]),
  ].join(', ');
  return `${detail}${sizes === '' ? '' : ` (${sizes})`}${fix === undefined ? '' : `; ${fix}`}`;
}

/** One line each: `journeys/welcome.yaml:12:5 error journey.next-dangling /steps/hello/next: …`. */
export function printFindings(findings: readonly PlacedFinding[], paint: Paint): string[] {
  return findings.map((finding) => {
    const { file, line, column, severity, code, pointer } = finding;
    const place = line === undefined ? file : `${file}:${line}:${column}`;
    const word = severity === 'error' ? paint.red('error') : paint.yellow('warning');
    return `${paint.bold(place)} ${word} ${code} ${pointer || '(the document)'}: ${describeProblem(finding)}`;
  });
}
