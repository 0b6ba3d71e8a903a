/** `fuelrail asset …`: ids of assets, and where they come from. */
import type { AssetId, ContractId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { assetIdFor, getAsset } from '../../sdk/client/assets.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { parseId, print } from '../wallet/context.ts';

/** `asset id` */
export async function showAssetId(
  contract: string,
  subId: string | undefined,
  flags: { readonly json?: boolean },
): Promise<void> {
  const contractId = parseId('a contract', contract) as ContractId;
  const sub = subId === undefined ? ZERO_B256 : parseId('a sub', subId);
  const assetId = assetIdFor(contractId, sub);
  print(flags, { assetId, contractId, subId: sub }, assetId);
}

/** `asset show` */
export async function showAsset(
  id: string,
  flags: { readonly url: string; readonly json?: boolean },
): Promise<void> {
  const asset = await getAsset(createClient(flags), parseId('an asset', id) as AssetId);
  const lines: string[] = [asset.assetId];
  if (asset.isBase) lines.push('the base asset: fees are paid in it; 9 decimals');
  else if (asset.contractId === null) lines.push('no contract minted it on this chain');
  if (asset.contractId !== null) {
    lines.push(
      `minted by ${asset.contractId}`,
      `sub id    ${asset.subId}`,
      `supply    ${asset.totalSupply}`,
    );
  }
  print(flags, asset, lines.join('\n'));
}
