import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSoundServer } from "../../../setup/other-browsers.mjs";
import { start } from "./program.js";

/** A way to play sound nobody hears. */
export interface SoundServer {
  /** For the program that is to use it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Firefox runs no audio context without a sound device: where there is none, a PulseAudio of our own is one. */
export async function startSoundServer(): Promise<SoundServer> {
  const program = findSoundServer();
  if (program === undefined) return { env: {}, close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "nnef-pulse-sound-"));
  const socket = join(folder, "native");
  const server = start(
    program,
    [
      "-n",
      "--daemonize=no",
      "--use-pid-file=no",
      "--exit-idle-time=-1",
      "--load=module-null-sink",
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    ],
    { HOME: folder, XDG_RUNTIME_DIR: folder, PULSE_RUNTIME_PATH: folder },
  );
  await server.ready(() => existsSync(socket));
  return {
    env: { PULSE_SERVER: `unix:${socket}` },
    async close() {
      await server.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
