/** What the transaction page asks for, and the form of the answer. */
import { KIND_FIELDS, type TxKind } from './txKinds.ts';

export type Input = {
  type: 'InputCoin' | 'InputContract' | 'InputMessage';
  utxoId?: string;
  owner?: string;
  amount?: string;
  assetId?: string;
  predicate?: string;
  predicateData?: string;
  predicateGasUsed?: string;
  contractId?: string;
  sender?: string;
  recipient?: string;
  nonce?: string;
  data?: string;
};

export type Output = {
  type: 'CoinOutput' | 'ContractOutput' | 'ChangeOutput' | 'VariableOutput' | 'ContractCreated';
  to?: string;
  amount?: string;
  assetId?: string;
  inputIndex?: string;
  contract?: string;
  stateRoot?: string;
};

export type Receipt = {
  receiptType: string;
} & Readonly<
  Partial<
    Record<
      | 'id'
      | 'pc'
      | 'is'
      | 'to'
      | 'toAddress'
      | 'amount'
      | 'assetId'
      | 'gas'
      | 'param1'
      | 'param2'
      | 'val'
      | 'digest'
      | 'reason'
      | 'ra'
      | 'rb'
      | 'rc'
      | 'rd'
      | 'len'
      | 'result'
      | 'gasUsed'
      | 'data'
      | 'sender'
      | 'recipient'
      | 'nonce'
      | 'contractId'
      | 'subId',
      string | null
    >
  >
>;

export type Status = {
  type: string;
  blockHeight?: string;
  time?: string;
  totalGas?: string;
  totalFee?: string;
  reason?: string;
  receipts?: Receipt[];
  /** Of a block that is still being made. */
  early?: Receipt[] | null;
};

export type Tx = TxKind & {
  id: string;
  policies: Record<string, string | null> | null;
  scriptGasLimit: string | null;
  inputs: Input[] | null;
  outputs: Output[];
  witnesses: string[] | null;
  script: string | null;
  scriptData: string | null;
  bytecodeWitnessIndex: string | null;
  blobId: string | null;
  salt: string | null;
  storageSlots: string[] | null;
  bytecodeRoot: string | null;
  subsectionIndex: string | null;
  subsectionsNumber: string | null;
  mintAmount: string | null;
  mintGasPrice: string | null;
  inputContract: { contractId: string } | null;
  upgradePurpose: { type: string; checksum?: string; root?: string } | null;
  rawPayload: string;
  status: Status | null;
};

const RECEIPTS = `receipts { receiptType id pc is to toAddress amount assetId gas param1 param2 val
  digest reason ra rb rc rd len result gasUsed data sender recipient nonce contractId subId }`;

export const TRANSACTION: string = `query Transaction($id: TransactionId!) {
  transaction(id: $id) {
    id ${KIND_FIELDS} policies { tip witnessLimit maturity maxFee } scriptGasLimit
    inputs { type: __typename
      ... on InputCoin { utxoId owner amount assetId predicate predicateData predicateGasUsed }
      ... on InputContract { utxoId contractId }
      ... on InputMessage { sender recipient amount nonce data predicate predicateData predicateGasUsed }
    }
    outputs { type: __typename
      ... on CoinOutput { to amount assetId } ... on ChangeOutput { to amount assetId }
      ... on VariableOutput { to amount assetId } ... on ContractOutput { inputIndex }
      ... on ContractCreated { contract stateRoot }
    }
    witnesses script scriptData bytecodeWitnessIndex blobId salt storageSlots bytecodeRoot
    subsectionIndex subsectionsNumber mintAmount mintGasPrice inputContract { contractId }
    upgradePurpose { type: __typename ... on ConsensusParametersPurpose { checksum }
      ... on StateTransitionPurpose { root } }
    rawPayload
    status(includePreconfirmation: true) { type: __typename
      ... on SubmittedStatus { time }
      ... on SuccessStatus { blockHeight time totalGas totalFee ${RECEIPTS} }
      ... on FailureStatus { blockHeight time totalGas totalFee reason ${RECEIPTS} }
      ... on PreconfirmationSuccessStatus { totalGas totalFee early: ${RECEIPTS} }
      ... on PreconfirmationFailureStatus { totalGas totalFee reason early: ${RECEIPTS} }
      ... on SqueezedOutStatus { reason }
    }
  }
}`;
