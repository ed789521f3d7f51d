import { unsafeCSS } from "lit";
import button from "../look/button.css?inline";
import notice from "../look/notice.css?inline";
import strip from "../look/strip.css?inline";
import tokens from "../look/tokens.css?inline";
import vad from "./nnef-vad.css?inline";

export const tokenStyles = unsafeCSS(tokens);
export const stripStyles = unsafeCSS(strip);
export const noticeStyles = unsafeCSS(notice);
export const buttonStyles = unsafeCSS(button);
export const vadStyles = unsafeCSS(vad);
