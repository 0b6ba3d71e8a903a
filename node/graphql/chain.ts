/** The node and its chain. */

import type { GraphQLResolveInfo } from 'graphql';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import { requireBlock } from './blocks.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import type { GasCostsNode } from './gasCosts.ts';
import { paramsForSelection } from './params.ts';

const NO_PEERS = 'Peering is disabled in this build, try using the `p2p` feature flag.';

export const CHAIN: ResolverTable = {
  Query: {
    health: () => true,
    chain: () => ({}),
    nodeInfo: () => ({}),
    // Nothing is compressed for the DA layer in the reference's format.
    daCompressedBlock: () => null,
    relayedTransactionStatus: (_: unknown, { id }: { id: B256 }, { services }: ApiContext) =>
      services.store.relayedFailure(id),
  },
  RelayedTransactionStatus: { __resolveType: () => 'RelayedTransactionFailed' },
  ChainInfo: {
    name: (_: unknown, __: unknown, { services }: ApiContext) => services.chainName(),
    latestBlock: (_: unknown, __: unknown, { services }: ApiContext) =>
      requireBlock(services.store, services.store.latest.height),
    daHeight: (_: unknown, __: unknown, { services }: ApiContext) => services.store.latest.daHeight,
    consensusParameters: (
      _: unknown,
      __: unknown,
      { services }: ApiContext,
      info: GraphQLResolveInfo,
    ) => paramsForSelection(services.params().params, info),
    gasCosts: (_: unknown, __: unknown, { services }: ApiContext): GasCostsNode => ({
      gasCosts: services.params().params.gasCosts,
      old: false,
    }),
  },
  NodeInfo: {
    utxoValidation: (_: unknown, __: unknown, { services }: ApiContext) =>
      services.config.utxoValidation,
    vmBacktrace: () => false,
    maxTx: (_: unknown, __: unknown, { services }: ApiContext) => services.config.pool.txCountMax,
    maxGas: (_: unknown, __: unknown, { services }: ApiContext) => services.config.pool.gasMax,
    maxSize: (_: unknown, __: unknown, { services }: ApiContext) => services.config.pool.bytesMax,
    maxDepth: (_: unknown, __: unknown, { services }: ApiContext) => services.config.pool.depthMax,
    nodeVersion: (_: unknown, __: unknown, { services }: ApiContext) => services.config.nodeVersion,
    indexation: () => ({ balances: true, coinsToSpend: true, assetMetadata: true }),
    txPoolStats: (_: unknown, __: unknown, { services }: ApiContext) => services.txs.stats(),
    peers: () => {
      throw new CodedError('NO_PEERS', NO_PEERS);
    },
  },
  TxPoolStats: {
    totalSize: (stats: { totalSizeBytes: number }) => stats.totalSizeBytes,
  },
};
