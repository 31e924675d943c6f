import { canonicalJson } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';

/** Of the content alone: the same document has the same ETag, wherever and whenever it was saved. */
export const documentEtag = (document: unknown): string => digest(canonicalJson(document));
