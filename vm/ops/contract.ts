/**
 * Code and balances of contracts, the block, coins that move, messages that leave.
 *
 * @source fuel-vm 0.66.4, blockchain and contract
 */
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { assetIdOf, codeRoot } from '../../tx/contractId.ts';
import { FIRST_WRITABLE, FP, IS, type Machine, PC } from '../machine.ts';
import { replaceVariableOutput } from '../outputMemory.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { chargeBase, chargeUnits } from './charge.ts';
import { checkDeclared, copyStored, credit, creditNothing, debit, idAt } from './world.ts';

const U32_MAX = 0xffff_ffffn;

/** dst = balance of a contract in an asset. */
export const bal: Run = (m, dst, assetAddress, contractAddress) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const assetAt = m.num(assetAddress);
  const contractAt = m.num(contractAddress);
  const wrong = m.checkRead(assetAt, 32) || m.checkRead(contractAt, 32);
  if (wrong !== 0) return wrong;
  const contract = idAt(m, contractAt);
  const step = checkDeclared(m, contract);
  if (step !== 0) return step;
  m.setReg(dst, m.ctx.storage.balance(contract, idAt(m, assetAt)) ?? 0n);
  return 0;
};

/** dst = height of the block under execution. */
export const bhei: Run = (m, dst) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  m.setReg(dst, BigInt(m.ctx.storage.blockHeight));
  return 0;
};

/** Writes the id of the block at a height. */
export const bhsh: Run = (m, dst, height) => {
  const wanted = m.reg(height);
  if (wanted > U32_MAX) return PANIC.InvalidBlockHeight;
  return writeId(m, m.num(dst), m.ctx.storage.blockHash(Number(wanted)));
};

/** Writes the coinbase contract. */
export const cb: Run = (m, dst) => writeId(m, m.num(dst), m.ctx.storage.coinbase);

function writeId(m: Machine, to: number, id: `0x${string}`): Step {
  const step = m.checkWrite(to, 32);
  if (step !== 0) return step;
  m.mem.set(hexToBytes(id), to);
  return 0;
}

/** dst = time of the block at a height, not above the current one. */
export const time: Run = (m, dst, height) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const wanted = m.reg(height);
  if (wanted > U32_MAX) return PANIC.InvalidBlockHeight;
  if (wanted > BigInt(m.ctx.storage.blockHeight)) return PANIC.TransactionValidity;
  const label = m.ctx.storage.timestamp(Number(wanted));
  if (label === null) return m.refuse('Storage');
  m.setReg(dst, label);
  return 0;
};

/** Creates coins of an own asset. Under the old rules nothing minted makes an entry as well. */
export const mint: Run = (m, amountRegister, subIdAddress) => {
  const at = m.num(subIdAddress);
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  const wrong = m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const subId = idAt(m, at);
  const val = m.reg(amountRegister);
  const assetId = assetIdOf(m.contract, subId);
  const step =
    val === 0n && m.ctx.rules === '0.65'
      ? creditNothing(m, m.contract, assetId)
      : credit(m, m.contract, assetId, val);
  if (step !== 0) return step;
  const { contract: contractId } = m;
  return m.pushReceipt({ type: 'mint', subId, contractId, val, pc: m.reg(PC), is: m.reg(IS) });
};

/** Destroys coins of an own asset; an entry that reaches zero is removed, but not by old rules. */
export const burn: Run = (m, amountRegister, subIdAddress) => {
  const at = m.num(subIdAddress);
  const { contract: contractId } = m;
  if (contractId === null) return PANIC.ExpectedInternalContext;
  const wrong = m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const subId = idAt(m, at);
  const val = m.reg(amountRegister);
  const isOld = m.ctx.rules === '0.65';
  if (val !== 0n || isOld) {
    const assetId = assetIdOf(contractId, subId);
    const old = m.ctx.storage.balance(contractId, assetId) ?? 0n;
    if (old < val) return PANIC.NotEnoughBalance;
    if (old === val && !isOld) m.ctx.storage.clearBalance(contractId, assetId);
    else m.ctx.storage.setBalance(contractId, assetId, old - val);
  }
  return m.pushReceipt({ type: 'burn', subId, contractId, val, pc: m.reg(PC), is: m.reg(IS) });
};

/** Copies a part of a contract's code into memory. Charges inside. */
export const ccp: Run = (m, dst, contractAddress, offset, length) => {
  const at = m.num(contractAddress);
  const to = m.num(dst);
  const len = m.reg(length);
  const from = m.reg(offset);
  const wrong = chargeBase(m, 'ccp') || m.checkRead(at, 32) || m.checkWrite(to, Number(len));
  if (wrong !== 0) return wrong;
  const contract = idAt(m, at);
  const missing = checkDeclared(m, contract);
  if (missing !== 0) return missing;
  const code = m.ctx.storage.contractCode(contract);
  if (code === null) return PANIC.ContractNotFound;
  const size = BigInt(code.length);
  const step = chargeUnits(m, 'ccp', len > size ? len : size);
  if (step !== 0) return step;
  copyStored(m, to, Number(len), code, from);
  return 0;
};

