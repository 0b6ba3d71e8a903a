/** The exported functions of the wide kernel, from its parts. */
import { Code } from '../../primitives/wasm/code.ts';
import { I32, I64, type WasmFunction } from '../../primitives/wasm/encode.ts';
import {
  A,
  B,
  clear,
  F,
  functionOf,
  type Locals,
  Q,
  U,
  V,
  WIDE_OK,
  WIDE_OPERANDS,
  WIDE_OVERFLOW,
  WIDE_ZERO,
} from './layout.ts';

/** Ends an export: stores limbs, unless they are too many and need not be kept. */
function finish(code: Code, from: number, { to, limbs, keep, count }: Locals): void {
  code.get(count!).get(limbs!).op('i32GtU').set(count!);
  code
    .get(count!)
    .get(keep!)
    .op('i32Eqz')
    .op('i32And')
    .if(() => {
      code.i32(WIDE_OVERFLOW).op('return');
    });
  code.i32(from).get(limbs!).get(to!).call(F.store).get(count!);
}

function loadOperands(code: Code, scratch: number, a: number, b: number, limbs: number): void {
  code
    .get(a)
    .get(limbs)
    .i32(scratch + A)
    .call(F.load);
  code
    .get(b)
    .get(limbs)
    .i32(scratch + B)
    .call(F.load);
}

/** Multiplies A and B; the number of significant limbs of U goes to `count`. */
function multiplyLoaded(code: Code, scratch: number, limbs: number, count: number): void {
  code.i32(scratch + U);
  code
    .i32(scratch + A)
    .get(limbs)
    .call(F.significant);
  code
    .i32(scratch + B)
    .get(limbs)
    .call(F.significant)
    .call(F.multiply);
  code.call(F.significant).set(count);
}

/** product(a, b, to, limbs, keep) */
export function productFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [a, b, to, limbs, keep, count] = [0, 1, 2, 3, 4, 5];
  loadOperands(code, scratch, a, b, limbs);
  multiplyLoaded(code, scratch, limbs, count);
  finish(code, scratch + U, { to, limbs, keep, count });
  return functionOf(5, 1, [I32], code, 'product');
}

/** Loads the divisor; its significant limbs go to `m`. */
function loadDivisor(code: Code, scratch: number, c: number, limbs: number, m: number): void {
  code
    .get(c)
    .get(limbs)
    .i32(scratch + B)
    .call(F.load);
  code
    .i32(scratch + B)
    .get(limbs)
    .call(F.significant)
    .set(m);
}

function returnZero(code: Code, m: number): void {
  code
    .get(m)
    .op('i32Eqz')
    .if(() => code.i32(WIDE_ZERO).op('return'));
}

/** quotient(a, b, to, limbs) */
export function quotientFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [a, b, to, limbs, m] = [0, 1, 2, 3, 4];
  loadDivisor(code, scratch, b, limbs, m);
  returnZero(code, m);
  clear(code, scratch + U, V - U);
  code
    .get(a)
    .get(limbs)
    .i32(scratch + U)
    .call(F.load);
  code
    .i32(scratch + U)
    .get(limbs)
    .call(F.significant)
    .get(m)
    .call(F.divide);
  code
    .i32(scratch + Q)
    .get(limbs)
    .get(to)
    .call(F.store)
    .i32(WIDE_OK);
  return functionOf(4, 1, [I32], code, 'quotient');
}

/** mulDiv(a, b, c, to, limbs, keep) */
export function mulDivFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [a, b, c, to, limbs, keep, m, count] = [0, 1, 2, 3, 4, 5, 6, 7];
  loadOperands(code, scratch, a, b, limbs);
  multiplyLoaded(code, scratch, limbs, count);
  loadDivisor(code, scratch, c, limbs, m);
  code
    .get(m)
    .op('i32Eqz')
    .if(() => {
      code
        .get(limbs)
        .i32(2)
        .op('i32Shl')
        .i32(scratch + U)
        .op('i32Add')
        .get(limbs)
        .get(to);
      code.call(F.store).i32(WIDE_OK).op('return');
    });
  code.get(count).get(m).call(F.divide);
  code
    .i32(scratch + Q)
    .i32((WIDE_OPERANDS - Q) / 4)
    .call(F.significant)
    .set(count);
  finish(code, scratch + Q, { to, limbs, keep, count });
  return functionOf(6, 1, [I32, I32], code, 'mulDiv');
}

/** Reduces U (`count` limbs) by the divisor and stores the rest. */
function reduce(code: Code, scratch: number, { c, to, limbs, count, m }: Locals): void {
  loadDivisor(code, scratch, c!, limbs!, m!);
  returnZero(code, m!);
  code.get(count!).get(m!).call(F.divide);
  code
    .i32(scratch + U)
    .get(limbs!)
    .get(to!)
    .call(F.store)
    .i32(WIDE_OK);
}

/** mulMod(a, b, c, to, limbs) */
export function mulModFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [a, b, c, to, limbs, m, count] = [0, 1, 2, 3, 4, 5, 6];
  loadOperands(code, scratch, a, b, limbs);
  multiplyLoaded(code, scratch, limbs, count);
  reduce(code, scratch, { c, to, limbs, count, m });
  return functionOf(5, 1, [I32, I32], code, 'mulMod');
}

/** addMod(a, b, c, to, limbs) */
export function addModFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [a, b, c, to, limbs, m, count, at, carry] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  loadOperands(code, scratch, a, b, limbs);
  clear(code, scratch + U, V - U);
  code.while(
    () => code.get(at).get(limbs).i32(2).op('i32Shl').op('i32LtU'),
    () => {
      code
        .get(at)
        .load32To64(scratch + A)
        .get(at)
        .load32To64(scratch + B)
        .op('i64Add');
      code.get(carry).op('i64Add').set(carry);
      code
        .get(at)
        .get(carry)
        .store64To32(scratch + U);
      code.get(carry).i64(32n).op('i64ShrU').set(carry);
      code.get(at).i32(4).op('i32Add').set(at);
    },
  );
  code
    .get(at)
    .get(carry)
    .store64To32(scratch + U);
  code
    .i32(scratch + U)
    .get(limbs)
    .i32(1)
    .op('i32Add')
    .call(F.significant)
    .set(count);
  reduce(code, scratch, { c, to, limbs, count, m });
  return functionOf(5, 1, [I32, I32, I32, I64], code, 'addMod');
}
