/** The drawings and the frame every page is made of. Styles: `look/look.css`. */

export { silentNotice, waitingForPermission } from "./look/notices/microphone.js";
export { type Notice, NoticeBoard } from "./look/notices/notice.js";
export { type Remedies, troubleNotice } from "./look/notices/trouble.js";
export { type Palette, readPalette, watchTheme } from "./look/shell/palette.js";
export { bar, type Room, rooms, startShell } from "./look/shell/shell.js";
export { drawSession } from "./look/strip/draw-session.js";
export * from "./look/strip/marks.js";
export { MemoryRow } from "./look/strip/memory.js";
export { Strip, type StripOptions } from "./look/strip/strip.js";
export { type Gap, type Peaks, type Span, Take, type TakeFormat } from "./look/strip/take.js";
