/** What the tests use of jsdom. Its own types would bring the browser's globals into everything that is checked with them. */
declare module 'jsdom' {
  export interface PageElement {
    readonly textContent: string;
    readonly name: string;
    readonly value: string;
    readonly checked: boolean;
    readonly method: string;
    readonly labels: readonly PageElement[] | null;
    hasAttribute(name: string): boolean;
    getAttribute(name: string): string | null;
    closest(selector: string): PageElement | null;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
  }
  export class VirtualConsole {}
  export class JSDOM {
    constructor(
      html: string,
      options?: {
        readonly runScripts?: 'outside-only';
        readonly virtualConsole?: VirtualConsole;
        readonly contentType?: 'image/svg+xml';
      },
    );
    readonly window: { readonly document: PageElement; eval(script: string): unknown };
  }
}
