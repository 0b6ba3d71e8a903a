/** Loading, storing and multiplying limbs. */
import { Code } from '../../primitives/wasm/code.ts';
import { I32, I64, V128, type ValueType, type WasmFunction } from '../../primitives/wasm/encode.ts';
import { A, B, clear, functionOf, U, V } from './layout.ts';

/** Limbs of 128 and 256 bits. */
const D_LIMBS = 4;
const Q_LIMBS = 8;

/** Bytes of 4 or 8 limbs at `from`, from last to first, to `to`. The ranges do not meet. */
function reversing(): Code {
  const [from, limbs, to, vector] = [0, 1, 2, 3];
  const code = new Code(vector);
  code.block(() => {
    code.get(limbs).i32(D_LIMBS).op('i32Ne').brIf(0);
    code.get(to).get(from).loadReversed(0).storeVector(0).op('return');
  });
  code.get(to).get(from).loadReversed(16).storeVector(0);
  code.get(to).get(from).loadReversed(0).storeVector(16);
  return code;
}

/** load(from, limbs, to): big-endian integer to limbs. */
export function loadFunction(): WasmFunction {
  return functionOf(3, 0, [V128], reversing());
}

/** store(from, limbs, to): limbs to big-endian integer. */
export function storeFunction(): WasmFunction {
  return functionOf(3, 0, [V128], reversing());
}

/** significant(at, limbs): limbs up to the most significant one that is not 0. */
export function significantFunction(): WasmFunction {
  const code = new Code();
  const [at, limbs] = [0, 1];
  code.while(
    () => {
      code.get(limbs).i32(0).op('i32Ne');
      code.get(at).get(limbs).i32(2).op('i32Shl').op('i32Add').i32(4).op('i32Sub');
      // Behind the first limb nothing is read: with 0 limbs the load is of the word before.
      code.load32(0).op('i32Eqz').op('i32And');
    },
    () => code.get(limbs).i32(1).op('i32Sub').set(limbs),
  );
  code.get(limbs);
  return functionOf(2, 1, [], code);
}

/** Locals of a full product behind those of `multiply`: right factor, then result. */
const FULL_CARRY = 8;
const FULL_LEFT = 9;
const FULL_FACTOR = 10;

/** As `multiply` where both factors have all limbs: unrolled, limbs in locals. */
function multiplyFull(code: Code, scratch: number, limbs: number): void {
  const product = FULL_FACTOR + Q_LIMBS;
  for (let j = 0; j < limbs; j++) {
    code
      .i32(scratch + B)
      .load32To64(4 * j)
      .set(FULL_FACTOR + j);
    code.i64(0n).set(product + j);
  }
  for (let i = 0; i < limbs; i++) {
    code
      .i32(scratch + A)
      .load32To64(4 * i)
      .set(FULL_LEFT)
      .i64(0n)
      .set(FULL_CARRY);
    for (let j = 0; j < limbs; j++) {
      code
        .get(FULL_LEFT)
        .get(FULL_FACTOR + j)
        .op('i64Mul');
      code
        .get(product + i + j)
        .op('i64Add')
        .get(FULL_CARRY)
        .op('i64Add')
        .tee(FULL_CARRY);
      code
        .i64(0xffff_ffffn)
        .op('i64And')
        .set(product + i + j);
      code.get(FULL_CARRY).i64(32n).op('i64ShrU').set(FULL_CARRY);
    }
    code.get(FULL_CARRY).set(product + i + limbs);
  }
  for (let i = 0; i < 2 * limbs; i++) {
    code
      .i32(scratch + U)
      .get(product + i)
      .store64To32(4 * i);
  }
}

/** multiply(n, m): U = first n limbs of A · first m limbs of B. @returns limbs of U, n + m */
export function multiplyFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [n, m, pa, pb, pu, aEnd, bEnd, row] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [carry, x] = [8, 9];
  for (const limbs of [Q_LIMBS, D_LIMBS]) {
    code.block(() => {
      code.get(n).i32(limbs).op('i32Ne').get(m).i32(limbs).op('i32Ne').op('i32Or').brIf(0);
      multiplyFull(code, scratch, limbs);
      code.i32(2 * limbs).op('return');
    });
  }
  clear(code, scratch + U, V - U);
  code
    .i32(scratch + A)
    .tee(pa)
    .get(n)
    .i32(2)
    .op('i32Shl')
    .op('i32Add')
    .set(aEnd);
  code
    .i32(scratch + B)
    .get(m)
    .i32(2)
    .op('i32Shl')
    .op('i32Add')
    .set(bEnd);
  code.i32(scratch + U).set(row);
  code.while(
    () => code.get(pa).get(aEnd).op('i32LtU'),
    () => {
      code.get(pa).load32To64(0).set(x).i64(0n).set(carry);
      code
        .get(row)
        .set(pu)
        .i32(scratch + B)
        .set(pb);
      code.while(
        () => code.get(pb).get(bEnd).op('i32LtU'),
        () => {
          code.get(x).get(pb).load32To64(0).op('i64Mul');
          code.get(pu).load32To64(0).op('i64Add').get(carry).op('i64Add').set(carry);
          code.get(pu).get(carry).store64To32(0);
          code.get(carry).i64(32n).op('i64ShrU').set(carry);
          code.get(pb).i32(4).op('i32Add').set(pb).get(pu).i32(4).op('i32Add').set(pu);
        },
      );
      code.get(pu).get(carry).store64To32(0);
      code.get(pa).i32(4).op('i32Add').set(pa).get(row).i32(4).op('i32Add').set(row);
    },
  );
  code.get(n).get(m).op('i32Add');
  const longs = new Array<ValueType>(FULL_FACTOR + 3 * Q_LIMBS - carry).fill(I64);
  return functionOf(2, 1, [I32, I32, I32, I32, I32, I32, ...longs], code);
}
