/**
 * The GraphQL surface: names and signatures as fuel-core 0.48 serves them. What each field means
 * is said where it is resolved; the limits of a request are in `limits.ts`.
 */
export const SDL: string = `
scalar Address
scalar AssetId
scalar BlobId
scalar BlockId
scalar Bytes32
scalar ContractId
scalar HexString
scalar Nonce
scalar RelayedTransactionId
scalar Salt
scalar Signature
scalar SubId
scalar Tai64Timestamp
scalar TransactionId
scalar TxPointer
scalar U128
scalar U16
scalar U32
scalar U64
scalar UtxoId

input Account @oneOf { address: Address, predicate: Predicate }
type AssembleTransactionResult {
  transaction: Transaction!, status: DryRunTransactionStatus!, gasPrice: U64!
}
type AssetInfoDetails { contractId: ContractId!, subId: SubId!, totalSupply: U128! }
type Balance { owner: Address!, amount: U64!, amountU128: U128!, assetId: AssetId! }
type BalanceConnection { pageInfo: PageInfo!, edges: [BalanceEdge!]!, nodes: [Balance!]! }
type BalanceEdge { node: Balance!, cursor: String! }
input BalanceFilterInput { owner: Address! }
type Blob { id: BlobId!, bytecode: HexString! }
type Block {
  version: BlockVersion!, id: BlockId!, height: U32!, header: Header!, consensus: Consensus!,
  transactionIds: [TransactionId!]!, transactions: [Transaction!]!
}
type BlockConnection { pageInfo: PageInfo!, edges: [BlockEdge!]!, nodes: [Block!]! }
type BlockEdge { node: Block!, cursor: String! }
enum BlockVersion { V1 }
input Breakpoint { contract: ContractId!, pc: U64! }
type ChainInfo {
  name: String!, latestBlock: Block!, daHeight: U64!, consensusParameters: ConsensusParameters!,
  gasCosts: GasCosts!
}
type ChangeOutput { to: Address!, amount: U64!, assetId: AssetId! }
input ChangePolicy @oneOf { change: Address, destroy: Destroy }
type Coin {
  utxoId: UtxoId!, owner: Address!, amount: U64!, assetId: AssetId!, blockCreated: U32!,
  txCreatedIdx: U16!
}
type CoinConnection { pageInfo: PageInfo!, edges: [CoinEdge!]!, nodes: [Coin!]! }
type CoinEdge { node: Coin!, cursor: String! }
input CoinFilterInput { owner: Address!, assetId: AssetId }
type CoinOutput { to: Address!, amount: U64!, assetId: AssetId! }
union CoinType = Coin | MessageCoin
union Consensus = Genesis | PoAConsensus
type ConsensusParameters {
  version: ConsensusParametersVersion!, txParams: TxParameters!,
  predicateParams: PredicateParameters!, scriptParams: ScriptParameters!,
  contractParams: ContractParameters!, feeParams: FeeParameters!, baseAssetId: AssetId!,
  blockGasLimit: U64!, blockTransactionSizeLimit: U64!, chainId: U64!, gasCosts: GasCosts!,
  privilegedAddress: Address!
}
type ConsensusParametersPurpose { witnessIndex: U16!, checksum: Bytes32! }
enum ConsensusParametersVersion { V1 }
type Contract { id: ContractId!, bytecode: HexString!, salt: Salt! }
type ContractBalance { contract: ContractId!, amount: U64!, assetId: AssetId! }
type ContractBalanceConnection {
  pageInfo: PageInfo!, edges: [ContractBalanceEdge!]!, nodes: [ContractBalance!]!
}
type ContractBalanceEdge { node: ContractBalance!, cursor: String! }
input ContractBalanceFilterInput { contract: ContractId! }
type ContractCreated { contract: ContractId!, stateRoot: Bytes32! }
type ContractOutput { inputIndex: U16!, balanceRoot: Bytes32!, stateRoot: Bytes32! }
type ContractParameters {
  version: ContractParametersVersion!, contractMaxSize: U64!, maxStorageSlots: U64!
}
enum ContractParametersVersion { V1 }
type DaCompressedBlock { bytes: HexString! }
union DependentCost = LightOperation | HeavyOperation
enum Destroy { DESTROY }
type DryRunFailureStatus {
  programState: ProgramState, reason: String!, receipts: [Receipt!]!, totalGas: U64!,
  totalFee: U64!
}
type DryRunStorageReads {
  txStatuses: [DryRunTransactionExecutionStatus!]!, storageReads: [StorageReadReplayEvent!]!
}
type DryRunSuccessStatus {
  programState: ProgramState, receipts: [Receipt!]!, totalGas: U64!, totalFee: U64!
}
type DryRunTransactionExecutionStatus {
  id: TransactionId!, status: DryRunTransactionStatus!, receipts: [Receipt!]!
}
union DryRunTransactionStatus = DryRunSuccessStatus | DryRunFailureStatus
type EstimateGasPrice { gasPrice: U64! }
input ExcludeInput { utxos: [UtxoId!]!, messages: [Nonce!]! }
type FailureStatus {
  transactionId: TransactionId!, blockHeight: U32!, block: Block!, transaction: Transaction!,
  time: Tai64Timestamp!, reason: String!, programState: ProgramState, receipts: [Receipt!]!,
  totalGas: U64!, totalFee: U64!
}
type FeeParameters { version: FeeParametersVersion!, gasPriceFactor: U64!, gasPerByte: U64! }
enum FeeParametersVersion { V1 }
type GasCosts {
  version: GasCostsVersion!, add: U64!, addi: U64!, aloc: U64!, and: U64!, andi: U64!, bal: U64!,
  bhei: U64!, bhsh: U64!, burn: U64!, cb: U64!, cfei: U64!, cfsi: U64!, div: U64!, divi: U64!,
  ecr1: U64!, eck1: U64!, ed19: U64!, eq: U64!, exp: U64!, expi: U64!, flag: U64!, gm: U64!,
  gt: U64!, gtf: U64!, ji: U64!, jmp: U64!, jne: U64!, jnei: U64!, jnzi: U64!, jmpf: U64!,
  jmpb: U64!, jnzf: U64!, jnzb: U64!, jnef: U64!, jneb: U64!, lb: U64!, log: U64!, lt: U64!,
  lw: U64!, mint: U64!, mlog: U64!, modOp: U64!, modi: U64!, moveOp: U64!, movi: U64!, mroo: U64!,
  mul: U64!, muli: U64!, mldv: U64!, niop: U64, noop: U64!, not: U64!, or: U64!, ori: U64!,
  poph: U64!, popl: U64!, pshh: U64!, pshl: U64!, ret: U64!, rvrt: U64!, sb: U64!, sll: U64!,
  slli: U64!, srl: U64!, srli: U64!, srw: U64, sub: U64!, subi: U64!, sw: U64!, sww: U64,
  time: U64!, tr: U64!, tro: U64!, wdcm: U64!, wqcm: U64!, wdop: U64!, wqop: U64!, wdml: U64!,
  wqml: U64!, wddv: U64!, wqdv: U64!, wdmd: U64!, wqmd: U64!, wdam: U64!, wqam: U64!, wdmm: U64!,
  wqmm: U64!, xor: U64!, xori: U64!, ecop: U64, alocDependentCost: DependentCost!,
  bldd: DependentCost, bsiz: DependentCost, cfe: DependentCost!,
  cfeiDependentCost: DependentCost!, call: DependentCost!, ccp: DependentCost!,
  croo: DependentCost!, csiz: DependentCost!, ed19DependentCost: DependentCost!,
  k256: DependentCost!, ldc: DependentCost!, logd: DependentCost!, mcl: DependentCost!,
  mcli: DependentCost!, mcp: DependentCost!, mcpi: DependentCost!, meq: DependentCost!,
  retd: DependentCost!, s256: DependentCost!, scwq: DependentCost, smo: DependentCost!,
  srwq: DependentCost, swwq: DependentCost, epar: DependentCost, storageReadCold: DependentCost,
  storageReadHot: DependentCost, storageWrite: DependentCost, storageClear: DependentCost,
  contractRoot: DependentCost!, stateRoot: DependentCost!, vmInitialization: DependentCost!,
  newStoragePerByte: U64!
}
enum GasCostsVersion { V1 }
type Genesis {
  chainConfigHash: Bytes32!, coinsRoot: Bytes32!, contractsRoot: Bytes32!, messagesRoot: Bytes32!,
  transactionsRoot: Bytes32!
}
type Header {
  version: HeaderVersion!, id: BlockId!, daHeight: U64!, consensusParametersVersion: U32!,
  stateTransitionBytecodeVersion: U32!, transactionsCount: U16!, messageReceiptCount: U32!,
  transactionsRoot: Bytes32!, messageOutboxRoot: Bytes32!, eventInboxRoot: Bytes32!, height: U32!,
  prevRoot: Bytes32!, time: Tai64Timestamp!, applicationHash: Bytes32!, txIdCommitment: Bytes32
}
enum HeaderVersion { V1 V2 }
type HeavyOperation { base: U64!, gasPerUnit: U64! }
type IndexationFlags { balances: Boolean!, coinsToSpend: Boolean!, assetMetadata: Boolean! }
union Input = InputCoin | InputContract | InputMessage
type InputCoin {
  utxoId: UtxoId!, owner: Address!, amount: U64!, assetId: AssetId!, txPointer: TxPointer!,
  witnessIndex: U16!, predicateGasUsed: U64!, predicate: HexString!, predicateData: HexString!
}
type InputContract {
  utxoId: UtxoId!, balanceRoot: Bytes32!, stateRoot: Bytes32!, txPointer: TxPointer!,
  contractId: ContractId!
}
type InputMessage {
  sender: Address!, recipient: Address!, amount: U64!, nonce: Nonce!, witnessIndex: U16!,
  predicateGasUsed: U64!, data: HexString!, predicate: HexString!, predicateData: HexString!
}
type LatestGasPrice { gasPrice: U64!, blockHeight: U32! }
type LightOperation { base: U64!, unitsPerGas: U64! }
type MerkleProof { proofSet: [Bytes32!]!, proofIndex: U64! }
type Message {
  amount: U64!, sender: Address!, recipient: Address!, nonce: Nonce!, data: HexString!,
  daHeight: U64!
}
type MessageCoin {
  sender: Address!, recipient: Address!, nonce: Nonce!, amount: U64!, assetId: AssetId!,
  daHeight: U64!
}
type MessageConnection { pageInfo: PageInfo!, edges: [MessageEdge!]!, nodes: [Message!]! }
type MessageEdge { node: Message!, cursor: String! }
type MessageProof {
  messageProof: MerkleProof!, blockProof: MerkleProof!, messageBlockHeader: Header!,
  commitBlockHeader: Header!, sender: Address!, recipient: Address!, nonce: Nonce!, amount: U64!,
  data: HexString!
}
enum MessageState { UNSPENT SPENT NOT_FOUND }
type MessageStatus { state: MessageState! }
type Mutation {
  startSession: ID!
  endSession(id: ID!): Boolean!
  reset(id: ID!): Boolean!
  execute(id: ID!, op: String!): Boolean!
  setSingleStepping(id: ID!, enable: Boolean!): Boolean!
  setBreakpoint(id: ID!, breakpoint: Breakpoint!): Boolean!
  startTx(id: ID!, txJson: String!): RunResult!
  continueTx(id: ID!): RunResult!
  dryRun(
    txs: [HexString!]!, utxoValidation: Boolean, gasPrice: U64, blockHeight: U32
  ): [DryRunTransactionExecutionStatus!]! @deprecated(reason: "Use the query of the same name.")
  submit(tx: HexString!, estimatePredicates: Boolean): Transaction!
  produceBlocks(startTimestamp: Tai64Timestamp, blocksToProduce: U32!): U32!
}
type NodeInfo {
  utxoValidation: Boolean!, vmBacktrace: Boolean!, maxTx: U64!, maxGas: U64!, maxSize: U64!,
  maxDepth: U64!, nodeVersion: String!, indexation: IndexationFlags!, txPoolStats: TxPoolStats!,
  peers: [PeerInfo!]!
}
union Output = CoinOutput | ContractOutput | ChangeOutput | VariableOutput | ContractCreated
type OutputBreakpoint { contract: ContractId!, pc: U64! }
type PageInfo {
  hasPreviousPage: Boolean!, hasNextPage: Boolean!, startCursor: String, endCursor: String
}
type PeerInfo {
  id: String!, addresses: [String!]!, clientVersion: String, blockHeight: U32,
  lastHeartbeatMs: U64!, appScore: Float!
}
type PoAConsensus { signature: Signature! }
type Policies { tip: U64, witnessLimit: U64, maturity: U32, maxFee: U64 }
type PreconfirmationFailureStatus {
  reason: String!, txPointer: TxPointer!, totalGas: U64!, totalFee: U64!,
  transactionId: TransactionId!, transaction: Transaction, receipts: [Receipt!],
  resolvedOutputs: [ResolvedOutput!]
}
type PreconfirmationSuccessStatus {
  txPointer: TxPointer!, totalGas: U64!, totalFee: U64!, transactionId: TransactionId!,
  transaction: Transaction, receipts: [Receipt!], resolvedOutputs: [ResolvedOutput!]
}
input Predicate { predicateAddress: Address!, predicate: HexString!, predicateData: HexString! }
type PredicateParameters {
  version: PredicateParametersVersion!, maxPredicateLength: U64!, maxPredicateDataLength: U64!,
  maxGasPerPredicate: U64!, maxMessageDataLength: U64!
}
enum PredicateParametersVersion { V1 }
type ProgramState { returnType: ReturnType!, data: HexString! }
type Query {
  assetDetails(id: AssetId!): AssetInfoDetails
  register(id: ID!, register: U32!): U64!
  memory(id: ID!, start: U32!, size: U32!): String!
  balance(owner: Address!, assetId: AssetId!): Balance!
  balances(
    filter: BalanceFilterInput!, first: Int, after: String, last: Int, before: String
  ): BalanceConnection!
  blob(id: BlobId!): Blob
  block(id: BlockId, height: U32): Block
  blocks(first: Int, after: String, last: Int, before: String): BlockConnection!
  chain: ChainInfo!
  transaction(id: TransactionId!): Transaction
  transactions(first: Int, after: String, last: Int, before: String): TransactionConnection!
  transactionsByOwner(
    owner: Address!, first: Int, after: String, last: Int, before: String
  ): TransactionConnection!
  assembleTx(
    tx: HexString!, blockHorizon: U32!, requiredBalances: [RequiredBalance!]!,
    feeAddressIndex: U16!, excludeInput: ExcludeInput, estimatePredicates: Boolean, reserveGas: U64
  ): AssembleTransactionResult!
  estimatePredicates(tx: HexString!): Transaction!
  dryRun(
    txs: [HexString!]!, utxoValidation: Boolean, gasPrice: U64, blockHeight: U32
  ): [DryRunTransactionExecutionStatus!]!
  dryRunRecordStorageReads(
    txs: [HexString!]!, utxoValidation: Boolean, gasPrice: U64, blockHeight: U32
  ): DryRunStorageReads!
  storageReadReplay(height: U32!): [StorageReadReplayEvent!]!
  health: Boolean!
  coin(utxoId: UtxoId!): Coin
  coins(
    filter: CoinFilterInput!, first: Int, after: String, last: Int, before: String
  ): CoinConnection!
  coinsToSpend(
    owner: Address!, queryPerAsset: [SpendQueryElementInput!]!, excludedIds: ExcludeInput
  ): [[CoinType!]!]!
  daCompressedBlock(height: U32!): DaCompressedBlock
  contract(id: ContractId!): Contract
  contractBalance(contract: ContractId!, asset: AssetId!): ContractBalance!
  contractBalances(
    filter: ContractBalanceFilterInput!, first: Int, after: String, last: Int, before: String
  ): ContractBalanceConnection!
  nodeInfo: NodeInfo!
  latestGasPrice: LatestGasPrice!
  estimateGasPrice(blockHorizon: U32): EstimateGasPrice!
  message(nonce: Nonce!): Message
  messages(
    owner: Address, first: Int, after: String, last: Int, before: String
  ): MessageConnection!
  messageProof(
    transactionId: TransactionId!, nonce: Nonce!, commitBlockId: BlockId, commitBlockHeight: U32
  ): MessageProof!
  messageStatus(nonce: Nonce!): MessageStatus!
  relayedTransactionStatus(id: RelayedTransactionId!): RelayedTransactionStatus
  consensusParameters(version: Int!): ConsensusParameters!
  stateTransitionBytecodeByVersion(version: Int!): StateTransitionBytecode
  stateTransitionBytecodeByRoot(root: HexString!): StateTransitionBytecode!
  contractSlotValues(
    contractId: ContractId!, blockHeight: U32, storageSlots: [Bytes32!]!
  ): [StorageSlot!]!
  contractBalanceValues(
    contractId: ContractId!, blockHeight: U32, assets: [AssetId!]!
  ): [ContractBalance!]!
}
type Receipt {
  id: ContractId, pc: U64, is: U64, to: ContractId, toAddress: Address, amount: U64,
  assetId: AssetId, gas: U64, param1: U64, param2: U64, val: U64, ptr: U64, digest: Bytes32,
  reason: U64, ra: U64, rb: U64, rc: U64, rd: U64, len: U64, receiptType: ReceiptType!,
  result: U64, gasUsed: U64, data: HexString, sender: Address, recipient: Address, nonce: Nonce,
  contractId: ContractId, subId: SubId
}
enum ReceiptType { CALL RETURN RETURN_DATA PANIC REVERT LOG LOG_DATA TRANSFER TRANSFER_OUT
  SCRIPT_RESULT MESSAGE_OUT MINT BURN }
type RelayedTransactionFailed { blockHeight: U32!, failure: String! }
union RelayedTransactionStatus = RelayedTransactionFailed
input RequiredBalance {
  assetId: AssetId!, amount: U64!, account: Account!, changePolicy: ChangePolicy!
}
type ResolvedOutput { utxoId: UtxoId!, output: Output! }
enum ReturnType { RETURN RETURN_DATA REVERT }
type RunResult { state: RunState!, breakpoint: OutputBreakpoint, jsonReceipts: [String!]! }
enum RunState { COMPLETED BREAKPOINT }
type ScriptParameters {
  version: ScriptParametersVersion!, maxScriptLength: U64!, maxScriptDataLength: U64!,
  maxStorageSlotLength: U64!
}
enum ScriptParametersVersion { V1 V2 }
input SpendQueryElementInput { assetId: AssetId!, amount: U128!, max: U16, allowPartial: Boolean }
type SqueezedOutStatus { transactionId: TransactionId!, reason: String! }
type StateTransitionBytecode { root: HexString!, bytecode: UploadedBytecode! }
type StateTransitionPurpose { root: Bytes32! }
type StorageReadReplayEvent { column: U32!, key: HexString!, value: HexString }
type StorageSlot { key: Bytes32!, value: HexString! }
type SubmittedStatus { time: Tai64Timestamp! }
type Subscription {
  statusChange(id: TransactionId!, includePreconfirmation: Boolean): TransactionStatus!
  alpha__preconfirmations: TransactionStatus!
  submitAndAwait(tx: HexString!, estimatePredicates: Boolean): TransactionStatus!
  submitAndAwaitStatus(
    tx: HexString!, estimatePredicates: Boolean, includePreconfirmation: Boolean
  ): TransactionStatus!
  contractStorageSlots(contractId: ContractId!): StorageSlot!
  contractStorageBalances(contractId: ContractId!): ContractBalance!
  alpha__new_blocks: HexString!
}
type SuccessStatus {
  transactionId: TransactionId!, blockHeight: U32!, block: Block!, transaction: Transaction!,
  time: Tai64Timestamp!, programState: ProgramState, receipts: [Receipt!]!, totalGas: U64!,
  totalFee: U64!
}
type Transaction {
  id: TransactionId!, inputAssetIds: [AssetId!], inputContracts: [ContractId!],
  inputContract: InputContract, policies: Policies, scriptGasLimit: U64, maturity: U32,
  mintAmount: U64, mintAssetId: AssetId, mintGasPrice: U64, txPointer: TxPointer,
  isScript: Boolean!, isCreate: Boolean!, isMint: Boolean!, isUpgrade: Boolean!,
  isUpload: Boolean!, isBlob: Boolean!, inputs: [Input!], outputs: [Output!]!,
  outputContract: ContractOutput, witnesses: [HexString!], receiptsRoot: Bytes32,
  status(includePreconfirmation: Boolean): TransactionStatus, script: HexString,
  scriptData: HexString, bytecodeWitnessIndex: U16, blobId: BlobId, salt: Salt,
  storageSlots: [HexString!], bytecodeRoot: Bytes32, subsectionIndex: U16, subsectionsNumber: U16,
  proofSet: [Bytes32!], upgradePurpose: UpgradePurpose, rawPayload: HexString!
}
type TransactionConnection {
  pageInfo: PageInfo!, edges: [TransactionEdge!]!, nodes: [Transaction!]!
}
type TransactionEdge { node: Transaction!, cursor: String! }
union TransactionStatus = SubmittedStatus | SuccessStatus | PreconfirmationSuccessStatus |
  SqueezedOutStatus | FailureStatus | PreconfirmationFailureStatus
type TxParameters {
  version: TxParametersVersion!, maxInputs: U16!, maxOutputs: U16!, maxWitnesses: U32!,
  maxGasPerTx: U64!, maxSize: U64!, maxBytecodeSubsections: U16!
}
enum TxParametersVersion { V1 }
type TxPoolStats { txCount: U64!, totalSize: U64!, totalGas: U64! }
union UpgradePurpose = ConsensusParametersPurpose | StateTransitionPurpose
type UploadedBytecode {
  bytecode: HexString!, uploadedSubsectionsNumber: Int, completed: Boolean!
}
type VariableOutput { to: Address!, amount: U64!, assetId: AssetId! }
`;
