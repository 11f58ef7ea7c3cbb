// Recomputes, in the reader's browser, what the ledger says: entry, Merkle path, root, signature, consistency.
// RFC 6962 hashing (SHA-256; a leaf after the byte 00, a node after 01), C2SP tlog-tiles, checkpoints as C2SP signed notes.
// It believes only the checkpoint that the reader brings, and the key that the reader accepts.
"use strict";

const TILE = 256;

// ---- bytes

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (left, right) => hex(left) === hex(right);

function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error("this is no base 64: " + text.slice(0, 60));
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const leafHash = (entry) => sha256(joined([0], entry));
const nodeHash = (left, right) => sha256(joined([1], left, right));

// ---- signed notes

function parseCheckpoint(text) {
  const note = text.replace(/\r\n/g, "\n").replace(/^\s+/, "").replace(/\s*$/, "\n");
  const gap = note.lastIndexOf("\n\n");
  if (gap < 0) throw new Error("a checkpoint has an empty line before its signatures");
  const body = note.slice(0, gap + 1);
  const [origin, size, root] = body.split("\n");
  if (!origin || !/^(0|[1-9][0-9]{0,15})$/.test(size || "") || !Number.isSafeInteger(Number(size))) {
    throw new Error("a checkpoint's first lines are origin, size and root");
  }
  const rootBytes = fromBase64(root || "");
  if (rootBytes.length !== 32) throw new Error("the root has to have 32 bytes");
  const signatures = note.slice(gap + 2).split("\n").filter((line) => line).map((line) => {
    const match = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!match) throw new Error("a signature line reads “— name base64”");
    const bytes = fromBase64(match[2]);
    return { name: match[1], id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  return { body, origin, size: Number(size), root: rootBytes, signatures };
}

function parseKey(text) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  if (!match) throw new Error("a verifier key reads name+id+key");
  const bytes = fromBase64(match[3]);
  if (bytes.length !== 33 || bytes[0] !== 1) throw new Error("the verifier key is not an Ed25519 key");
  return { name: match[1], id: match[2], bytes: bytes.slice(1) };
}

// true, false, or words for why this browser cannot tell.
async function isSigned(checkpoint, key) {
  const id = (await sha256(joined(new TextEncoder().encode(key.name + "\n"), [1], key.bytes))).slice(0, 4);
  if (hex(id) !== key.id) throw new Error("the id in the verifier key does not fit the key: a part of it is missing or changed");
  const line = checkpoint.signatures.find((one) => one.name === key.name && one.id === key.id);
  if (!line || checkpoint.origin !== key.name) return false;
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    return "This browser does not know Ed25519. Check the signature with openssl, as below.";
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, line.signature, new TextEncoder().encode(checkpoint.body));
}

// ---- tiles

function indexPath(index) {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = "x" + String(rest % 1000).padStart(3, "0") + "/" + path;
  return path;
}

class Ledger {
  constructor(size) { this.size = size; this.files = new Map(); }

  async file(kind, level, index) {
    const count = Math.floor(this.size / Math.pow(TILE, level)) - index * TILE;
    if (count <= 0) throw new Error("the ledger has no such hash: it is shorter than the checkpoint says");
    const path = "/ledger/tile/" + kind + "/" + indexPath(index);
    const name = count >= TILE ? path : path + ".p/" + count;
    if (!this.files.has(name)) {
      let answer = await fetch(name);
      // A partial tile may go once its full one is there.
      if (!answer.ok && count < TILE) answer = await fetch(path);
      if (!answer.ok) throw new Error(name + " cannot be had: " + answer.status);
      this.files.set(name, new Uint8Array(await answer.arrayBuffer()));
    }
    return this.files.get(name);
  }

