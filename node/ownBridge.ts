/** The bridge for people over the project's own contracts: inbox and settlement. */
import { bytesToHex } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import {
  blockProof,
  connectRpc,
  type ExitContract,
  type L1Address,
  openL1Reader,
  openSettlement,
  type SettlementContract,
} from '../settlement/index.ts';
import { messageId } from '../tx/id.ts';
import { type Bridge, type BridgeOptions, openBridge } from './bridge.ts';
import { type BlockSource, committedBatch, entriesOf } from './committedBlocks.ts';
import { keyMissing, openL1Wallet } from './l1Wallet.ts';

export type OwnBridgeOptions = Omit<BridgeOptions, 'portal'> & {
  readonly settlement: L1Address;
  /** Ethereum block of its deployment. */
  readonly deployHeight: bigint;
  /** A node that keeps the state tree: a claim shows the state of its block. */
  readonly source: BlockSource;
};

/** Number of the batch with a block; null: none is committed. */
async function batchWith(
  contract: Pick<SettlementContract, 'batchAt' | 'batchCount'>,
  height: number,
): Promise<number | null> {
  const count = await contract.batchCount();
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await contract.batchAt(middle)).last < height) low = middle + 1;
    else high = middle;
  }
  return low < count ? low : null;
}

/** Tokens have no way through these contracts: they are an error here. @throws CodedError L1_… */
export async function openOwnBridge(options: OwnBridgeOptions): Promise<Bridge> {
  const { url, settlement, source } = options;
  const rpc = await connectRpc(url);
  const wallet = await openL1Wallet(options, rpc);
  const contract: SettlementContract & ExitContract = await openSettlement(
    rpc,
    settlement,
    wallet?.address ?? settlement,
  );
  const { inbox, windowS } = await contract.terms();
  const reader = await openL1Reader({ urls: [url] });
  const entries = entriesOf(reader, inbox, options.deployHeight);
  const bridge = await openBridge({ ...options, portal: inbox });
  return {
    ...bridge,
    async depositToken() {
      throw new CodedError(
        'L1_NO_CONTRACT',
        "tokens come through Fuel's gateway; this chain's own contracts take ether alone",
      );
    },
    async state(message, height, { latestHeight }) {
      const { sender, recipient, nonce, amount, data } = message;
      if (await contract.relayed(messageId(sender, recipient, nonce, amount, data))) {
        return { type: 'claimed' };
      }
      const waiting = { type: 'waiting', challengeS: windowS } as const;
      const number = await batchWith(contract, height);
      if (number === null) return { ...waiting, dueHeight: height };
      const { last: rootHeight, timeS } = await contract.batchAt(number);
      if (!(await contract.isFinal(number))) {
        return { type: 'committed', rootHeight, finalAtS: timeS + windowS };
      }
      // A node proves messages against a later block.
      if (latestHeight <= height) return { ...waiting, dueHeight: height + 1 };
      return { type: 'claimable', rootHeight: height + 1 };
    },
    async claim(proof) {
      const { sender, recipient, nonce, amount, data, messageProof } = proof;
      const { height } = proof.messageBlockHeader;
      const number = await batchWith(contract, height);
      if (number === null) throw new CodedError('WITHDRAWAL', `block ${height} is not committed`);
      const stored = await contract.batchAt(number);
      const batch = await committedBatch(source, entries, stored);
      const block = blockProof(BigInt(number), batch, height - stored.first);
      const { parts } = await source.trace(height);
      const fields = [sender, recipient, nonce, amount, bytesToHex(data)];
      const { proofIndex, proofSet } = messageProof;
      const args = [block, parts, ...fields, BigInt(proofIndex), proofSet];
      const what = `the claim of message ${nonce}`;
      const verdict = await contract.verdict('relayMessage', args, 0n);
      if (verdict.type === 'refused') {
        throw new CodedError(
          'L1_REFUSED',
          `Ethereum refuses ${what}: ${verdict.reason}; nothing was sent`,
        );
      }
      const { hash } = await (wallet ?? keyMissing()).send(what, verdict.call);
      return { hash };
    },
  };
}
