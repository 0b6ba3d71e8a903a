/**
 * What a request may cost. Measured on the document before it runs: depth, directives, recursion of
 * types, and complexity; only complexity depends on the variables.
 *
 * @source cost constants and texts: fuel-core 0.48.2
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

export type Limits = {
  readonly depthMax: number;
  readonly complexityMax: number;
  readonly recursiveDepthMax: number;
  readonly directivesMax: number;
};

type Args = Readonly<Record<string, unknown>>;
/** Cost of a field from its arguments and the cost of what is selected in it. */
type Cost = (args: Args, child: number) => number;

const STORAGE_READ = 40;
const STORAGE_ITERATOR = 100;
const TX_GET = 200;
const TX_STATUS_READ = 200;
const TX_RAW_PAYLOAD = 600;
const BLOCK_HEADER = 600;
const BLOCK_TRANSACTIONS = 6_000;
const BLOCK_TRANSACTION_IDS = 200;
const BYTECODE_READ = 8_000;
const STATE_TRANSITION_BYTECODE_READ = 76_000;
const ASSEMBLE_TX = 76_000;
const DRY_RUN = 12_000;
const DA_COMPRESSED_BLOCK_READ = 4_000;
/** More than half of the default limit: two of them never fit into a request. */
const HALF = 40_001;
/** Merkle proofs are at most this deep. */
const PROOF_DEPTH = 256;
/** A type may not occur inside itself, except in introspection. */
const TYPE_OCCURRENCE_MAX = 1;

function countArg(value: unknown): number {
  if (typeof value !== 'number') return 0;
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}
const page = (args: Args): number => countArg(args['first']) + countArg(args['last']);

const flat =
  (cost: number): Cost =>
  () =>
    cost;
const plus =
  (cost: number): Cost =>
  (_, child) =>
    cost + child;
const listed =
  (cost: number): Cost =>
  (args, child) =>
    product(cost + child, page(args));
const walked: Cost = (args, child) => STORAGE_ITERATOR + product(page(args), child + STORAGE_READ);
const scanned: Cost = (args, child) =>
  STORAGE_ITERATOR + product(2 * STORAGE_READ + page(args), child);
const perTx: Cost = (args, child) => {
  const { txs } = args;
  return (DRY_RUN + child) * (Array.isArray(txs) ? txs.length : 1);
};

/** 0 · ∞ counts as ∞: a negative page size is refused. */
function product(a: number, b: number): number {
  return Number.isFinite(b) ? a * b : b;
}

/** Fields whose cost depends on their arguments. */
const COSTS_BY_ARGS: Readonly<Record<string, Cost>> = {
  'Query.balances': (args, child) => Math.floor(product(child * 0.66, page(args))),
  'Query.blocks': listed(BLOCK_HEADER),
  'Query.transactions': listed(TX_GET),
  'Query.transactionsByOwner': walked,
  'Query.dryRun': perTx,
  'Query.dryRunRecordStorageReads': perTx,
  'Query.coins': scanned,
  'Query.contractBalances': scanned,
  'Query.messages': walked,
  'Mutation.dryRun': perTx,
};

