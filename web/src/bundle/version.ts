/** Whether version `a` comes before `b`, by its three numbers. */
export function older(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) =>
    (version.match(/\d+/g) ?? []).slice(0, 3).map(Number),
  );
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
