/**
 * Reports the bytes received of a folder's files. It only observes: reading the responses would prevent the
 * browser from compiling WebAssembly while streaming.
 */
export function watchArrivals(
  folder: string,
  bytes: Readonly<Record<string, number>>,
  told: (loaded: number) => void,
) {
  const seen = new Set<string>();
  let loaded = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      const file = name.startsWith(folder) ? name.slice(folder.length) : "";
      if (seen.has(file) || bytes[file] === undefined) continue;
      seen.add(file);
      loaded += bytes[file];
      told(loaded);
    }
  });
  observer.observe({ type: "resource", buffered: true });
  return () => observer.disconnect();
}
