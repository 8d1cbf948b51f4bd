/** Bytes to frames and back. 0x01 is one msgpack message, 0x02 poses or a move, 0x03 levels. */

import { decode, encode } from "@msgpack/msgpack";

import { plain, ProtocolError, type Check } from "./check";
import { clientMessages, serverMessages } from "./messages";
import type { ClientFrame, LevelsFrame, MoveFrame, PosesFrame, ServerFrame } from "./messages";

export const FRAME_MESSAGE = 0x01;
export const FRAME_POSES = 0x02;
export const FRAME_LEVELS = 0x03;
const POSE_BYTES = 8;
const LEVEL_BYTES = 3;
const MOVE_BYTES = 10;
const YAW_STEPS = 256;
const TURN = Math.PI * 2;

/** Radians to the wire's 256 steps. */
export function yawToByte(yaw: number): number {
  const step = Math.round((yaw / TURN) * YAW_STEPS) % YAW_STEPS;
  return step < 0 ? step + YAW_STEPS : step;
}

/** The wire's 256 steps to radians in [0, 2 pi). */
export function byteToYaw(step: number): number {
  return (step / YAW_STEPS) * TURN;
}

function toCentimetres(metres: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(metres * 100)));
}

/** What the server sent. Throws ProtocolError with the field that is wrong. */
export function decodeServer(bytes: Uint8Array): ServerFrame {
  const kind = bytes[0];
  if (kind === undefined) throw new ProtocolError("malformed", "The frame is empty.");
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
  switch (kind) {
    case FRAME_MESSAGE:
      return decodeMessage(bytes.subarray(1), serverMessages) as ServerFrame;
    case FRAME_POSES:
      return decodePoses(view);
    case FRAME_LEVELS:
      return decodeLevels(view);
    default:
      throw new ProtocolError("malformed", `Frames of kind ${kind} are unknown.`);
  }
}

/** What this browser sends. */
export function encodeClient(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  if (frame.t === "move") return encodeMove(frame);
  const { t, ...fields } = frame;
  const body = encode({ t, ...fields }, { ignoreUndefined: true });
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = FRAME_MESSAGE;
  bytes.set(body, 1);
  return bytes;
}

/** The reverse of encodeClient, for tests and tools. */
export function decodeClient(bytes: Uint8Array): ClientFrame {
  if (bytes[0] === FRAME_POSES) {
    if (bytes.length !== MOVE_BYTES + 1) throw new ProtocolError("malformed", "A move has ten bytes.");
    const view = new DataView(bytes.buffer, bytes.byteOffset + 1);
    return {
      t: "move",
      seq: view.getUint32(0, true),
      x: view.getInt16(4, true) / 100,
      z: view.getInt16(6, true) / 100,
      yaw: byteToYaw(view.getUint8(8)),
      motion: view.getUint8(9),
    };
  }
  if (bytes[0] !== FRAME_MESSAGE) throw new ProtocolError("malformed", `Frames of kind ${bytes[0]} are unknown.`);
  return decodeMessage(bytes.subarray(1), clientMessages) as ClientFrame;
}

function decodeMessage(body: Uint8Array, known: Readonly<Record<string, Check<unknown>>>): unknown {
  let raw: unknown;
  try {
    raw = decode(body);
  } catch (fault) {
    throw new ProtocolError("malformed", `The message is not msgpack: ${String(fault)}`);
  }
  const fields = plain(raw, "message");
  const name = fields["t"];
  if (typeof name !== "string") throw new ProtocolError("malformed", "The message has no name in t.");
  const check = Object.hasOwn(known, name) ? known[name] : undefined;
  if (check === undefined) throw new ProtocolError("unknown", `Messages named ${name} are unknown.`);
  return { t: name, ...(check(fields, name) as Record<string, unknown>) };
}

function decodePoses(view: DataView): PosesFrame {
  if (view.byteLength < 6) throw new ProtocolError("malformed", "A poses frame is too short.");
  const tick = view.getUint32(0, true);
  const count = view.getUint16(4, true);
  expectLength(view, 6 + count * POSE_BYTES, "poses");
  const poses = Array.from({ length: count }, (_, index) => {
    const at = 6 + index * POSE_BYTES;
    return {
      slot: view.getUint16(at, true),
      x: view.getInt16(at + 2, true) / 100,
      z: view.getInt16(at + 4, true) / 100,
      yaw: byteToYaw(view.getUint8(at + 6)),
      motion: view.getUint8(at + 7),
    };
  });
  return { t: "poses", tick, poses };
}

function decodeLevels(view: DataView): LevelsFrame {
  if (view.byteLength < 2) throw new ProtocolError("malformed", "A levels frame is too short.");
  const count = view.getUint16(0, true);
  expectLength(view, 2 + count * LEVEL_BYTES, "levels");
  const levels = Array.from({ length: count }, (_, index) => {
    const at = 2 + index * LEVEL_BYTES;
    return { slot: view.getUint16(at, true), level: view.getUint8(at + 2) / 255 };
  });
  return { t: "levels", levels };
}

function encodeMove(move: MoveFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MOVE_BYTES + 1);
  bytes[0] = FRAME_POSES;
  const view = new DataView(bytes.buffer, 1);
  view.setUint32(0, move.seq >>> 0, true);
  view.setInt16(4, toCentimetres(move.x), true);
  view.setInt16(6, toCentimetres(move.z), true);
  view.setUint8(8, yawToByte(move.yaw));
  view.setUint8(9, move.motion);
  return bytes;
}

function expectLength(view: DataView, expected: number, what: string): void {
  if (view.byteLength !== expected) {
    throw new ProtocolError("malformed", `A ${what} frame has ${view.byteLength} bytes instead of ${expected}.`);
  }
}
