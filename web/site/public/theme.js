// Before first paint, so that a chosen theme does not flash; a module would come too late.
try {
  const theme = localStorage.getItem("nnef-pulse-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme then holds.
}
