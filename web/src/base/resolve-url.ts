interface ServerGlobals {
  readonly process?: {
    cwd(): string;
    getBuiltinModule?(name: "node:url"): { pathToFileURL(path: string): URL } | undefined;
  };
}

/** An address relative to the document; where there is none, as in Node, to the working directory. */
export function resolveUrl(address: string | URL): URL {
  return new URL(
    address,
    globalThis.document?.baseURI ?? globalThis.location?.href ?? serverBase(),
  );
}

/** A folder's address, with or without trailing slash. */
export function folderUrl(folder: string | URL): URL {
  const text = String(folder);
  return resolveUrl(text.endsWith("/") ? text : `${text}/`);
}

function serverBase(): URL | undefined {
  const { process } = globalThis as ServerGlobals;
  return process?.getBuiltinModule?.("node:url")?.pathToFileURL(`${process.cwd()}/`);
}
