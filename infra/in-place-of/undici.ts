/**
 * `undici` in the functions' bundles: with it cheerio, which mjml brings, could fetch a page. The compiler of mails fetches
 * none, and has 1.3 MB less to read.
 */
export {};
