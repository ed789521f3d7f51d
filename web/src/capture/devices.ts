import { CaptureError, type CaptureErrorCode } from "../base/errors.js";

export interface MicrophoneInfo {
  readonly deviceId: string;
  /** Empty until the person has once allowed a microphone. */
  readonly label: string;
}

/** How a microphone is asked for. */
export interface MicrophoneRequest {
  readonly deviceId?: string | undefined;
  /** Laid over the defaults: one channel, and the browser's echo, noise and gain processing on. */
  readonly constraints?: MediaTrackConstraints | undefined;
}

const defaultConstraints: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/**
 * Microphones there are. Labels stay empty, and there may be one entry for all, until the person allows one.
 * @throws CaptureError microphone-forbidden
 */
export async function microphones(): Promise<MicrophoneInfo[]> {
  const devices = await mediaDevices().enumerateDevices();
  return devices
    .filter(({ kind }) => kind === "audioinput")
    .map(({ deviceId, label }) => ({ deviceId, label }));
}

/**
 * Asks for a microphone; the browser may ask the person.
 * @throws CaptureError microphone-forbidden, -refused, -missing or -busy
 */
export async function openMicrophone({
  deviceId,
  constraints,
}: MicrophoneRequest): Promise<MediaStream> {
  const devices = mediaDevices();
  const chosen = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  try {
    return await devices.getUserMedia({
      audio: { ...defaultConstraints, ...constraints, ...chosen },
    });
  } catch (error) {
    throw refusal(error);
  }
}

/** Calls `changed` when microphones come or go, until the returned function is called. */
export function watchDevices(changed: (microphones: MicrophoneInfo[]) => void): () => void {
  // A page that brings its own stream may be one that cannot ask for microphones.
  const devices = globalThis.navigator?.mediaDevices;
  if (devices === undefined) return () => undefined;
  const told = () => void microphones().then(changed, () => undefined);
  devices.addEventListener("devicechange", told);
  return () => devices.removeEventListener("devicechange", told);
}

function mediaDevices(): MediaDevices {
  const devices = globalThis.navigator?.mediaDevices;
  if (devices !== undefined) return devices;
  const message = "The microphone can be used only on a page served by https or from localhost.";
  throw new CaptureError(message, "microphone-forbidden");
}

const refusals: Readonly<Record<string, readonly [CaptureErrorCode, string]>> = {
  NotAllowedError: [
    "microphone-refused",
    "The microphone was refused. Allow it in the browser's address bar.",
  ],
  SecurityError: ["microphone-forbidden", "This page may not use the microphone."],
  NotFoundError: ["microphone-missing", "No microphone is there."],
  OverconstrainedError: [
    "microphone-missing",
    "No microphone is there that fits what was asked for.",
  ],
  NotReadableError: [
    "microphone-busy",
    "The microphone cannot be read; another program may be using it.",
  ],
  AbortError: ["microphone-busy", "The microphone could not be started."],
};

function refusal(error: unknown): CaptureError {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" && !frameMayListen()) {
    const message =
      'This frame may not use the microphone; the page around it must say allow="microphone".';
    return new CaptureError(message, "microphone-forbidden", error);
  }
  const [code, message] = refusals[name] ?? [
    "microphone-busy",
    "The microphone could not be opened.",
  ];
  return new CaptureError(message, code, error);
}

/** Whether the page around allows this frame the microphone. Only some browsers tell. */
function frameMayListen(): boolean {
  const policy = (document as { featurePolicy?: { allowsFeature(name: string): boolean } })
    .featurePolicy;
  return policy?.allowsFeature("microphone") ?? true;
}
