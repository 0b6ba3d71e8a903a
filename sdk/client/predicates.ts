/** Addresses of predicates, and what they cost. */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Address, ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { predicateOwner } from '../../tx/contractId.ts';
import type { ScriptTx } from '../../tx/types.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

const ESTIMATE = 'query estimate($tx: HexString!) { estimatePredicates(tx: $tx) { rawPayload } }';

/** Who owns the coins that this predicate guards. */
export function predicateAddress(code: Uint8Array): Address {
  return predicateOwner(code);
}

/**
 * Gas of a predicate that guards the only input of a transaction. Whether it would be satisfied
 * depends on the transaction that spends, so this does not tell.
 * @param data what the predicate is given, in the ABI's encoding
 * @throws CodedError GRAPHQL when it needs more gas than a predicate may use
 */
export async function estimatePredicate(
  client: Client,
  code: Uint8Array,
  data: Uint8Array,
): Promise<bigint> {
  const { baseAssetId } = await getChainInfo(client);
  const tx: ScriptTx = {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    script: new Uint8Array(0),
    scriptData: new Uint8Array(0),
    policies: { maxFee: 0n },
    inputs: [
      {
        type: 'coin',
        utxoId: { txId: ZERO_B256, outputIndex: 0 },
        owner: predicateOwner(code),
        amount: 1n,
        assetId: baseAssetId,
        txPointer: { blockHeight: 0, txIndex: 0 },
        witnessIndex: 0,
        predicateGasUsed: 0n,
        predicate: code,
        predicateData: data,
      },
    ],
    outputs: [],
    witnesses: [],
  };
  type Answer = { estimatePredicates: { rawPayload: string } };
  const { estimatePredicates } = await client.request<Answer>(ESTIMATE, {
    tx: bytesToHex(encodeTx(tx)),
  });
  const estimated = decodeTx(hexToBytes(estimatePredicates.rawPayload)).tx;
  const input = estimated.type === 'mint' ? undefined : estimated.inputs[0];
  if (input?.type !== 'coin') {
    throw new CodedError('NODE_ANSWER', 'the node returned another transaction than was asked for');
  }
  return input.predicateGasUsed;
}
