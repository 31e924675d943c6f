/** The part of html-to-text 10 that is used here; the package brings no types. */
declare module 'html-to-text' {
  export interface Selector {
    readonly selector: string;
    readonly format?: string;
    readonly options?: { readonly [name: string]: unknown };
  }
  export function compile(options?: {
    readonly wordwrap?: number | false | null;
    readonly limits?: { readonly maxInputLength?: number; readonly maxDepth?: number };
    readonly selectors?: readonly Selector[];
  }): (html: string) => string;
}
