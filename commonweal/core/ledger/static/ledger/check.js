// Checks a person's history on their own device: every record against its commitment, every commitment against the
// public log, the log against its signed checkpoint and against what this device remembers. WebCrypto only.
//
// The file format is that of receipts.py; the finding codes are those of verify.py, which does the same check:
// signature, tree, counter, link, label, leaf, unlogged, erased, sealed, tail, head, epoch, epoch_old, anchor_log, anchor_entry.

const HASH = 32;
const WIDTH = 256;
const ACT = 1;
const ERASURE = "erasure.entries.erase"; // the action that erases, and how it names what it erased
const ENTRY = "ledger/entry/";
const EPOCH = 3;
const AT_ONCE = 2000; // entries whose hashes are computed side by side

/** Something that is not as it must be. */
class Mismatch extends Error {
  constructor(what, expected, got) {
    super(`${what}: expected ${expected}, got ${got}`);
    Object.assign(this, { what, expected: String(expected), got: String(got) });
  }
}

// ------------------------------------------------------------------------------------------------- bytes and hashes

const text = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const hex = (bytes) => Array.from(bytes, (byte) => HEX[byte]).join("");

function unhex(digits) {
  if (typeof digits !== "string" || digits.length % 2 || /[^0-9a-f]/.test(digits)) throw new Mismatch("hex", "hex", digits);
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.substr(2 * at, 2), 16);
  return bytes;
}

const unbase64 = (letters) => Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));

function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function bigEndian(number, length) {
  const bytes = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at--, number = Math.floor(number / 256)) bytes[at] = number % 256;
  return bytes;
}

const equal = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const leafHash = (entry) => sha256(join([0], entry));

async function hmac(key, message) {
  if (key.length > 64) throw new Mismatch("key", "at most 64 bytes", key.length);
  const inner = new Uint8Array(64).fill(0x36);
  const outer = new Uint8Array(64).fill(0x5c);
  key.forEach((byte, at) => ((inner[at] ^= byte), (outer[at] ^= byte)));
  return sha256(join(outer, await sha256(join(inner, message))));
}

/** RFC 6962: the tree hash over concatenated hashes. */
async function treeHash(hashes) {
  if (!hashes.length) return sha256(hashes);
  while (hashes.length > HASH) {
    const pairs = [];
    for (let at = 0; at + 2 * HASH <= hashes.length; at += 2 * HASH) {
      const node = new Uint8Array(1 + 2 * HASH);
      node[0] = 1;
      node.set(hashes.subarray(at, at + 2 * HASH), 1);
      pairs.push(sha256(node));
    }
    hashes = join(...(await Promise.all(pairs)), hashes.subarray(pairs.length * 2 * HASH));
  }
  return hashes;
}

