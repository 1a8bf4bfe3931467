/**
 * Shapes that cross a border inside the extension: between the files of the MAIN world, on the ports, and
 * between the panel page and the wasm module. Only this file and `src/capture` know the shape of hook
 * messages; the bytes of a chunk are docs/capture-format.md.
 */

/** A view of the chunk's bytes with own setters; the third argument is always true: little-endian. */
export interface Writer {
  putU32(place: number, n: number, littleEndian: true): void;
  putF64(place: number, n: number, littleEndian: true): void;
}

/** The buffer of the open chunk; values.js writes at `at`. */
export interface ChunkBuffer {
  at: number;
  bytes: Uint8Array;
  view: Writer;
  capacity: number;
  textCount: number;
  bodyStart: number;
  bodyTextLength: number;
  grow(more: number): void;
  extend(more: number): void;
  putU32(place: number, n: number): void;
  head(tag: number, n: number): void;
  utf8(s: string): number;
  text(s: string): void;
  key(name: string): void;
  rollBack(place: number, toTexts: number): void;
  forgetTexts(): void;
  finish(shapes: Shape[]): { bytes: Uint8Array; tableOffset: number };
  pendingBytes(): number;
}

/** A list of keys; `names` ends with a text that is no key. `next` and `guesses` are what came last time. */
export interface Shape {
  names: string[];
  width: number;
  /** Place in the table of the open chunk, or -1. */
  number: number;
  nextName: string | null;
  next: Shape | null;
  children: Map<string, Shape> | null;
  /** For each key, the shape of the object that stood there. */
  guesses: Shape[];
}

export interface Leaves {
  leaf(kind: number | string, v: any): void;
  rare(v: undefined | bigint | symbol | Function): void;
  /** Returns whether it wrote the array. */
  numbers(v: any[], length: number): boolean;
  notCaptured(reason: number, type: string): void;
  inChannel(channel: number): void;
  blobCount(): number;
  dropBlobs(count: number): void;
  takeBlobs(): PendingBlob[];
}

export interface Shapes {
  step(shape: Shape, name: string): Shape;
  prefix(shape: Shape, width: number): Shape;
  start(stream: number): Shape;
  root(): Shape;
  use(shape: Shape): void;
  take(): Shape[];
}

export interface PendingBlob { number: number; blob: Blob; size: number; channel: number }

export interface Values {
  /** Returns the place of the record's body. */
  record(kind: number, time: number, channel: number, prefix: number, payload: any, blob: number): number;
  finish(): { bytes: Uint8Array; tableOffset: number };
  forgetTexts(): void;
  patch(place: number, bits: number): void;
  pendingBytes(): number;
  takeBlobs(): PendingBlob[];
}

export interface Encoder {
  /** Returns the place of the record's body, or -1 when the event was dropped. `prefix` -1: none. */
  event(kind: number, time: number, channel: number, prefix: number, payload: any): number;
  seal(): { bytes: Uint8Array; events: number } | null;
  blobContents(time: number, channel: number, number: number, contents: ArrayBuffer): void;
  lose(time: number, channel: number, count: number, reason: string): void;
  patch(place: number, bits: number): void;
  pendingBytes(): number;
  pendingEvents(): number;
  takeBlobs(): PendingBlob[];
}

export interface Recorder {
  record(kind: number, channel: number, prefix: number, payload: any, time?: number): void;
  send(channel: number, original: Function, self: any, args: any[], hasTransfer: boolean): any;
  observe(target: EventTarget, type: string, handle: (event: any) => void): void;
  onRevert(undo: () => void): void;
  failed(): void;
  isActive(): boolean;
  now(): number;
}

/** Relay to panel. `dropped` counts events that the relay could not keep for this panel. */
export type FromRelay =
  | { type: 'hello'; url: string; frame: 'top' | 'inner'; dropped: number }
  | { type: 'chunk'; page: string; chunk: number; data: string };

/** Panel to relay. `resume` starts the flow; a relay that knows the panel sends only what was not acknowledged. */
export type ToRelay =
  | { type: 'resume'; panel: string }
  | { type: 'ack'; page: string; chunk: number }
  | { type: 'revert' };

/** Panel to event page, Firefox only: keeps the event page alive. */
export type ToBackground = ToRelay | { type: 'heartbeat' };

/** What the panel page tells the wasm module on each change, as JSON. */
export interface Status {
  connection: 'connecting' | 'recording' | 'detached' | 'notAllowed' | 'file';
  origin: string;
  url: string;
  droppedByRelay: number;
}

/** Given to `mount`. */
export interface Host {
  mode: 'devtools' | 'page';
  requestOrigin(): void;
  reloadPage(): void;
  download(name: string, mime: string, bytes: Uint8Array): void;
  pickFile(): void;
  version: string;
}

/** `ui/rollscope_ui.js`, the wasm-bindgen module of the panel. */
export interface PanelModule {
  default(): Promise<unknown>;
  mount(host: Host): void;
  handleChunk(bytes: Uint8Array): void;
  handleStatus(json: string): void;
  openFile(name: string, bytes: Uint8Array): void;
  setTheme(theme: 'light' | 'dark'): void;
}

declare global {
  const chrome: any;
  const browser: any;
}
