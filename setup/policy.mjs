/**
 * The content security policy of every page: sent as a header by the server, written as `<meta>` by
 * the site's build. Nothing may come from another origin; WebAssembly may be compiled, script may
 * not be made from text.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
].join("; ");
