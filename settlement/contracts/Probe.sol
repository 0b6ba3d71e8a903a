// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Forced} from "./Forced.sol";
import {FuelTx} from "./FuelTx.sol";
import {Merkle} from "./Merkle.sol";
import {Sparse} from "./Sparse.sol";
import {Steps} from "./Steps.sol";
import {TxJudge} from "./TxJudge.sol";

/// @title The decoder and the trees by themselves, for comparing them with others. Never part of a settlement.
contract Probe {
    /// @notice Whether each transaction is canonical, and its id when it is one and no mint.
    function read(bytes[] calldata raws, uint64 chainId)
        external
        pure
        returns (bool[] memory canonical, bytes32[] memory ids)
    {
        canonical = new bool[](raws.length);
        ids = new bytes32[](raws.length);
        for (uint256 i = 0; i < raws.length; i++) {
            FuelTx.Shape memory shape = FuelTx.shapeOf(raws[i]);
            canonical[i] = shape.canonical;
            bool hasId = shape.canonical && shape.kind != FuelTx.MINT;
            if (hasId) ids[i] = FuelTx.idOf(raws[i], shape, chainId);
        }
    }

    /// @notice Root over ids, and whether a path leads to a root.
    function rootOf(bytes32[] calldata leaves) external view returns (bytes32) {
        return Merkle.rootOf(leaves);
    }

    /// @notice See Merkle.includes.
    function includes(bytes32 root, bytes calldata data, uint256 index, uint256 count, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return Merkle.includes(root, Merkle.leaf(data), index, count, proof);
    }

    /// @notice Roots after a change of a sparse tree, and absence from it: see Sparse.
    function insert(bytes32 root, bytes32 place, bytes32 hash, Sparse.TreeOp calldata op)
        external
        view
        returns (bytes32)
    {
        return Sparse.insert(root, place, hash, op);
    }

    function remove(bytes32 root, bytes32 place, bytes32 hash, Sparse.TreeOp calldata op)
        external
        view
        returns (bytes32)
    {
        return Sparse.remove(root, place, hash, op);
    }

    function isAbsent(bytes32 root, bytes32 place, bytes32 hash, Sparse.TreeOp calldata op)
        external
        view
        returns (bool)
    {
        return Sparse.isAbsent(root, place, hash, op);
    }

    /// @notice What the settlement asks its libraries: see there.
    function isRight(
        bytes calldata raw,
        Steps.Place memory spot,
        Steps.Step calldata pre,
        Steps.Step calldata post,
        Sparse.TreeOp[] calldata ops
    ) external view returns (bool) {
        return Steps.isRight(raw, spot, pre, post, ops);
    }

    function isSkipped(
        bytes calldata raw,
        Forced.Chain memory chain,
        Forced.UnspentCoin[] calldata coins,
        bytes32 rootBefore,
        bytes32 rootBehind
    ) external view returns (bool) {
        return Forced.isSkipped(raw, chain, coins, rootBefore, rootBehind);
    }

    function sums(bytes calldata raw, bytes32 asset, bytes32 baseAsset)
        external
        pure
        returns (uint256, uint256, bool, uint256)
    {
        return TxJudge.sums(raw, asset, baseAsset);
    }

    function spent(bytes calldata raw, uint256 input) external pure returns (bytes32) {
        return TxJudge.spent(raw, input);
    }

    function pointerOf(bytes calldata raw, uint256 input) external pure returns (uint256, uint256) {
        return TxJudge.pointerOf(raw, input);
    }

    function isCreated(bytes calldata raw, uint256 input, bytes calldata creator, uint64 chainId)
        external
        pure
        returns (bool)
    {
        return TxJudge.isCreated(raw, input, creator, chainId);
    }

    function isSigned(bytes calldata raw, uint256 input, bytes32[2] calldata key, uint64 chainId)
        external
        pure
        returns (bool)
    {
        return TxJudge.isSigned(raw, input, key, chainId);
    }

    /// @notice Many calls, each of which is expected to be refused: the first words of what they answer;
    /// zero for one that was not refused.
    function refusals(address to, bytes[] calldata calls) external returns (bytes4[] memory errors) {
        errors = new bytes4[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory answer) = to.call(calls[i]);
            if (!ok) errors[i] = bytes4(answer);
        }
    }

    /// @notice Passes a call on: a proposer that takes no ether.
    function forward(address to, bytes calldata call) external payable {
        (bool ok,) = to.call{value: msg.value}(call);
        require(ok, "refused");
    }
}
