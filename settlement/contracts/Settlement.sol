// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "./Batches.sol";
import {Merkle} from "./Merkle.sol";
import {StateDisputes} from "./StateDisputes.sol";
import {TxJudge} from "./TxJudge.sol";

/// @title One-call disputes over committed blocks.
/// @notice Each function states one fraud in the bytes that a batch commits to, checks it, and
/// removes the batch; or reverts, and nothing has happened. Nothing but those bytes decides, so a
/// true block cannot be convicted. What scripts do inside contracts is not judged here.
contract Settlement is StateDisputes {

    constructor(Terms memory terms, uint64 forcedGasPerBlock, uint256 forcedGasPrice)
        Batches(terms, forcedGasPerBlock, forcedGasPrice)
    {}

    /// @notice One coin, or one message without data, is consumed at two places.
    function doubleSpend(
        BlockProof calldata blockA,
        TxProof calldata txA,
        uint256 inputA,
        BlockProof calldata blockB,
        TxProof calldata txB,
        uint256 inputB
    ) external {
        checkTx(blockA, txA);
        checkTx(blockB, txB);
        bool sameTx = blockA.header.height == blockB.header.height && txA.index == txB.index;
        if (sameTx && inputA == inputB) revert NoFraud();
        if (TxJudge.spent(txA.raw, inputA) != TxJudge.spent(txB.raw, inputB)) revert NoFraud();
        convict(blockA.batch > blockB.batch ? blockA.batch : blockB.batch, "double spend");
    }

    /// @notice A coin input is not what the transaction at its pointer created: another id, no such
    /// output or none that makes a coin, another owner, amount or asset.
    function badInput(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        BlockProof calldata creatorBlock,
        TxProof calldata creator
    ) external {
        checkTx(blk, transaction);
        checkTx(creatorBlock, creator);
        (uint256 height, uint256 index) = TxJudge.pointerOf(transaction.raw, input);
        if (height != creatorBlock.header.height || index != creator.index) revert WrongKind();
        if (TxJudge.isCreated(transaction.raw, input, creator.raw, CHAIN_ID)) revert NoFraud();
        convict(blk.batch, "bad input");
    }

    /// @notice The pointer of a coin input names a place that does not exist in a committed block, or
    /// one that is not earlier.
    /// @param target the block that the pointer names; any committed block when it is not earlier
    function badPointer(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        BlockProof calldata target
    ) external {
        checkTx(blk, transaction);
        checkBlock(target);
        (uint256 height, uint256 index) = TxJudge.pointerOf(transaction.raw, input);
        bool later = height > blk.header.height
            || (height == blk.header.height && index >= transaction.index);
        bool beyond = height == target.header.height && index >= target.header.transactionsCount;
        if (!later && !beyond) revert NoFraud();
        convict(blk.batch, "bad pointer");
    }

    /// @notice An input that needs a signature has none that its owner made.
    /// @param key the public key that the signature recovers to; ignored when there is none
    function badSignature(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        bytes32[2] calldata key
    ) external {
        checkTx(blk, transaction);
        if (TxJudge.isSigned(transaction.raw, input, key, CHAIN_ID)) revert NoFraud();
        convict(blk.batch, "bad signature");
    }

    /// @notice A transaction without contracts pays out more of an asset than it takes in.
    function inflation(BlockProof calldata blk, TxProof calldata transaction, bytes32 asset)
        external
    {
        checkTx(blk, transaction);
        (uint256 taken, uint256 paid,,) = TxJudge.sums(transaction.raw, asset, BASE_ASSET);
        if (paid <= taken) revert NoFraud();
        convict(blk.batch, "inflation");
    }

    /// @notice A transaction in which no code ran keeps more than the fee that was allowed.
    function overcharge(BlockProof calldata blk, TxProof calldata transaction, bytes32 asset)
        external
    {
        checkTx(blk, transaction);
        (uint256 taken, uint256 paid, bool isFixed, uint256 maxFee) =
            TxJudge.sums(transaction.raw, asset, BASE_ASSET);
        if (!isFixed || taken <= paid + maxFee) revert NoFraud();
        convict(blk.batch, "overcharge");
    }

    /// @notice The bytes of a transaction are not what an encoder writes.
    function notCanonical(BlockProof calldata blk, TxProof calldata transaction) external {
        checkTx(blk, transaction);
        if (TxJudge.isCanonical(transaction.raw)) revert NoFraud();
        convict(blk.batch, "not canonical");
    }

    /// @notice A transaction names another chain's mint, or a mint stands before the end, or the last
    /// transaction is none.
    function misplacedMint(BlockProof calldata blk, TxProof calldata transaction) external {
        checkTx(blk, transaction);
        bool isLast = uint256(transaction.index) + 1 == blk.header.transactionsCount;
        (bool isMint, bool isHere) =
            TxJudge.mintAt(transaction.raw, blk.header.height, transaction.index);
        if (isMint == isLast && (isHere || !isMint)) revert NoFraud();
        convict(blk.batch, "misplaced mint");
    }

    /// @notice The record at the place of a height holds a block of another height.
    function wrongHeight(BlockProof calldata blk, uint32 place) external {
        Batch storage batch = stored(blk.batch);
        if (place < batch.first || place > batch.last) revert NotInBatch();
        checkRecord(blk, batch.root, place - batch.first, batch.last - batch.first + 1);
        if (blk.header.height == place) revert NoFraud();
        convict(blk.batch, "wrong height");
    }

    /// @notice The id or the inbox count that a batch ends with is not that of its last block.
    function wrongEnd(BlockProof calldata blk) external {
        checkBlock(blk);
        Batch storage batch = stored(blk.batch);
        if (blk.header.height != batch.last) revert WrongKind();
        bool same = blockId(blk.header) == batch.lastBlockId && blk.inboxCount == batch.inboxCount;
        if (same) revert NoFraud();
        convict(blk.batch, "wrong end");
    }

    /// @notice What a block says it took in of the inbox is not what was sent.
    /// @param before the block before; ignored for the first block of the chain
    /// @param ids of the entries from the count before to the count of this block
    function wrongInbox(BlockProof calldata blk, BlockProof calldata before, bytes32[] calldata ids)
        external
    {
        checkBlock(blk);
        if (tookInRightly(blk.header, countBefore(blk, before), blk.inboxCount, ids)) revert NoFraud();
        convict(blk.batch, "wrong inbox");
    }

    /// @dev Reverts when `ids` are not the entries: then nothing is said about the block.
    function tookInRightly(Header calldata header, uint64 from, uint64 to, bytes32[] calldata ids)
        private
        view
        returns (bool)
    {
        uint64 sent = INBOX.count();
        if (to < from || to > sent) return false;
        // Everything up to the block's height of Ethereum, and nothing beyond.
        if (to > 0 && INBOX.entry(to - 1).blockNumber > header.daHeight) return false;
        if (to < sent && INBOX.entry(to).blockNumber <= header.daHeight) return false;
        bytes32 accumulator = INBOX.accumulatorAt(from);
        for (uint256 i = 0; i < ids.length; i++) {
            accumulator = sha256(abi.encodePacked(accumulator, ids[i]));
        }
        bool areThese = ids.length == to - from && accumulator == INBOX.accumulatorAt(to);
        if (!areThese) revert WrongKind();
        return Merkle.rootOf(ids) == header.inboxRoot;
    }
}
