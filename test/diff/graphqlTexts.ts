/** The queries of the comparison: they select nearly every field that a node can answer. */

const RECEIPT_FIELDS = `id pc is to toAddress amount assetId gas param1 param2 val ptr digest reason
  ra rb rc rd len receiptType result gasUsed data sender recipient nonce contractId subId`;
const OUTCOME = `programState { returnType data } receipts { ${RECEIPT_FIELDS} } totalGas totalFee`;
const INCLUDED = `transactionId blockHeight time ${OUTCOME}`;
const STATUS = `status { __typename ... on SuccessStatus { ${INCLUDED} }
  ... on FailureStatus { reason ${INCLUDED} } }`;
const DRY_RUN_STATUS = `status { __typename ... on DryRunSuccessStatus { ${OUTCOME} }
  ... on DryRunFailureStatus { reason ${OUTCOME} } }`;
const INPUTS = `inputs { __typename
  ... on InputCoin { utxoId owner amount assetId txPointer witnessIndex predicateGasUsed predicate
    predicateData }
  ... on InputContract { utxoId balanceRoot stateRoot txPointer contractId }
  ... on InputMessage { sender recipient amount nonce witnessIndex predicateGasUsed data predicate
    predicateData } }`;
const OUTPUTS = `outputs { __typename
  ... on CoinOutput { to amount assetId } ... on ContractOutput { inputIndex balanceRoot stateRoot }
  ... on ChangeOutput { to amount assetId } ... on VariableOutput { to amount assetId }
  ... on ContractCreated { contract stateRoot } }`;
const TRANSACTION = `id isScript isCreate isMint isBlob isUpload isUpgrade inputAssetIds
  inputContracts inputContract { utxoId balanceRoot stateRoot txPointer contractId }
  policies { tip witnessLimit maturity maxFee } scriptGasLimit maturity mintAmount mintAssetId
  mintGasPrice txPointer ${INPUTS} ${OUTPUTS} outputContract { inputIndex balanceRoot stateRoot }
  witnesses receiptsRoot script scriptData bytecodeWitnessIndex blobId salt storageSlots
  bytecodeRoot subsectionIndex subsectionsNumber proofSet rawPayload ${STATUS}`;
/** Ids are left out: a reference without a relayer has another inbox root in every header. */
const HEADER = `version daHeight consensusParametersVersion stateTransitionBytecodeVersion
  transactionsCount messageReceiptCount transactionsRoot messageOutboxRoot height time`;
const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const PAGE_VARIABLES = '$first: Int, $after: String, $last: Int, $before: String';
const PAGE_ARGS = 'first: $first, after: $after, last: $last, before: $before';

export const DRY_RUN: string = `query($txs: [HexString!]!, $check: Boolean, $price: U64) {
  dryRun(txs: $txs, utxoValidation: $check, gasPrice: $price) { id ${DRY_RUN_STATUS} } }`;
export const ESTIMATE: string =
  'query($tx: HexString!) { estimatePredicates(tx: $tx) { rawPayload } }';
export const SUBMIT: string = 'mutation($tx: HexString!) { submit(tx: $tx) { id } }';
export const PRODUCE: string = `mutation($time: Tai64Timestamp) {
  produceBlocks(startTimestamp: $time, blocksToProduce: "1") }`;
export const BLOCK: string = `query($height: U32) { block(height: $height) { version height
  header { ${HEADER} } consensus { __typename } transactionIds transactions { ${TRANSACTION} } } }`;

