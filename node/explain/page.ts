export const EXPLAIN_PAGE_HTML: string = '<!doctype html>';
