/**
 * From bytecode to one WebAssembly function.
 *
 * Blocks stand in the order of their words, each inside a wasm `block` that ends where it begins,
 * so that a jump forwards is a branch; a loop is a wasm `loop`. Where a jump cannot be a branch
 * (into the middle of a loop, to an address in a register, from outside) the word number goes into
 * `next`, and tables at the heads of the regions lead there; else `next` is −1.
 *
 * Gas is taken at the start of a block, for all of it.
 */
import { assert } from '../../primitives/errors.ts';
import type { CodeKind } from './cache.ts';
import type { Label } from './emitter.ts';
import { type Exit, Frame, GAS, NEXT } from './frame.ts';
import type { Imports } from './imports.ts';
import {
  type Block,
  blocksOf,
  type Decoded,
  type Instruction,
  isRegion,
  type Jump,
  type Region,
  regionsOf,
} from './program.ts';

/** A translated stretch of code. */
export type Translation = {
  readonly body: Uint8Array;
  readonly locals: Frame['e']['locals'];
  /** Words at which it can be entered. */
  readonly entries: readonly number[];
  readonly exits: readonly Exit[];
  /** Registers that it uses, and those of them that it writes. */
  readonly used: Iterable<number>;
  readonly written: Iterable<number>;
};

/** A word of which only `next` knows the number. */
export const DYNAMIC_WORD = -1;

type Open =
  | {
      readonly kind: 'loop';
      readonly start: number;
      readonly end: number;
      readonly label: Label;
      readonly isTop: boolean;
    }
  | { readonly kind: 'part'; readonly part: Region | Block; readonly label: Label };

class Translator {
  readonly f: Frame;
  readonly #words: readonly (Instruction | null)[];
  readonly #from: number;
  readonly #codeWords: number;
  readonly #isFirst: boolean;
  readonly #open: Open[] = [];
  #top: Label = { depth: 0 };

  constructor(
    words: readonly (Instruction | null)[],
    from: number,
    codeWords: number,
    kind: CodeKind,
    imports: Imports,
    firstExit: number,
  ) {
    const isPart = words.length < codeWords;
    this.f = new Frame(kind.flag, imports, firstExit, isPart);
    this.#isFirst = kind.isFirst;
    this.#words = words;
    this.#from = from;
    this.#codeWords = codeWords;
  }

  run(region: Region): void {
    this.f.begin();
    this.#region(region, true);
  }

