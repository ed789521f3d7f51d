/** The drawings and the frame every page is made of. Styles: `look/look.css`. */
export { drawSession } from "./look/draw-session.js";
export * from "./look/marks.js";
export { MemoryRow } from "./look/memory.js";
export { silentNotice, waitingForPermission } from "./look/microphone.js";
export { type Notice, NoticeBoard } from "./look/notice.js";
export { type Palette, readPalette, watchTheme } from "./look/palette.js";
export { bar, type Room, rooms, startShell } from "./look/shell.js";
export { Strip, type StripOptions } from "./look/strip.js";
export { type Gap, type Peaks, type Span, Take, type TakeFormat } from "./look/take.js";
export { type Remedies, troubleNotice } from "./look/trouble.js";
