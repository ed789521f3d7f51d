import type { Fault } from "../../base/inspect-error.js";

/** Files of Python, from `python/index.json`, which the site's build writes. */
export interface PythonFiles {
  /** Wheels and other archives to unpack, beside index.json. */
  readonly wheels: readonly string[];
  /** Compressed bytes by file. */
  readonly bytes: Readonly<Record<string, number>>;
}

export const totalBytes = ({ bytes }: PythonFiles): number =>
  Object.values(bytes).reduce((sum, size) => sum + size, 0);

/** The open model, sent to a new worker and after each change. */
export interface PythonSubject {
  readonly title: string;
  readonly file: string;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

export type ToPython =
  | {
      readonly type: "start";
      readonly base: string;
      readonly wasm: string;
      readonly files: PythonFiles;
    }
  | { readonly type: "subject"; readonly subject: PythonSubject }
  | {
      readonly type: "run";
      readonly id: number;
      readonly code: string;
      readonly selected: string | undefined;
      readonly colours: Readonly<Record<string, string>>;
    };

/** A result to display. */
export type Shown =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "svg"; readonly text: string }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

export type FromPython =
  | { readonly type: "progress"; readonly loaded: number; readonly total: number }
  | { readonly type: "ready"; readonly version: string; readonly ms: number }
  | { readonly type: "failed"; readonly fault: Fault }
  | {
      readonly type: "print";
      readonly id: number;
      readonly text: string;
      readonly isError: boolean;
    }
  | {
      readonly type: "done";
      readonly id: number;
      readonly shown: Shown | undefined;
      readonly ms: number;
    }
  | { readonly type: "raised"; readonly id: number; readonly text: string; readonly ms: number }
  /** A cell selected a name. */
  | { readonly type: "select"; readonly name: string };