  // The root of the perfect tree of 2^level entries, the index-th of them.
  async perfect(level, index) {
    const tileLevel = Math.floor(level / 8);
    const width = Math.pow(2, level % 8);
    const first = index * width;
    const tile = await this.file(String(tileLevel), tileLevel, Math.floor(first / TILE));
    let hashes = [];
    for (let place = first % TILE; place < first % TILE + width; place++) {
      const hash = tile.slice(place * 32, place * 32 + 32);
      if (hash.length !== 32) throw new Error("a tile of level " + tileLevel + " is too short");
      hashes.push(hash);
    }
    while (hashes.length > 1) {
      const above = [];
      for (let place = 0; place < hashes.length; place += 2) above.push(await nodeHash(hashes[place], hashes[place + 1]));
      hashes = above;
    }
    return hashes[0];
  }

  // The root over the entries from start to before end; start lies where RFC 6962 splits.
  async range(start, end) {
    const peaks = [];
    let at = start;
    for (let level = 52; level >= 0; level--) {
      const width = Math.pow(2, level);
      if (Math.floor((end - start) / width) % 2 === 1) {
        peaks.push(await this.perfect(level, at / width));
        at += width;
      }
    }
    let root = peaks.pop();
    while (peaks.length) root = await nodeHash(peaks.pop(), root);
    return root;
  }

  async entry(index) {
    const bundle = await this.file("entries", 0, Math.floor(index / TILE));
    let at = 0;
    for (let place = 0; at + 2 <= bundle.length; place++) {
      const length = bundle[at] * 256 + bundle[at + 1];
      if (place === index % TILE) return bundle.slice(at + 2, at + 2 + length);
      at += 2 + length;
    }
    throw new Error("the entry is not in its bundle");
  }

  // RFC 6962, section 2.1.1: the hashes beside the way of an entry, from below.
  async inclusion(index, size) {
    const proof = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const split = start + powerBelow(end - start);
      if (index < split) { proof.push(await this.range(split, end)); end = split; } else { proof.push(await this.range(start, split)); start = split; }
    }
    return proof.reverse();
  }

  // RFC 6962, section 2.1.2.
  async consistency(old, size) {
    const proof = [];
    let [start, end] = [0, size];
    while (end !== old) {
      const split = start + powerBelow(end - start);
      if (old <= split) { proof.push(await this.range(split, end)); end = split; } else { proof.push(await this.range(start, split)); start = split; }
    }
    if (start > 0) proof.push(await this.range(start, end));
    return proof.reverse();
  }
}

function powerBelow(count) {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

const half = (number) => Math.floor(number / 2);

// RFC 9162, section 2.1.3.2; what comes of each step, the root last.
async function rootOfInclusion(leaf, index, size, proof, note) {
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) throw new Error("the path is too long");
    const isLeft = place % 2 === 1 || place === last;
    hash = isLeft ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling);
    if (isLeft) while (place % 2 === 0 && place !== 0) { place = half(place); last = half(last); }
    place = half(place);
    last = half(last);
    note(isLeft ? "left" : "right", sibling, hash);
  }
  if (last !== 0) throw new Error("the path is too short");
  return hash;
}

// RFC 9162, section 2.1.4.2.
async function isConsistent(old, oldRoot, size, root, proof) {
  if (old === size) return same(oldRoot, root);
  if (old === 0) return true;
  let [last, edge, rest] = [old - 1, size - 1, proof.slice()];
  while (last % 2 === 1) { last = half(last); edge = half(edge); }
  let rebuilt = last === 0 ? oldRoot : rest.shift();
  let whole = rebuilt;
  for (const sibling of rest) {
    if (edge === 0) return false;
    if (last % 2 === 1 || last === edge) {
      rebuilt = await nodeHash(sibling, rebuilt);
      whole = await nodeHash(sibling, whole);
      while (last % 2 === 0 && last !== 0) { last = half(last); edge = half(edge); }
    } else {
      whole = await nodeHash(whole, sibling);
    }
    last = half(last);
    edge = half(edge);
  }
  return edge === 0 && same(rebuilt, oldRoot) && same(whole, root);
}

// ---- the page

const byID = (id) => document.getElementById(id);

function say(tone, word, words) {
  const line = document.createElement("p");
  const badge = document.createElement("span");
  badge.className = "badge " + tone;
  badge.textContent = word;
  line.append(badge, " " + words);
  byID("verdict").append(line);
}

