// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "./Batches.sol";
import {Merkle} from "./Merkle.sol";
import {Steps} from "./Steps.sol";

/// @title What every dispute has to check before it judges.
abstract contract Judge is Batches {
    /// @notice A transaction of a committed block, in its canonical executed form.
    struct TxProof {
        bytes raw;
        uint16 index;
        bytes32[] proof;
    }

    error NoFraud();
    error WrongKind();

    /// @dev The transaction is in the block, and the block is committed.
    function checkTx(BlockProof calldata blk, TxProof calldata transaction) internal view {
        checkBlock(blk);
        bytes32 leaf = Merkle.leaf(transaction.raw);
        Header calldata header = blk.header;
        bool isIn = Merkle.includes(
            header.transactionsRoot, leaf, transaction.index, header.transactionsCount, transaction.proof
        );
        if (!isIn) revert NotInBlock();
    }

    /// @dev How much of the inbox the chain had taken in before a block.
    /// @param before the block before; ignored for the first block of the chain
    function countBefore(BlockProof calldata blk, BlockProof calldata before)
        internal
        view
        returns (uint64)
    {
        if (blk.header.height == FIRST_HEIGHT) return 0;
        checkBlock(before);
        if (before.header.height + 1 != blk.header.height) revert WrongKind();
        return before.inboxCount;
    }

    /// @dev The step is number `index` of a block that took in `taken` entries of the inbox.
    function checkStep(
        BlockProof calldata blk,
        uint256 taken,
        uint256 index,
        Steps.Step calldata step
    ) internal view {
        uint256 count = 1 + taken + blk.header.transactionsCount;
        bytes32 leaf = Steps.leafOf(step);
        if (!Merkle.includes(blk.stepRoot, leaf, index, count, step.proof)) revert NotInBlock();
    }
}
