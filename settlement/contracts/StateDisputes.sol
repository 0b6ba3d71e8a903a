// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exits} from "./Exits.sol";
import {Forced} from "./Forced.sol";
import {Sparse} from "./Sparse.sol";
import {Steps} from "./Steps.sol";
import {TxJudge} from "./TxJudge.sol";

/// @title Disputes about coins, messages and what the chain holds: every step of every block.
/// @notice The steps of a block: what the block before has left, then one per entry of the inbox that
/// is taken in, then one per transaction. The last one is the state of the block.
abstract contract StateDisputes is Exits {
    /// @notice A block does not begin with what the block before has left.
    /// @param before the block before; ignored for the first block of the chain
    /// @param parts the state that it has left
    function wrongStart(
        BlockProof calldata blk,
        BlockProof calldata before,
        Steps.Parts calldata parts,
        Steps.Step calldata first
    ) external {
        checkBlock(blk);
        uint64 from = countBefore(blk, before);
        bool isFirst = blk.header.height == FIRST_HEIGHT;
        checkState(parts, isFirst ? GENESIS_STATE : before.stateRoot);
        checkStep(blk, blk.inboxCount - from, 0, first);
        bool same = first.coins == parts.coins && first.messages == parts.messages;
        if (same && first.held == parts.held && first.out == 0) revert NoFraud();
        convict(blk.batch, "wrong start");
    }

    /// @notice The state of a block is not where its steps lead.
    /// @param before the block before; ignored for the first block of the chain
    function wrongState(
        BlockProof calldata blk,
        BlockProof calldata before,
        Steps.Parts calldata parts,
        Steps.Step calldata last
    ) external {
        checkBlock(blk);
        checkState(parts, blk.stateRoot);
        uint256 taken = blk.inboxCount - countBefore(blk, before);
        checkStep(blk, taken, taken + blk.header.transactionsCount, last);
        bool same = last.coins == parts.coins && last.messages == parts.messages;
        if (same && last.held == parts.held && last.out == parts.out) revert NoFraud();
        convict(blk.batch, "wrong state");
    }

    /// @notice Taking in an entry of the inbox did something else than putting its message in.
    /// @param nonce of the entry
    /// @param message, op ignored for a forced transaction: it changes nothing before it runs
    function wrongMessageStep(
        BlockProof calldata blk,
        BlockProof calldata before,
        uint64 nonce,
        Steps.Step calldata pre,
        Steps.Step calldata post,
        Message calldata message,
        Sparse.TreeOp calldata op
    ) external {
        checkBlock(blk);
        uint64 from = countBefore(blk, before);
        if (nonce < from || nonce >= blk.inboxCount) revert WrongKind();
        checkStep(blk, blk.inboxCount - from, nonce - from, pre);
        checkStep(blk, blk.inboxCount - from, nonce - from + 1, post);
        bytes32 root = pre.messages;
        if (INBOX.entry(nonce).isMessage) {
            bytes32 id = checkEntry(nonce, message);
            (bytes32 place, bytes32 hash) = Steps.messageLeaf(bytes32(uint256(nonce)), id);
            root = Sparse.insert(root, place, hash, op);
        }
        bool same = post.coins == pre.coins && post.messages == root;
        if (same && post.held == pre.held && post.out == pre.out) revert NoFraud();
        convict(blk.batch, "wrong message step");
    }

    /// @notice A transaction made something else of the coins, the messages or the chain's ether than
    /// its bytes say.
    /// @param pre, post the moments before and behind it
    /// @param ops see Steps.isRight
    function wrongStep(
        BlockProof calldata blk,
        BlockProof calldata before,
        TxProof calldata transaction,
        Steps.Step calldata pre,
        Steps.Step calldata post,
        Sparse.TreeOp[] calldata ops
    ) external {
        checkTx(blk, transaction);
        checkMoments(blk, before, transaction.index, pre, post);
        Steps.Place memory spot =
            Steps.Place(CHAIN_ID, blk.header.height, transaction.index, BASE_ASSET);
        bool isRight = Steps.isRight(transaction.raw, spot, pre, post, ops);
        if (isRight) revert NoFraud();
        convict(blk.batch, "wrong step");
    }

    /// @dev The steps before and behind transaction number `index`.
    function checkMoments(
        BlockProof calldata blk,
        BlockProof calldata before,
        uint256 index,
        Steps.Step calldata pre,
        Steps.Step calldata post
    ) private view {
        uint256 taken = blk.inboxCount - countBefore(blk, before);
        checkStep(blk, taken, taken + index, pre);
        checkStep(blk, taken, taken + index + 1, post);
    }

    /// @notice An input consumes a coin or a message that is not there, or is another.
    /// @param pre the moment before the transaction
    /// @param absence what stands at its place
    function absentInput(
        BlockProof calldata blk,
        BlockProof calldata before,
        TxProof calldata transaction,
        Steps.Step calldata pre,
        uint256 input,
        Sparse.TreeOp calldata absence
    ) external {
        checkTx(blk, transaction);
        uint256 taken = blk.inboxCount - countBefore(blk, before);
        checkStep(blk, taken, taken + transaction.index, pre);
        bool isAbsent =
            TxJudge.isAbsent(transaction.raw, input, pre.coins, pre.messages, absence);
        if (!isAbsent) revert NoFraud();
        convict(blk.batch, "absent input");
    }

    /// @notice A forced transfer that could run was taken in and not run: its coins were there before
    /// the transactions of the block, and are still there behind them.
    /// @param start the moment before the first transaction
    /// @param last the moment behind the last one
    /// @param coins one per input
    function skippedForced(
        BlockProof calldata blk,
        BlockProof calldata before,
        uint64 nonce,
        uint64 maxGas,
        bytes calldata raw,
        Steps.Step calldata start,
        Steps.Step calldata last,
        Forced.UnspentCoin[] calldata coins
    ) external {
        checkBlock(blk);
        checkForced(blk, countBefore(blk, before), nonce, maxGas, raw);
        uint256 taken = blk.inboxCount - countBefore(blk, before);
        checkStep(blk, taken, taken, start);
        checkStep(blk, taken, taken + blk.header.transactionsCount, last);
        Forced.Chain memory chain = Forced.Chain(CHAIN_ID, BASE_ASSET);
        bool isSkipped = Forced.isSkipped(raw, chain, coins, start.coins, last.coins);
        if (maxGas < TRANSFER_GAS || !isSkipped) revert NoFraud();
        convict(blk.batch, "skipped forced transaction");
    }

    /// @dev The block took in this forced transaction.
    function checkForced(
        BlockProof calldata blk,
        uint64 from,
        uint64 nonce,
        uint64 maxGas,
        bytes calldata raw
    ) private view {
        if (nonce < from || nonce >= blk.inboxCount) revert WrongKind();
        if (INBOX.entry(nonce).isMessage) revert WrongKind();
        bytes32 id = sha256(abi.encodePacked(uint256(nonce), maxGas, raw));
        if (!INBOX.holds(nonce, id)) revert WrongKind();
    }
}