/** RFC 9162 section 2.1.3.2. */
async function rootFromInclusion(hash, index, size, proof) {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new Mismatch("index", `below ${size}`, index);
  let [node, last] = [index, size - 1];
  for (const step of proof) {
    if (last === 0 || step.length !== HASH) throw new Mismatch("inclusion proof", "another length", proof.length);
    if (node % 2 || node === last) {
      hash = await sha256(join([1], step, hash));
      while (node % 2 === 0 && node) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = await sha256(join([1], hash, step));
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last) throw new Mismatch("inclusion proof", "longer", proof.length);
  return hash;
}

// ---------------------------------------------------------------------------------------------------- the public log

function tilePath(level, index, width = WIDTH) {
  let digits = String(index % 1000).padStart(3, "0");
  while (index >= 1000) {
    index = Math.floor(index / 1000);
    digits = `x${String(index % 1000).padStart(3, "0")}/${digits}`;
  }
  return `tile/${level}/${digits}${width < WIDTH ? `.p/${width}` : ""}`;
}

function parseCheckpoint(note) {
  const at = note.lastIndexOf("\n\n");
  const body = note.slice(0, at + 1);
  const [origin, size, root] = body.split("\n");
  const checkpoint = { body, lines: note.slice(at + 2).split("\n"), origin, size: Number(size), root: unbase64(root ?? "") };
  if (at < 0 || !origin || !/^(0|[1-9][0-9]{0,14})$/.test(size) || checkpoint.root.length !== HASH) {
    throw new Mismatch("checkpoint", "origin, size, root", body);
  }
  return checkpoint;
}

/** "verified", "unsupported" where this browser has no Ed25519, or a Mismatch. Type 1 of C2SP signed-note. */
async function checkSignature(checkpoint, vkeys) {
  const vkey = vkeys.map((line) => line.split("+")).find(([name, , ...key]) => name === checkpoint.origin && unbase64(key.join("+"))[0] === 1);
  if (!vkey) throw new Mismatch("Ed25519 key of the log", checkpoint.origin, "none");
  const material = unbase64(vkey.slice(2).join("+"));
  const id = (await sha256(join(text.encode(`${vkey[0]}\n`), material))).subarray(0, 4);
  if (hex(id) !== vkey[1]) throw new Mismatch("id of the log's key", hex(id), vkey[1]);
  const signatures = checkpoint.lines
    .filter((line) => line.startsWith(`— ${checkpoint.origin} `))
    .map((line) => unbase64(line.split(" ")[2]))
    .filter((value) => equal(value.subarray(0, 4), id));
  if (!signatures.length) throw new Mismatch("signature of the log", vkey.join("+"), "none");
  let key;
  try {
    key = await crypto.subtle.importKey("raw", material.subarray(1), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return "unsupported";
  }
  for (const value of signatures) {
    if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, value.subarray(4), text.encode(checkpoint.body)))) {
      throw new Mismatch("signature of the log", "a valid one", "not valid");
    }
  }
  return "verified";
}

/** Tiles that are believed only once they lead to the checkpoint's root. */
class VerifiedTiles {
  static async open(fetchTile, checkpoint) {
    const tiles = new VerifiedTiles();
    Object.assign(tiles, { fetchTile, size: checkpoint.size, known: new Map() });
    const root = await tiles.fold(checkpoint.size, (level, index, width) => tiles.fetch(level, index, width));
    if (!equal(root, checkpoint.root)) throw new Mismatch(`root at size ${checkpoint.size}`, hex(checkpoint.root), hex(root));
    return tiles;
  }

  /** The root at a size from the partial tiles at its right edge. */
  async fold(size, tileAt) {
    let root = new Uint8Array(0);
    for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / WIDTH)) {
      const [index, width] = [Math.floor(hashes / WIDTH), hashes % WIDTH];
      if (!width) continue;
      const tile = await tileAt(level, index, width);
      if (size === this.size) this.known.set(`${level}/${index}`, Promise.resolve(tile));
      root = await treeHash(join(tile.subarray(0, width * HASH), root));
    }
    return root.length ? root : treeHash(root);
  }

  width(level, index) {
    return Math.max(0, Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - index * WIDTH));
  }

  /** The bytes of a tile, or the beginning of the full one where the partial one is gone. */
  async fetch(level, index, width) {
    let tile = await this.fetchTile(tilePath(level, index, width));
    if (!tile && width < WIDTH) tile = (await this.fetchTile(tilePath(level, index)))?.subarray(0, width * HASH);
    if (tile?.length !== width * HASH) throw new Mismatch(tilePath(level, index, width), `${width} hashes`, tile?.length ?? "none");
    return tile;
  }

  tile(level, index) {
    const name = `${level}/${index}`;
    if (!this.known.has(name)) this.known.set(name, this.verified(level, index));
    return this.known.get(name);
  }

  async verified(level, index) {
    const [tile, above] = await Promise.all([this.fetch(level, index, WIDTH), this.tile(level + 1, Math.floor(index / WIDTH))]);
    const at = (index % WIDTH) * HASH;
    const hash = await treeHash(tile);
    if (!equal(hash, above.subarray(at, at + HASH))) {
      throw new Mismatch(`hash of ${tilePath(level, index)}`, hex(above.subarray(at, at + HASH)), hex(hash));
    }
    return tile;
  }

  async leaf(index) {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < this.size)) throw new Mismatch("leaf index", `below ${this.size}`, index);
    const at = (index % WIDTH) * HASH;
    return (await this.tile(0, Math.floor(index / WIDTH))).subarray(at, at + HASH);
  }

  /** The root that this tree had at an earlier size. */
  async rootAt(size) {
    if (size > this.size) throw new Mismatch("size of the log", `at least ${size}`, this.size);
    return this.fold(size, (level, index) => this.tile(level, index));
  }

  /** The entries of a bundle, each hashed against its verified leaf hash. */
  async bundle(index) {
    const width = this.width(0, index);
    const bytes = (await this.fetchTile(tilePath("entries", index, width))) ?? (await this.fetchTile(tilePath("entries", index)));
    if (!bytes) throw new Mismatch(tilePath("entries", index, width), "a file", "none");
    const entries = [];
    for (let at = 0; at < bytes.length && entries.length < width; ) {
      const length = bytes[at] * 256 + bytes[at + 1];
      entries.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    const hashes = join(...(await Promise.all(entries.map(leafHash))));
    if (!equal(hashes, await this.tile(0, index))) throw new Mismatch(tilePath("entries", index), "entries that hash to the tile", "others");
    return entries;
  }
}

