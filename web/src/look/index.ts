/** The drawings and the frame every page is made of. Styles: `look.css`. */
export { drawSession } from "./draw-session.js";
export * from "./marks.js";
export { MemoryRow } from "./memory.js";
export { silentNotice, waitingForPermission } from "./microphone.js";
export { type Notice, NoticeBoard } from "./notice.js";
export { type Palette, readPalette, watchTheme } from "./palette.js";
export { bar, type Room, rooms, startShell } from "./shell.js";
export { Strip, type StripOptions } from "./strip.js";
export { type Gap, type Peaks, type Span, Take, type TakeFormat } from "./take.js";
export { type Remedies, troubleNotice } from "./trouble.js";
