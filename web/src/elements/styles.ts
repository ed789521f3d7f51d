import { unsafeCSS } from "lit";
import button from "../look/button.css";
import notice from "../look/notice.css";
import strip from "../look/strip.css";
import tokens from "../look/tokens.css";
import vad from "./nnef-vad.css";

export const tokenStyles = unsafeCSS(tokens);
export const stripStyles = unsafeCSS(strip);
export const noticeStyles = unsafeCSS(notice);
export const buttonStyles = unsafeCSS(button);
export const vadStyles = unsafeCSS(vad);
