/** Assets that contracts mint. */
import type { AssetId, B256, ContractId } from '../../primitives/types.ts';
import { assetIdOf } from '../../tx/contractId.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

/** Where an asset comes from. Supply in units of the asset. */
export type AssetDetails = {
  readonly assetId: AssetId;
  readonly isBase: boolean;
  /** null: the base asset, or nothing of it was ever minted. */
  readonly contractId: ContractId | null;
  readonly subId: B256 | null;
  readonly totalSupply: bigint | null;
};

const DETAILS = `query asset($id: AssetId!) {
  assetDetails(id: $id) { contractId subId totalSupply }
}`;

/** The id of the asset that a contract mints under a sub id. */
export function assetIdFor(contract: ContractId, subId: B256): AssetId {
  return assetIdOf(contract, subId);
}

/** What the node knows of an asset; needs its asset index (fuelrail always has one). */
export async function getAsset(client: Client, assetId: AssetId): Promise<AssetDetails> {
  type Row = { contractId: ContractId; subId: B256; totalSupply: string };
  const { baseAssetId } = await getChainInfo(client);
  const isBase = assetId === baseAssetId;
  const { assetDetails: row } = await client
    .request<{ assetDetails: Row | null }>(DETAILS, { id: assetId })
    .catch((error: unknown) => {
      // Nodes answer with an error for what was never minted.
      if (/not found|missing/i.test(String(error))) return { assetDetails: null };
      throw error;
    });
  return {
    assetId,
    isBase,
    contractId: row?.contractId ?? null,
    subId: row?.subId ?? null,
    totalSupply: row === null ? null : BigInt(row.totalSupply),
  };
}
