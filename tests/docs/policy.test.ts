import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintPolicy } from '../../shared/domain/messaging/lint-policy.ts';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import { readDocument } from './documents.ts';
import { splitCode } from './markdown.ts';

const page = readDocument('docs/policy.md');

describe('docs/policy.md', () => {
  it('the policy is one, and lint has nothing to say but of the topic that is not shown', () => {
    const policy = Policy.parse(parse(splitCode(page).blocks[0]!.text));
    const found = lintPolicy(policy, { topics: new Map(), segments: new Map() });
    expect(found.map(({ code }) => code)).toEqual(['policy.topic-unknown']);
  });

  it('names every part of a policy', () => {
    const parts = Object.keys(Policy.shape).filter(
      (part) => !['$schema', 'schemaVersion', 'zone', 'locale'].includes(part),
    );
    expect(parts.filter((part) => !page.includes(`\`${part}\``))).toEqual([]);
  });

  it('names every reason that a check answers with', () => {
    const folder = join(import.meta.dirname, '../../shared/domain/messaging/policy');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const codes = sources.flatMap((text) =>
      [...text.matchAll(/\b(?:no|hold|quiet|windows|closed): '([a-z.-]+)'/g)].map(([, code]) => code!),
    );
    expect(codes.length).toBeGreaterThan(12);
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
