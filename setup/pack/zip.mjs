import { crc32, deflateRawSync } from "node:zlib";

/** 1 January 1980, the earliest a zip can say: the same files give the same bytes. */
const DATE = 0x21;
const METHOD_DEFLATE = 8;

/**
 * A zip archive (PKWARE APPNOTE 6.3, without its 64-bit extension).
 *
 * @param {readonly { path: string, bytes: Uint8Array }[]} files paths with forward slashes
 * @returns {Buffer}
 */
export function zip(files) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const { path, bytes } of files) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const facts = entryFacts(crc32(bytes), packed.length, bytes.length, name.length);
    const local = Buffer.concat([signature(0x04034b50), facts, name, packed]);
    // Made by version 2.0; then no comment, disk 0, no attributes, and where the file's own entry lies.
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), facts, place, name]),
    );
    bodies.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, listed, signature(0x06054b50), end]);
}

/**
 * What an entry says before its name, in its own place and in the directory alike.
 *
 * @param {number} checksum @param {number} packedSize @param {number} size @param {number} nameLength
 */
function entryFacts(checksum, packedSize, size, nameLength) {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(1 << 11, 2); // names are UTF-8
  facts.writeUInt16LE(METHOD_DEFLATE, 4);
  facts.writeUInt16LE(DATE, 8);
  facts.writeUInt32LE(checksum, 10);
  facts.writeUInt32LE(packedSize, 14);
  facts.writeUInt32LE(size, 18);
  facts.writeUInt16LE(nameLength, 22);
  return facts;
}

/** @param {number} value */
function signature(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
