// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Messages and forced transactions for the chain, and the escrow of its ether.
/// @notice Emits the events that a relayer of Fuel reads, and keeps what those contracts do not: an
/// accumulator over everything that was sent, so that what a block took in can be proven right or
/// wrong here.
contract Inbox {
    struct Entry {
        /// sha256(accumulator before, id).
        bytes32 accumulator;
        uint64 blockNumber;
        uint64 time;
        /// Not a forced transaction: the bytes behind an id could be read as either.
        bool isMessage;
    }

    event MessageSent(
        bytes32 indexed sender,
        bytes32 indexed recipient,
        uint256 indexed nonce,
        uint64 amount,
        bytes data
    );
    event Transaction(uint256 indexed nonce, uint64 max_gas, bytes canonically_serialized_tx);

    error WrongAmount();
    error TooLong();
    error ForcedGasExhausted();
    error OnlySettlement();
    error PayoutFailed();

    /// @notice Wei per unit of the chain's base asset.
    uint256 public constant WEI_PER_UNIT = 1e9;
    uint256 public constant DATA_BYTES_MAX = 65_535;
    /// @notice Gas that forced transactions of one Ethereum block may claim together: below the
    /// chain's limit for a block, or no block could take them in.
    uint64 public immutable FORCED_GAS_PER_BLOCK;
    /// @notice Wei per claimed gas of a forced transaction; keeps the inbox from being flooded.
    uint256 public immutable FORCED_GAS_PRICE;
    /// @notice The only one who may pay out.
    address public immutable SETTLEMENT;

    Entry[] private entries;
    uint64 private gasBlock;
    uint64 private gasInBlock;

    constructor(address settlement, uint64 forcedGasPerBlock, uint256 forcedGasPrice) {
        SETTLEMENT = settlement;
        FORCED_GAS_PER_BLOCK = forcedGasPerBlock;
        FORCED_GAS_PRICE = forcedGasPrice;
    }

    /// @notice Number of everything that was sent; the nonce of the next.
    function count() external view returns (uint64) {
        return uint64(entries.length);
    }

    /// @notice Accumulator over the first `n`; zero for none.
    function accumulatorAt(uint64 n) public view returns (bytes32) {
        return n == 0 ? bytes32(0) : entries[n - 1].accumulator;
    }

    /// @notice Entry by its nonce.
    function entry(uint64 nonce) external view returns (Entry memory) {
        return entries[nonce];
    }

    /// @notice Whether the entry with this nonce has this id.
    function holds(uint64 nonce, bytes32 id) external view returns (bool) {
        if (nonce >= entries.length) return false;
        return sha256(abi.encodePacked(accumulatorAt(nonce), id)) == entries[nonce].accumulator;
    }

    /// @notice Ether for an address of the chain.
    function depositETH(bytes32 recipient) external payable {
        message(recipient, "");
    }

    /// @notice A message, with ether or without.
    function sendMessage(bytes32 recipient, bytes calldata data) external payable {
        message(recipient, data);
    }

    /// @notice A transaction that the chain has to execute, with gas price 0 there.
    /// @param maxGas at least what the transaction may use
    function sendTransaction(uint64 maxGas, bytes calldata raw) external payable {
        if (raw.length > DATA_BYTES_MAX) revert TooLong();
        if (msg.value != maxGas * FORCED_GAS_PRICE) revert WrongAmount();
        if (gasBlock != block.number) (gasBlock, gasInBlock) = (uint64(block.number), 0);
        if (maxGas > FORCED_GAS_PER_BLOCK - gasInBlock) revert ForcedGasExhausted();
        gasInBlock += maxGas;
        uint256 nonce = entries.length;
        append(sha256(abi.encodePacked(nonce, maxGas, raw)), false);
        emit Transaction(nonce, maxGas, raw);
    }

    function message(bytes32 recipient, bytes memory data) private {
        if (data.length > DATA_BYTES_MAX) revert TooLong();
        uint256 units = msg.value / WEI_PER_UNIT;
        if (units * WEI_PER_UNIT != msg.value || units > type(uint64).max) revert WrongAmount();
        uint64 amount = uint64(units);
        bytes32 sender = bytes32(uint256(uint160(msg.sender)));
        uint256 nonce = entries.length;
        append(sha256(abi.encodePacked(sender, recipient, nonce, amount, data)), true);
        emit MessageSent(sender, recipient, nonce, amount, data);
    }

    function append(bytes32 id, bool isMessage) private {
        bytes32 accumulator = sha256(abi.encodePacked(accumulatorAt(uint64(entries.length)), id));
        entries.push(
            Entry(accumulator, uint64(block.number), uint64(block.timestamp), isMessage)
        );
    }

    /// @notice Pays out a proven message. Fails as a whole when the recipient does.
    function payOut(address recipient, uint64 amount, bytes calldata data) external {
        if (msg.sender != SETTLEMENT) revert OnlySettlement();
        (bool ok,) = recipient.call{value: uint256(amount) * WEI_PER_UNIT}(data);
        if (!ok) revert PayoutFailed();
    }
}
