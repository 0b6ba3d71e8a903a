// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "./Batches.sol";
import {FuelTx} from "./FuelTx.sol";
import {Merkle} from "./Merkle.sol";

/// @title One-call disputes over committed blocks.
/// @notice Each function states one fraud in the bytes that a batch commits to, checks it, and
/// removes the batch; or reverts, and nothing has happened. Nothing but those bytes decides, so a
/// true block cannot be convicted. What scripts do inside contracts is not judged here.
contract Settlement is Batches {
    /// @notice A transaction of a committed block, in its canonical executed form.
    struct TxProof {
        bytes raw;
        uint16 index;
        bytes32[] proof;
    }

    error NoFraud();
    error NotCanonical();
    error WrongKind();

    constructor(Terms memory terms, uint64 forcedGasPerBlock, uint256 forcedGasPrice)
        Batches(terms, forcedGasPerBlock, forcedGasPrice)
    {}

    /// @notice One coin, or one message without data, is consumed at two places.
    function doubleSpend(
        BlockProof calldata blockA,
        TxProof calldata txA,
        uint256 inputA,
        BlockProof calldata blockB,
        TxProof calldata txB,
        uint256 inputB
    ) external {
        checkTx(blockA, txA);
        checkTx(blockB, txB);
        bool sameTx = blockA.header.height == blockB.header.height && txA.index == txB.index;
        if (sameTx && inputA == inputB) revert NoFraud();
        if (spent(txA.raw, inputA) != spent(txB.raw, inputB)) revert NoFraud();
        convict(blockA.batch > blockB.batch ? blockA.batch : blockB.batch, "double spend");
    }

    /// @dev What an input consumes for good. A message with data comes back when its script fails,
    /// and a contract goes on: both may rightly be named again.
    function spent(bytes calldata raw, uint256 input) private pure returns (bytes32) {
        uint256 pos = FuelTx.inputAt(raw, canonical(raw), input);
        uint256 kind = FuelTx.word(raw, pos);
        if (kind == FuelTx.INPUT_COIN) {
            return keccak256(abi.encode(kind, FuelTx.b256(raw, pos + 8), FuelTx.word(raw, pos + 40)));
        }
        bool isPlain = kind == FuelTx.INPUT_MESSAGE && FuelTx.word(raw, pos + 128) == 0;
        if (!isPlain) revert WrongKind();
        return keccak256(abi.encode(kind, FuelTx.b256(raw, pos + 80)));
    }

    /// @notice A coin input is not what the transaction at its pointer created: another id, no such
    /// output, another owner, amount or asset, or not earlier.
    function badInput(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        BlockProof calldata creatorBlock,
        TxProof calldata creator
    ) external {
        checkTx(blk, transaction);
        checkTx(creatorBlock, creator);
        bytes calldata raw = transaction.raw;
        uint256 pos = coinAt(raw, input);
        uint256 height = FuelTx.word(raw, pos + 120);
        uint256 index = FuelTx.word(raw, pos + 128);
        if (height != creatorBlock.header.height || index != creator.index) revert WrongKind();
        bool earlier = height < blk.header.height
            || (height == blk.header.height && index < transaction.index);
        if (earlier && created(raw, pos, creator.raw)) revert NoFraud();
        convict(blk.batch, "bad input");
    }

    /// @dev Whether the coin input at `pos` is an output of `creator`.
    function created(bytes calldata raw, uint256 pos, bytes calldata creator)
        private
        view
        returns (bool)
    {
        FuelTx.Shape memory shape = canonical(creator);
        uint256 output = FuelTx.word(raw, pos + 40);
        if (shape.kind == FuelTx.MINT || output >= shape.outputCount) return false;
        if (FuelTx.idOf(creator, shape, CHAIN_ID) != FuelTx.b256(raw, pos + 8)) return false;
        uint256 from = FuelTx.outputAt(creator, shape, output);
        uint256 kind = FuelTx.word(creator, from);
        if (kind == FuelTx.OUTPUT_CONTRACT || kind == FuelTx.OUTPUT_CREATED) return false;
        return FuelTx.b256(creator, from + 8) == FuelTx.b256(raw, pos + 48)
            && FuelTx.word(creator, from + 40) == FuelTx.word(raw, pos + 80)
            && FuelTx.b256(creator, from + 48) == FuelTx.b256(raw, pos + 88);
    }

    /// @notice The pointer of a coin input names a place that does not exist in a committed block, or
    /// one that is not earlier.
    /// @param target the block that the pointer names; any committed block when it is not earlier
    function badPointer(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        BlockProof calldata target
    ) external {
        checkTx(blk, transaction);
        checkBlock(target);
        bytes calldata raw = transaction.raw;
        uint256 pos = coinAt(raw, input);
        uint256 height = FuelTx.word(raw, pos + 120);
        uint256 index = FuelTx.word(raw, pos + 128);
        bool later = height > blk.header.height
            || (height == blk.header.height && index >= transaction.index);
        bool beyond = height == target.header.height && index >= target.header.transactionsCount;
        if (!later && !beyond) revert NoFraud();
        convict(blk.batch, "bad pointer");
    }

    /// @notice An input that needs a signature has none that its owner made.
    /// @param key the public key that the signature recovers to; ignored when there is none
    function badSignature(
        BlockProof calldata blk,
        TxProof calldata transaction,
        uint256 input,
        bytes32[2] calldata key
    ) external {
        checkTx(blk, transaction);
        bytes calldata raw = transaction.raw;
        FuelTx.Shape memory shape = canonical(raw);
        uint256 pos = FuelTx.inputAt(raw, shape, input);
        uint256 kind = FuelTx.word(raw, pos);
        bool isCoin = kind == FuelTx.INPUT_COIN;
        if (!isCoin && kind != FuelTx.INPUT_MESSAGE) revert WrongKind();
        if (FuelTx.word(raw, pos + (isCoin ? 152 : 136)) != 0) revert WrongKind();
        bytes32 owner = FuelTx.b256(raw, pos + (isCoin ? 48 : 40));
        uint256 witness = FuelTx.word(raw, pos + (isCoin ? 136 : 112));
        if (isSignedBy(raw, shape, witness, owner, key)) revert NoFraud();
        convict(blk.batch, "bad signature");
    }

    /// @dev Reverts when `key` is not the recovered one: then nothing is said about the owner.
    function isSignedBy(
        bytes calldata raw,
        FuelTx.Shape memory shape,
        uint256 witness,
        bytes32 owner,
        bytes32[2] calldata key
    ) private view returns (bool) {
        if (witness >= shape.witnessCount) return false;
        uint256 pos = FuelTx.witnessAt(raw, shape, witness);
        if (FuelTx.word(raw, pos) != 64) return false;
        bytes32 r = FuelTx.b256(raw, pos + 8);
        uint256 packed = uint256(FuelTx.b256(raw, pos + 40));
        bytes32 s = bytes32(packed & (type(uint256).max >> 1));
        bytes32 id = FuelTx.idOf(raw, shape, CHAIN_ID);
        address signer = ecrecover(id, uint8(packed >> 255) + 27, r, s);
        if (signer == address(0)) return false;
        if (address(uint160(uint256(keccak256(abi.encodePacked(key))))) != signer) revert WrongKind();
        return sha256(abi.encodePacked(key)) == owner;
    }

    /// @notice A transaction without contracts pays out more of an asset than it takes in.
    function inflation(BlockProof calldata blk, TxProof calldata transaction, bytes32 asset)
        external
    {
        checkTx(blk, transaction);
        bytes calldata raw = transaction.raw;
        FuelTx.Shape memory shape = canonical(raw);
        if (shape.kind == FuelTx.MINT) revert WrongKind();
        if (paidOut(raw, shape, asset) <= takenIn(raw, shape, asset)) revert NoFraud();
        convict(blk.batch, "inflation");
    }

    function takenIn(bytes calldata raw, FuelTx.Shape memory shape, bytes32 asset)
        private
        view
        returns (uint256 sum)
    {
        uint256 pos = shape.inputsAt;
        for (uint256 i = 0; i < shape.inputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            if (kind == FuelTx.INPUT_CONTRACT) revert WrongKind();
            bool isCoin = kind == FuelTx.INPUT_COIN;
            // Messages carry the base asset.
            bytes32 carried = isCoin ? FuelTx.b256(raw, pos + 88) : BASE_ASSET;
            if (carried == asset) sum += FuelTx.word(raw, pos + (isCoin ? 80 : 72));
            pos = FuelTx.behindInput(raw, pos);
        }
    }

    function paidOut(bytes calldata raw, FuelTx.Shape memory shape, bytes32 asset)
        private
        pure
        returns (uint256 sum)
    {
        uint256 pos = shape.outputsAt;
        for (uint256 i = 0; i < shape.outputCount; i++) {
            uint256 kind = FuelTx.word(raw, pos);
            bool isValue = kind != FuelTx.OUTPUT_CONTRACT && kind != FuelTx.OUTPUT_CREATED;
            if (isValue && FuelTx.b256(raw, pos + 48) == asset) sum += FuelTx.word(raw, pos + 40);
            pos = FuelTx.behindOutput(raw, pos);
        }
    }

    /// @notice The bytes of a transaction are not what an encoder writes.
    function notCanonical(BlockProof calldata blk, TxProof calldata transaction) external {
        checkTx(blk, transaction);
        if (FuelTx.shapeOf(transaction.raw).canonical) revert NoFraud();
        convict(blk.batch, "not canonical");
    }

    /// @notice A transaction names another chain's mint, or a mint stands before the end, or the last
    /// transaction is none.
    function misplacedMint(BlockProof calldata blk, TxProof calldata transaction) external {
        checkTx(blk, transaction);
        bytes calldata raw = transaction.raw;
        bool isMint = canonical(raw).kind == FuelTx.MINT;
        bool isLast = uint256(transaction.index) + 1 == blk.header.transactionsCount;
        bool isHere = !isMint
            || (FuelTx.word(raw, 8) == blk.header.height && FuelTx.word(raw, 16) == transaction.index);
        if (isMint == isLast && isHere) revert NoFraud();
        convict(blk.batch, "misplaced mint");
    }

    /// @notice The record at the place of a height holds a block of another height.
    function wrongHeight(BlockProof calldata blk, uint32 place) external {
        Batch storage batch = stored(blk.batch);
        if (place < batch.first || place > batch.last) revert NotInBatch();
        checkRecord(blk, batch.root, place - batch.first, batch.last - batch.first + 1);
        if (blk.header.height == place) revert NoFraud();
        convict(blk.batch, "wrong height");
    }

    /// @notice The id or the inbox count that a batch ends with is not that of its last block.
    function wrongEnd(BlockProof calldata blk) external {
        checkBlock(blk);
        Batch storage batch = stored(blk.batch);
        if (blk.header.height != batch.last) revert WrongKind();
        bool same = blockId(blk.header) == batch.lastBlockId && blk.inboxCount == batch.inboxCount;
        if (same) revert NoFraud();
        convict(blk.batch, "wrong end");
    }

    /// @notice What a block says it took in of the inbox is not what was sent.
    /// @param before the block before; ignored for the first block of the chain
    /// @param ids of the entries from the count before to the count of this block
    function wrongInbox(BlockProof calldata blk, BlockProof calldata before, bytes32[] calldata ids)
        external
    {
        checkBlock(blk);
        uint64 from = 0;
        if (blk.header.height != FIRST_HEIGHT) {
            checkBlock(before);
            if (before.header.height + 1 != blk.header.height) revert WrongKind();
            from = before.inboxCount;
        }
        if (tookInRightly(blk.header, from, blk.inboxCount, ids)) revert NoFraud();
        convict(blk.batch, "wrong inbox");
    }

    /// @dev Reverts when `ids` are not the entries: then nothing is said about the block.
    function tookInRightly(Header calldata header, uint64 from, uint64 to, bytes32[] calldata ids)
        private
        view
        returns (bool)
    {
        uint64 sent = INBOX.count();
        if (to < from || to > sent) return false;
        // Everything up to the block's height of Ethereum, and nothing beyond.
        if (to > 0 && INBOX.entry(to - 1).blockNumber > header.daHeight) return false;
        if (to < sent && INBOX.entry(to).blockNumber <= header.daHeight) return false;
        bytes32 accumulator = INBOX.accumulatorAt(from);
        for (uint256 i = 0; i < ids.length; i++) {
            accumulator = sha256(abi.encodePacked(accumulator, ids[i]));
        }
        bool areThese = ids.length == to - from && accumulator == INBOX.accumulatorAt(to);
        if (!areThese) revert WrongKind();
        return Merkle.rootOf(ids) == header.inboxRoot;
    }

    /// @dev The transaction is in the block, and the block is committed.
    function checkTx(BlockProof calldata blk, TxProof calldata transaction) private view {
        checkBlock(blk);
        bytes32 leaf = Merkle.leaf(transaction.raw);
        Header calldata header = blk.header;
        bool isIn = Merkle.includes(
            header.transactionsRoot, leaf, transaction.index, header.transactionsCount, transaction.proof
        );
        if (!isIn) revert NotInBlock();
    }

    function canonical(bytes calldata raw) private pure returns (FuelTx.Shape memory shape) {
        shape = FuelTx.shapeOf(raw);
        if (!shape.canonical) revert NotCanonical();
    }

    /// @dev Start of a coin input.
    function coinAt(bytes calldata raw, uint256 input) private pure returns (uint256 pos) {
        pos = FuelTx.inputAt(raw, canonical(raw), input);
        if (FuelTx.word(raw, pos) != FuelTx.INPUT_COIN) revert WrongKind();
    }
}
