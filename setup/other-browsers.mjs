import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { which } from "./which.mjs";

/**
 * A browser that `npm run test:browsers` drives beside Chromium.
 *
 * @typedef {object} OtherBrowser
 * @property {"firefox" | "webkit"} name
 * @property {string} title
 * @property {readonly string[]} packages Debian's, with all it takes to drive it
 * @property {string} elsewhere what to do on other systems
 * @property {() => readonly string[]} findMissing names what is not installed
 */

/** @type {readonly OtherBrowser[]} */
export const otherBrowsers = [
  {
    name: "firefox",
    title: "Firefox",
    packages: ["firefox-esr", ...(process.platform === "linux" ? ["pulseaudio"] : [])],
    elsewhere: "install Firefox from https://www.mozilla.org/firefox",
    findMissing: () => [
      ...(findFirefox() ? [] : ["Firefox"]),
      ...(process.platform !== "linux" || findSoundServer() ? [] : ["PulseAudio"]),
    ],
  },
  {
    name: "webkit",
    title: "WebKitGTK",
    packages: ["webkit2gtk-driver", "xvfb"],
    elsewhere: "it is for Linux alone: run this there, or in a container",
    findMissing: () => {
      const { driver, miniBrowser, display } = findWebKit();
      return [
        ...(driver ? [] : ["WebKitWebDriver"]),
        ...(miniBrowser ? [] : ["WebKitGTK's MiniBrowser"]),
        ...(display ? [] : ["Xvfb"]),
      ];
    },
  },
];

/** Prints the browsers this machine cannot drive, and what they lack. */
export function sayMissing() {
  for (const { title, findMissing } of otherBrowsers) {
    const missing = findMissing();
    if (missing.length > 0)
      console.log(`Skipped: all of ${title}: this machine lacks ${missing.join(" and ")}`);
  }
}

/** @returns {string | undefined} path of an executable */
export function findFirefox() {
  const elsewhere = [
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
  ];
  return which("firefox-esr") ?? which("firefox") ?? elsewhere.find(existsSync);
}

/** Firefox moves no sound without a device; this one can give it one that swallows all. */
export const findSoundServer = () => which("pulseaudio");

/** @returns {{ driver?: string | undefined, miniBrowser?: string | undefined, display?: string | undefined }} */
export function findWebKit() {
  const folders = ["/usr/lib", "/usr/libexec", "/usr/lib64"].flatMap((folder) => [
    folder,
    ...below(folder).filter((path) => path.endsWith("-linux-gnu")),
  ]);
  const miniBrowser = folders
    .flatMap(below)
    .filter((path) => /\/webkit2gtk-4\.\d$/.test(path))
    .map((folder) => join(folder, "MiniBrowser"))
    .find(existsSync);
  return { driver: which("WebKitWebDriver"), miniBrowser, display: which("Xvfb") };
}

/** @param {string} folder */
function below(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
