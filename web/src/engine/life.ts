/**
 * Tells that a worker is gone, however it went: browsers send no event when one is ended from
 * outside, but they free the locks it held.
 *
 * Pages outside a secure context have no locks, and are told nothing.
 */

/**
 * In the worker: holds a lock until the worker is no more.
 * @returns whether it is held
 */
export function holdWhileAlive(name: string): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return Promise.resolve(false);
  return new Promise((told) => {
    const forEver = () => {
      told(true);
      return new Promise<never>(() => undefined);
    };
    locks.request(name, forEver).catch(() => told(false));
  });
}

/**
 * In the page: calls `gone` when the worker that holds the lock is no more.
 * @param signal ends the watch
 */
export function watchLife(name: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(name, { signal }, gone).catch(() => undefined);
}
