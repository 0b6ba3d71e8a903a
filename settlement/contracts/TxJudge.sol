// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FuelTx} from "./FuelTx.sol";
import {Sparse} from "./Sparse.sol";
import {Steps} from "./Steps.sol";

/// @title Questions about the bytes of single transactions.
/// @notice Deployed by itself, because one contract may not be as large as all of it. It has no state
/// and no rights: the settlement asks, and decides.
library TxJudge {
    error WrongKind();

    /// @notice Whether the bytes are what an encoder writes.
    function isCanonical(bytes calldata raw) external pure returns (bool) {
        return FuelTx.shapeOf(raw).canonical;
    }

    /// @notice Whether it is a mint, and one that names this place.
    function mintAt(bytes calldata raw, uint256 height, uint256 index)
        external
        pure
        returns (bool isMint, bool isHere)
    {
        isMint = FuelTx.canonical(raw).kind == FuelTx.MINT;
        isHere = isMint && FuelTx.word(raw, 8) == height && FuelTx.word(raw, 16) == index;
    }

    /// @notice What an input consumes for good. A message with data comes back when its script fails,
    /// and a contract goes on: both may rightly be named again.
    function spent(bytes calldata raw, uint256 input) external pure returns (bytes32) {
        uint256 pos = FuelTx.inputAt(raw, FuelTx.canonical(raw), input);
        uint256 kind = FuelTx.word(raw, pos);
        if (kind == FuelTx.INPUT_COIN) {
            return keccak256(abi.encode(kind, FuelTx.b256(raw, pos + 8), FuelTx.word(raw, pos + 40)));
        }
        bool isPlain = kind == FuelTx.INPUT_MESSAGE && FuelTx.word(raw, pos + 128) == 0;
        if (!isPlain) revert WrongKind();
        return keccak256(abi.encode(kind, FuelTx.b256(raw, pos + 80)));
    }

    /// @dev Start of a coin input.
    function coinAt(bytes calldata raw, uint256 input) private pure returns (uint256 pos) {
        pos = FuelTx.inputAt(raw, FuelTx.canonical(raw), input);
        if (FuelTx.word(raw, pos) != FuelTx.INPUT_COIN) revert WrongKind();
    }

    /// @notice Where a coin input says that its coin was made.
    function pointerOf(bytes calldata raw, uint256 input)
        external
        pure
        returns (uint256 height, uint256 index)
    {
        uint256 pos = coinAt(raw, input);
        return (FuelTx.word(raw, pos + 120), FuelTx.word(raw, pos + 128));
    }

    /// @notice Whether a coin input is an output of `creator`, one that makes a coin.
    function isCreated(bytes calldata raw, uint256 input, bytes calldata creator, uint64 chainId)
        external
        pure
        returns (bool)
    {
        uint256 pos = coinAt(raw, input);
        FuelTx.Shape memory shape = FuelTx.canonical(creator);
        uint256 output = FuelTx.word(raw, pos + 40);
        if (shape.kind == FuelTx.MINT || output >= shape.outputCount) return false;
        if (FuelTx.idOf(creator, shape, chainId) != FuelTx.b256(raw, pos + 8)) return false;
        uint256 from = FuelTx.outputAt(creator, shape, output);
        if (!FuelTx.makesCoin(creator, from)) return false;
        return FuelTx.b256(creator, from + 8) == FuelTx.b256(raw, pos + 48)
            && FuelTx.word(creator, from + 40) == FuelTx.word(raw, pos + 80)
            && FuelTx.b256(creator, from + 48) == FuelTx.b256(raw, pos + 88);
    }

    /// @notice Whether the owner of an input that needs a signature has made the one that it names.
    /// @param key the public key that the signature recovers to; ignored when there is none
    function isSigned(bytes calldata raw, uint256 input, bytes32[2] calldata key, uint64 chainId)
        external
        pure
        returns (bool)
    {
        FuelTx.Shape memory shape = FuelTx.canonical(raw);
        uint256 pos = FuelTx.inputAt(raw, shape, input);
        uint256 kind = FuelTx.word(raw, pos);
        bool isCoin = kind == FuelTx.INPUT_COIN;
        if (!isCoin && kind != FuelTx.INPUT_MESSAGE) revert WrongKind();
        if (FuelTx.word(raw, pos + (isCoin ? 152 : 136)) != 0) revert WrongKind();
        bytes32 owner = FuelTx.b256(raw, pos + (isCoin ? 48 : 40));
        uint256 witness = FuelTx.word(raw, pos + (isCoin ? 136 : 112));
        return FuelTx.isSignedBy(raw, shape, witness, owner, key, chainId);
    }

    /// @notice What a transaction takes in and pays of an asset.
    /// @dev Reverts for a mint, and for one with contracts.
    /// @return taken by inputs
    /// @return paid by outputs
    /// @return isFixed nothing but the fee may be kept of it: no code runs, there is change of the
    /// asset, and no message that may come back
    /// @return maxFee the highest fee that is allowed
    function sums(bytes calldata raw, bytes32 asset, bytes32 baseAsset)
        external
        pure
        returns (uint256 taken, uint256 paid, bool isFixed, uint256 maxFee)
    {
        FuelTx.Shape memory shape = FuelTx.canonical(raw);
        if (shape.kind == FuelTx.MINT) revert WrongKind();
        bool comesBack;
        (taken, comesBack) = takenIn(raw, shape, asset, baseAsset);
        bool hasChange;
        (paid, hasChange) = paidOut(raw, shape, asset);
        bool hasCode = shape.kind == FuelTx.SCRIPT && FuelTx.word(raw, 48) > 0;
        isFixed = hasChange && !hasCode && !comesBack;
        maxFee = asset == baseAsset ? FuelTx.maxFeeOf(raw, shape) : 0;
    }

    function takenIn(
        bytes calldata raw,
        FuelTx.Shape memory shape,
        bytes32 asset,
        bytes32 baseAsset
    ) private pure returns (uint256 sum, bool comesBack) {
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < shape.inputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            if (kind == FuelTx.INPUT_CONTRACT) revert WrongKind();
            bool isCoin = kind == FuelTx.INPUT_COIN;
            if (!isCoin && FuelTx.word(raw, pos + 128) > 0) comesBack = true;
            // Messages carry the base asset.
            bytes32 carried = isCoin ? FuelTx.b256(raw, pos + 88) : baseAsset;
            if (carried == asset) sum += FuelTx.word(raw, pos + (isCoin ? 80 : 72));
            pos = FuelTx.behindInput(raw, pos);
        }
    }

    function paidOut(bytes calldata raw, FuelTx.Shape memory shape, bytes32 asset)
        private
        pure
        returns (uint256 sum, bool hasChange)
    {
        uint256 pos = shape.outputsAt;
        for (uint256 i = 0; i < shape.outputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            bool isCoin = kind != FuelTx.OUTPUT_CONTRACT && kind != FuelTx.OUTPUT_CREATED;
            if (isCoin && FuelTx.b256(raw, pos + 48) == asset) {
                sum += FuelTx.word(raw, pos + 40);
                if (kind == FuelTx.OUTPUT_CHANGE) hasChange = true;
            }
            pos = FuelTx.behindOutput(raw, pos);
        }
    }

    /// @notice Whether an input consumes a coin or a message that is not there, or is another.
    /// @param absence what stands at its place
    function isAbsent(
        bytes calldata raw,
        uint256 input,
        bytes32 coins,
        bytes32 messages,
        Sparse.TreeOp calldata absence
    ) external view returns (bool) {
        uint256 pos = FuelTx.inputAt(raw, FuelTx.canonical(raw), input);
        uint256 kind = FuelTx.word(raw, pos);
        if (kind == FuelTx.INPUT_CONTRACT) revert WrongKind();
        bool isCoin = kind == FuelTx.INPUT_COIN;
        (bytes32 place, bytes32 hash) = isCoin ? Steps.coinAt(raw, pos) : Steps.messageAt(raw, pos);
        return Sparse.isAbsent(isCoin ? coins : messages, place, hash, absence);
    }
}
