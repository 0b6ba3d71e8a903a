/** Messages from and to the settlement layer. */

import type { MessageRecord } from '../../executor/ports.ts';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { binaryProof } from '../../primitives/merkle/binary.ts';
import type { Address, B256, BlockHeight, BlockId, Nonce, TxId } from '../../primitives/types.ts';
import type { StoredBlock } from '../../state/types.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { messageId } from '../../tx/id.ts';
import type { MessageOutReceipt, Receipt } from '../../tx/receipt.ts';
import type { NodeServices } from '../services.ts';
import { firstHeight } from './blocks.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { type PageArgs, paginate } from './pagination.ts';
import { parseB256 } from './scalars.ts';

type MerkleProof = { readonly proofSet: readonly B256[]; readonly proofIndex: number };
type MessageProof = {
  readonly messageProof: MerkleProof;
  readonly blockProof: MerkleProof;
  readonly messageBlockHeader: BlockHeader;
  readonly commitBlockHeader: BlockHeader;
} & Pick<MessageOutReceipt, 'sender' | 'recipient' | 'nonce' | 'amount' | 'data'>;

function refuse(message: string): never {
  throw new CodedError('MESSAGE_PROOF', message);
}

const idOf = (out: MessageOutReceipt): B256 =>
  messageId(out.sender, out.recipient, out.nonce, out.amount, out.data);

function messagesOut(receipts: readonly Receipt[]): MessageOutReceipt[] {
  return receipts.filter((receipt) => receipt.type === 'messageOut');
}

/** Block in which the transaction succeeded, and the message it sent. */
function sentMessage(
  services: NodeServices,
  id: TxId,
  nonce: Nonce,
): { height: BlockHeight; message: MessageOutReceipt } {
  const intro = 'Unable to obtain the message block height';
  const stored = services.store.transaction(id);
  if (!stored) {
    const status = services.status.current(id);
    if (status?.type === 'squeezedOut') {
      refuse(`${intro}. The transaction was squeezed out: ${status.reason}`);
    }
    if (status) refuse(`${intro}. The transaction has not been processed yet`);
    return refuse(`${intro}: resource was not found in table \`TransactionId\``);
  }
  if (!stored.success) refuse(`${intro}. The transaction failed`);
  const message = messagesOut(stored.receipts).find((receipt) => receipt.nonce === nonce);
  if (!message) refuse('Desired `nonce` missing in transaction receipts');
  return { height: stored.pointer.blockHeight, message };
}

function outboxProof(services: NodeServices, block: StoredBlock, id: B256): MerkleProof {
  const ids = block.transactionIds.flatMap((txId) => {
    const stored = services.store.transaction(txId);
    return stored?.success ? messagesOut(stored.receipts).map(idOf) : [];
  });
  const proofIndex = ids.lastIndexOf(id);
  if (proofIndex < 0) {
    refuse('Unable to find the message receipt in the transaction to generate the proof');
  }
  return proofOf(ids, proofIndex);
}

function proofOf(ids: readonly B256[], proofIndex: number): MerkleProof {
  const { proof } = binaryProof(ids.map(hexToBytes), proofIndex);
  return { proofSet: proof.map(bytesToHex), proofIndex };
}

/** The message's block among all blocks up to `last`. */
function historyProof(services: NodeServices, height: BlockHeight, last: BlockHeight): MerkleProof {
  if (height > last) {
    refuse('The `message_block_height` is higher than `commit_block_height`');
  }
  const first = firstHeight(services.store);
  return proofOf(services.store.blockIds(first, last), height - first);
}

function proveMessage(
  services: NodeServices,
  id: TxId,
  nonce: Nonce,
  commitHeight: BlockHeight,
): MessageProof {
  const { height, message } = sentMessage(services, id, nonce);
  const block = services.store.block(height);
  if (!block) return refuse('Unable to get the message block from the database');
  const messageProof = outboxProof(services, block, idOf(message));
  const commit = services.store.block(commitHeight);
  if (!commit) return refuse('Unable to get commit block header from database');
  if (commitHeight === 0) refuse('Impossible to generate proof beyond the genesis block');
  const { sender, recipient, amount, data } = message;
  return {
    messageProof,
    blockProof: historyProof(services, height, commitHeight - 1),
    messageBlockHeader: block.header,
    commitBlockHeader: commit.header,
    sender,
    recipient,
    nonce,
    amount,
    data,
  };
}

type ProofArgs = {
  transactionId: TxId;
  nonce: Nonce;
  commitBlockId?: BlockId | null;
  commitBlockHeight?: BlockHeight | null;
};

function messageProof(services: NodeServices, args: ProofArgs): MessageProof {
  const { transactionId, nonce, commitBlockId, commitBlockHeight } = args;
  if ((commitBlockId == null) === (commitBlockHeight == null)) {
    refuse('Either `commit_block_id` or `commit_block_height` must be provided exclusively');
  }
  const height =
    commitBlockId == null ? commitBlockHeight : services.store.blockHeightOf(commitBlockId);
  if (height == null) return refuse('resource was not found in table `FuelBlockIdsToHeights`');
  return proveMessage(services, transactionId, nonce, height);
}

export const MESSAGES: ResolverTable = {
  Query: {
    message: (_: unknown, { nonce }: { nonce: Nonce }, { services }: ApiContext) =>
      services.store.message(nonce),
    messages: (
      _: unknown,
      args: PageArgs & { owner?: Address | null },
      { services: { store } }: ApiContext,
    ) => {
      const owner = args.owner ?? null;
      return paginate(args, {
        parseCursor: parseB256,
        cursorOf: (row: MessageRecord) => row.nonce,
        has: (nonce) => {
          const message = store.message(nonce);
          return message !== null && (owner === null || message.recipient === owner);
        },
        rows: (range) => store.messages(owner, range),
      });
    },
    messageStatus: (_: unknown, { nonce }: { nonce: Nonce }, { services }: ApiContext) => ({
      state: services.store.messageStatus(nonce),
    }),
    messageProof: (_: unknown, args: ProofArgs, { services }: ApiContext) =>
      messageProof(services, args),
  },
};
