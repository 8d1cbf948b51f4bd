/** Microphones and loudspeakers as lists to choose from. Pure. */

export interface Device {
  id: string;
  label: string;
}

/** Chrome's doubles of whichever device the system prefers; the lists here say "System default" themselves. */
const DOUBLES: ReadonlySet<string> = new Set(["", "default", "communications"]);

export function named(devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind, word: string): Device[] {
  return devices
    .filter((device) => device.kind === kind && !DOUBLES.has(device.deviceId))
    .map((device, index) => ({ id: device.deviceId, label: device.label || `${word} ${index + 1}` }));
}

/** The name of a device in a list, or the word for whichever one the system prefers. */
export function nameOf(devices: readonly Device[], id: string): string {
  return devices.find((device) => device.id === id)?.label ?? "System default";
}
