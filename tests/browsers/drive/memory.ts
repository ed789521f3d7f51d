import { readdirSync, readFileSync } from "node:fs";

/**
 * Memory that nobody shares with a program and all it has started.
 *
 * @returns bytes, or null where the system does not tell
 */
export function privateBytes(program: number | undefined): number | null {
  if (process.platform !== "linux" || program === undefined) return null;
  return family(program)
    .flatMap((id) => [...read(id, "smaps_rollup").matchAll(/^Private_\w+:\s+(\d+) kB/gm)])
    .reduce((sum, [, kilobytes]) => sum + 1024 * Number(kilobytes), 0);
}

function family(program: number): number[] {
  const started = new Map<number, number[]>();
  for (const id of readdirSync("/proc").map(Number).filter(Boolean)) {
    // The second field is the program's name, which may hold anything but ends with the last bracket.
    const parent = Number(/.*\) \S (\d+)/s.exec(read(id, "stat"))?.[1]);
    started.set(parent, [...(started.get(parent) ?? []), id]);
  }
  const of = (id: number): number[] => [id, ...(started.get(id) ?? []).flatMap(of)];
  return of(program);
}

/** Nothing of a process that has ended meanwhile. */
function read(id: number, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, "utf8");
  } catch {
    return "";
  }
}
