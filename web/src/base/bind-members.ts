/**
 * Binds an object's methods and accessors to it. A framework that keeps it behind a proxy (Vue's `ref`, a store)
 * would call them on the proxy, which has none of its private fields and is no EventTarget.
 */
export function bindMembers<Handle extends object>(handle: Handle): Handle {
  let at: object = Object.getPrototypeOf(handle);
  for (; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      const member = Object.getOwnPropertyDescriptor(at, name);
      if (!member || name === "constructor" || Object.hasOwn(handle, name)) continue;
      for (const key of ["value", "get", "set"] as const) {
        if (typeof member[key] === "function") member[key] = member[key].bind(handle);
      }
      Object.defineProperty(handle, name, { ...member, enumerable: false, configurable: true });
    }
  }
  return handle;
}
