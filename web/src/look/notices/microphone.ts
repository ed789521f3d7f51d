import type { MicrophoneInfo } from "../../session/events.js";
import type { Notice } from "./notice.js";

export const waitingForPermission: Notice = {
  tone: "wait",
  sentence: "Waiting for your permission to use the microphone.",
};

/** The microphone is on, but the engine is still loading. */
export const waitingForEngine: Notice = {
  tone: "wait",
  sentence: "The engine is loading. What you say now will be processed when it is ready.",
};

/** A session that can switch to another microphone. */
interface MicrophoneSwitch {
  readonly deviceId: string | undefined;
  setMicrophone(deviceId: string): Promise<void>;
}

/** The microphone sends exact zeros, probably because it is muted. Offers the list of microphones. */
export function silentNotice(
  session: MicrophoneSwitch,
  microphones: readonly MicrophoneInfo[],
): Notice {
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
    details: {
      code: "microphone-silent",
      causes: ["The microphone sent exact zeros for 2 seconds."],
    },
  };
}
