import { type Signal, signal } from "@preact/signals";

/** Microphones and loudspeakers of this machine; their names are told only once the microphone was allowed. */
export const devices: Signal<readonly MediaDeviceInfo[]> = signal([]);

/** Looks which there are. */
export async function findDevices(): Promise<void> {
  try {
    devices.value = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  } catch {
    devices.value = [];
  }
}

navigator.mediaDevices?.addEventListener("devicechange", () => void findDevices());
