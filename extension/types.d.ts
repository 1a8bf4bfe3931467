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
  room(): void;
  extend(more: number): void;
  putU32(place: number, n: number): void;
  head(tag: number, n: number): void;
  ascii(s: string, bytes: Uint8Array, at: number): boolean;
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
  /** Whether the quick way of values.js may read such an object. */
  isQuick: boolean;
  /** Place in the table of the open chunk, or -1. */
  number: number;
  nextName: string | null;
  next: Shape | null;
  children: Map<string, Shape> | null;
  /** For each key, the shape of the object that stood there. */
  guesses: Shape[];
  /** Asks for the prototype of an object that probably has this shape. */
  prototypeOf(v: any): any;
}

export interface Leaves {
  leaf(kind: number | string, v: any): void;
  rare(v: undefined | bigint | symbol | Function): void;
  /** Returns whether it wrote the array. */
  numbers(v: any[], length: number): boolean;
  notCaptured(reason: number, type: string): void;
  inChannel(channel: number, received: boolean): void;
  blobCount(): number;
  dropBlobs(count: number): void;
  takeBlobs(): PendingBlob[];
}

/** The containers of a message by their places. `begins` is what `beginning` made of the first member, or of an array's. */
export interface Seen {
  beginning(first: any): number;
  /** The place of a container, or -1 when it came for the first time: then it has one now. */
  visit(v: any, begins: number): number;
  findAnywhere(v: any): number;
  rollBack(to: number): void;
  clear(): void;
  count(): number;
}

export interface Shapes {
  step(shape: Shape, name: string): Shape;
  prefix(shape: Shape, width: number): Shape;
  start(stream: number): Shape;
  root(): Shape;
  use(shape: Shape): void;
  take(): Shape[];
}

/** What stands in the place of chunks that were given up; times on the page's clock. */
export interface Gap {
  pageId: Uint8Array;
  chunk: number;
  chunks: number;
  firstSequence: number;
  events: number;
  dropped: number;
  from: number;
  until: number;
  channels: Map<number, number>;
  channelCount: number;
  reason: string;
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
  header(kind: number, time: number, channel: number, prefix: number, text: string): number;
  blobContents(time: number, channel: number, number: number, contents: ArrayBuffer): void;
  /** An event that was seen and could not be read. */
  drop(time: number, channel: number, reason: string): void;
  /** Counts events that had their numbers and never left the page; a gap stands in their place. */
  lose(count: number): void;
  /** From now on nothing is named that earlier chunks hold. */
  forgetTexts(): void;
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
  /** `tell` writes with `again` what a reader must know who has nothing that was written before. */
  onDescribe(tell: (time: number) => void): void;
  again(kind: number, channel: number, prefix: number, payload: any, time: number): void;
  failed(): void;
  isActive(): boolean;
  now(): number;
  revert(): void;
  flush(): void;
  levels: Levels;
}

export type Run = (original: Function, self: any, args: any[]) => any;

/** Each `run` must call the original exactly once. */
export interface Patches {
  replace(owner: any, name: PropertyKey, value: any): void;
  keepTexts(): void;
  wrapConstructor(name: string, attach: (made: any, args: any[]) => void): void;
  wrapMethod(type: string, name: string, run: Run): void;
  wrapBusyMethod(type: string, name: string, run: Run): void;
  /** `make` gets the original, and the original as a function of the receiver and one argument. */
  wrapBusiestMethod(type: string, name: string, make: (original: Function, callWithOne: (self: any, argument: any) => any) => Function): void;
  wrapBusyFunction(name: string, run: Run): void;
}

export interface Channels {
  open(target: any, kind: number, details: Record<string, any>): number;
  /** Nothing more comes through it. */
  closed(channel: number): void;
  /** 0 if it is not known. */
  numberOf(target: any): number;
  observeState(target: any, channel: number, type: string, details: (event: any) => object): void;
}

export interface Peers {
  openConnection(connection: any): void;
  openChannel(target: any): void;
  create(original: Function, self: any, args: any[], connection: number): any;
  send(channel: number, original: Function, self: any, args: any[]): any;
  candidate(channel: number, given: any): void;
}

/** For channels that it fits; the first rule that fits counts. */
export interface LevelRule {
  channel?: number;
  kind?: string;
  label?: string;
  level: 'full' | 'headers' | 'counters';
}

export interface Levels {
  /** How to record a message; null: it was only counted. */
  admit(kind: number, channel: number, payload: any, time: number): { isWhole: boolean; text: string } | null;
  spent(channel: number, cost: number, time: number): void;
  opened(channel: number, kind: string | undefined, label: string | undefined, time: number): void;
  choose(rules: LevelRule[]): void;
  keepUnderLoad(): void;
  /** Tells the levels anew. */
  describe(time: number): void;
  tick(time: number): void;
}

/** What a user may choose, with the panel or without it. */
export interface Settings {
  levels?: LevelRule[];
  /** `keep` switches the rule for load off. */
  load?: 'keep';
  /** null switches the shaper off. */
  shaper?: ShaperSettings | null;
  /** Whether Python on the page's own thread is watched. */
  python?: boolean;
}

export interface Hook {
  configure(given: Settings): void;
  revert(): void;
  flush(): void;
}

/** `rollscopeHook` of dist/rollscope-hook.js; docs/standalone.md is its manual. */
export interface Standalone {
  /** False where a hook is at work already. */
  start(options?: Settings & { onBytes?: (bytes: Uint8Array) => void; hasHeader?: boolean }): boolean;
  configure(settings: Settings): void;
  stop(): void;
  drain(): Uint8Array;
  drainText(): string;
  status(): { isRecording: boolean; chunks: number; events: number; dropped: number; heldBytes: number };
}

