/**
 * Pages of lists, both ways. The address holds a cursor: `?page=C` is the page behind C, `?page=~C`
 * the one before it. The API walks from a cursor in either direction; a page that is walked to
 * backwards comes in the wrong order and is turned round here.
 */

/** Where a walk of the API ended. Cursors are those of its first and last row. */
export type PageInfo = {
  readonly hasNextPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
};

/** What lies around a page, as values for the address; null: nothing. */
export type Around = { readonly previous: string | null; readonly next: string | null };

/** How many rows a page of a list has. */
export const PAGE_ROWS = 25;

const BACK = '~';

/** The cursor that an address names, and whether its page lies before it. */
export function cursorOf(
  search: URLSearchParams,
  key: string,
): { readonly cursor: string | null; readonly isBack: boolean } {
  const text = search.get(key);
  const isBack = text?.startsWith(BACK) ?? false;
  return { cursor: text === null ? null : text.slice(isBack ? BACK.length : 0), isBack };
}

/** The page before the row of a cursor, as value for the address. */
export const backTo = (cursor: string): string => `${BACK}${cursor}`;

/**
 * Variables of a connection for the page that `search` names: `first`, `after`, `last`, `before`, or
 * with a prefix `coinsFirst` … Those that are not needed are null.
 * @param newestFirst the list starts at the end
 */
export function pageArgs(
  search: URLSearchParams,
  newestFirst: boolean,
  key = 'page',
  prefix = '',
): Record<string, string | number | null> {
  const { cursor, isBack } = cursorOf(search, key);
  const fromEnd = newestFirst !== isBack;
  const named = (name: string): string =>
    prefix === '' ? name : `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`;
  return {
    [named('first')]: fromEnd ? null : PAGE_ROWS,
    [named('after')]: fromEnd ? null : cursor,
    [named('last')]: fromEnd ? PAGE_ROWS : null,
    [named('before')]: fromEnd ? cursor : null,
  };
}

/** The rows of an answer in the order of the list, and what lies around them. */
export function pageOf<T>(
  search: URLSearchParams,
  answer: { readonly pageInfo: PageInfo; readonly nodes: readonly T[] },
  key = 'page',
): Around & { readonly nodes: readonly T[] } {
  const { cursor, isBack } = cursorOf(search, key);
  const { hasNextPage, startCursor, endCursor } = answer.pageInfo;
  if (isBack) {
    return {
      nodes: [...answer.nodes].reverse(),
      previous: hasNextPage && endCursor !== null ? backTo(endCursor) : null,
      next: startCursor ?? cursor,
    };
  }
  return {
    nodes: answer.nodes,
    previous: cursor !== null && startCursor !== null ? backTo(startCursor) : null,
    next: hasNextPage ? endCursor : null,
  };
}
