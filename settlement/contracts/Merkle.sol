// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Binary Merkle trees of Fuel: sha256 in the shape of RFC 6962.
/// @notice A leaf is hashed behind a zero byte, a node behind a one byte. The root of no leaves is
/// the hash of no bytes.
library Merkle {
    /// @notice Hash of a leaf's data.
    function leaf(bytes memory data) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", data));
    }

    /// @notice Hash of two subtrees.
    function node(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let pos := mload(0x40)
            mstore8(pos, 1)
            mstore(add(pos, 1), left)
            mstore(add(pos, 33), right)
            if iszero(staticcall(gas(), 2, pos, 65, 0, 32)) { revert(0, 0) }
            hash := mload(0)
        }
    }

    /// @notice Whether `leafHash` is number `index` of `count` leaves under `root`.
    function includes(
        bytes32 root,
        bytes32 leafHash,
        uint256 index,
        uint256 count,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        if (index >= count) return false;
        uint256 last = count - 1;
        bytes32 hash = leafHash;
        uint256 used = 0;
        // The last node of an odd level moves up without a sibling.
        for (; last > 0; (index, last) = (index >> 1, last >> 1)) {
            bool isRight = index & 1 == 1;
            if (!isRight && index == last) continue;
            if (used == proof.length) return false;
            bytes32 sibling = proof[used++];
            hash = isRight ? node(sibling, hash) : node(hash, sibling);
        }
        return used == proof.length && hash == root;
    }

    /// @notice Root over 32-byte leaves.
    function rootOf(bytes32[] calldata leaves) internal view returns (bytes32) {
        uint256 count = leaves.length;
        if (count == 0) return sha256("");
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) level[i] = leaf(abi.encodePacked(leaves[i]));
        while (count > 1) {
            uint256 above = 0;
            for (uint256 i = 0; i < count; i += 2) {
                level[above++] = i + 1 < count ? node(level[i], level[i + 1]) : level[i];
            }
            count = above;
        }
        return level[0];
    }
}