/** Connections by name; `$id` is the owner or the contract. */
export const PAGES: Readonly<Record<string, string>> = {
  coins: `query($id: Address!, ${PAGE_VARIABLES}) {
    page: coins(filter: { owner: $id }, ${PAGE_ARGS}) { ${PAGE_INFO}
      edges { cursor node { utxoId owner amount assetId blockCreated txCreatedIdx } } } }`,
  balances: `query($id: Address!, ${PAGE_VARIABLES}) {
    page: balances(filter: { owner: $id }, ${PAGE_ARGS}) { ${PAGE_INFO}
      edges { cursor node { owner amount amountU128 assetId } } } }`,
  messages: `query($id: Address!, ${PAGE_VARIABLES}) {
    page: messages(owner: $id, ${PAGE_ARGS}) { ${PAGE_INFO}
      edges { cursor node { amount sender recipient nonce data daHeight } } } }`,
  transactionsByOwner: `query($id: Address!, ${PAGE_VARIABLES}) {
    page: transactionsByOwner(owner: $id, ${PAGE_ARGS}) { ${PAGE_INFO}
      edges { cursor node { id rawPayload ${STATUS} } } } }`,
};
export const CONTRACT_PAGE: string = `query($id: ContractId!, ${PAGE_VARIABLES}) {
  page: contractBalances(filter: { contract: $id }, ${PAGE_ARGS}) { ${PAGE_INFO}
    edges { cursor node { contract amount assetId } } } }`;
export const CHAIN_PAGES: Readonly<Record<string, string>> = {
  blocks: `query(${PAGE_VARIABLES}) {
    page: blocks(${PAGE_ARGS}) { ${PAGE_INFO} edges { cursor node { height } } } }`,
  transactions: `query(${PAGE_VARIABLES}) {
    page: transactions(${PAGE_ARGS}) { ${PAGE_INFO} edges { cursor node { id } } } }`,
};

export const CONTRACT: string =
  'query($id: ContractId!) { contract(id: $id) { id bytecode salt } }';
export const ASSET: string = `query($id: AssetId!) {
  assetDetails(id: $id) { contractId subId totalSupply } }`;
export const BALANCE: string = `query($owner: Address!, $asset: AssetId!) {
  balance(owner: $owner, assetId: $asset) { owner amount amountU128 assetId } }`;
/** Never met: only the text of the error is compared, the choice of coins is free. */
export const SPEND_TOO_MUCH: string = `query($owner: Address!, $asset: AssetId!, $max: U16) {
  coinsToSpend(owner: $owner, queryPerAsset:
    [{ assetId: $asset, amount: "99999999999999999999999999", max: $max }]) { __typename } }`;
export const MESSAGE: string = `query($nonce: Nonce!) {
  message(nonce: $nonce) { amount sender } messageStatus(nonce: $nonce) { state } }`;
export const MESSAGE_PROOF: string = `query($tx: TransactionId!, $nonce: Nonce!, $height: U32) {
  messageProof(transactionId: $tx, nonce: $nonce, commitBlockHeight: $height) {
    messageProof { proofSet proofIndex } blockProof { proofIndex }
    messageBlockHeader { ${HEADER} } sender recipient nonce amount data } }`;
export const PARAMS: string = `{ chain { name daHeight consensusParameters { version
  txParams { version maxInputs maxOutputs maxWitnesses maxGasPerTx maxSize maxBytecodeSubsections }
  predicateParams { version maxPredicateLength maxPredicateDataLength maxGasPerPredicate
    maxMessageDataLength }
  scriptParams { version maxScriptLength maxScriptDataLength }
  contractParams { version contractMaxSize maxStorageSlots }
  feeParams { version gasPriceFactor gasPerByte }
  baseAssetId blockGasLimit blockTransactionSizeLimit chainId privilegedAddress } } }`;
export const ASSEMBLE: string = `query($tx: HexString!, $required: [RequiredBalance!]!,
  $exclude: ExcludeInput, $reserve: U64, $fee: U16!) {
  assembleTx(tx: $tx, blockHorizon: "0", requiredBalances: $required, feeAddressIndex: $fee,
    excludeInput: $exclude, reserveGas: $reserve, estimatePredicates: true) {
    gasPrice transaction { id rawPayload } ${DRY_RUN_STATUS} } }`;
