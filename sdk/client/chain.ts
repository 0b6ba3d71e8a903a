/** What a client has to know of a chain before it signs. */
import type { AssetId } from '../../primitives/types.ts';
import type { Client } from './graphql.ts';

export type ChainInfo = {
  readonly name: string;
  readonly chainId: bigint;
  readonly baseAssetId: AssetId;
  readonly height: number;
  /** Inputs of one transaction at most. */
  readonly maxInputs: number;
};

type Answer = {
  chain: {
    name: string;
    latestBlock: { height: string };
    consensusParameters: { chainId: string; baseAssetId: AssetId; txParams: { maxInputs: string } };
  };
};

const QUERY = `query chain {
  chain {
    name
    latestBlock { height }
    consensusParameters { chainId baseAssetId txParams { maxInputs } }
  }
}`;

export async function getChainInfo(client: Client): Promise<ChainInfo> {
  const { chain } = await client.request<Answer>(QUERY);
  const { chainId, baseAssetId, txParams } = chain.consensusParameters;
  return {
    name: chain.name,
    chainId: BigInt(chainId),
    baseAssetId,
    height: Number(chain.latestBlock.height),
    maxInputs: Number(txParams.maxInputs),
  };
}
