import { abortable } from "../base/abortable.js";
import { CaptureError, type CaptureErrorCode } from "../base/errors.js";

export interface MicrophoneInfo {
  readonly deviceId: string;
  /** Empty until the user has allowed a microphone. */
  readonly label: string;
}

/** Which microphone to open, and how. */
export interface MicrophoneOptions {
  /** A `deviceId` from `microphones()`. `""` and `"default"` are the browser's choice. */
  readonly deviceId?: string | undefined;
  /** Override the defaults: one channel; echo cancellation, noise suppression and gain control on. */
  readonly constraints?: MediaTrackConstraints | undefined;
}

const defaultConstraints: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/**
 * Lists the microphones. Until the user allows one, labels are empty and browsers may list a single entry.
 * @throws CaptureError microphone-forbidden
 */
export async function microphones(): Promise<MicrophoneInfo[]> {
  const devices = await mediaDevices().enumerateDevices();
  return devices
    .filter(({ kind }) => kind === "audioinput")
    .map(({ deviceId, label }) => ({ deviceId, label }));
}

/**
 * Opens a microphone; the browser may ask the user for permission. One that the user allows after the signal has
 * aborted is turned off at once.
 * @throws CaptureError microphone-forbidden, -refused, -missing or -busy, or the signal's reason
 */
export async function openMicrophone(
  { deviceId, constraints }: MicrophoneOptions,
  signal?: AbortSignal,
): Promise<MediaStream> {
  const devices = mediaDevices();
  // Only Chromium lists a device called "default".
  const isChosen = deviceId !== undefined && deviceId !== "" && deviceId !== "default";
  const chosen = isChosen ? { deviceId: { exact: deviceId } } : {};
  const opening = devices
    .getUserMedia({ audio: { ...defaultConstraints, ...constraints, ...chosen } })
    .catch((error: unknown) => {
      throw toCaptureError(error);
    });
  return abortable(opening, signal, stopTracks);
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Calls `onChange` when a microphone is connected or disconnected, until the returned function is called. */
export function watchDevices(onChange: (microphones: MicrophoneInfo[]) => void): () => void {
  // A page that passes its own stream may lack mediaDevices, e.g. without https.
  const devices = globalThis.navigator?.mediaDevices;
  if (devices === undefined) return () => undefined;
  const notify = () => void microphones().then(onChange, () => undefined);
  devices.addEventListener("devicechange", notify);
  return () => devices.removeEventListener("devicechange", notify);
}

function mediaDevices(): MediaDevices {
  const devices = globalThis.navigator?.mediaDevices;
  if (devices !== undefined) return devices;
  const message =
    "A page can use the microphone only when it is served over https or from localhost.";
  throw new CaptureError(message, "microphone-forbidden");
}

const failures: Readonly<Record<string, readonly [CaptureErrorCode, string]>> = {
  NotAllowedError: [
    "microphone-refused",
    "Permission for the microphone was denied. Allow it in the browser's address bar.",
  ],
  SecurityError: ["microphone-forbidden", "This page is not allowed to use the microphone."],
  NotFoundError: ["microphone-missing", "No microphone was found."],
  OverconstrainedError: [
    "microphone-missing",
    "No microphone matches the requested device or constraints.",
  ],
  NotReadableError: [
    "microphone-busy",
    "The microphone cannot be read. Another program may be using it.",
  ],
  AbortError: ["microphone-busy", "The microphone could not be started."],
};

function toCaptureError(error: unknown): CaptureError {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" && !isFrameAllowed()) {
    const message =
      'This frame is not allowed to use the microphone. Its iframe needs allow="microphone".';
    return new CaptureError(message, "microphone-forbidden", error);
  }
  const [code, message] = failures[name] ?? [
    "microphone-busy",
    "The microphone could not be opened.",
  ];
  return new CaptureError(message, code, error);
}

/** Whether the embedding page allows this frame to use the microphone. True where the browser does not say. */
function isFrameAllowed(): boolean {
  const policy = (document as { featurePolicy?: { allowsFeature(name: string): boolean } })
    .featurePolicy;
  return policy?.allowsFeature("microphone") ?? true;
}
