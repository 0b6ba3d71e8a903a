/** What every resolver gets, and the shape of the tables that hold the resolvers. */
import type { GraphQLResolveInfo } from 'graphql';
import type { TxId } from '../../primitives/types.ts';
import type { Transaction } from '../../tx/types.ts';
import type { NodeServices, TxStatus } from '../services.ts';

/** Of one request. */
export type ApiContext = {
  readonly services: NodeServices;
  /** Aborts when the client of a subscription has gone. */
  readonly signal: AbortSignal;
};

/** `never` lets a table hold resolvers of different sources and arguments. */
export type Resolver = (
  source: never,
  args: never,
  context: ApiContext,
  info: GraphQLResolveInfo,
) => unknown;

/** Of one object type, by field. A field without an entry is the source's property. */
export type FieldResolvers = Readonly<Record<string, Resolver>>;
export type ResolverTable = Readonly<Record<string, FieldResolvers>>;

/** Source of GraphQL's `Transaction`. */
export type TxNode = {
  readonly id: TxId;
  readonly tx: Transaction;
  /** Canonical bytes when they are at hand. */
  readonly raw: Uint8Array | null;
};

/** Source of the members of `TransactionStatus`. */
export type StatusNode = { readonly id: TxId; readonly status: TxStatus };
