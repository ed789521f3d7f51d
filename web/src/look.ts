/** Shared drawings and page frame of the site. Styles: `look/look.css`. */

export * from "./look/drawing/marks.js";
export { type Palette, readPalette, watchTheme } from "./look/drawing/palette.js";
export { errorNotice, type Remedies } from "./look/notices/error-notice.js";
export { silentNotice, waitingForPermission } from "./look/notices/microphone.js";
export { type Notice, NoticeBoard } from "./look/notices/notice.js";
export { bar, type SitePage, sitePages, startShell } from "./look/shell/shell.js";
export { MemoryRow } from "./look/strip/memory-row.js";
export { recordSession } from "./look/strip/record-session.js";
export {
  type Gap,
  type Peaks,
  type Span,
  type StreamFormat,
  StreamRecord,
} from "./look/strip/stream-record.js";
export { Strip, type StripOptions } from "./look/strip/strip.js";