function show(words, ...digests) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.className = "label";
  label.textContent = words;
  item.append(label);
  for (const digest of digests) {
    const code = document.createElement("code");
    code.textContent = typeof digest === "string" ? digest : hex(digest);
    item.append(" ", code);
  }
  byID("computed").append(item);
}

async function compute() {
  if (!globalThis.crypto || !crypto.subtle) throw new Error("this browser computes only on secure pages: https, or http on the machine itself");
  const brought = parseCheckpoint(byID("brought").value);
  const key = parseKey(byID("key").value);
  const signed = await isSigned(brought, key);
  if (signed === true) say("good", "Signed", "Your checkpoint of " + brought.size + " entries is signed by " + key.name + ".");
  else if (signed === false) say("bad", "NOT signed", "Your checkpoint is not signed by the key of " + key.name + ". What follows is worth nothing before that is cleared up.");
  else say("waiting", "Signature not checked", signed);

  const answer = await fetch("/ledger/checkpoint", { cache: "no-store" });
  if (!answer.ok) throw new Error("the node's checkpoint cannot be had: " + answer.status);
  const today = parseCheckpoint(await answer.text());
  if (await isSigned(today, key) === false) say("bad", "NOT signed", "Today's checkpoint of this node is not signed by the key of " + key.name + ".");
  show("Your checkpoint: " + brought.size + " entries, root", brought.root);
  show("Today's: " + today.size + " entries, root", today.root);
  if (today.size < brought.size) {
    say("bad", "Cut off", "The node shows " + today.size + " entries, and your checkpoint covers " + brought.size + ".");
    return;
  }
  const ledger = new Ledger(today.size);
  const proof = brought.size > 0 && brought.size < today.size ? await ledger.consistency(brought.size, today.size) : [];
  proof.forEach((hash, place) => show("Consistency, hash " + (place + 1), hash));
  if (await isConsistent(brought.size, brought.root, today.size, today.root, proof)) {
    say("good", "Consistent", brought.size === today.size ? "Today's ledger is the one of your checkpoint."
      : "Today's ledger goes on from your checkpoint: nothing before it was altered, removed or inserted.");
  } else {
    say("bad", "NOT consistent", "Today's ledger does not go on from your checkpoint. Keep both checkpoints: they show that the history was changed.");
  }

  const asked = byID("check").dataset.index;
  if (asked === "") return;
  const index = Number(asked);
  if (index >= brought.size) {
    say("waiting", "Younger", "Entry " + index + " is younger than your checkpoint, which covers " + brought.size + " entries. With today's it can be computed.");
    return;
  }
  const entry = await ledger.entry(index);
  const leaf = await leafHash(entry);
  show("Entry " + index + ": " + entry.length + " bytes, hash", leaf);
  const path = await ledger.inclusion(index, brought.size);
  const root = await rootOfInclusion(leaf, index, brought.size, path, (side, sibling, hash) => show("Beside it, on the " + side + ", and together:", sibling, hash));
  const shown = new TextEncoder().encode(byID("entry").textContent);
  if (!same(root, brought.root)) say("bad", "NOT in it", "Entry " + index + " does not lead to the root of your checkpoint: it was changed after it was signed.");
  else if (!same(await leafHash(shown), leaf)) say("bad", "Another one", "The entry on this page is not the one in the ledger.");
  else say("good", "In it", "Entry " + index + " as it stands on this page leads to the root of your checkpoint.");
}

byID("brought-file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (file && file.size <= 262144) byID("brought").value = await file.text();
});

byID("compute").addEventListener("click", async () => {
  byID("verdict").replaceChildren();
  byID("computed").replaceChildren();
  byID("compute").disabled = true;
  try { await compute(); } catch (error) { say("bad", "Not computed", error.message + "."); }
  byID("compute").disabled = false;
  const end = document.createElement("p");
  end.id = "computed-all";
  end.className = "empty";
  end.textContent = "Computed in this browser.";
  byID("verdict").append(end);
});
