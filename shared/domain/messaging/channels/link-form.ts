/** A value of a customer's may stand in it, and apps follow it: no `javascript:`, whatever stands before it. */
export function isSafeLink(text: string): boolean {
  if (/^\/(?![/\\])/.test(text)) return true;
  return URL.canParse(text) && !/^(javascript|data|vbscript|blob|file):$/.test(new URL(text).protocol);
}

export const isHttpsUrl = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:';