/** docs/shaper.md says what each field does. */
export interface ShaperRule {
  kind?: 'dataChannel' | 'webSocket';
  label?: string;
  direction?: 'send' | 'receive' | 'both';
  delayMillis?: number;
  jitterMillis?: number;
  loss?: number;
  burst?: { enter: number; leave: number; loss?: number };
  reorder?: number;
  reorderMillis?: number;
  duplicate?: number;
  retryMillis?: number;
  blackHoles?: [number, number | null][];
}

export interface ShaperSettings { seed?: number; rules?: ShaperRule[] }

export interface Clock {
  now(): number;
  startTimer(run: () => void, millis: number): number;
  stopTimer(timer: number): void;
}

/** Attempts and lifetime are Infinity where the channel repeats for ever. */
export interface Semantics { isOrdered: boolean; attempts: number; lifetimeMillis: number }

/** When copies of a message are let go; none: it is lost. */
export interface Fate { releases: number[] }

export interface Lane {
  decide(): Fate;
  isFree(release: number): boolean;
  hold(release: number, go: () => void, drop: () => void): void;
  /** Lets go what is held, or forgets it where the channel may lose it. */
  end(isKept: boolean): void;
  count(): number;
}

export interface Shaper {
  seed: number;
  rules: ShaperRule[];
  lane(kind: string, label: string, direction: 'send' | 'receive', semantics: Semantics): Lane | null;
}

export interface Shaped { kind: string; label: string; semantics: Semantics; isOpen(self: any): boolean }

export interface Shaping {
  isOn(): boolean;
  configure(settings: ShaperSettings | null): void;
  send(channel: number, original: Function, self: any, args: any[], shaped: Shaped): any;
  receive(channel: number, event: any, target: EventTarget, shaped: Shaped): void;
  closing(channel: number): void;
}

/** Relay to panel. `chunks`: how many numbers the chunk stands for; more than one if it is a gap. `ended`: the document
 * goes away; its last chunk may still follow. */
export type FromRelay =
  | { type: 'hello'; page: string; url: string; frame: 'top' | 'inner'; isOff: boolean }
  | { type: 'chunk'; page: string; chunk: number; chunks: number; data: string }
  | { type: 'ended'; page: string; frame: 'top' | 'inner' };

/** Panel to relay. `resume` starts the flow; a relay that knows the panel sends only what was not acknowledged. */
export type ToRelay =
  | { type: 'resume'; panel: string }
  | { type: 'ack'; page: string; chunks: number[] };

/** To all frames of a tab, from panel, popup or bg.js. `off` takes the hook out; lasting: at later loads too, until `on`.
 * `recheck`: permissions were given back. */
export type ToFrames =
  | { type: 'rollscope:off'; isLasting: boolean; isInnerOnly?: boolean }
  | { type: 'rollscope:on' }
  | { type: 'rollscope:recheck' }
  | { type: 'rollscope:state' };

/** Panel to event page, Firefox only: keeps the event page alive. */
export type ToBackground = ToRelay | { type: 'heartbeat' };

/** What the panel page tells the wasm module on each change, as JSON. */
export interface Status {
  connection: 'connecting' | 'recording' | 'detached' | 'notAllowed' | 'file';
  origin: string;
  url: string;
  /** Of the browser's own question for the permission: it stands open, or was answered with no. */
  consent: '' | 'asked' | 'refused';
}

/** Given to `mount`. */
export interface Host {
  mode: 'devtools' | 'page';
  requestOrigin(): void;
  /** Of the inspected page: stops recording there until it is asked for again. */
  forgetOrigin(): void;
  /** Writes what `rollscope.settings` holds in the local storage of the page; an empty text takes it away. */
  saveSettings(json: string): void;
  reloadPage(): void;
  download(name: string, mime: string, bytes: Uint8Array): void;
  pickFile(): void;
  /** What is shown, as the part of an address behind `#`. */
  setAddress(hash: string): void;
  /** Most bytes that a capture may take, as the user set it in this or an earlier panel; 0 where nobody did. */
  memoryCap: number;
  keepMemoryCap(bytes: number): void;
  version: string;
}

/** `ui/rollscope_ui.js`, the wasm-bindgen module of the panel. */
export interface PanelModule {
  default(): Promise<WebAssembly.Exports>;
  mount(host: Host): void;
  /** The second part is there: what waited for it is read now. */
  attachAnalysis(): void;
  /** The second part cannot be loaded; the panel says so with this reason. */
  missAnalysis(reason: string): void;
  handleChunk(bytes: Uint8Array): void;
  handleStatus(json: string): void;
  /** So many files come that were chosen together, each by one of the next two. */
  beginFiles(count: number): void;
  /** `isFurther`: together with the files that are open, not in their place. Says whether it is being opened. */
  openFile(name: string, bytes: Uint8Array, isFurther: boolean): boolean;
  /** A file could not be read, for this reason. */
  refuseFile(name: string, reason: string): void;
  handleAddress(hash: string): void;
  /** Durations of the last redraws, in milliseconds. */
  takeRedraws(): Float64Array;
  setTheme(theme: 'light' | 'dark'): void;
  /** The last three are for programs that drive the panel. Empty until the analysis is there. */
  reportJson(): string;
  captureFile(): Uint8Array;
  /** Decodes all values of a capture file, keeps none, and says how many events they were of. */
  decodeFile(bytes: Uint8Array): number;
}

declare global {
  const chrome: any;
  const browser: any;
}
