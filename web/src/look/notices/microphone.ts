import type { MicrophoneInfo } from "../../session/events.js";
import type { Notice } from "./notice.js";

export const waitingForPermission: Notice = {
  tone: "wait",
  sentence: "Waiting for your permission to use the microphone.",
};

/** The microphone is on, and nobody there yet to hear it. */
export const waitingForEngine: Notice = {
  tone: "wait",
  sentence: "The engine is on its way. What you say now is heard when it is there.",
};

/** A session of which another microphone may be asked. */
interface Chooses {
  readonly deviceId: string | undefined;
  setMicrophone(deviceId: string): Promise<void>;
}

/** Exact zeros come from the microphone: probably it is muted; another may be chosen. */
export function silentNotice(session: Chooses, microphones: readonly MicrophoneInfo[]): Notice {
  const select = document.createElement("select");
  select.ariaLabel = "Microphone";
  for (const [index, { deviceId, label }] of microphones.entries()) {
    const option = new Option(label || `Microphone ${index + 1}`, deviceId);
    option.selected = deviceId === session.deviceId;
    select.append(option);
  }
  select.addEventListener("change", () => void session.setMicrophone(select.value));
  return {
    tone: "ask",
    sentence: "Your microphone sends silence: is it muted?",
    control: select,
    details: { code: "microphone-silent", causes: ["Two seconds of exact zeros."] },
  };
}
