// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FuelTx} from "./FuelTx.sol";
import {Merkle} from "./Merkle.sol";

/// @title The decoder by itself, for comparing it with others. Never part of a settlement.
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
}
