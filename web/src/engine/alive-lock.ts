/**
 * Detects that a worker has ended. Browsers fire no event when a worker is terminated from outside,
 * but they release the Web Locks it held. Pages outside a secure context have no Web Locks: there
 * the end of a worker is not detected.
 */

/**
 * In the worker: holds a lock until the worker ends.
 * @returns whether the lock is held
 */
export function holdAliveLock(name: string): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const holdForever = () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    locks.request(name, holdForever).catch(() => resolve(false));
  });
}

/**
 * In the page: calls `onEnd` when the worker that holds the lock has ended.
 * @param signal stops watching
 */
export function watchAliveLock(name: string, signal: AbortSignal, onEnd: () => void): void {
  navigator.locks.request(name, { signal }, onEnd).catch(() => undefined);
}