/** All others that do not simply cost 1 and what is in them. */
const COSTS: Readonly<Record<string, Cost>> = {
  'Query.assetDetails': flat(STORAGE_READ),
  'Query.balance': flat(0),
  'Query.blob': plus(STORAGE_READ),
  'Query.block': plus(BLOCK_HEADER),
  'Query.transaction': plus(STORAGE_READ),
  'Query.assembleTx': flat(ASSEMBLE_TX),
  'Query.estimatePredicates': plus(HALF),
  'Query.storageReadReplay': plus(HALF),
  'Query.coin': plus(STORAGE_READ),
  'Query.coinsToSpend': flat(HALF),
  'Query.daCompressedBlock': flat(DA_COMPRESSED_BLOCK_READ),
  'Query.contract': plus(STORAGE_READ),
  'Query.contractBalance': flat(STORAGE_READ),
  'Query.nodeInfo': plus(STORAGE_READ),
  'Query.latestGasPrice': flat(BLOCK_HEADER),
  'Query.estimateGasPrice': flat(2 * STORAGE_READ),
  'Query.message': plus(STORAGE_READ),
  'Query.messageProof': plus(PROOF_DEPTH * STORAGE_READ),
  'Query.messageStatus': plus(STORAGE_READ),
  'Query.relayedTransactionStatus': plus(STORAGE_READ),
  'Query.consensusParameters': plus(STORAGE_READ),
  'Query.stateTransitionBytecodeByVersion': plus(STORAGE_READ),
  'Query.stateTransitionBytecodeByRoot': plus(STORAGE_READ),
  'Mutation.submit': plus(HALF),
  'Subscription.statusChange': plus(HALF),
  'Subscription.submitAndAwait': plus(HALF),
  'Subscription.submitAndAwaitStatus': plus(HALF),
  'ChainInfo.name': flat(STORAGE_READ),
  'ChainInfo.latestBlock': plus(STORAGE_READ),
  'ChainInfo.daHeight': flat(STORAGE_READ),
  'ChainInfo.consensusParameters': plus(STORAGE_READ),
  'ChainInfo.gasCosts': plus(STORAGE_READ),
  'NodeInfo.txPoolStats': plus(STORAGE_READ),
  'NodeInfo.peers': plus(HALF),
  'Block.consensus': plus(STORAGE_READ),
  'Block.transactionIds': flat(BLOCK_TRANSACTION_IDS),
  'Block.transactions': plus(BLOCK_TRANSACTIONS),
  'Transaction.inputAssetIds': flat(STORAGE_READ),
  'Transaction.status': plus(TX_STATUS_READ),
  'Transaction.rawPayload': flat(TX_RAW_PAYLOAD),
  'SuccessStatus.block': plus(BLOCK_HEADER),
  'SuccessStatus.transaction': plus(STORAGE_READ),
  'FailureStatus.block': plus(BLOCK_HEADER),
  'FailureStatus.transaction': plus(STORAGE_READ),
  'PreconfirmationSuccessStatus.transaction': plus(STORAGE_READ),
  'PreconfirmationFailureStatus.transaction': plus(STORAGE_READ),
  'Contract.bytecode': flat(BYTECODE_READ),
  'Contract.salt': flat(STORAGE_READ),
  'Blob.bytecode': flat(BYTECODE_READ),
  'MessageCoin.assetId': flat(STORAGE_READ),
  'StateTransitionBytecode.bytecode': flat(STATE_TRANSITION_BYTECODE_READ),
};

/** Cost of an operation for given variables. */
export type Complexity = (variables: Args) => number;

type Walk = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly limits: Limits;
  readonly occurrences: Map<string, number>;
  /** Some cost depends on the variables. */
  dependsOnVariables: boolean;
};

function fieldOf(
  schema: GraphQLSchema,
  typeName: string,
  name: string,
): GraphQLField<unknown, unknown> | null {
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInterfaceType(type)) return null;
  return type.getFields()[name] ?? null;
}

function argsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Args): Args {
  try {
    return getArgumentValues(field, node, variables as Record<string, unknown>);
  } catch {
    // A bad argument is reported where the field runs.
    return {};
  }
}

function enter(walk: Walk, typeName: string, node: FieldNode): void {
  if (typeName === '__Type') return;
  const count = (walk.occurrences.get(typeName) ?? 0) + 1;
  walk.occurrences.set(typeName, count);
  if (count > TYPE_OCCURRENCE_MAX) {
    const name = node.name.value;
    throw new GraphQLError(`Recursion detected for field \`${name}\``, { nodes: [node] });
  }
}

function leave(walk: Walk, typeName: string): void {
  walk.occurrences.set(typeName, (walk.occurrences.get(typeName) ?? 1) - 1);
}

