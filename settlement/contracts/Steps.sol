// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FuelTx} from "./FuelTx.sol";
import {Merkle} from "./Merkle.sol";
import {Sparse} from "./Sparse.sol";

/// @title What a transaction does to coins and messages.
/// @notice These are trees of their own, because what happens to them is in the committed bytes of a
/// transaction, whatever its script has done inside contracts: no machine is needed to judge it.
/// What contracts hold of the base asset is one number, carried along: nothing of it comes from
/// nowhere.
library Steps {
    /// @notice A state behind a block. Its root is their hash.
    struct Parts {
        /// Unspent coins by id.
        bytes32 coins;
        /// Unspent messages by nonce.
        bytes32 messages;
        /// Everything else.
        bytes32 rest;
        /// Units of the base asset inside contracts, or lost.
        uint128 held;
        /// Units in messages that the block has sent out.
        uint128 out;
    }

    /// @notice A moment inside a block: a leaf under the step root, and its path.
    struct Step {
        bytes32 coins;
        bytes32 messages;
        uint128 held;
        uint128 out;
        bytes32[] proof;
    }

    /// @notice A transaction and where it stands.
    struct Place {
        uint64 chainId;
        uint32 height;
        uint16 index;
        bytes32 baseAsset;
    }

    /// @notice How far a transaction's changes are applied.
    struct Work {
        bytes32 coins;
        bytes32 messages;
        /// Units of the base asset that came in, and that were paid.
        uint256 taken;
        uint256 paid;
        /// The same without messages with data: a script that fails does not consume them.
        bytes32 keptMessages;
        uint256 keptTaken;
        /// Operations that were used.
        uint256 ops;
    }

    error WrongCount();

    /// @notice Root of a state.
    function rootOf(Parts calldata parts) internal pure returns (bytes32) {
        return sha256(
            abi.encodePacked(parts.coins, parts.messages, parts.rest, parts.held, parts.out)
        );
    }

    /// @notice Leaf of a moment.
    function leafOf(Step calldata step) internal pure returns (bytes32) {
        return Merkle.leaf(abi.encodePacked(step.coins, step.messages, step.held, step.out));
    }

    /// @notice Where a coin stands.
    function coinPlace(bytes32 txId, uint16 output) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(txId, output));
    }

    /// @notice Hash of what stands there.
    function coinHash(bytes32 owner, uint64 amount, bytes32 asset, uint32 height, uint16 index)
        internal
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(owner, amount, asset, height, index));
    }

    /// @notice Where a message stands, and the hash of what stands there.
    function messageLeaf(bytes32 nonce, bytes32 id) internal pure returns (bytes32, bytes32) {
        return (sha256(abi.encodePacked(nonce)), sha256(abi.encodePacked(id)));
    }

    /// @notice Place and hash of the coin that the input at `pos` names.
    function coinAt(bytes calldata raw, uint256 pos) internal pure returns (bytes32, bytes32) {
        bytes32 place = coinPlace(FuelTx.b256(raw, pos + 8), uint16(FuelTx.word(raw, pos + 40)));
        bytes32 hash = coinHash(
            FuelTx.b256(raw, pos + 48),
            uint64(FuelTx.word(raw, pos + 80)),
            FuelTx.b256(raw, pos + 88),
            uint32(FuelTx.word(raw, pos + 120)),
            uint16(FuelTx.word(raw, pos + 128))
        );
        return (place, hash);
    }

    /// @notice Place and hash of the message that the input at `pos` names.
    function messageAt(bytes calldata raw, uint256 pos) internal pure returns (bytes32, bytes32) {
        return messageLeaf(FuelTx.b256(raw, pos + 80), FuelTx.messageIdAt(raw, pos));
    }

    /// @notice Whether `post` is what the transaction makes of `pre`.
    /// @dev Reverts when the operations are not its own: then nothing is said about the step.
    /// @param ops coins and plain messages that are consumed, coins that are made, messages with data
    function isRight(
        bytes calldata raw,
        Place memory spot,
        Step calldata pre,
        Step calldata post,
        Sparse.TreeOp[] calldata ops
    ) external view returns (bool) {
        FuelTx.Shape memory shape = FuelTx.canonical(raw);
        Work memory work;
        (work.coins, work.messages) = (pre.coins, pre.messages);
        work.keptMessages = pre.messages;
        if (shape.kind != FuelTx.MINT) {
            consume(raw, shape, spot, work, ops, false);
            produce(raw, shape, spot, work, ops);
            (work.keptMessages, work.keptTaken) = (work.messages, work.taken);
            consume(raw, shape, spot, work, ops, true);
        }
        if (work.ops != ops.length) revert WrongCount();
        if (adds(work, pre, post, work.messages, work.taken)) return true;
        // Only a script can fail and keep its messages with data.
        return shape.kind == FuelTx.SCRIPT && adds(work, pre, post, work.keptMessages, work.keptTaken);
    }

    /// @dev The roots are the right ones, and what is not paid to coins is held or sent out.
    function adds(
        Work memory work,
        Step calldata pre,
        Step calldata post,
        bytes32 messages,
        uint256 taken
    ) private pure returns (bool) {
        uint256 before = uint256(pre.held) + pre.out + taken;
        uint256 behind = uint256(post.held) + post.out + work.paid;
        bool same = post.coins == work.coins && post.messages == messages;
        return same && before == behind && post.out >= pre.out;
    }

    /// @dev What inputs consume: coins and plain messages, or messages with data.
    function consume(
        bytes calldata raw,
        FuelTx.Shape memory shape,
        Place memory spot,
        Work memory work,
        Sparse.TreeOp[] calldata ops,
        bool withData
    ) private view {
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < shape.inputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            if (kind == FuelTx.INPUT_COIN && !withData) {
                (bytes32 place, bytes32 hash) = coinAt(raw, pos);
                work.coins = Sparse.remove(work.coins, place, hash, ops[work.ops++]);
                if (FuelTx.b256(raw, pos + 88) == spot.baseAsset) {
                    work.taken += FuelTx.word(raw, pos + 80);
                }
            }
            if (kind == FuelTx.INPUT_MESSAGE && FuelTx.word(raw, pos + 128) > 0 == withData) {
                (bytes32 place, bytes32 hash) = messageAt(raw, pos);
                work.messages = Sparse.remove(work.messages, place, hash, ops[work.ops++]);
                work.taken += FuelTx.word(raw, pos + 72);
            }
            pos = FuelTx.behindInput(raw, pos);
        }
    }

    /// @dev Coins that outputs make: those without an amount do not come to be.
    function produce(
        bytes calldata raw,
        FuelTx.Shape memory shape,
        Place memory spot,
        Work memory work,
        Sparse.TreeOp[] calldata ops
    ) private view {
        bytes32 id = FuelTx.idOf(raw, shape, spot.chainId);
        uint256 pos = shape.outputsAt;
        for (uint256 i = 0; i < shape.outputCount; i++) {
            if (FuelTx.makesCoin(raw, pos)) {
                uint256 amount = FuelTx.word(raw, pos + 40);
                bytes32 asset = FuelTx.b256(raw, pos + 48);
                bytes32 owner = FuelTx.b256(raw, pos + 8);
                bytes32 hash = coinHash(owner, uint64(amount), asset, spot.height, spot.index);
                bytes32 place = coinPlace(id, uint16(i));
                work.coins = Sparse.insert(work.coins, place, hash, ops[work.ops++]);
                if (asset == spot.baseAsset) work.paid += amount;
            }
            pos = FuelTx.behindOutput(raw, pos);
        }
    }
}
