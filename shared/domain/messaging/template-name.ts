/** `x` is the live version at hand-over, `x@7` is pinned. */
export function parseTemplateName(name: string): { readonly id: string; readonly version?: number } {
  const at = name.indexOf('@');
  return at < 0 ? { id: name } : { id: name.slice(0, at), version: Number(name.slice(at + 1)) };
}