// --------------------------------------------------------------------------------------------------------- the check

/** The entries of the same person that this record says were erased. */
function erasedBy(body) {
  if (body.action !== ERASURE || body.decision !== "permitted") return [];
  return (body.changed ?? []).filter((name) => name.startsWith(ENTRY)).map((name) => Number(name.slice(ENTRY.length)));
}

class Check {
  constructor(history, fetchTile) {
    if (history.version !== 1) throw new Mismatch("version of the history", 1, history.version);
    Object.assign(this, { history, fetchTile, tiles: null, findings: [], commitments: new Map(), explained: new Set(), signature: "invalid" });
    this.checkpoint = parseCheckpoint(history.checkpoint);
  }

  expect(code, n, expected, got) {
    if (expected !== got) this.findings.push({ code, n, expected: String(expected), got: String(got) });
  }

  async guard(code, n, check) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.findings.push({ code, n, expected: error.expected, got: `${error.got} (${error.what})` });
    }
  }

  async run(anchor) {
    const { history } = this;
    await this.guard("signature", null, async () => {
      this.signature = await checkSignature(this.checkpoint, anchor?.vkeys ?? history.vkeys);
    });
    await this.guard("tree", null, async () => {
      this.tiles = await VerifiedTiles.open(this.fetchTile, this.checkpoint);
    });
    for (let at = 0; at < history.entries.length; at += AT_ONCE) {
      const part = history.entries.slice(at, at + AT_ONCE);
      const commitments = await Promise.all(part.map((entry) => this.commitment(entry)));
      part.forEach((entry, place) => this.checkLinks(entry, history.start + at + place, commitments[place]));
      await Promise.all(part.map((entry, place) => this.checkActLeaf(entry, commitments[place])));
      await Promise.all(part.filter(({ body }) => body !== undefined).map((entry) => this.checkSealed(entry)));
    }
    this.checkErasures();
    this.checkOrder();
    await this.checkEpoch();
    if (anchor) await this.checkAnchor(anchor);
    return this.result(anchor);
  }

  async commitment(entry) {
    if (entry.body === undefined) return unhex(entry.commitment); // erased: only its commitment is left
    return hmac(unhex(entry.key), text.encode(entry.body));
  }

  checkLinks(entry, expected, commitment) {
    const { n } = entry;
    this.expect("counter", expected, expected, n);
    if (entry.body !== undefined) {
      const body = JSON.parse(entry.body);
      this.expect("counter", n, n, body.n);
      this.subject ??= body.subject;
      this.expect("label", n, this.subject, body.subject);
      erasedBy(body).forEach((erased) => this.explained.add(erased));
      if (n === 1) {
        this.expect("link", n, null, body.previous);
        this.expect("label", n, this.history.label, body.label);
      } else if (this.commitments.has(n - 1)) {
        this.expect("link", n, this.commitments.get(n - 1), body.previous);
      }
    }
    this.commitments.set(n, hex(commitment));
  }

  /** An entry that opens one under seal carries it: committed to long before, about the same person, not early. */
  async checkSealed(entry) {
    const [n, sealed, body] = [entry.n, entry.sealed ?? null, JSON.parse(entry.body)];
    const opened = body.opened ?? null;
    if (opened === null || sealed === null) return this.expect("sealed", n, opened !== null, sealed !== null);
    const commitment = await hmac(unhex(sealed.key), text.encode(sealed.body));
    const original = JSON.parse(sealed.body);
    this.expect("sealed", n, opened.commitment, hex(commitment));
    this.expect("sealed", n, body.subject, original.subject);
    if (body.time < original.sealed.until) this.expect("sealed", n, `opened from ${original.sealed.until} on`, body.time);
    if (sealed.index === null || (entry.index !== null && sealed.index >= entry.index)) {
      return this.expect("sealed", n, "in the log before it was opened", sealed.index);
    }
    await this.checkActLeaf({ ...sealed, n }, commitment, "sealed");
  }

  async checkActLeaf(entry, commitment, code = "leaf") {
    if (entry.index === null || !this.tiles) return;
    await this.guard(code, entry.n, async () => {
      const root = await rootFromInclusion(await leafHash(commitment), entry.position, entry.count, entry.path.map(unhex));
      await this.checkLeaf(entry.index, join([1, ACT], root));
    });
  }

  async checkLeaf(index, leaf) {
    const [published, computed] = await Promise.all([this.tiles.leaf(index), leafHash(leaf)]);
    if (!equal(published, computed)) throw new Mismatch(`leaf hash ${index}`, hex(computed), hex(published));
  }

  /** Leaves are placed in the order of their acts: nothing waits that a later entry or the epoch has overtaken. */
  checkErasures() {
    const { entries, stop, last } = this.history;
    if (stop !== last + 1) return; // the record of an erasure may lie beyond
    for (const { n, body } of entries) {
      if (body === undefined && !this.explained.has(n)) this.expect("erased", n, "an erasure that names it", "none");
    }
  }

  checkOrder() {
    const { entries, start, stop, epoch } = this.history;
    const covered = epoch?.head?.n ?? 0;
    const overtaken = entries.reduce((last, { n, index }) => (index === null ? last : Math.max(last, n - 1)), covered);
    for (const { n, index } of entries) {
      if (index === null && n <= overtaken) this.expect("unlogged", n, "in the log, as what came later is", "pending");
    }
    this.expect("tail", null, stop - 1, start - 1 + entries.length);
  }

  async checkEpoch() {
    const { epoch, entries, last } = this.history;
    if (epoch) {
      await this.guard("epoch", null, () => this.checkEpochLeaf(epoch));
      const covered = JSON.parse(epoch.document).size;
      const newest = epoch.head?.n ?? 0;
      for (const { n, index } of entries) {
        if (index !== null && index < covered && n > newest) this.expect("head", n, `at most ${newest}, says the epoch`, n);
      }
      if (this.commitments.has(newest)) this.expect("head", newest, epoch.head.commitment, this.commitments.get(newest));
      if (last < newest) this.expect("tail", null, newest, last);
    }
    if (this.tiles) await this.guard("epoch_old", null, () => this.checkNewestEpoch(epoch ? epoch.index : -1));
  }

  async checkEpochLeaf({ document, index, head }) {
    if (index === null) throw new Mismatch("epoch", "in the log", "pending");
    const [bytes, values] = [text.encode(document), JSON.parse(document)];
    if (this.tiles) await this.checkLeaf(index, join([1, EPOCH], await sha256(bytes)));
    if (values.size > index) throw new Mismatch("size that the epoch covers", `at most ${index}`, values.size);
    if (!head) return;
    const label = unhex(this.history.label);
    let hash = await leafHash(join(label, bigEndian(head.n, 8), unhex(head.commitment)));
    let below = 8 * label.length;
    for (const [bit, sibling] of head.path) {
      if (!(Number.isSafeInteger(bit) && bit >= 0 && bit < below)) throw new Mismatch("bit in a map path", `below ${below}`, bit);
      const right = (label[bit >> 3] >> (7 - (bit & 7))) & 1;
      const pair = right ? [unhex(sibling), hash] : [hash, unhex(sibling)];
      hash = await sha256(join([2], bigEndian(bit, 2), ...pair));
      below = bit;
    }
    if (hex(hash) !== values.root) throw new Mismatch("root of the epoch's map", values.root, hex(hash));
  }

  async checkNewestEpoch(known) {
    const first = (known ?? -1) + 1;
    for (let bundle = Math.floor(first / WIDTH); bundle * WIDTH < this.tiles.size; bundle++) {
      const entries = await this.tiles.bundle(bundle);
      const newer = entries.findIndex((entry, at) => bundle * WIDTH + at >= first && entry[1] === EPOCH);
      if (newer >= 0) throw new Mismatch("newest epoch", `leaf ${bundle * WIDTH + newer}`, known < 0 ? "none" : `leaf ${known}`);
    }
  }

  async checkAnchor(anchor) {
    const { start, stop, last } = this.history;
    await this.guard("anchor_log", null, async () => {
      if (this.checkpoint.origin !== anchor.origin) throw new Mismatch("log", anchor.origin, this.checkpoint.origin);
      if (!this.tiles) return;
      const root = hex(await this.tiles.rootAt(anchor.size));
      if (root !== anchor.root) throw new Mismatch(`root at size ${anchor.size}`, anchor.root, root);
    });
    if (this.commitments.has(anchor.n)) {
      this.expect("anchor_entry", anchor.n, anchor.commitment, this.commitments.get(anchor.n));
    } else if (last < anchor.n || (start <= anchor.n && anchor.n < stop)) {
      this.expect("anchor_entry", anchor.n, anchor.commitment, "no such entry");
    }
  }

  result(anchor) {
    const { history, checkpoint, findings } = this;
    const { entries, start, last, epoch } = history;
    const newest = entries.reduce((last, { n }) => Math.max(last, n), 0);
    const head = anchor && anchor.n > newest ? anchor : { n: newest, commitment: this.commitments.get(newest) };
    const seen = { origin: checkpoint.origin, size: checkpoint.size, root: hex(checkpoint.root), vkeys: history.vkeys };
    return {
      ok: findings.length === 0,
      entries: entries.length,
      pending: entries.filter(({ index }) => index === null).length,
      erased: entries.filter(({ body }) => body === undefined).length,
      complete: start === 1 && newest === last,
      signature: this.signature,
      checkpointSize: checkpoint.size,
      epochSize: epoch ? JSON.parse(epoch.document).size : null,
      epochClosed: epoch ? JSON.parse(epoch.document).closed : null,
      findings,
      anchor: findings.length || !head.n ? null : { ...seen, n: head.n, commitment: head.commitment },
    };
  }
}

