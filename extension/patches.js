// @ts-check
/**
 * Patches: puts wrappers in place of constructors, methods and functions, and takes them out without a trace.
 *
 * Used by the other files of the MAIN world (see builtins.js); every patch gives its revert to the recorder. Name,
 * length, own properties, text, `instanceof` and thrown errors of what is wrapped stay what they were. Objects that the
 * browser reads have no prototype, so that a page cannot add to them. Must not know what is recorded.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, construct, getOwnPropertyDescriptor, defineProperty, hasOwn, weakGet, weakSet, uncurry, SavedWeakMap } = parts.builtins;
  /** Asked of a wrapped constructor with `in`; answers whether a hook of this kind is at work. */
  const MARK = Symbol.for('rollscope.hooked');
  const SavedProxy = Proxy;
  const FunctionPrototype = Function.prototype;
  /** What each wrapper stands for: its text is that of the original. */
  const originals = new SavedWeakMap();

  /** @param {import('./types').Recorder} recorder @returns {import('./types').Patches} */
  function createPatches({ isActive, onRevert, failed }) {
    /**
     * Puts `value` in place of a data property and keeps its attributes.
     * @param {any} owner @param {PropertyKey} name @param {any} value
     */
    function replace(owner, name, value) {
      const before = getOwnPropertyDescriptor(owner, name);
      if (!before?.configurable || !hasOwn(before, 'value')) return;
      // @ts-ignore: as below.
      defineProperty(owner, name, { __proto__: null, ...before, value });
      onRevert(() => {
        // Something that the page put over ours stays; ours then only passes calls through.
        if (getOwnPropertyDescriptor(owner, name)?.value === value) defineProperty(owner, name, { __proto__: null, ...before });
      });
    }
    /** @param {any} owner @param {string} name @param {(original: Function, self: any, args: any[]) => any} run */
    function wrapBusy(owner, name, run) {
      const original = owner?.[name];
      if (typeof original !== 'function') return;
      const wrapper = {
        /** @param {any[]} args */
        [name](...args) { return isActive() ? run(original, this, args) : apply(original, this, args); },
      }[name];
      put(owner, name, wrapper, original);
    }
    /** @param {any} owner @param {string} name @param {Function} wrapper @param {Function} original */
    function put(owner, name, wrapper, original) {
      // @ts-ignore: a descriptor without a prototype, so that a page cannot add to it.
      defineProperty(wrapper, 'length', { __proto__: null, value: original.length });
      weakSet(originals, wrapper, original);
      replace(owner, name, wrapper);
    }
    return {
      replace,
      /**
       * Gives wrappers the text of what they wrap, as `String(Worker)` prints it: pages ask it to tell the browser's own
       * functions from replaced ones, and then choose another way.
       */
      keepTexts() {
        const nativeText = FunctionPrototype.toString;
        const { toString } = { toString() { return apply(nativeText, weakGet(originals, this) ?? this, []); } };
        weakSet(originals, toString, nativeText);
        replace(FunctionPrototype, 'toString', toString);
      },
      wrapConstructor(name, attach) {
        const original = page[name];
        if (typeof original !== 'function') return;
        /** @type {any} */
        const wrapper = new SavedProxy(original, {
          __proto__: null,
          construct(target, args, newTarget) {
            const made = construct(target, args, newTarget === wrapper ? target : newTarget);
            if (isActive()) try { attach(made, args); } catch { failed(); }
            return made;
          },
          has: (target, key) => (key === MARK && isActive()) || key in target,
        });
        weakSet(originals, wrapper, original);
        replace(page, name, wrapper);
        if (page['webkit' + name] === original) replace(page, 'webkit' + name, wrapper);
        replace(original.prototype, 'constructor', wrapper);
      },
      wrapMethod(type, name, run) {
        const original = page[type]?.prototype?.[name];
        if (typeof original !== 'function') return;
        const wrapper = new SavedProxy(original, {
          __proto__: null,
          apply: (target, self, args) => (isActive() ? run(target, self, args) : apply(target, self, args)),
        });
        weakSet(originals, wrapper, original);
        replace(page[type].prototype, name, wrapper);
      },
      /**
       * As `wrapMethod`, for methods that are called thousands of times a second: a method of the same name and
       * length instead of a proxy, which would cost Firefox a microsecond a call.
       */
      wrapBusyMethod: (type, name, run) => wrapBusy(page[type]?.prototype, name, run),
      /**
       * As `wrapBusyMethod`, with a wrapper that the caller writes out. One that is made in one place only is compiled
       * with all that it calls; and every function between the page and the original costs a page much while DevTools
       * is open, because the browser notes the stack at each `postMessage`.
       */
      wrapBusiestMethod(type, name, make) {
        const original = page[type]?.prototype?.[name];
        if (typeof original === 'function') put(page[type].prototype, name, make(original, uncurry(original)), original);
      },
      wrapBusyFunction: (name, run) => wrapBusy(page, name, run),
    };
  }

  parts.createPatches = createPatches;
  parts.MARK = MARK;
})();
