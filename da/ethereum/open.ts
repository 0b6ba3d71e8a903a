/** Wires of the Ethereum layer. */
import type { B256 } from '../../primitives/types.ts';
import type { DataAvailability } from '../ports.ts';
import { jsonRpc } from '../rpc.ts';
import { ETHEREUM_LAYER, EthChain, inboxAddress } from './chain.ts';
import { loadKzg } from './kzg.ts';
import { ethereumDa } from './layer.ts';
import { BlobSender } from './sender.ts';

export type EthereumSettings = {
  readonly chainId: bigint;
  readonly url: string;
  /** null: the Ethereum node answers for it too, as development nodes do. */
  readonly beaconUrl: string | null;
  /** null: reads only. */
  readonly secret: B256 | null;
  /** null: what the node calls finalized. */
  readonly confirmations: number | null;
  readonly maxFeeCapWei: bigint;
  readonly bumpAfterMs: number;
  readonly pollMs: number;
  readonly nowMs: () => number;
};

/** @throws CodedError DA_KZG_MISSING */
export async function openEthereumDa(settings: EthereumSettings): Promise<DataAvailability> {
  const { chainId, url, beaconUrl, secret, confirmations } = settings;
  const kzg = await loadKzg();
  const inbox = inboxAddress(chainId);
  const rpc = jsonRpc({ url, token: null, layer: ETHEREUM_LAYER });
  const chain = new EthChain(rpc, { inbox, beaconUrl: beaconUrl ?? url, confirmations });
  const sender =
    secret === null ? null : new BlobSender(chain, kzg, { ...settings, secret, inbox });
  return ethereumDa({ chain, kzg, sender });
}
