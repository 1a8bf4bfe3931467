// @ts-check
/**
 * Values: turns what the page sends and receives into the bytes of docs/capture-format.md, one record an
 * event. After leaves.js of the files of the MAIN world (see builtins.js).
 *
 * Payloads come from encoder.js; bytes go to buffer.js, lists of keys to shapes.js, and what has no members to
 * leaves.js. Must not know what a worker, a channel or a
 * socket is, nor sequence numbers; it reads no clock. `record` throws only when memory runs out.
 *
 * Reading a payload runs what `structuredClone` would run: own enumerable properties only. A getter of the
 * page is therefore run once more than without the hook, twice more in an object of more than 32 members
 * or with a member that cannot be read, and up to five times more as an element of an array.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const {
    read, UNREADABLE, is, objectKeys, isArray, hasOwn, mapForEach, setForEach,
    unboxers, carries, newList, ObjectPrototype, kindOf, kinds,
  } = parts.builtins;
  const { PLAIN, MAP, SET, BOXED } = kinds;
  const { MESSAGE_LIMIT, OVER_LIMIT, END, NO_SHAPE, ROOM } = parts.limits;
  const { NOT_CLONEABLE, THREW, TOO_DEEP, TOO_LARGE, LEFT_OUT } = parts.reasons;
  /** In place of a blob's number: the payload is the text that stands for what was left out. */
  const LEFT_OUT_MARK = -2;

  const RECORD_BYTES = 17;
  const DEPTH_LIMIT = 64;
  const EMPTY = {};
  /** Ways to read elements: of an array that holds more than numbers; of any array (numbers.js); of one that may throw. */
  const QUICK = 0, ANY = 1, CAREFUL = 2;
  const RECEIVED = 5;
  /** Names of an object's members before there is one. */
  const BEFORE_FIRST = newList();
  BEFORE_FIRST[0] = BEFORE_FIRST[1] = END;
  const { elementAt } = parts.numbers;

  /** @returns {import('./types').Values} */
  function createValues() {
    const w = parts.createBuffer();
    const { grow, room, extend, putU32, head, text, key } = w;
    const leaves = parts.createLeaves(w);
    const { leaf, rare, numbers, notCaptured } = leaves;
    const shapes = parts.createShapes();
    const { step, prefix } = shapes;
    /** Where the next object stands: the shape around it, and the place there. What stood there last is the guess. */
    let outer = shapes.start(0), slot = 0;
    const seen = parts.createSeen();
    const { beginning, find, findAnywhere, add } = seen;
    /** Whether the page gave `Object.prototype` something that `for in` lists; asked once a record. */
    let inherits = false;

    /**
     * Forgets what a failed value added, so that the tables match the bytes.
     * @param {number} place @param {number} toSeen @param {number} toTexts
     */
    function rollBack(place, toSeen, toTexts) {
      seen.rollBack(toSeen);
      w.rollBack(place, toTexts);
    }

    /** @param {any} v @param {number} depth containers around this value */
    function value(v, depth) {
      if (w.at + 16 > w.capacity) grow(16);
      if (typeof v === 'number') {
        if ((v | 0) === v && !is(v, -0)) {
          if (v >= 0 && v < 128) w.bytes[w.at++] = 0x80 + v; else head(0x04, v);
        } else {
          w.bytes[w.at] = 0x05;
          w.view.putF64(w.at + 1, v, true);
          w.at += 9;
        }
      } else if (typeof v === 'string') text(v);
      else if (typeof v === 'boolean') w.bytes[w.at++] = v ? 0x03 : 0x02;
      else if (v === null) w.bytes[w.at++] = 0x01;
      else if (typeof v === 'object') guarded(v, depth);
      else rare(v);
    }
    /** @param {any} v @param {number} depth */
    function guarded(v, depth) {
      const place = w.at, toSeen = seen.count(), toTexts = w.textCount;
      try {
        object(v, depth);
      } catch (error) {
        if (error === OVER_LIMIT) throw error;
        rollBack(place, toSeen, toTexts);
        try {
          careful(v, depth);
        } catch (again) {
          if (again === OVER_LIMIT) throw again;
          rollBack(place, toSeen, toTexts);
          notCaptured(THREW, 'object');
        }
      }
    }
    /**
     * Whether this container was written before, then a reference is; or is too deep, then that.
     * @param {any} v @param {number} depth @param {number} begins @param {string} type
     */
    function wasSeen(v, depth, begins, type) {
      const place = depth < DEPTH_LIMIT ? find(v, begins) : findAnywhere(v);
      if (place >= 0) { head(0x15, place); return true; }
      if (depth >= DEPTH_LIMIT) { notCaptured(TOO_DEEP, type); return true; }
      add(v, begins);
      return false;
    }
    /** @param {any} v @param {number} depth */
    function object(v, depth) {
      if (isArray(v)) { array(v, depth); return; }
      const around = outer, place = slot, guess = around.guesses[place];
      const prototype = guess.prototypeOf(v);
      if (prototype === ObjectPrototype && !inherits) {
        members(v, depth, around, place, guess);
        return;
      }
      if (prototype === null && !inherits) { members(v, depth, outer, slot, outer.guesses[slot]); return; }
      if (prototype === ObjectPrototype || prototype === null) { ownMembers(v, depth); return; }
      const kind = kindOf(v);
      switch (kind) {
        case PLAIN: ownMembers(v, depth); return;
        case MAP: case SET: collection(v, depth, kind === MAP); return;
        case BOXED:
          for (let i = 0; i < unboxers.length; i++) {
            if (carries(unboxers[i], v)) { value(unboxers[i](v), depth); return; }
          }
          notCaptured(NOT_CLONEABLE, 'object');
          return;
        default: leaf(kind, v);
      }
    }
    /**
     * The quick way: throws when one member does, and NO_SHAPE when there are many. The place where it writes is kept here
     * between members that hold nothing: what stands in an object is read and stored again for each byte.
     * @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place in `around`
     * @param {import('./types').Shape} guess what stood there last
     */
    function members(v, depth, around, place, guess) {
      const start = w.at;
      // For all members that hold nothing, as many as a shape may have.
      if (start + ROOM > w.capacity) room();
      let { bytes, view } = w, at = start + 3;
      bytes[start] = 0x0b;
      /** The first name matches none of these. */
      let names = BEFORE_FIRST;
      /** The shape so far, once the guess was wrong. @type {import('./types').Shape | null} */
      let shape = null;
      let width = 0;
      // Nothing between key and read: engines have a quick path for just that.
      for (const name in v) {
        const member = v[name];
        if (shape !== null) shape = step(shape, name);
        else if (names[width] === name) width++;
        else if (names !== BEFORE_FIRST) shape = step(prefix(guess, width), name);
        else {
          if (width > 0) throw NO_SHAPE;
          if (wasSeen(v, depth, beginning(member), 'Object')) return;
          names = guess.names;
          if (names[0] === name) width = 1; else shape = step(prefix(guess, 0), name);
        }
        // Numbers and booleans as `value` writes them: a call for each would be a quarter of what such an object costs.
        if (typeof member === 'number') {
          if ((member | 0) === member && !is(member, -0)) {
            if ((member & ~127) === 0) bytes[at++] = 0x80 | member;
            else { bytes[at] = 0x04; view.putU32(at + 1, member, true); at += 5; }
          } else {
            bytes[at] = 0x05;
            view.putF64(at + 1, member, true);
            at += 9;
          }
        } else if (typeof member === 'boolean') bytes[at++] = member ? 0x03 : 0x02;
        else {
          w.at = at;
          if (typeof member === 'string') text(member);
          else if (typeof member === 'object' && member !== null) {
            outer = shape ?? guess;
            slot = (shape ? shape.width : width) - 1;
            guarded(member, depth + 1);
          } else value(member, depth + 1);
          if (w.at + ROOM > w.capacity) room();
          at = w.at; bytes = w.bytes; view = w.view;
        }
      }
      if (names === BEFORE_FIRST) {
        if (width > 0) throw NO_SHAPE;
        if (wasSeen(v, depth, beginning(undefined), 'Object')) return;
        names = guess.names;
      }
      w.at = at;
      /** @type {import('./types').Shape} */
      const found = shape ?? (names[width] === END ? guess : prefix(guess, width));
      if (found !== guess) around.guesses[place] = found;
      endShape(found, start);
    }
    /** The same of an object that inherits something. @param {any} v @param {number} depth */
    function ownMembers(v, depth) {
      const start = w.at, root = shapes.root();
      let shape = root;
      for (const name in v) {
        if (!hasOwn(v, name)) continue;
        const member = v[name];
        if (shape === root) {
          if (wasSeen(v, depth, beginning(member), 'Object')) return;
          w.bytes[start] = 0x0b;
          w.at = start + 3;
        }
        shape = step(shape, name);
        outer = shape;
        slot = shape.width - 1;
        value(member, depth + 1);
      }
      if (shape === root) {
        if (wasSeen(v, depth, beginning(undefined), 'Object')) return;
        w.bytes[start] = 0x0b;
        w.at = start + 3;
      }
      endShape(shape, start);
    }
    /** @param {import('./types').Shape} shape @param {number} start where its object begins */
    function endShape(shape, start) {
      if (shape.number < 0) shapes.use(shape);
      w.bytes[start + 1] = shape.number;
      w.bytes[start + 2] = shape.number >>> 8;
    }
    /**
     * The way for what the quick one gave up: each member is asked for by itself, and one that cannot be read is
     * written as such. @param {any} v @param {number} depth
     */
    function careful(v, depth) {
      const known = findAnywhere(v);
      if (known >= 0) { head(0x15, known); return; }
      if (isArray(v)) {
        const length = v.length;
        add(v, beginning(length > 0 ? read(v, 0) : undefined));
        elements(v, length, depth, CAREFUL);
        return;
      }
      if (kindOf(v) !== PLAIN) { notCaptured(THREW, 'object'); return; }
      const names = objectKeys(v);
      const first = names.length > 0 ? read(v, names[0]) : undefined;
      add(v, beginning(first));
      head(0x0a, names.length);
      const around = outer, place = slot;
      for (let i = 0; i < names.length; i++) {
        outer = around;
        slot = place;
        key(names[i]);
        const member = i === 0 ? first : read(v, names[i]);
        if (member === UNREADABLE) notCaptured(THREW, 'getter'); else value(member, depth + 1);
      }
    }
    /** @param {any[]} v @param {number} depth */
    function array(v, depth) {
      const length = v.length;
      const first = length > 0 ? elementAt(v, 0) : undefined;
      if (wasSeen(v, depth, beginning(first), 'Array')) return;
      if (length > MESSAGE_LIMIT) throw OVER_LIMIT;
      if (typeof first === 'number') { if (!numbers(v, length)) elements(v, length, depth, ANY); }
      else elements(v, length, depth, first === undefined ? ANY : QUICK);
    }
    /** @param {any[]} v @param {number} length @param {number} depth @param {number} how one of the ways above */
    function elements(v, length, depth, how) {
      head(0x09, length);
      const around = outer, place = slot;
      for (let i = 0; i < length; i++) {
        const member = how === QUICK ? v[i] : how === ANY ? elementAt(v, i) : read(v, i);
        if (member === undefined && !hasOwn(v, i)) {
          if (w.at + 16 > w.capacity) grow(16);
          w.bytes[w.at++] = 0x1f;
        } else if (member === UNREADABLE) notCaptured(THREW, 'getter');
        else {
          // All elements of an array have one guess, that of the array's own place.
          outer = around;
          slot = place;
          if (typeof member === 'object' && member !== null && w.at + 16 <= w.capacity) guarded(member, depth + 1);
          else value(member, depth + 1);
        }
      }
    }
    /** @param {any} v @param {number} depth @param {boolean} isMap */
    function collection(v, depth, isMap) {
      if (wasSeen(v, depth, beginning(undefined), isMap ? 'Map' : 'Set')) return;
      // The members are listed first: a getter among them could change the collection meanwhile.
      /** @type {any[]} */
      const members = newList();
      const list = (/** @type {any} */ member, /** @type {any} */ name) => {
        if (isMap) members[members.length] = name;
        members[members.length] = member;
      };
      if (isMap) mapForEach(v, list); else setForEach(v, list);
      head(isMap ? 0x0e : 0x0f, isMap ? members.length / 2 : members.length);
      const around = outer, place = slot;
      for (let i = 0; i < members.length; i++) {
        outer = around;
        slot = place;
        value(members[i], depth + 1);
      }
    }
    /**
     * Writes one record and returns the place of its body, for `patch`.
     * @param {number} kind @param {number} time @param {number} channel
     * @param {number} prefix the `u8` before the value, or -1 @param {any} payload @param {number} blob number, or -1
     */
    function record(kind, time, channel, prefix, payload, blob) {
      if (w.at + 64 > w.capacity) extend(64);
      const start = w.at, textsBefore = w.textCount, blobsBefore = leaves.blobCount();
      w.bytes[w.at] = kind;
      w.view.putF64(w.at + 1, time, true);
      putU32(w.at + 9, channel);
      w.at += RECORD_BYTES;
      if (prefix >= 0) w.bytes[w.at++] = prefix;
      if (blob >= 0) { putU32(w.at, blob); w.at += 4; }
      w.bodyStart = w.at;
      w.bodyTextLength = 0;
      leaves.inChannel(channel, kind === RECEIVED);
      outer = shapes.start(2 * channel + (kind & 1));
      slot = 0;
      inherits = false;
      for (const _ in EMPTY) inherits = true;
      try {
        if (blob === LEFT_OUT_MARK) notCaptured(LEFT_OUT, payload); else value(payload, 0);
        if (w.at - w.bodyStart + w.bodyTextLength > MESSAGE_LIMIT) throw OVER_LIMIT;
      } catch {
        // Only size can bring us here, of the message or of the memory.
        rollBack(w.bodyStart, 0, textsBefore);
        leaves.dropBlobs(blobsBefore);
        notCaptured(TOO_LARGE, typeof payload === 'object' && isArray(payload) ? 'Array' : typeof payload);
      }
      seen.clear();
      putU32(start + 13, w.at - start - RECORD_BYTES);
      return start + RECORD_BYTES;
    }
    return {
      record,
      finish: () => w.finish(shapes.take()),
      forgetTexts: w.forgetTexts,
      patch(place, bits) { w.bytes[place] |= bits; },
      pendingBytes: w.pendingBytes,
      takeBlobs: leaves.takeBlobs,
    };
  }

  parts.createValues = createValues;
})();
