import { zipSync } from "fflate";

/** 1 January 1980 by any clock, the earliest that a zip can say: the same files give the same bytes. */
const mtime = new Date(1980, 0, 1);

/**
 * @param {readonly { path: string, bytes: Uint8Array }[]} files paths with forward slashes
 * @returns {Buffer} a zip archive
 */
export const zip = (files) =>
  Buffer.from(
    zipSync(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])), { level: 9, mtime }),
  );
