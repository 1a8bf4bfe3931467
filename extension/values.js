// @ts-check
/**
 * Values: turns what the page sends and receives into the bytes of docs/capture-format.md, one record an
 * event. After leaves.js of the files of the MAIN world (see builtins.js).
 *
 * Payloads come from encoder.js; bytes go to buffer.js, lists of keys to shapes.js, and what has no members to
 * leaves.js. Must not know what a worker, a channel or a socket is, nor sequence numbers; it reads no clock.
 * `record` throws only when memory runs out.
 *
 * Reading a payload runs what `structuredClone` would run: own enumerable properties only. A getter of the
 * page is therefore run once more than without the hook, and up to five times more as an element of an array. Should
 * a member of the message throw, or an object unexpectedly have more than 32 members, the whole message is written again,
 * and what fails once more is read with care: its getters run up to three times as often.
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
  const { MESSAGE_LIMIT, OVER_LIMIT, END, NO_SHAPE, ROOM, SHORT, WIDTH_LIMIT } = parts.limits;
  const { NOT_CLONEABLE, THREW, TOO_DEEP, TOO_LARGE, LEFT_OUT } = parts.reasons;
  /** In place of a blob's number: the payload is the text that stands for what was left out. */
  const LEFT_OUT_MARK = -2;

  const RECORD_BYTES = 17;
  const DEPTH_LIMIT = 64;
  const EMPTY = {};
  /** Ways to read elements: of an array that holds more than numbers; of any array (numbers.js); of one that may throw. */
  const QUICK = 0, ANY = 1, CAREFUL = 2;
  const RECEIVED = 5;
  /** Instead of the names of a guess that was wrong: none is the next, but for the one key that gets no shape. */
  const NO_NAMES = newList();
  NO_NAMES[0] = NO_NAMES[1] = END;
  const { elementAt } = parts.numbers;

  /** @returns {import('./types').Values} */
  function createValues() {
    const w = parts.createBuffer();
    const { grow, room, extend, putU32, head, text, key, ascii } = w;
    const leaves = parts.createLeaves(w);
    const { leaf, rare, numbers, notCaptured } = leaves;
    const shapes = parts.createShapes();
    const { step, prefix } = shapes;
    const seen = parts.createSeen();
    const { beginning, visit, findAnywhere } = seen;
    /** Whether the page gave `Object.prototype` something that `for in` lists; asked once a record. */
    let inherits = false;
    /** Whether each object is written so that it may fail by itself: after the record's first, quick writing failed. */
    let isGuarded = false;

    /**
     * Forgets what a failed value added, so that the tables match the bytes.
     * @param {number} place @param {number} toSeen @param {number} toTexts @param {number} toBlobs
     */
    function rollBack(place, toSeen, toTexts, toBlobs) {
      seen.rollBack(toSeen);
      w.rollBack(place, toTexts);
      leaves.dropBlobs(toBlobs);
    }

    /**
     * What stands in a shape at a place, where the shape keeps what stood there last as its guess.
     * @param {any} v @param {number} depth containers around this value
     * @param {import('./types').Shape} around shape of the object around it @param {number} place in that shape
     */
    function value(v, depth, around, place) {
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
      else if (typeof v !== 'object') rare(v);
      else if (isGuarded) guarded(v, depth, around, place);
      else object(v, depth, around, place);
    }
    /** @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place */
    function guarded(v, depth, around, place) {
      const start = w.at, toSeen = seen.count(), toTexts = w.textCount, toBlobs = leaves.blobCount();
      try {
        object(v, depth, around, place);
      } catch (error) {
        if (error === OVER_LIMIT) throw error;
        rollBack(start, toSeen, toTexts, toBlobs);
        try {
          careful(v, depth, around, place);
        } catch (again) {
          if (again === OVER_LIMIT) throw again;
          rollBack(start, toSeen, toTexts, toBlobs);
          notCaptured(THREW, 'object');
        }
      }
    }
    /**
     * Whether this container was written before, then a reference is; or is too deep, then that.
     * @param {any} v @param {number} depth @param {number} begins @param {string} type
     */
    function wasSeen(v, depth, begins, type) {
      if (depth >= DEPTH_LIMIT) { tooDeep(v, type); return true; }
      const place = visit(v, begins);
      if (place < 0) return false;
      head(0x15, place);
      return true;
    }
    /** @param {any} v @param {string} type */
    function tooDeep(v, type) {
      const place = findAnywhere(v);
      if (place < 0) notCaptured(TOO_DEEP, type); else head(0x15, place);
    }
    /** @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place */
    function object(v, depth, around, place) {
      if (isArray(v)) { array(v, depth, around, place); return; }
      const guess = around.guesses[place];
      const prototype = guess.prototypeOf(v);
      if (prototype === ObjectPrototype || prototype === null) {
        if (guess.isQuick && !inherits) members(v, depth, around, place, guess);
        else otherMembers(v, depth, around, place);
        return;
      }
      const kind = kindOf(v);
      switch (kind) {
        case PLAIN: otherMembers(v, depth, around, place); return;
        case MAP: case SET: collection(v, depth, kind === MAP, around, place); return;
        case BOXED:
          for (let i = 0; i < unboxers.length; i++) {
            if (carries(unboxers[i], v)) { value(unboxers[i](v), depth, around, place); return; }
          }
          notCaptured(NOT_CLONEABLE, 'object');
          return;
        default: leaf(kind, v);
      }
    }
    /**
     * The quick way, for an object that inherits nothing where one of the usual kind stood before. The place where it writes is
     * kept here between members that hold nothing: what stands in an object is read and stored again for each byte.
     * @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place in `around`
     * @param {import('./types').Shape} guess what stood there last
     */
    function members(v, depth, around, place, guess) {
      const start = w.at;
      // For all members that hold nothing, as many as a shape may have.
      if (start + ROOM > w.capacity) room();
      let { bytes, view } = w, at = start + 3, { names } = guess, width = 0;
      /** The shape so far, once the guess was wrong. @type {import('./types').Shape | null} */
      let shape = null;
      // Nothing between key and read: engines have a quick path for just that.
      for (const name in v) {
        const member = v[name];
        if (names[width] === name) width++;
        else if (shape !== null) shape = further(shape, name, around, place);
        else {
          shape = further(prefix(guess, width), name, around, place);
          names = NO_NAMES;
          width = 0;
        }
        if (at === start + 3 && wasSeen(v, depth, beginning(member), 'Object')) return;
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
        else if (typeof member === 'string' && member.length <= SHORT && ascii(member, bytes, at + 5)) {
          bytes[at] = 0x06;
          view.putU32(at + 1, member.length, true);
          at += 5 + member.length;
        } else {
          w.at = at;
          const inside = shape ?? guess, slot = (shape === null ? width : shape.width) - 1;
          if (typeof member === 'object' && member !== null && !isGuarded) object(member, depth + 1, inside, slot);
          else value(member, depth + 1, inside, slot);
          if (w.at + ROOM > w.capacity) room();
          at = w.at; bytes = w.bytes; view = w.view;
        }
      }
      if (at === start + 3 && wasSeen(v, depth, beginning(undefined), 'Object')) return;
      w.at = at;
      if (shape === null) { if (names[width] !== END) shape = prefix(guess, width); } else if (width > 0) throw NO_SHAPE;
      if (shape !== null) around.guesses[place] = shape;
      endShape(shape ?? guess, start);
    }
    /**
     * The shape with one name more than the guess had. @param {import('./types').Shape} shape @param {string} name
     * @param {import('./types').Shape} around @param {number} place
     */
    function further(shape, name, around, place) {
      // Where one has many members the next one has, too: it need not fail.
      if (shape.width === WIDTH_LIMIT) around.guesses[place] = shapes.root();
      return step(shape, name);
    }
    /**
     * The way for objects where none of the usual kind stood before, and for those that inherit something.
     * @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place
     */
    function otherMembers(v, depth, around, place) {
      const names = objectKeys(v), count = names.length, start = w.at;
      if (count > WIDTH_LIMIT) { careful(v, depth, around, place); return; }
      let shape = shapes.root();
      for (let i = 0; i < count; i++) {
        const member = v[names[i]];
        // A getter took it away.
        if (member === undefined && !hasOwn(v, names[i])) continue;
        if (shape.width === 0) {
          if (wasSeen(v, depth, beginning(member), 'Object')) return;
          w.at = start + 3;
        }
        shape = step(shape, names[i]);
        value(member, depth + 1, shape, shape.width - 1);
      }
      if (shape.width === 0) {
        if (wasSeen(v, depth, beginning(undefined), 'Object')) return;
        w.at = start + 3;
      }
      around.guesses[place] = shape;
      endShape(shape, start);
    }
    /** @param {import('./types').Shape} shape @param {number} start where its object begins */
    function endShape(shape, start) {
      if (shape.number < 0) shapes.use(shape);
      w.bytes[start] = 0x0b;
      w.bytes[start + 1] = shape.number;
      w.bytes[start + 2] = shape.number >>> 8;
    }
    /**
     * The way for what the others gave up: each member is asked for by itself, and one that cannot be read is
     * written as such. @param {any} v @param {number} depth @param {import('./types').Shape} around @param {number} place
     */
    function careful(v, depth, around, place) {
      const known = findAnywhere(v);
      if (known >= 0) { head(0x15, known); return; }
      if (isArray(v)) {
        const length = v.length;
        visit(v, beginning(length > 0 ? read(v, 0) : undefined));
        elements(v, length, depth, CAREFUL, around, place);
        return;
      }
      if (kindOf(v) !== PLAIN) { notCaptured(THREW, 'object'); return; }
      const names = objectKeys(v);
      const first = names.length > 0 ? read(v, names[0]) : undefined;
      visit(v, beginning(first));
      head(0x0a, names.length);
      for (let i = 0; i < names.length; i++) {
        key(names[i]);
        const member = i === 0 ? first : read(v, names[i]);
        if (member === UNREADABLE) notCaptured(THREW, 'getter'); else value(member, depth + 1, around, place);
      }
    }
    /** @param {any[]} v @param {number} depth @param {import('./types').Shape} around @param {number} place */
    function array(v, depth, around, place) {
      const length = v.length;
      const first = length > 0 ? elementAt(v, 0) : undefined;
      if (wasSeen(v, depth, beginning(first), 'Array')) return;
      if (length > MESSAGE_LIMIT) throw OVER_LIMIT;
      if (typeof first === 'number') { if (!numbers(v, length)) elements(v, length, depth, ANY, around, place); }
      else elements(v, length, depth, first === undefined ? ANY : QUICK, around, place);
    }
    /**
     * All elements of an array have one guess, that of the array's own place.
     * @param {any[]} v @param {number} length @param {number} depth @param {number} how one of the ways above
     * @param {import('./types').Shape} around @param {number} place
     */
    function elements(v, length, depth, how, around, place) {
      head(0x09, length);
      for (let i = 0; i < length; i++) {
        const member = how === QUICK ? v[i] : how === ANY ? elementAt(v, i) : read(v, i);
        if (typeof member === 'object' && member !== null && !isGuarded && w.at + 16 <= w.capacity) {
          object(member, depth + 1, around, place);
        } else if (member === undefined && !hasOwn(v, i)) {
          if (w.at + 16 > w.capacity) grow(16);
          w.bytes[w.at++] = 0x1f;
        } else if (member === UNREADABLE) notCaptured(THREW, 'getter');
        else value(member, depth + 1, around, place);
      }
    }
    /**
     * @param {any} v @param {number} depth @param {boolean} isMap
     * @param {import('./types').Shape} around @param {number} place
     */
    function collection(v, depth, isMap, around, place) {
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
      for (let i = 0; i < members.length; i++) value(members[i], depth + 1, around, place);
    }
    /** The whole value of a record. @param {any} v @param {import('./types').Shape} stream @param {number} toTexts @param {number} toBlobs */
    function whole(v, stream, toTexts, toBlobs) {
      try {
        value(v, 0, stream, 0);
      } catch (error) {
        if (error === OVER_LIMIT) throw error;
        rollBack(w.bodyStart, 0, toTexts, toBlobs);
        isGuarded = true;
        value(v, 0, stream, 0);
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
      const stream = shapes.start(2 * channel + (kind & 1));
      inherits = isGuarded = false;
      for (const _ in EMPTY) inherits = true;
      try {
        if (blob === LEFT_OUT_MARK) notCaptured(LEFT_OUT, payload); else whole(payload, stream, textsBefore, blobsBefore);
        if (w.at - w.bodyStart + w.bodyTextLength > MESSAGE_LIMIT) throw OVER_LIMIT;
      } catch {
        // Only size can bring us here, of the message or of the memory.
        rollBack(w.bodyStart, 0, textsBefore, blobsBefore);
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
