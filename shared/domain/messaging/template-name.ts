/** `x` is the live version at hand-over, `x@7` is pinned. */
export function parseTemplateName(name: string): { readonly id: string; readonly version?: number } {
  const [id, version] = name.split('@') as [string, string?];
  return { id, ...(version !== undefined && { version: Number(version) }) };
}
