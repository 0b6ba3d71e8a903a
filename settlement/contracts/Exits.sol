// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Judge} from "./Judge.sol";
import {Sparse} from "./Sparse.sol";
import {Steps} from "./Steps.sol";

/// @title The last resort: nobody has committed for long, and what is left is taken out.
/// @notice Anybody closes the chain; then the owners of coins and messages take them out of the last
/// state, and what the chain has not taken in of the inbox goes back to its senders.
abstract contract Exits is Judge {
    /// @notice An owner's word: the key, and its compact signature over `exitDigest`.
    struct Owner {
        bytes32[2] key;
        bytes32 r;
        /// Parity of the point in the highest bit.
        bytes32 vs;
        address to;
    }

    /// @notice A coin of the last state.
    struct Coin {
        bytes32 txId;
        uint16 output;
        uint64 amount;
        /// Where it was made.
        uint32 height;
        uint16 index;
    }

    /// @notice A message as it was sent. Its nonce is its number in the inbox.
    struct Message {
        bytes32 sender;
        bytes32 recipient;
        uint64 amount;
        bytes data;
    }

    event ChainClosed(bytes32 coins, bytes32 messages);
    event Exited(bytes32 indexed place, address indexed to, uint64 amount);
    event Reclaimed(uint64 indexed nonce, address indexed to, uint64 amount);

    error NotClosed();
    error NotThere();
    error NotSigned();

    /// @notice When the contract was deployed.
    uint64 public immutable DEPLOYED = uint64(block.timestamp);
    /// @notice Coins and messages of the last state.
    bytes32 public lastCoins;
    bytes32 public lastMessages;
    /// @notice Places and nonces that were taken out.
    mapping(bytes32 place => bool) public exited;
    mapping(uint64 nonce => bool) public reclaimed;

    /// @notice Nobody has committed a batch that stands for so long that the chain can be closed.
    function canClose() public view returns (bool) {
        uint256 newest = batchCount == 0 ? DEPLOYED : stored(batchCount - 1).time;
        return block.timestamp >= newest + ESCAPE;
    }

    /// @notice Closes the chain for good.
    /// @param blk the last block of the last batch; ignored when there is none
    /// @param parts its state; that of the genesis when there is no batch
    function close(BlockProof calldata blk, Steps.Parts calldata parts) external {
        if (isClosed) revert AlreadyDone();
        if (!canClose()) revert NotFinal();
        if (batchCount == 0) {
            checkState(parts, GENESIS_STATE);
        } else {
            checkBlock(blk);
            bool isTip = blk.batch == batchCount - 1 && blk.header.height == stored(blk.batch).last;
            if (!isTip) revert WrongKind();
            checkState(parts, blk.stateRoot);
        }
        isClosed = true;
        (lastCoins, lastMessages) = (parts.coins, parts.messages);
        emit ChainClosed(parts.coins, parts.messages);
    }

    /// @notice What an owner signs to take something out.
    function exitDigest(bytes32 place, address to) public view returns (bytes32) {
        return sha256(abi.encodePacked("fuelrail exit", address(this), block.chainid, place, to));
    }

    /// @notice Pays a coin of the base asset to where its owner says.
    function exitCoin(Coin calldata coin, bytes32[] calldata siblings, Owner calldata owner)
        external
    {
        bytes32 place = Steps.coinPlace(coin.txId, coin.output);
        bytes32 hash = Steps.coinHash(
            addressOf(owner), coin.amount, BASE_ASSET, coin.height, coin.index
        );
        takeOut(lastCoins, place, hash, coin.amount, siblings, owner);
    }

    /// @notice Pays a message to where its recipient says.
    /// @param message its recipient is ignored: it is the owner's address
    function exitMessage(
        bytes32 nonce,
        Message calldata message,
        bytes32[] calldata siblings,
        Owner calldata owner
    ) external {
        bytes32 id = sha256(
            abi.encodePacked(message.sender, addressOf(owner), nonce, message.amount, message.data)
        );
        (bytes32 place, bytes32 hash) = Steps.messageLeaf(nonce, id);
        takeOut(lastMessages, place, hash, message.amount, siblings, owner);
    }

    /// @dev Address of a key on the chain.
    function addressOf(Owner calldata owner) private pure returns (bytes32) {
        return sha256(abi.encodePacked(owner.key));
    }

    function takeOut(
        bytes32 root,
        bytes32 place,
        bytes32 hash,
        uint64 amount,
        bytes32[] calldata siblings,
        Owner calldata owner
    ) private {
        if (!isClosed) revert NotClosed();
        if (exited[place]) revert AlreadyDone();
        if (!Sparse.includes(root, place, hash, siblings)) revert NotThere();
        bytes32 s = bytes32(uint256(owner.vs) & (type(uint256).max >> 1));
        uint8 v = uint8(uint256(owner.vs) >> 255) + 27;
        address signer = ecrecover(exitDigest(place, owner.to), v, owner.r, s);
        address wanted = address(uint160(uint256(keccak256(abi.encodePacked(owner.key)))));
        if (signer == address(0) || signer != wanted) revert NotSigned();
        exited[place] = true;
        emit Exited(place, owner.to, amount);
        INBOX.payOut(owner.to, amount, "");
    }

    /// @notice Gives a message that the chain has never taken in back to who sent it.
    function reclaim(uint64 nonce, Message calldata message) external {
        if (!isClosed) revert NotClosed();
        uint64 taken = batchCount == 0 ? 0 : stored(batchCount - 1).inboxCount;
        if (nonce < taken || reclaimed[nonce]) revert AlreadyDone();
        checkEntry(nonce, message);
        if (message.sender != bytes32(uint256(uint160(msg.sender)))) revert NotSigned();
        reclaimed[nonce] = true;
        emit Reclaimed(nonce, msg.sender, message.amount);
        INBOX.payOut(msg.sender, message.amount, "");
    }

    /// @dev Id of the message; reverts when the entry of the inbox with this nonce is another.
    function checkEntry(uint64 nonce, Message calldata message) internal view returns (bytes32 id) {
        if (nonce >= INBOX.count() || !INBOX.entry(nonce).isMessage) revert WrongKind();
        id = sha256(
            abi.encodePacked(
                message.sender, message.recipient, uint256(nonce), message.amount, message.data
            )
        );
        if (!INBOX.holds(nonce, id)) revert WrongKind();
    }
}
