// @ts-check
/**
 * The encoder: numbers the events of one page and closes chunks.
 *
 * Events come from recorder.js; the bytes of a chunk go back to it. After values.js of the files of the MAIN
 * world (see builtins.js). Must not know how a chunk leaves the page. It reads no clock and never throws:
 * an event that cannot be written becomes a `Dropped` record in its place and is counted.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { newList } = parts.builtins;

  const CHUNK_VERSION = 3;
  const DROPPED = 7;
  const BLOB_CONTENTS = 8;

  /**
   * @param {Uint8Array} pageId 8 random bytes, the same in all chunks of this page
   * @returns {import('./types').Encoder}
   */
  function createEncoder(pageId) {
    const values = parts.createValues();
    let events = 0, sequence = 0, firstSequence = 0, chunk = 0, dropped = 0;
    let isBusy = false;
    /** @type {{channel: number, count: number, time: number, reason: string}[]} */
    let owed = newList();

    /**
     * @param {number} kind @param {number} time @param {number} channel @param {number} prefix
     * @param {any} payload @param {number} [blob]
     */
    function event(kind, time, channel, prefix, payload, blob = -1) {
      if (isBusy) {
        // A getter inside a payload sent a message of its own while we read it.
        dropped++;
        owed[owed.length] = { channel, count: 1, time, reason: 'sent while another message was read' };
        return -1;
      }
      isBusy = true;
      let place = -1;
      try {
        place = values.record(kind, time, channel, prefix, payload, blob);
        events++;
        sequence++;
      } catch {
        dropped++;
        owed[owed.length] = { channel, count: 1, time, reason: 'the hook failed' };
      }
      isBusy = false;
      if (owed.length > 0 && kind !== DROPPED) settle();
      return place;
    }

    /** Writes one record per lost event, so that every number of the sequence is accounted for. */
    function settle() {
      const lost = owed;
      owed = newList();
      for (let i = 0; i < lost.length; i++) {
        const { channel, count, time, reason } = lost[i];
        event(DROPPED, time, 0, -1, { channel, count, reason });
      }
    }

    /** @returns {{bytes: Uint8Array, events: number} | null} valid until the next event is written */
    function seal() {
      if (isBusy || events === 0) return null;
      const { bytes, tableOffset } = values.finish();
      const header = [chunk, firstSequence, events, dropped, tableOffset];
      bytes[0] = 0x52; bytes[1] = 0x53; bytes[2] = 0x43; bytes[3] = CHUNK_VERSION;
      for (let i = 0; i < 8; i++) bytes[4 + i] = pageId[i];
      for (let i = 0; i < header.length; i++) {
        for (let j = 0; j < 4; j++) bytes[12 + 4 * i + j] = header[i] >>> (8 * j);
      }
      const count = events;
      chunk++;
      events = 0;
      firstSequence = sequence;
      return { bytes, events: count };
    }

    return {
      event,
      seal,
      /** A message without what it holds. */
      header: (kind, time, channel, prefix, text) => event(kind, time, channel, prefix, text, -2),
      /** Contents of a blob that an earlier message held. */
      blobContents(time, channel, number, contents) { event(BLOB_CONTENTS, time, channel, -1, contents, number); },
      drop(time, channel, reason) {
        dropped++;
        owed[owed.length] = { channel, count: 1, time, reason };
        if (!isBusy) settle();
      },
      lose(count) {
        dropped += count;
        values.forgetTexts();
      },
      forgetTexts: values.forgetTexts,
      /** Sets flags of a message that is still in the open chunk. */
      patch: values.patch,
      pendingBytes: values.pendingBytes,
      pendingEvents: () => events,
      takeBlobs: values.takeBlobs,
    };
  }

  parts.createEncoder = createEncoder;
})();