/** Writes the code root of a contract. Charges inside. */
export const croo: Run = (m, dst, contractAddress) => {
  const at = m.num(contractAddress);
  const to = m.num(dst);
  const wrong = chargeBase(m, 'croo') || m.checkRead(to, 32) || m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const contract = idAt(m, at);
  const missing = checkDeclared(m, contract);
  if (missing !== 0) return missing;
  const code = m.ctx.storage.contractCode(contract);
  if (code === null) return PANIC.ContractNotFound;
  return chargeUnits(m, 'croo', code.length) || writeId(m, to, codeRoot(code));
};

/** dst = code length of a contract. Charges inside. Unit: bytes. */
export const csiz: Run = (m, dst, contractAddress) => {
  const at = m.num(contractAddress);
  const paid = chargeBase(m, 'csiz');
  if (paid !== 0) return paid;
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const wrong = m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const contract = idAt(m, at);
  const missing = checkDeclared(m, contract);
  if (missing !== 0) return missing;
  const code = m.ctx.storage.contractCode(contract);
  if (code === null) return PANIC.ContractNotFound;
  const step = chargeUnits(m, 'csiz', code.length);
  if (step !== 0) return step;
  m.setReg(dst, BigInt(code.length));
  return 0;
};

/** Transfers coins to a contract. */
export const tr: Run = (m, contractAddress, amountRegister, assetAddress) => {
  const toAt = m.num(contractAddress);
  const assetAt = m.num(assetAddress);
  const amount = m.reg(amountRegister);
  const wrong = m.checkRead(toAt, 32) || m.checkRead(assetAt, 32);
  if (wrong !== 0) return wrong;
  const to = idAt(m, toAt);
  const assetId = idAt(m, assetAt);
  const missing = checkDeclared(m, to);
  if (missing !== 0) return missing;
  if (amount === 0n) return PANIC.TransferZeroCoins;
  return (
    debit(m, m.contract, assetId, amount) ||
    credit(m, to, assetId, amount) ||
    m.pushReceipt({
      type: 'transfer',
      id: m.contract ?? ZERO_B256,
      to,
      amount,
      assetId,
      pc: m.reg(PC),
      is: m.reg(IS),
    })
  );
};

/** Transfers coins to an address by filling a variable output. */
export const tro: Run = (m, toAddress, outputIndex, amountRegister, assetAddress) => {
  const toAt = m.num(toAddress);
  const assetAt = m.num(assetAddress);
  const amount = m.reg(amountRegister);
  if (m.reg(outputIndex) > U32_MAX) return PANIC.OutputNotFound;
  const wrong = m.checkRead(toAt, 32) || m.checkRead(assetAt, 32);
  if (wrong !== 0) return wrong;
  const to = idAt(m, toAt);
  const assetId = idAt(m, assetAt);
  if (amount === 0n) return PANIC.TransferZeroCoins;
  return (
    debit(m, m.contract, assetId, amount) ||
    replaceVariableOutput(m, m.num(outputIndex), { type: 'variable', to, amount, assetId }) ||
    m.pushReceipt({
      type: 'transferOut',
      id: m.contract ?? ZERO_B256,
      to,
      amount,
      assetId,
      pc: m.reg(PC),
      is: m.reg(IS),
    })
  );
};

/** Sends a message with coins of the base asset to the settlement layer. */
export const smo: Run = (m, recipientAddress, dataAddress, length, coins) => {
  const len = m.reg(length);
  if (len > m.ctx.params.predicateParams.maxMessageDataLength) return PANIC.MessageDataTooLong;
  const dataAt = m.num(dataAddress);
  const recipientAt = m.num(recipientAddress);
  const wrong =
    m.checkRead(dataAt, Number(len)) || m.checkRead(recipientAt, 32) || m.checkRead(m.num(FP), 32);
  if (wrong !== 0) return wrong;
  const data = m.mem.slice(dataAt, dataAt + Number(len));
  const recipient = idAt(m, recipientAt);
  // Outside contracts the frame pointer is zero, where the transaction id lies.
  const sender = idAt(m, m.num(FP));
  const amount = m.reg(coins);
  const step = debit(m, m.contract, m.ctx.params.baseAssetId, amount);
  if (step !== 0) return step;
  const index = new Uint8Array(8);
  new DataView(index.buffer).setBigUint64(0, BigInt(m.receipts.count));
  const nonce = sha256Hex(concatBytes(m.mem.subarray(0, 32), index));
  return m.pushReceipt({
    type: 'messageOut',
    sender,
    recipient,
    amount,
    nonce,
    len,
    digest: sha256Hex(data),
    data,
  });
};
