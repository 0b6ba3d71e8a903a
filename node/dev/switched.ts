/** A stand-in for something that is replaced while others hold on to it. */

/**
 * An object that passes every access on to what `current` returns at that time. Methods are bound
 * to their own object, so private members work; a method taken off it stays with the old object.
 * @param instead what is answered here and not passed on
 */
export function switched<T extends object>(current: () => T, instead: Partial<T> = {}): T {
  let of: T | null = null;
  let bound = new Map<PropertyKey, unknown>();
  return new Proxy({} as T, {
    get(_, name) {
      if (Object.hasOwn(instead, name)) return instead[name as keyof T];
      const target = current();
      if (target !== of) {
        of = target;
        bound = new Map();
      }
      const known = bound.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method: unknown = value.bind(target);
      bound.set(name, method);
      return method;
    },
    has: (_, name) => Reflect.has(current(), name),
  });
}
