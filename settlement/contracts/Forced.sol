// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FuelTx} from "./FuelTx.sol";
import {Sparse} from "./Sparse.sol";
import {Steps} from "./Steps.sol";

/// @title Forced transfers that could have run.
library Forced {
    /// @notice What the chain's transactions depend on.
    struct Chain {
        uint64 id;
        bytes32 baseAsset;
    }

    /// @notice A coin that a forced transaction should have spent.
    struct UnspentCoin {
        /// Where it was made.
        uint32 height;
        uint16 index;
        /// What the signature recovers to.
        bytes32[2] key;
        /// Its paths before the transactions of the block, and behind them.
        bytes32[] siblingsBefore;
        bytes32[] siblingsBehind;
    }

    /// @notice Inputs, outputs and witnesses of a forced transfer that can be judged.
    uint256 internal constant PARTS_MAX = 8;
    /// @notice Its bytes.
    uint256 internal constant BYTES_MAX = 4_096;

    /// @notice The coins of a transfer that could run are there at both moments: it has not run.
    /// @param coins one per input
    function isSkipped(
        bytes calldata raw,
        Chain memory chain,
        UnspentCoin[] calldata coins,
        bytes32 rootBefore,
        bytes32 rootBehind
    ) external view returns (bool) {
        FuelTx.Shape memory shape = FuelTx.canonical(raw);
        if (!isTransfer(raw, shape, chain) || coins.length != shape.inputCount) return false;
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < shape.inputCount; i++) {
            UnspentCoin calldata coin = coins[i];
            bytes32 owner = FuelTx.b256(raw, pos + 48);
            uint256 witness = FuelTx.word(raw, pos + 136);
            if (!FuelTx.isSignedBy(raw, shape, witness, owner, coin.key, chain.id)) return false;
            if (!isThere(raw, chain, pos, coin, rootBefore, coin.siblingsBefore)) return false;
            if (!isThere(raw, chain, pos, coin, rootBehind, coin.siblingsBehind)) return false;
            pos = FuelTx.behindInput(raw, pos);
        }
        return true;
    }

    /// @dev The coin that the input at `pos` names is there.
    function isThere(
        bytes calldata raw,
        Chain memory chain,
        uint256 pos,
        UnspentCoin calldata coin,
        bytes32 root,
        bytes32[] calldata siblings
    ) private view returns (bool) {
        bytes32 owner = FuelTx.b256(raw, pos + 48);
        uint64 amount = uint64(FuelTx.word(raw, pos + 80));
        bytes32 hash = Steps.coinHash(owner, amount, chain.baseAsset, coin.height, coin.index);
        return Sparse.includes(root, idAt(raw, pos), hash, siblings);
    }

    function idAt(bytes calldata raw, uint256 pos) private pure returns (bytes32) {
        return Steps.coinPlace(FuelTx.b256(raw, pos + 8), uint16(FuelTx.word(raw, pos + 40)));
    }

    /// @dev A transaction of which nothing but its coins decides whether it can run: no code, no
    /// limits, signed coins of the base asset to coins and one change of it. Narrower than the
    /// chain's own rules on purpose.
    function isTransfer(bytes calldata raw, FuelTx.Shape memory shape, Chain memory chain)
        private
        pure
        returns (bool)
    {
        if (shape.kind != FuelTx.SCRIPT || raw.length > BYTES_MAX) return false;
        // Gas for a script, its length, that of its data.
        if (FuelTx.word(raw, 8) + FuelTx.word(raw, 48) + FuelTx.word(raw, 56) > 0) return false;
        // Of the policies only the highest fee.
        if (FuelTx.word(raw, shape.countsAt) != 8) return false;
        if (shape.inputCount > PARTS_MAX || shape.outputCount > PARTS_MAX) return false;
        if (shape.witnessCount > PARTS_MAX) return false;
        (bool isFed, uint256 taken) = takenIn(raw, shape, chain);
        (bool isPaid, uint256 paid) = paidOut(raw, shape, chain);
        uint256 needed = paid + FuelTx.maxFeeOf(raw, shape);
        return isFed && isPaid && taken >= needed && taken <= type(uint64).max;
    }

    /// @dev At least one coin, different ones, of the base asset, without predicates; their sum.
    function takenIn(bytes calldata raw, FuelTx.Shape memory shape, Chain memory chain)
        private
        pure
        returns (bool, uint256 sum)
    {
        bytes32[] memory ids = new bytes32[](shape.inputCount);
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < ids.length; i++) {
            if (FuelTx.word(raw, pos) != FuelTx.INPUT_COIN) return (false, 0);
            if (FuelTx.word(raw, pos + 152) > 0) return (false, 0);
            if (FuelTx.b256(raw, pos + 88) != chain.baseAsset) return (false, 0);
            ids[i] = idAt(raw, pos);
            for (uint256 j = 0; j < i; j++) if (ids[j] == ids[i]) return (false, 0);
            sum += FuelTx.word(raw, pos + 80);
            pos = FuelTx.behindInput(raw, pos);
        }
        return (ids.length > 0, sum);
    }

    /// @dev Coins of the base asset and at most one change of it; the sum of the coins.
    function paidOut(bytes calldata raw, FuelTx.Shape memory shape, Chain memory chain)
        private
        pure
        returns (bool, uint256 sum)
    {
        uint256 changes = 0;
        uint256 pos = shape.outputsAt;
        for (uint256 i = 0; i < shape.outputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            if (kind != FuelTx.OUTPUT_COIN && kind != FuelTx.OUTPUT_CHANGE) return (false, 0);
            if (FuelTx.b256(raw, pos + 48) != chain.baseAsset) return (false, 0);
            if (kind == FuelTx.OUTPUT_CHANGE) changes++;
            else sum += FuelTx.word(raw, pos + 40);
            pos = FuelTx.behindOutput(raw, pos);
        }
        return (changes < 2, sum);
    }
}
