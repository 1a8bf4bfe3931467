// @ts-check
/**
 * Shapes: the lists of keys that the objects of a page have, so that an object costs its values and one
 * number.
 *
 * values.js walks along a shape while it writes an object; buffer.js puts the shapes that a chunk used into
 * the chunk's table. The shapes form a tree, key by key, that outlives the chunk; only their numbers are the
 * chunk's own. After buffer.js of the files of the MAIN world (see builtins.js). Must not know values or bytes.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { charCodeAt, getPrototypeOf, mapGet, mapSet, newList, SavedMap } = parts.builtins;
  const { REFERENCE_LENGTH } = parts.limits;

  /** Objects of more members are written with their keys: they are tables, and hardly come twice. */
  const WIDTH_LIMIT = 32;
  /** Shapes in the tree; when there are more, the next chunk begins with an empty tree. */
  const TREE_LIMIT = 8192;
  /** Keys that the shapes of one chunk may need; the table of keys holds 65,535. */
  const CHUNK_KEYS = 32_768;
  /** Messages of a kind on a channel mostly look alike: each such stream has its own first guess. */
  const STREAMS = 64;
  /** Ends a list of keys; an object that has this key gets no shape. */
  const END = '\u0000end of shape';
  /** Thrown where an object must be written with its keys. */
  const NO_SHAPE = { reason: 'object without a shape' };

  /** No object has it. */
  const NONE = Symbol('none');
  /**
   * Ways to ask for the prototype of an object, the same all. Chromium answers at once where it has seen an object's
   * layout before, and by a slow call where it has seen more than four: so there are many places, which the shapes share
   * out. The look for what no object has makes it check the layout; a proxy that claims to have it has no known prototype.
   * @type {((v: any) => any)[]}
   */
  const PROTOTYPES_OF = [
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
    (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE), (v) => (v[NONE] === undefined ? getPrototypeOf(v) : NONE),
  ];
  let nextPlace = 0;

  /**
   * Whether a loop may read the members of such an object that is compiled for objects stored in the usual way: Chromium
   * stores members with numbers as keys apart, and a loop that met them once reads all others more slowly for good.
   * @param {string[]} keys
   */
  function isQuick(keys) {
    if (keys.length === 0) return false;
    const unit = charCodeAt(keys[0], 0);
    return !(unit >= 0x30 && unit <= 0x39);
  }
  /** @param {string[]} keys @returns {import('./types').Shape} */
  function newShape(keys) {
    const names = newList();
    for (let i = 0; i < keys.length; i++) names[i] = keys[i];
    names[keys.length] = END;
    const prototypeOf = PROTOTYPES_OF[nextPlace++ % PROTOTYPES_OF.length];
    return { names, width: keys.length, isQuick: isQuick(keys), prototypeOf, number: -1, nextName: null, next: null, children: null, guesses: newList() };
  }
  /** @param {import('./types').Shape} shape @param {import('./types').Shape} guess for what stands at each key */
  function guessAll(shape, guess) {
    for (let i = 0; i < shape.width || i < 1; i++) shape.guesses[i] = guess;
    return shape;
  }

  /** @returns {import('./types').Shapes} */
  function createShapes() {
    /** @type {import('./types').Shape} */
    let root;
    /** @type {import('./types').Shape[]} */
    let starts;
    let count = 0;
    /** The shapes of the open chunk by their numbers. @type {import('./types').Shape[]} */
    let used = newList();
    let chunkKeys = 0;

    function begin() {
      root = newShape(newList());
      guessAll(root, root);
      starts = newList();
      for (let i = 0; i < STREAMS; i++) starts[i] = guessAll(newShape(newList()), root);
      count = 1;
    }
    begin();

    /** The shape with one key more. @param {import('./types').Shape} shape @param {string} name */
    function step(shape, name) {
      if (shape.nextName === name) return /** @type {import('./types').Shape} */ (shape.next);
      if (shape.width >= WIDTH_LIMIT || name.length >= REFERENCE_LENGTH || name === END) throw NO_SHAPE;
      let child = shape.children && mapGet(shape.children, name);
      if (!child) {
        const keys = newList();
        for (let i = 0; i < shape.width; i++) keys[i] = shape.names[i];
        keys[shape.width] = name;
        child = guessAll(newShape(keys), root);
        count++;
        shape.children ??= new SavedMap();
        mapSet(shape.children, name, child);
      }
      shape.nextName = name;
      shape.next = child;
      return child;
    }

    return {
      step,
      /** The shape of the first `width` keys of another. @param {import('./types').Shape} shape @param {number} width */
      prefix(shape, width) {
        let found = root;
        for (let i = 0; i < width; i++) found = step(found, shape.names[i]);
        return found;
      },
      /** @param {number} stream */
      start: (stream) => starts[stream & (STREAMS - 1)],
      root: () => root,
      /** Gives a shape its number in the open chunk. @param {import('./types').Shape} shape */
      use(shape) {
        if (chunkKeys + shape.width > CHUNK_KEYS) throw NO_SHAPE;
        chunkKeys += shape.width;
        shape.number = used.length;
        used[used.length] = shape;
      },
      /** Ends the chunk; returns the shapes that it used. */
      take() {
        const taken = used;
        for (let i = 0; i < taken.length; i++) taken[i].number = -1;
        used = newList();
        chunkKeys = 0;
        if (count > TREE_LIMIT) begin();
        return taken;
      },
    };
  }

  parts.createShapes = createShapes;
  parts.limits.NO_SHAPE = NO_SHAPE;
  parts.limits.END = END;
  parts.limits.WIDTH_LIMIT = WIDTH_LIMIT;
})();
