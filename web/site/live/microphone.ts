import type { Notice } from "nnef-pulse/look";
import type { MicrophoneInfo, Session } from "nnef-pulse/vad";

export const waitingForPermission: Notice = {
  tone: "wait",
  sentence: "Waiting for your permission to use the microphone.",
};

/** Exact zeros come from the microphone: probably it is muted; another may be chosen. */
export function silentNotice(session: Session, microphones: readonly MicrophoneInfo[]): Notice {
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
