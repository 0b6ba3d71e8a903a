// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Inbox} from "./Inbox.sol";
import {Merkle} from "./Merkle.sol";
import {Steps} from "./Steps.sol";

/// @title Commitments to blocks: bonded, disputable for a while, then final.
/// @notice Nobody can change the code, the terms, or a commitment; there is no owner and no pause.
abstract contract Batches {
    /// @notice Fixed at deployment.
    struct Terms {
        /// Id of the chain, part of every transaction id.
        uint64 chainId;
        /// What messages carry and fees are paid in.
        bytes32 baseAsset;
        /// Who may commit; anybody after a silence.
        address operator;
        /// Wei, given back when the batch is final.
        uint256 bond;
        /// Seconds in which a batch can be disputed.
        uint64 window;
        /// Seconds within which something sent to the inbox must be taken in.
        uint64 inboxDelay;
        /// Seconds without a commitment after which anybody may commit.
        uint64 silence;
        /// Height of the first block that is committed: the one after genesis, whose coins no
        /// transaction has created.
        uint32 firstHeight;
        /// Blocks in one batch.
        uint32 blocksMax;
        /// Root of the state that the first block builds on.
        bytes32 genesisState;
        /// Seconds without a batch after which the chain can be closed for good.
        uint64 escape;
        /// A forced transfer that claims at least this gas is never refused for its gas.
        uint64 transferGas;
    }

    struct Batch {
        /// Root over the records of its blocks.
        bytes32 root;
        bytes32 lastBlockId;
        uint32 first;
        uint32 last;
        /// How much of the inbox its blocks have taken in, from the beginning of the chain.
        uint64 inboxCount;
        uint64 time;
        address proposer;
        bool released;
    }

    /// @notice What a block id is the hash of.
    struct Header {
        bytes32 prevRoot;
        uint32 height;
        uint64 time;
        uint64 daHeight;
        uint32 consensusParametersVersion;
        uint32 stateTransitionVersion;
        uint16 transactionsCount;
        uint32 messageCount;
        bytes32 transactionsRoot;
        bytes32 outboxRoot;
        bytes32 inboxRoot;
    }

    /// @notice A committed block: its header, the rest of its record, and the record's place.
    struct BlockProof {
        uint256 batch;
        Header header;
        bytes32 stateRoot;
        bytes32 stepRoot;
        uint64 inboxCount;
        bytes32[] proof;
    }

    event BatchCommitted(
        uint256 indexed batch,
        uint32 first,
        uint32 last,
        bytes32 root,
        bytes32 lastBlockId,
        uint64 inboxCount,
        bytes daPointer
    );
    /// @notice Batch `batch` and all behind it are gone.
    event Convicted(uint256 indexed batch, string fraud, address challenger);
    event MessageRelayed(bytes32 indexed id, address indexed recipient, uint64 amount);

    error NoBatch();
    error NotYourTurn();
    error WrongBond();
    error WrongParent();
    error WrongRange();
    error InboxTooFarBehind();
    error InboxAhead();
    error NotFinal();
    error AlreadyDone();
    error NotInBatch();
    error NotInBlock();
    error TooLate();
    error WrongTerms();
    error WrongState();
    error WrongPointer();
    error Closed();

    bytes1 public constant IN_BLOBS = 0x01;
    bytes1 public constant ELSEWHERE = 0x02;
    uint256 public constant POINTER_BYTES_MAX = 512;

    uint64 public immutable CHAIN_ID;
    bytes32 public immutable BASE_ASSET;
    address public immutable OPERATOR;
    uint256 public immutable BOND;
    uint64 public immutable WINDOW;
    uint64 public immutable INBOX_DELAY;
    uint64 public immutable SILENCE;
    uint32 public immutable FIRST_HEIGHT;
    uint32 public immutable BLOCKS_MAX;
    bytes32 public immutable GENESIS_STATE;
    uint64 public immutable ESCAPE;
    uint64 public immutable TRANSFER_GAS;
    Inbox public immutable INBOX;

    /// @dev By number. Entries from `batchCount` on are leftovers of a conviction: taking a batch back
    /// costs the same however many were piled on it.
    mapping(uint256 number => Batch) private batches;
    /// @notice Number of the batches that stand.
    uint256 public batchCount;
    /// @notice When the operator last committed.
    uint64 public operatorTime;
    /// @notice Nothing is committed any more: what is left is to be taken out.
    bool public isClosed;
    /// @notice Messages that were paid out.
    mapping(bytes32 id => bool) public relayed;
    /// @notice Units that were paid for messages of a block.
    mapping(uint32 height => uint256) public relayedUnits;

    constructor(Terms memory terms, uint64 forcedGasPerBlock, uint256 forcedGasPrice) {
        CHAIN_ID = terms.chainId;
        BASE_ASSET = terms.baseAsset;
        OPERATOR = terms.operator;
        BOND = terms.bond;
        WINDOW = terms.window;
        INBOX_DELAY = terms.inboxDelay;
        SILENCE = terms.silence;
        FIRST_HEIGHT = terms.firstHeight;
        BLOCKS_MAX = terms.blocksMax;
        GENESIS_STATE = terms.genesisState;
        ESCAPE = terms.escape;
        TRANSFER_GAS = terms.transferGas;
        // Every batch is final when the chain can be closed.
        if (terms.escape <= terms.window || terms.escape <= terms.silence) revert WrongTerms();
        if (terms.blocksMax == 0 || terms.operator == address(0)) revert WrongTerms();
        operatorTime = uint64(block.timestamp);
        INBOX = new Inbox(address(this), forcedGasPerBlock, forcedGasPrice);
    }

    /// @notice A batch that stands.
    function batchAt(uint256 index) external view returns (Batch memory) {
        return stored(index);
    }

    /// @notice A batch is final when its window has passed without a conviction.
    function isFinal(uint256 index) public view returns (bool) {
        return block.timestamp >= uint256(stored(index).time) + WINDOW;
    }

    /// @notice Anybody may commit: the operator has been silent for too long.
    function isOpen() public view returns (bool) {
        return block.timestamp >= uint256(operatorTime) + SILENCE;
    }

    /// @notice Commits the next blocks.
    /// @param parent id of the last committed block, zero for the first batch: what this builds on
    /// @param root over the records block id, state root, step root, inbox count (u64)
    /// @param inboxCount how much of the inbox the last block has taken in
    /// @param daPointer where the data is: empty; or 1 and how many blobs of this very transaction;
    /// or 2 and what the reader of another place understands
    function commitBatch(
        bytes32 parent,
        uint32 last,
        bytes32 root,
        bytes32 lastBlockId,
        uint64 inboxCount,
        bytes calldata daPointer
    ) external payable {
        if (isClosed) revert Closed();
        if (msg.sender != OPERATOR && !isOpen()) revert NotYourTurn();
        if (msg.value != BOND) revert WrongBond();
        (uint32 first, bytes32 before, uint64 taken) = next();
        if (parent != before) revert WrongParent();
        if (last < first || last - first >= BLOCKS_MAX) revert WrongRange();
        checkInbox(taken, inboxCount);
        checkPointer(daPointer);
        uint64 time = uint64(block.timestamp);
        if (msg.sender == OPERATOR) operatorTime = time;
        uint256 batch = batchCount++;
        batches[batch] =
            Batch(root, lastBlockId, first, last, inboxCount, time, msg.sender, false);
        emit BatchCommitted(batch, first, last, root, lastBlockId, inboxCount, daPointer);
    }

    /// @dev First height, parent and inbox count of the next batch.
    function next() private view returns (uint32, bytes32, uint64) {
        if (batchCount == 0) return (FIRST_HEIGHT, 0, 0);
        Batch storage tip = batches[batchCount - 1];
        return (tip.last + 1, tip.lastBlockId, tip.inboxCount);
    }

    /// @dev Blobs that a pointer names are there.
    function checkPointer(bytes calldata pointer) private view {
        if (pointer.length == 0) return;
        if (pointer[0] == IN_BLOBS) {
            if (pointer.length != 2 || pointer[1] == 0) revert WrongPointer();
            if (blobhash(uint8(pointer[1]) - 1) == 0) revert WrongPointer();
        } else if (pointer[0] != ELSEWHERE || pointer.length > POINTER_BYTES_MAX) {
            revert WrongPointer();
        }
    }

    /// @dev Forced inclusion: what has waited for longer than the delay is in.
    function checkInbox(uint64 before, uint64 inboxCount) private view {
        uint64 sent = INBOX.count();
        if (inboxCount > sent || inboxCount < before) revert InboxAhead();
        if (inboxCount == sent) return;
        if (uint256(INBOX.entry(inboxCount).time) + INBOX_DELAY < block.timestamp) {
            revert InboxTooFarBehind();
        }
    }

    /// @notice Gives the bond of a final batch back.
    function release(uint256 index) external {
        Batch storage batch = stored(index);
        if (!isFinal(index)) revert NotFinal();
        if (batch.released) revert AlreadyDone();
        batch.released = true;
        send(batch.proposer, BOND);
    }

    /// @notice Pays out a message of a final block. All messages of a block together get no more than
    /// its state says it has sent out.
    /// @param index of the message among those of its block
    function relayMessage(
        BlockProof calldata blk,
        Steps.Parts calldata parts,
        bytes32 sender,
        bytes32 recipient,
        bytes32 nonce,
        uint64 amount,
        bytes calldata data,
        uint256 index,
        bytes32[] calldata proof
    ) external {
        checkBlock(blk);
        if (!isFinal(blk.batch)) revert NotFinal();
        bytes32 id = sha256(abi.encodePacked(sender, recipient, nonce, amount, data));
        bytes32 leaf = Merkle.leaf(abi.encodePacked(id));
        uint256 count = blk.header.messageCount;
        if (!Merkle.includes(blk.header.outboxRoot, leaf, index, count, proof)) revert NotInBlock();
        if (relayed[id]) revert AlreadyDone();
        relayed[id] = true;
        checkState(parts, blk.stateRoot);
        relayedUnits[blk.header.height] += amount;
        if (relayedUnits[blk.header.height] > parts.out) revert WrongState();
        address to = address(uint160(uint256(recipient)));
        emit MessageRelayed(id, to, amount);
        INBOX.payOut(to, amount, data);
    }

    /// @notice Id of a block.
    function blockId(Header calldata header) public pure returns (bytes32) {
        bytes32 application = sha256(
            abi.encodePacked(
                header.daHeight,
                header.consensusParametersVersion,
                header.stateTransitionVersion,
                header.transactionsCount,
                header.messageCount,
                header.transactionsRoot,
                header.outboxRoot,
                header.inboxRoot
            )
        );
        return sha256(abi.encodePacked(header.prevRoot, header.height, header.time, application));
    }

    /// @dev The block is committed, at the place that its height says.
    function checkBlock(BlockProof calldata blk) internal view {
        Batch storage batch = stored(blk.batch);
        uint32 height = blk.header.height;
        if (height < batch.first || height > batch.last) revert NotInBatch();
        checkRecord(blk, batch.root, height - batch.first, batch.last - batch.first + 1);
    }

    /// @dev The block's record is number `index` of `count` under `root`.
    function checkRecord(BlockProof calldata blk, bytes32 root, uint256 index, uint256 count)
        internal
        view
    {
        bytes32 leaf = Merkle.leaf(
            abi.encodePacked(blockId(blk.header), blk.stateRoot, blk.stepRoot, blk.inboxCount)
        );
        if (!Merkle.includes(root, leaf, index, count, blk.proof)) revert NotInBatch();
    }

    /// @dev The parts are those of a state root.
    function checkState(Steps.Parts calldata parts, bytes32 stateRoot) internal pure {
        if (Steps.rootOf(parts) != stateRoot) revert WrongState();
    }

    /// @dev A batch that stands.
    function stored(uint256 index) internal view returns (Batch storage) {
        if (index >= batchCount) revert NoBatch();
        return batches[index];
    }

    /// @dev Removes a batch and its successors. Half of its bond goes to the challenger; the other
    /// half, and the bonds of the successors, whose proposers built on it, are burnt.
    function convict(uint256 index, string memory fraud) internal {
        if (isFinal(index)) revert TooLate();
        uint256 burnt = (batchCount - index) * BOND - BOND / 2;
        batchCount = index;
        emit Convicted(index, fraud, msg.sender);
        send(address(0), burnt);
        send(msg.sender, BOND / 2);
    }

    function send(address to, uint256 amount) private {
        (bool ok,) = to.call{value: amount}("");
        if (!ok) revert WrongBond();
    }
}
