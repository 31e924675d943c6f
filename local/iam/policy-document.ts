import type { Json, JsonObject } from '../assembly/read-assembly.ts';

/** Statements and policies may stand alone or in a list. */
export function listOf(value: Json | undefined): JsonObject[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as JsonObject[];
}