/**
 * Check a history in the compact form.
 *
 * `fetchTile(path)` gives a Promise of the bytes (Uint8Array) of a public file of the log, or of null where there is
 * none; when it rejects, the log could not be reached and so does this. `anchor` is what an earlier result remembered.
 * Resolves to {ok, entries, pending, erased, complete, signature ("verified", "unsupported" on this device, or
 * "invalid"), checkpointSize, epochSize, epochClosed, findings: [{code, n, expected, got}], anchor}.
 */
export async function checkHistory(history, fetchTile, anchor = null) {
  return new Check(history, fetchTile).run(anchor);
}

/** A `fetchTile` for a log that is served at `address`. */
export function fetchFrom(address) {
  return async (path) => {
    const answer = await fetch(`${address.replace(/\/$/, "")}/${path}`);
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
}

/** What this device remembers of its last good check, or null. One for each log and person (`label`). */
export function loadAnchor(origin, label, storage = localStorage) {
  return JSON.parse(storage.getItem(`ledger:${origin}:${label}`));
}

/** Remember a result's anchor; a result with findings has none, and leaves the old one in place. */
export function saveAnchor(label, anchor, storage = localStorage) {
  if (anchor) storage.setItem(`ledger:${anchor.origin}:${label}`, JSON.stringify(anchor));
}
