// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Canonical transactions of Fuel, read from calldata.
/// @notice `shapeOf` walks the whole encoding. What it calls canonical is what an encoder writes: one
/// byte string per transaction, nothing before, nothing after, unused fields and padding zero.
library FuelTx {
    uint256 internal constant SCRIPT = 0;
    uint256 internal constant CREATE = 1;
    uint256 internal constant MINT = 2;
    uint256 internal constant UPGRADE = 3;
    uint256 internal constant UPLOAD = 4;
    uint256 internal constant BLOB = 5;

    uint256 internal constant INPUT_COIN = 0;
    uint256 internal constant INPUT_CONTRACT = 1;
    uint256 internal constant INPUT_MESSAGE = 2;
    uint256 internal constant OUTPUT_COIN = 0;
    uint256 internal constant OUTPUT_CONTRACT = 1;
    uint256 internal constant OUTPUT_CHANGE = 2;
    uint256 internal constant OUTPUT_VARIABLE = 3;
    uint256 internal constant OUTPUT_CREATED = 4;

    uint256 internal constant COIN_BYTES = 168;
    uint256 internal constant CONTRACT_BYTES = 160;
    uint256 internal constant MESSAGE_BYTES = 152;
    uint256 internal constant MINT_BYTES = 296;

    /// @dev A word that is not there: no 64-bit number.
    uint256 private constant NO_WORD = 1 << 64;
    /// @dev A position beyond any end; far from overflowing.
    uint256 private constant NOWHERE = 1 << 128;

    error NotCanonical();
    error WrongKey();

    /// @notice Where the parts lie. Offsets in bytes from the start of the transaction.
    struct Shape {
        bool canonical;
        uint256 kind;
        /// Policy bits, and the counts of inputs, outputs and witnesses: four words.
        uint256 countsAt;
        uint256 inputsAt;
        uint256 inputCount;
        uint256 outputsAt;
        uint256 outputCount;
        uint256 witnessesAt;
        uint256 witnessCount;
    }

    /// @notice The 64-bit number at `pos`, or 2^64 when the bytes end before.
    function word(bytes calldata raw, uint256 pos) internal pure returns (uint256 value) {
        if (pos + 8 > raw.length) return NO_WORD;
        assembly ("memory-safe") {
            value := shr(192, calldataload(add(raw.offset, pos)))
        }
    }

    /// @notice The 32 bytes at `pos`. The caller knows that they are there.
    function b256(bytes calldata raw, uint256 pos) internal pure returns (bytes32 value) {
        require(pos + 32 <= raw.length, "out of range");
        assembly ("memory-safe") {
            value := calldataload(add(raw.offset, pos))
        }
    }

    /// @dev Behind `size` bytes and their padding, or NOWHERE.
    function padded(bytes calldata raw, uint256 pos, uint256 size) private pure returns (uint256) {
        if (size == 0) return pos > raw.length ? NOWHERE : pos;
        if (size > raw.length) return NOWHERE;
        uint256 end = pos + ((size + 7) & ~uint256(7));
        if (end > raw.length) return NOWHERE;
        uint256 rest = size & 7;
        if (rest != 0 && word(raw, end - 8) & ((1 << (64 - 8 * rest)) - 1) != 0) return NOWHERE;
        return end;
    }

    function isU16(uint256 value) private pure returns (bool) {
        return value <= type(uint16).max;
    }

    function isU32(uint256 value) private pure returns (bool) {
        return value <= type(uint32).max;
    }

    /// @notice Walks the transaction.
    function shapeOf(bytes calldata raw) internal pure returns (Shape memory shape) {
        shape.kind = word(raw, 0);
        if (shape.kind == MINT) {
            shape.canonical = isMint(raw);
            return shape;
        }
        shape.countsAt = countsAt(raw, shape.kind);
        if (shape.countsAt == NOWHERE) return shape;
        uint256 bits = word(raw, shape.countsAt);
        shape.inputCount = word(raw, shape.countsAt + 8);
        shape.outputCount = word(raw, shape.countsAt + 16);
        shape.witnessCount = word(raw, shape.countsAt + 24);
        if (bits > 63 || shape.witnessCount == NO_WORD) return shape;
        uint256 pos = behindPolicies(raw, behindVariable(raw, shape.kind, shape.countsAt + 32), bits);
        shape.inputsAt = pos;
        for (uint256 i = 0; i < shape.inputCount && pos != NOWHERE; i++) pos = behindInput(raw, pos);
        shape.outputsAt = pos;
        for (uint256 i = 0; i < shape.outputCount && pos != NOWHERE; i++) pos = behindOutput(raw, pos);
        shape.witnessesAt = pos;
        for (uint256 i = 0; i < shape.witnessCount && pos != NOWHERE; i++) {
            pos = padded(raw, pos + 8, word(raw, pos));
        }
        shape.canonical = pos == raw.length;
    }

    /// @notice As shapeOf; reverts when the bytes are not what an encoder writes.
    function canonical(bytes calldata raw) internal pure returns (Shape memory shape) {
        shape = shapeOf(raw);
        if (!shape.canonical) revert NotCanonical();
    }

    function isMint(bytes calldata raw) private pure returns (bool) {
        return raw.length == MINT_BYTES && isU32(word(raw, 8)) && isU16(word(raw, 16))
            && isU16(word(raw, 56)) && isU32(word(raw, 128)) && isU16(word(raw, 136))
            && isU16(word(raw, 176));
    }

    /// @dev End of the fixed part of the body.
    function countsAt(bytes calldata raw, uint256 kind) private pure returns (uint256) {
        if (kind == SCRIPT) return 64;
        if (kind == CREATE) return isU16(word(raw, 8)) ? 56 : NOWHERE;
        if (kind == UPGRADE) {
            uint256 purpose = word(raw, 8);
            if (purpose == 1) return 48;
            return purpose == 0 && isU16(word(raw, 16)) ? 56 : NOWHERE;
        }
        if (kind == UPLOAD) {
            bool fits = isU16(word(raw, 40)) && isU16(word(raw, 48)) && isU16(word(raw, 56));
            return fits ? 72 : NOWHERE;
        }
        if (kind == BLOB) return isU16(word(raw, 40)) ? 48 : NOWHERE;
        return NOWHERE;
    }

    /// @dev Behind script and data, storage slots, or the proof set.
    function behindVariable(bytes calldata raw, uint256 kind, uint256 pos)
        private
        pure
        returns (uint256)
    {
        if (kind == SCRIPT) {
            pos = padded(raw, pos, word(raw, 48));
            return pos == NOWHERE ? NOWHERE : padded(raw, pos, word(raw, 56));
        }
        uint256 size = 0;
        if (kind == CREATE) size = word(raw, 48) * 64;
        if (kind == UPLOAD) size = word(raw, 64) * 32;
        return padded(raw, pos, size);
    }

    function behindPolicies(bytes calldata raw, uint256 pos, uint256 bits)
        private
        pure
        returns (uint256)
    {
        if (pos == NOWHERE) return NOWHERE;
        for (uint256 i = 0; i < 6; i++) {
            if (bits >> i & 1 == 0) continue;
            uint256 value = word(raw, pos);
            // Maturity and expiration are block heights.
            bool isHeight = i == 2 || i == 4;
            if (value == NO_WORD || (isHeight && !isU32(value))) return NOWHERE;
            pos += 8;
        }
        return pos;
    }

    /// @notice Behind the input at `pos`; 2^128 when there is no canonical one.
    function behindInput(bytes calldata raw, uint256 pos) internal pure returns (uint256) {
        uint256 kind = word(raw, pos);
        if (kind == INPUT_COIN) return behindCoin(raw, pos);
        if (kind == INPUT_MESSAGE) return behindMessage(raw, pos);
        if (kind != INPUT_CONTRACT || pos + CONTRACT_BYTES > raw.length) return NOWHERE;
        bool fits = isU16(word(raw, pos + 40)) && isU32(word(raw, pos + 112))
            && isU16(word(raw, pos + 120));
        return fits ? pos + CONTRACT_BYTES : NOWHERE;
    }

    /// @dev Fields for signatures are zero with a predicate, those for predicates without one.
    function fitsSpender(bytes calldata raw, uint256 field, uint256 predicate, uint256 data)
        private
        pure
        returns (bool)
    {
        uint256 witness = word(raw, field);
        if (predicate > 0) return witness == 0;
        return isU16(witness) && word(raw, field + 8) == 0 && data == 0;
    }

    function behindCoin(bytes calldata raw, uint256 pos) private pure returns (uint256) {
        if (pos + COIN_BYTES > raw.length) return NOWHERE;
        bool fits = isU16(word(raw, pos + 40)) && isU32(word(raw, pos + 120))
            && isU16(word(raw, pos + 128));
        uint256 predicate = word(raw, pos + 152);
        uint256 data = word(raw, pos + 160);
        if (!fits || !fitsSpender(raw, pos + 136, predicate, data)) return NOWHERE;
        pos = padded(raw, pos + COIN_BYTES, predicate);
        return pos == NOWHERE ? NOWHERE : padded(raw, pos, data);
    }

    function behindMessage(bytes calldata raw, uint256 pos) private pure returns (uint256) {
        if (pos + MESSAGE_BYTES > raw.length) return NOWHERE;
        uint256 data = word(raw, pos + 128);
        uint256 predicate = word(raw, pos + 136);
        uint256 predicateData = word(raw, pos + 144);
        if (!fitsSpender(raw, pos + 112, predicate, predicateData)) return NOWHERE;
        pos = padded(raw, pos + MESSAGE_BYTES, data);
        if (pos != NOWHERE) pos = padded(raw, pos, predicate);
        return pos == NOWHERE ? NOWHERE : padded(raw, pos, predicateData);
    }

    /// @notice Behind the output at `pos`; 2^128 when there is no canonical one.
    function behindOutput(bytes calldata raw, uint256 pos) internal pure returns (uint256) {
        uint256 kind = word(raw, pos);
        if (kind > OUTPUT_CREATED) return NOWHERE;
        if (kind == OUTPUT_CONTRACT && !isU16(word(raw, pos + 8))) return NOWHERE;
        uint256 end = pos + (kind == OUTPUT_CREATED ? 72 : 80);
        return end > raw.length ? NOWHERE : end;
    }

    /// @notice The output at `pos` makes a coin: it has a kind that can, and an amount.
    function makesCoin(bytes calldata raw, uint256 pos) internal pure returns (bool) {
        uint256 kind = word(raw, pos);
        return kind != OUTPUT_CONTRACT && kind != OUTPUT_CREATED && word(raw, pos + 40) > 0;
    }

    /// @notice Id of the message that the input at `pos` consumes. @dev The input is one of those.
    function messageIdAt(bytes calldata raw, uint256 pos) internal pure returns (bytes32) {
        uint256 start = pos + MESSAGE_BYTES;
        // The amount stands before the nonce in an input, and behind it in the id.
        return sha256(
            bytes.concat(
                raw[pos + 8:pos + 72],
                raw[pos + 80:pos + 112],
                raw[pos + 72:pos + 80],
                raw[start:start + word(raw, pos + 128)]
            )
        );
    }

    /// @notice Value of the policy that sets the highest fee; 0 without one. @dev Canonical, no mint.
    function maxFeeOf(bytes calldata raw, Shape memory shape) internal pure returns (uint256) {
        uint256 bits = word(raw, shape.countsAt);
        if (bits & 8 == 0) return 0;
        // Policies end where the inputs begin; expiration and owner are behind this one.
        return word(raw, shape.inputsAt - 8 - 8 * (bits >> 4 & 1) - 8 * (bits >> 5 & 1));
    }

    /// @notice Start of input number `index`. @dev The transaction is canonical.
    function inputAt(bytes calldata raw, Shape memory shape, uint256 index)
        internal
        pure
        returns (uint256 pos)
    {
        require(index < shape.inputCount, "no such input");
        pos = shape.inputsAt;
        for (uint256 i = 0; i < index; i++) pos = behindInput(raw, pos);
    }

    /// @notice Start of output number `index`. @dev The transaction is canonical.
    function outputAt(bytes calldata raw, Shape memory shape, uint256 index)
        internal
        pure
        returns (uint256 pos)
    {
        require(index < shape.outputCount, "no such output");
        pos = shape.outputsAt;
        for (uint256 i = 0; i < index; i++) pos = behindOutput(raw, pos);
    }

    /// @notice Start of the length word of witness number `index`. @dev It exists.
    function witnessAt(bytes calldata raw, Shape memory shape, uint256 index)
        internal
        pure
        returns (uint256 pos)
    {
        pos = shape.witnessesAt;
        for (uint256 i = 0; i < index; i++) pos = padded(raw, pos + 8, word(raw, pos));
    }

    /// @notice The id that inputs sign. @dev The transaction is canonical and no mint.
    function idOf(bytes calldata raw, Shape memory shape, uint64 chainId)
        internal
        pure
        returns (bytes32)
    {
        bytes memory image = bytes.concat(bytes8(chainId), raw[:shape.witnessesAt]);
        zero(image, shape.countsAt + 24, 8);
        if (shape.kind == SCRIPT) zero(image, 16, 32);
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < shape.inputCount; i++) {
            uint256 kind = word(raw, pos);
            if (kind == INPUT_COIN) {
                zero(image, pos + 120, 16);
                zero(image, pos + 144, 8);
            } else if (kind == INPUT_MESSAGE) {
                zero(image, pos + 120, 8);
            } else {
                zero(image, pos + 8, 120);
            }
            pos = behindInput(raw, pos);
        }
        for (uint256 i = 0; i < shape.outputCount; i++) {
            uint256 kind = word(raw, pos);
            if (kind == OUTPUT_CONTRACT) zero(image, pos + 16, 64);
            if (kind == OUTPUT_CHANGE) zero(image, pos + 40, 8);
            if (kind == OUTPUT_VARIABLE) zero(image, pos + 8, 72);
            pos = behindOutput(raw, pos);
        }
        return sha256(image);
    }

    /// @notice Whether witness number `witness` is a signature of the owner over the id.
    /// @dev The transaction is canonical. Reverts when `key` is not the recovered one: then nothing is said about the owner.
    function isSignedBy(
        bytes calldata raw,
        Shape memory shape,
        uint256 witness,
        bytes32 owner,
        bytes32[2] calldata key,
        uint64 chainId
    ) internal pure returns (bool) {
        if (witness >= shape.witnessCount) return false;
        uint256 pos = witnessAt(raw, shape, witness);
        if (word(raw, pos) != 64) return false;
        bytes32 r = b256(raw, pos + 8);
        uint256 packed = uint256(b256(raw, pos + 40));
        bytes32 s = bytes32(packed & (type(uint256).max >> 1));
        bytes32 id = idOf(raw, shape, chainId);
        address signer = ecrecover(id, uint8(packed >> 255) + 27, r, s);
        if (signer == address(0)) return false;
        if (address(uint160(uint256(keccak256(abi.encodePacked(key))))) != signer) revert WrongKey();
        return sha256(abi.encodePacked(key)) == owner;
    }

    /// @dev Zeroes `size` bytes (a multiple of 8) of the transaction inside the pre-image of its id.
    function zero(bytes memory image, uint256 pos, uint256 size) private pure {
        assembly ("memory-safe") {
            // 32 bytes of length, 8 of chain id.
            let start := add(image, add(pos, 40))
            for { let end := add(start, size) } lt(start, end) { start := add(start, 8) } {
                mstore(start, and(mload(start), shr(64, not(0))))
            }
        }
    }
}