  #region(region: Region, isTop: boolean): void {
    const { e } = this.f;
    const { start, end, children } = region;
    const [only] = children;
    if (!isTop && children.length === 1 && only !== undefined && !isRegion(only)) {
      e.i32(-1).set(NEXT);
      const label = e.loop();
      this.#open.push({ kind: 'loop', start, end, label, isTop });
      this.#block(only);
      this.#open.pop();
      e.end();
      return;
    }
    const label = e.loop();
    if (isTop) this.#top = label;
    this.#open.push({ kind: 'loop', start, end, label, isTop });
    const unknown = isTop ? e.block() : null;
    const labels = children.map(() => ({ depth: 0 }));
    for (let i = children.length - 1; i >= 0; i--) {
      labels[i] = e.block();
      this.#open.push({
        kind: 'part',
        part: children[i] as Region | Block,
        label: labels[i] as Label,
      });
    }
    this.#dispatch(region, labels, unknown);
    for (const part of children) {
      e.end();
      this.#open.pop();
      if (isRegion(part)) this.#region(part, false);
      else {
        e.i32(-1).set(NEXT);
        this.#block(part);
      }
    }
    if (unknown !== null) {
      if (end >= this.#codeWords) this.f.goTo(end, true);
      else this.f.cross(end);
      e.end();
      this.#unknown();
    }
    this.#open.pop();
    e.end();
  }

  /** `next` names no block: of another function, or a word that the interpreter has to do. */
  #unknown(): void {
    const { e } = this.f;
    if (this.#words.length < this.#codeWords) {
      e.get(NEXT).i32(this.#from).op('i32Sub').i32(this.#words.length).op('i32GeU').if();
      this.f.cross(null);
      e.end();
    }
    this.f.goTo(DYNAMIC_WORD, true);
  }

  /** At the head of a region: to where `next` says; else to its first part. */
  #dispatch(region: Region, labels: readonly Label[], unknown: Label | null): void {
    const { e } = this.f;
    const [first] = labels;
    assert(first !== undefined, 'a region has parts');
    if (unknown === null) e.get(NEXT).i32(0).op('i32LtS').brIf(first);
    const targets: Label[] = [];
    const other = unknown ?? first;
    for (let word = region.start; word < region.end; word++) targets.push(other);
    for (const [i, part] of region.children.entries()) {
      for (const entry of startsOf(part)) targets[entry - region.start] = labels[i] as Label;
    }
    e.get(NEXT).i32(region.start).op('i32Sub').brTable(targets, other);
  }

  #block({ start, end }: Block): void {
    const { f } = this;
    const { e } = f;
    const at = (word: number): Instruction => {
      const instruction = this.#words[word - this.#from];
      assert(instruction != null, 'a block holds translated words only');
      return instruction;
    };
    let cost = 0;
    for (let word = start; word < end; word++) cost += at(word).price;
    if (cost > 0) {
      e.get(GAS).i32(cost).op('i32Sub').tee(GAS).i32(0).op('i32LtS').if();
      f.goTo(start, false, cost);
      e.end();
    }
    f.refund = cost;
    for (let word = start; word < end; word++) {
      const { args, price, perUnit, jump, emit } = at(word);
      f.word = word;
      if (jump !== null) {
        this.#jump(jump, word);
        return;
      }
      const [a = 0, b = 0, c = 0, d = 0] = args;
      emit?.(f, a, b, c, d, perUnit);
      f.refund -= price;
    }
    this.#fallInto(end);
  }

  /** Behind a block: the next one stands there, or an untranslated word, or nothing. */
  #fallInto(word: number): void {
    const next = this.#words[word - this.#from];
    if (next === null) this.f.goTo(word, true);
  }

  #jump(jump: Jump, word: number): void {
    const { f } = this;
    const { e } = f;
    const [a, b] = jump.unequal;
    if (a !== undefined) {
      f.push(a);
      if (b === undefined) e.op('i64Eqz').op('i32Eqz');
      else f.push(b).e.op('i64Ne');
      e.if();
      this.#take(jump, word);
      e.end();
      this.#fallInto(word + 1);
    } else this.#take(jump, word);
  }

  #take(jump: Jump, word: number): void {
    const { f } = this;
    const { target, link } = jump;
    if (target !== null && (target < 0 || target >= this.#codeWords)) {
      f.leave();
      return;
    }
    if (target === null) this.#find(jump, word);
    if (link !== null) {
      f.e
        .get(f.base)
        .i32((word + 1) * 4)
        .op('i32Add')
        .op('i64ExtendU');
      f.pop(link);
    }
    if (target !== null) this.#goTo(target);
    else f.e.get(f.to).set(NEXT).br(this.#top);
  }

  /** The word number of a target that is only known now goes into local `to`. */
  #find({ by, register, offset }: Jump, word: number): void {
    const { f } = this;
    const { e } = f;
    f.push(register).e.i64(26).op('i64ShrU').op('i64Eqz').op('i32Eqz');
    f.leaveIf();
    f.push(register).e.op('i32WrapI64');
    if (by === 'address' || (by === 'word' && !this.#isFirst)) {
      if (by === 'address') e.i32(offset * 4).op('i32Add');
      else e.i32(offset).op('i32Add').i32(2).op('i32Shl').get(f.start).op('i32Add');
      e.get(f.base).op('i32Sub').tee(f.to).i32(3).op('i32And');
      f.leaveIf();
      e.get(f.to).i32(2).op('i32ShrU').set(f.to);
    } else if (by === 'word') e.i32(offset).op('i32Add').set(f.to);
    else if (by === 'forwards')
      e.i32(word + 1 + offset)
        .op('i32Add')
        .set(f.to);
    else {
      e.set(f.to);
      e.i32(word - 1 - offset)
        .get(f.to)
        .op('i32Sub')
        .set(f.to);
    }
    e.get(f.to).i32(this.#codeWords).op('i32GeU');
    f.leaveIf();
  }

  /** A branch to the start of a block, or out when it is in another function. */
  #goTo(word: number): void {
    const { f } = this;
    const { e } = f;
    const inside = word >= this.#from && word < this.#from + this.#words.length;
    if (!inside) {
      f.cross(word);
      return;
    }
    if (this.#words[word - this.#from] === null) {
      f.goTo(word, true);
      return;
    }
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const open = this.#open[i] as Open;
      const range = open.kind === 'loop' ? open : open.part;
      if (word < range.start || word >= range.end) continue;
      const isHead = word === range.start && !(open.kind === 'loop' && open.isTop);
      if (!isHead) e.i32(word).set(NEXT);
      e.br(open.label);
      return;
    }
    assert(false, 'the whole function holds every word of it');
  }
}

/** Words at which blocks begin. */
function* startsOf(part: Region | Block): Generator<number> {
  if (!isRegion(part)) yield part.start;
  else for (const child of part.children) yield* startsOf(child);
}

/**
 * Translates words `from` to `to` (excluded). null: there is nothing to translate.
 * @param code the whole code
 * @param imports gets the kernels' functions that it calls
 * @param firstExit number of its first exit
 */
export function translate(
  code: Decoded,
  from: number,
  to: number,
  kind: CodeKind,
  imports: Imports,
  firstExit: number,
): Translation | null {
  const words = code.words.slice(from, to);
  const blocks = blocksOf(words, from, code.targets);
  if (blocks.length === 0) return null;
  const region = regionsOf(blocks, words, from);
  const translator = new Translator(words, from, code.words.length, kind, imports, firstExit);
  translator.run(region);
  const { f } = translator;
  const { body, locals } = f.finish();
  const { exits, used, written } = f;
  return { body, locals, entries: blocks.map(({ start }) => start), exits, used, written };
}
