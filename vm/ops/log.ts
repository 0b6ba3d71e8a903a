/** LOG and LOGD: receipts for the outside. @source fuel-vm 0.66.4, log */
import { ZERO_B256 } from '../../primitives/types.ts';
import { IS, PC } from '../machine.ts';
import type { Run } from '../row.ts';
import { digestAt } from './crypto.ts';

/** Logs four words. */
export const log: Run = (m, a, b, c, d) =>
  m.pushReceipt({
    type: 'log',
    id: m.contract ?? ZERO_B256,
    ra: m.reg(a),
    rb: m.reg(b),
    rc: m.reg(c),
    rd: m.reg(d),
    pc: m.reg(PC),
    is: m.reg(IS),
  });

/** Logs two words and `len` bytes of memory. */
export const logd: Run = (m, a, b, address, length) => {
  const at = m.num(address);
  const step = m.checkRead(at, m.num(length));
  if (step !== 0) return step;
  const data = m.mem.slice(at, at + m.num(length));
  return m.pushReceipt({
    type: 'logData',
    id: m.contract ?? ZERO_B256,
    ra: m.reg(a),
    rb: m.reg(b),
    ptr: m.reg(address),
    len: m.reg(length),
    digest: digestAt(m, at, data.length),
    data,
    pc: m.reg(PC),
    is: m.reg(IS),
  });
};
