/**
 * Connections. `first` walks upwards, `last` downwards, and the edges stay in walking order: with
 * `last` the newest comes first. `hasNextPage` means more in that direction; `hasPreviousPage` that
 * the start cursor's own row was met.
 */
import { CodedError } from '../../primitives/errors.ts';

export type PageArgs = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

export type Edge<T> = { readonly cursor: string; readonly node: T };
export type Connection<T> = {
  readonly pageInfo: {
    readonly hasPreviousPage: boolean;
    readonly hasNextPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
};

/** A table as a connection sees it. */
export type PageSource<Cursor, Row> = {
  /** @throws GraphQLError when the text is no cursor of this table */
  readonly parseCursor: (text: string) => Cursor;
  readonly cursorOf: (row: Row) => string;
  /** Rows beyond `after` (exclusive), at most `limit`. */
  readonly rows: (range: {
    after: Cursor | undefined;
    reverse: boolean;
    limit: number;
  }) => Promise<readonly Row[]> | readonly Row[];
  /** The row of a cursor is there. */
  readonly has: (cursor: Cursor) => Promise<boolean> | boolean;
};

function refuse(message: string): never {
  throw new CodedError('BAD_PAGE', message);
}

function checkArgs({ first, after, last, before }: PageArgs): void {
  if (first != null && last != null) {
    refuse(`Either first \`${first}\` or latest \`${last}\` elements, not both`);
  }
  if (after != null && last != null) {
    refuse(`After \`${JSON.stringify(after)}\` with last \`${last}\` elements is not supported`);
  }
  if (before != null && first != null) {
    refuse(
      `Before \`${JSON.stringify(before)}\` with first \`${first}\` elements is not supported`,
    );
  }
  if (first == null && last == null) {
    refuse('The queries for the whole range is not supported');
  }
  const named = first != null ? 'first' : 'last';
  if ((first ?? last ?? 0) < 0) {
    refuse(`The "${named}" parameter must be a non-negative number`);
  }
}

/** Makes a connection of rows that are their own nodes. */
export async function paginate<Cursor, Row>(
  args: PageArgs,
  source: PageSource<Cursor, Row>,
): Promise<Connection<Row>> {
  checkArgs(args);
  const reverse = args.first == null;
  const count = args.first ?? args.last ?? 0;
  const startText = reverse ? args.before : args.after;
  const after = startText == null ? undefined : source.parseCursor(startText);
  const rows = await source.rows({ after, reverse, limit: count + 1 });
  const hasPreviousPage = after !== undefined && (await source.has(after));
  const edges = rows.slice(0, count).map((node) => ({ cursor: source.cursorOf(node), node }));
  return {
    pageInfo: {
      hasPreviousPage,
      hasNextPage: rows.length > count,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    edges,
    nodes: edges.map((edge) => edge.node),
  };
}

/** The same connection over other nodes. */
export function mapConnection<A, B>(from: Connection<A>, to: (node: A) => B): Connection<B> {
  const edges = from.edges.map(({ cursor, node }) => ({ cursor, node: to(node) }));
  return { pageInfo: from.pageInfo, edges, nodes: edges.map((edge) => edge.node) };
}
