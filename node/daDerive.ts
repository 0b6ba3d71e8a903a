/** From a block as it lies on the DA layer to an executed one: signature, then every id. */
import type { DaBlock, ReadBlock } from '../da/block.ts';
import type { LaneRunner } from '../executor/block.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { validateBlock } from '../executor/validate.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import type { Address } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import { rulesFor, type VmRulesSetting } from '../vm/rules.ts';

export type DeriveOptions = {
  readonly vmRules: VmRulesSetting;
  /** As the producer had it. */
  readonly utxoValidation: boolean;
  /** Who may have signed blocks. */
  readonly authorities: ReadonlySet<Address>;
};

/** @throws CodedError BLOCK_INVALID when nobody signed it who may */
function checkSigner({ header, consensus }: DaBlock, authorities: ReadonlySet<Address>): void {
  const key =
    consensus.type === 'poa' ? recoverPublicKey(consensus.signature, hexToBytes(header.id)) : null;
  if (key !== null && authorities.has(addressOfPublicKey(key))) return;
  throw new CodedError(
    'BLOCK_INVALID',
    `block ${header.height} is not signed by the chain: name its signer with --da-authority`,
    { height: header.height },
  );
}

/**
 * Executes a block on top of the newest one in the store, and compares everything. Does not commit.
 * @throws CodedError BLOCK_INVALID
 */
export async function deriveBlock(
  block: ReadBlock,
  store: ChainStore,
  runner: LaneRunner,
  options: DeriveOptions,
): Promise<SealedBlock> {
  const { header } = block;
  if (header.height !== store.latest.height + 1) {
    throw new CodedError(
      'BLOCK_INVALID',
      `the layer holds block ${header.height} where ${store.latest.height + 1} must follow`,
      { height: header.height },
    );
  }
  checkSigner(block, options.authorities);
  const params = store.consensusParameters(header.consensusParametersVersion);
  if (params === null) {
    throw new CodedError('BLOCK_INVALID', `block ${header.height} names unknown parameters`);
  }
  const executed = await validateBlock(
    {
      header,
      transactions: block.transactions.map((raw) => decodeTx(raw).tx),
      leavesResultsOut: block.leavesResultsOut === true,
    },
    {
      params,
      rules: rulesFor(params, options.vmRules),
      utxoValidation: options.utxoValidation,
      prevRoot: store.blocksRoot(store.latest.height),
    },
    store,
    runner,
    block.inbox,
  );
  return { ...executed, consensus: block.consensus };
}

/** @throws CodedError DA_GENESIS_MISMATCH unless the layer begins with our genesis */
export function checkGenesis(block: DaBlock, genesis: SealedBlock): void {
  const ours = genesis.consensus;
  const theirs = block.consensus;
  const same =
    block.header.id === genesis.header.id &&
    ours.type === 'genesis' &&
    theirs.type === 'genesis' &&
    ours.chainConfigHash === theirs.chainConfigHash &&
    ours.coinsRoot === theirs.coinsRoot &&
    ours.contractsRoot === theirs.contractsRoot &&
    ours.messagesRoot === theirs.messagesRoot;
  if (same) return;
  throw new CodedError(
    'DA_GENESIS_MISMATCH',
    'the blobs begin with another genesis: name the chain with --snapshot',
  );
}
