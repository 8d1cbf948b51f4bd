/** How a connection may find its way to the office: by which relays, and whether only by them. */

import { selectedPair } from "./stats";

/** The relays of the office, and no other way than through one where that is wanted and there is one. */
export function wayWith(iceServers: RTCIceServer[], relayOnly: boolean): RTCConfiguration {
  return { iceServers, iceTransportPolicy: relayOnly && iceServers.some(isRelay) ? "relay" : "all" };
}

export function isRelay({ urls }: RTCIceServer): boolean {
  return [urls].flat().some((url) => /^turns?:/i.test(url));
}

/**
 * Gives a standing connection fresh credentials or other rules for when it looks for a way again.
 *
 * Returns whether it should do so now: it goes through a relay, which takes old credentials for no new way, or the
 * way it goes is no longer wanted.
 */
export async function changeWay(connection: RTCPeerConnection, way: RTCConfiguration): Promise<boolean> {
  const { iceTransportPolicy } = connection.getConfiguration();
  connection.setConfiguration(way);
  if (iceTransportPolicy !== way.iceTransportPolicy) return true;
  return selectedPair(await connection.getStats())?.local?.candidateType === "relay";
}
