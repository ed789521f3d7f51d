/** @param {string | undefined} text what PORT says @returns {number} 8080 where it says nothing */
export function readPort(text) {
  if (!text) return 8080;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`PORT is "${text}": give a whole number from 0 to 65535`);
  }
  return port;
}