function checkField(walk: Walk, node: FieldNode, depth: number): void {
  if (depth > walk.limits.depthMax) throw new GraphQLError('Query is nested too deep.');
  const max = walk.limits.directivesMax;
  if ((node.directives?.length ?? 0) > max) {
    throw new GraphQLError(
      `The number of directives on the field \`${node.name.value}\` cannot be greater than ` +
        `\`${max}\``,
      { nodes: [node] },
    );
  }
}

function fieldCost(walk: Walk, typeName: string, node: FieldNode, depth: number): Complexity {
  checkField(walk, node, depth);
  const field = fieldOf(walk.schema, typeName, node.name.value);
  const result = field === null ? null : getNamedType(field.type);
  let child: Complexity = () => 0;
  if (node.selectionSet && result && isCompositeType(result)) {
    enter(walk, result.name, node);
    child = selectionCost(walk, result.name, node.selectionSet, depth);
    leave(walk, result.name);
  } else if (node.selectionSet) {
    // `__schema` and `__type` are no fields of the root type; their selections are cheap.
    child = selectionCost(walk, '', node.selectionSet, depth);
  }
  const key = `${typeName}.${node.name.value}`;
  const byArgs = COSTS_BY_ARGS[key];
  if (byArgs && field) {
    walk.dependsOnVariables = true;
    return (variables) => byArgs(argsOf(field, node, variables), child(variables));
  }
  const cost = COSTS[key] ?? plus(1);
  return (variables) => cost({}, child(variables));
}

function selectionCost(
  walk: Walk,
  typeName: string,
  set: SelectionSetNode,
  depth: number,
): Complexity {
  const parts: Complexity[] = [];
  for (const selection of set.selections) {
    if (selection.kind === 'Field') {
      parts.push(fieldCost(walk, typeName, selection, depth + 1));
    } else if (selection.kind === 'InlineFragment') {
      const inner = selection.typeCondition?.name.value ?? typeName;
      parts.push(selectionCost(walk, inner, selection.selectionSet, depth));
    } else {
      const fragment = walk.fragments.get(selection.name.value);
      if (!fragment) continue;
      const inner = fragment.typeCondition.name.value;
      parts.push(selectionCost(walk, inner, fragment.selectionSet, depth));
    }
  }
  return (variables) => parts.reduce((sum, part) => sum + part(variables), 0);
}

/** Nesting of selection sets as written, fragments apart. */
function writtenDepth(set: SelectionSetNode | undefined): number {
  if (!set) return 0;
  let deepest = 0;
  for (const selection of set.selections) {
    if (selection.kind === 'FragmentSpread') continue;
    deepest = Math.max(deepest, writtenDepth(selection.selectionSet));
  }
  return deepest + 1;
}

/** @throws GraphQLError when something is nested deeper than the parser may follow */
export function checkWrittenDepth(sets: readonly SelectionSetNode[], limits: Limits): void {
  for (const set of sets) {
    if (writtenDepth(set) > limits.recursiveDepthMax) {
      throw new GraphQLError(
        'The recursion depth of the query cannot be greater than ' +
          `\`${limits.recursiveDepthMax}\``,
      );
    }
  }
}

/**
 * Checks what does not depend on variables; the result computes the rest.
 * The operation has passed validation: fragments exist and have no cycles.
 *
 * @throws GraphQLError
 */
export function measure(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limits: Limits,
): Complexity {
  const root = schema.getRootType(operation.operation);
  const walk: Walk = {
    schema,
    fragments,
    limits,
    occurrences: new Map(),
    dependsOnVariables: false,
  };
  const cost = selectionCost(walk, root?.name ?? '', operation.selectionSet, 0);
  if (walk.dependsOnVariables) return cost;
  const fixed = cost({});
  return () => fixed;
}

/** @throws GraphQLError */
export function checkComplexity(complexity: number, limits: Limits): void {
  if (complexity > limits.complexityMax) throw new GraphQLError('Query is too complex.');
}
