// What the benchmark measures, as one folder: archives, ONNX files, inputs, sound.
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "../../setup/graph/command.mjs";
import { fingerprint } from "../../setup/graph/fingerprint.mjs";
import { inRoot, inVenv, root } from "../../setup/paths.mjs";
import { cache } from "../../setup/set-up.mjs";
import { limitModule } from "./limit.mjs";

/** Names of `models.py`, and the bundle of the site each takes its weights from. */
const models = {
  "custom-deepspeech/stream": "custom-deepspeech",
  "marblenet-vad/stream": "marblenet-vad",
  "digits-vit": "digits-vit",
  "vit-4x384": null,
  "albert-6x256": null,
  "kv-cache-lm/token": "kv-cache-lm",
  "kv-cache-lm/prompt": "kv-cache-lm",
};

/**
 * @param {string} folder
 * @param {readonly string[] | undefined} only cases to keep, all if not given
 * @returns {Promise<string[]>} the models that lie in it
 */
export async function gather(folder, only) {
  const silero = join(folder, "silero");
  await mkdir(silero, { recursive: true });
  await copyFile(
    inRoot("dist", "bundles", "silero-vad", "pulse-T1.nnef.tgz"),
    join(silero, "ours.nnef.tgz"),
  );
  await copyFile(await sileroOnnx(), join(silero, "theirs.onnx"));
  await copyFile(inRoot("web", "site", "sample", "sample.wav"), join(silero, "sound.wav"));
  await writeFile(join(folder, "limit.wasm"), await limitModule());
  const names = Object.keys(models).filter((name) => only?.includes(name) ?? true);
  for (const name of names) {
    const at = join(folder, name);
    await mkdir(dirname(at), { recursive: true });
    await symlink(await made(/** @type {keyof typeof models} */ (name)), at);
  }
  return names;
}

/** @param {keyof typeof models} name @returns {Promise<string>} its folder in the cache */
async function made(name) {
  const bundle = models[name];
  const inputs = [
    "tests/bench/models.py",
    "exporter/nnef_pulse",
    "requirements.lock",
    ...(bundle ? [`dist/bundles/${bundle}/manifest.json`] : []),
  ];
  const key = await fingerprint(root, inputs, [name]);
  return cache.ensure("bench-model", key, async (half) => {
    console.log(`Making ${name}`);
    const script = inRoot("tests", "bench", "models.py");
    await command(inVenv("python"), [script, name, inRoot("dist", "bundles"), half]);
  });
}

/**
 * The weights as silero-vad ships and loads them by default. The package also holds a file for
 * 16 kHz alone, without branches, with which the peer is about 5 % quicker.
 */
async function sileroOnnx() {
  const question =
    "import silero_vad, pathlib; print(pathlib.Path(silero_vad.__file__).parent / 'data')";
  const folder = (await command(inVenv("python"), ["-c", question])).trim();
  return join(folder, "silero_vad.onnx");
}
