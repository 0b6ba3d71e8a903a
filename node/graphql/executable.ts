/** The schema with its resolvers, built once per process. */
import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  getNamedType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { assert } from '../../primitives/errors.ts';
import { ASSEMBLE_TX } from './assembleTx.ts';
import { BALANCES } from './balances.ts';
import { BLOCKS } from './blocks.ts';
import { CHAIN } from './chain.ts';
import { COINS } from './coins.ts';
import type { ApiContext, FieldResolvers, ResolverTable } from './context.ts';
import { CONTRACTS } from './contracts.ts';
import { DEBUGGER } from './debugger.ts';
import { DRY_RUN } from './dryRun.ts';
import { DEPENDENT_COST, gasCostResolvers } from './gasCosts.ts';
import { GAS_PRICE } from './gasPrice.ts';
import { MESSAGES } from './messages.ts';
import { MUTATIONS } from './mutations.ts';
import { PARAMS } from './params.ts';
import { RECEIPTS } from './receipts.ts';
import { installScalars } from './scalars.ts';
import { SDL } from './schema.ts';
import { STATUSES } from './statuses.ts';
import { SUBSCRIPTIONS } from './subscriptions.ts';
import { TRANSACTIONS } from './transactions.ts';

type FieldResolver = GraphQLFieldResolver<unknown, ApiContext>;

function installFields(schema: GraphQLSchema, typeName: string, resolvers: FieldResolvers): void {
  const type = schema.getType(typeName);
  if (isUnionType(type)) {
    const resolve = resolvers['__resolveType'];
    assert(resolve !== undefined, `the union ${typeName} has a type resolver`);
    type.resolveType = resolve as unknown as GraphQLTypeResolver<unknown, ApiContext>;
    return;
  }
  assert(isObjectType(type), `${typeName} is an object type of the schema`);
  const fields = type.getFields();
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    // Tables may be shared by types of which one lacks a field.
    if (field) field.resolve = resolver as unknown as FieldResolver;
  }
}

function installGasCosts(schema: GraphQLSchema): void {
  const type = schema.getType('GasCosts');
  assert(isObjectType(type), 'GasCosts is an object type of the schema');
  const fields = Object.values(type.getFields()).map((field) => ({
    name: field.name,
    dependent: getNamedType(field.type).name === 'DependentCost',
  }));
  installFields(schema, 'GasCosts', gasCostResolvers(fields));
}

function installSubscriptions(schema: GraphQLSchema): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, subscriber] of Object.entries(SUBSCRIPTIONS)) {
    const field = fields[name];
    assert(field !== undefined, `the subscription ${name} is in the schema`);
    field.subscribe = subscriber as unknown as FieldResolver;
    field.resolve = (event: unknown) => event;
  }
}

/** @throws AssertionError when a resolver names a type that the schema lacks */
export function executableSchema(): GraphQLSchema {
  const schema = buildSchema(SDL, { assumeValid: true });
  installScalars(schema);
  const tables: readonly ResolverTable[] = [
    ASSEMBLE_TX,
    BALANCES,
    BLOCKS,
    CHAIN,
    COINS,
    CONTRACTS,
    DEBUGGER,
    DEPENDENT_COST,
    DRY_RUN,
    GAS_PRICE,
    MESSAGES,
    MUTATIONS,
    PARAMS,
    RECEIPTS,
    STATUSES,
    TRANSACTIONS,
  ];
  for (const table of tables) {
    for (const [typeName, fields] of Object.entries(table)) installFields(schema, typeName, fields);
  }
  installGasCosts(schema);
  installSubscriptions(schema);
  return schema;
}
