// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Merkle} from "./Merkle.sol";

/// @title Sparse Merkle trees of Fuel: 2^256 places, nearly all empty.
/// @notice An empty subtree hashes to zero, a subtree with one leaf to that leaf wherever it stands,
/// any other to its two halves. The functions compute roots after a change from the root before and
/// the siblings of one place: no tree is kept here.
library Sparse {
    /// @notice The lowest sibling of the leaf that is taken out is the leaf with place `a`, hash `b`.
    uint8 internal constant BESIDE_LEAF = 0;
    /// @notice That sibling is the node over `a` and `b`.
    uint8 internal constant BESIDE_NODE = 1;
    /// @notice Nothing stands at the place.
    uint8 internal constant EMPTY = 2;
    /// @notice The leaf with place `a` and value hash `b` stands where the place would be.
    uint8 internal constant LEAF = 3;

    /// @notice What has to be known of a tree to change one place in it.
    struct TreeOp {
        /// From the place up to the root.
        bytes32[] siblings;
        bytes32 a;
        bytes32 b;
        uint8 kind;
    }

    error WrongTreeOp();

    /// @notice Hash of a leaf.
    function leaf(bytes32 place, bytes32 valueHash) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), place, valueHash));
    }

    /// @notice Root, when `hash` stands on the way of `place`, above `level` of the siblings.
    function fold(bytes32 hash, bytes32 place, bytes32[] calldata siblings, uint256 level)
        internal
        view
        returns (bytes32)
    {
        uint256 count = siblings.length;
        if (count > 256) revert WrongTreeOp();
        for (uint256 i = level; i < count; i++) {
            hash = join(hash, siblings[i], isRight(place, count - 1 - i));
        }
        return hash;
    }

    /// @dev Whether the way to a place turns right at a depth.
    function isRight(bytes32 place, uint256 depth) private pure returns (bool) {
        return uint256(place) >> (255 - depth) & 1 == 1;
    }

    function join(bytes32 hash, bytes32 sibling, bool right) private view returns (bytes32) {
        return right ? Merkle.node(sibling, hash) : Merkle.node(hash, sibling);
    }

    /// @notice The leaf is in the tree.
    function includes(
        bytes32 root,
        bytes32 place,
        bytes32 valueHash,
        bytes32[] calldata siblings
    ) internal view returns (bool) {
        return fold(leaf(place, valueHash), place, siblings, 0) == root;
    }

    /// @notice Something else, or nothing, stands where the leaf would be.
    function isAbsent(bytes32 root, bytes32 place, bytes32 valueHash, TreeOp calldata op)
        internal
        view
        returns (bool)
    {
        if (op.kind != EMPTY && op.kind != LEAF) return false;
        if (op.kind == LEAF && op.a == place && op.b == valueHash) return false;
        return fold(terminal(op), place, op.siblings, 0) == root;
    }

    function terminal(TreeOp calldata op) private pure returns (bytes32) {
        return op.kind == EMPTY ? bytes32(0) : leaf(op.a, op.b);
    }

    /// @notice Root after a leaf was put in at a free place.
    function insert(bytes32 root, bytes32 place, bytes32 valueHash, TreeOp calldata op)
        internal
        view
        returns (bytes32)
    {
        if (op.kind != EMPTY && op.kind != LEAF) revert WrongTreeOp();
        if (op.kind == LEAF && op.a == place) revert WrongTreeOp();
        if (fold(terminal(op), place, op.siblings, 0) != root) revert WrongTreeOp();
        bytes32 hash = leaf(place, valueHash);
        if (op.kind == LEAF) {
            uint256 depth = 0;
            while (isRight(place, depth) == isRight(op.a, depth)) depth++;
            hash = join(hash, leaf(op.a, op.b), isRight(place, depth));
            // Both have the same way from there up to where the other leaf stood.
            for (; depth > op.siblings.length; depth--) {
                hash = join(hash, 0, isRight(place, depth - 1));
            }
        }
        return fold(hash, place, op.siblings, 0);
    }

    /// @notice Root after a leaf was taken out.
    function remove(bytes32 root, bytes32 place, bytes32 valueHash, TreeOp calldata op)
        internal
        view
        returns (bytes32)
    {
        bytes32[] calldata siblings = op.siblings;
        if (fold(leaf(place, valueHash), place, siblings, 0) != root) revert WrongTreeOp();
        if (siblings.length == 0) return 0;
        bytes32 beside = siblings[0];
        if (op.kind == BESIDE_NODE && Merkle.node(op.a, op.b) == beside) {
            return fold(0, place, siblings, 0);
        }
        if (op.kind != BESIDE_LEAF || leaf(op.a, op.b) != beside) revert WrongTreeOp();
        // A leaf left alone stands for the whole subtree: it moves up.
        uint256 level = 1;
        while (level < siblings.length && siblings[level] == 0) level++;
        return fold(beside, place, siblings, level);
    }
}
