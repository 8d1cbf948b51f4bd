/** How a body moves: joints from speed, seat, gestures and breath. Pure, in the person's own axes (front is -Z). */

export interface Joint {
  x: number;
  y: number;
  z: number;
}
export interface Limbs {
  hips: Joint;
  lean: number;
  shoulders: [Joint, Joint];
  elbows: [Joint, Joint];
  hands: [Joint, Joint];
  hipJoints: [Joint, Joint];
  knees: [Joint, Joint];
  ankles: [Joint, Joint];
  /** Pitch of each foot, toes down positive. */
  feet: [number, number];
  headBob: number;
}
export interface Body {
  /** Walk cycle in radians; one turn is two steps. */
  phase: number;
  /** Metres each second, smoothed. */
  speed: number;
  /** 0 stands, 1 sits. */
  sit: number;
  seatHeight: number;
  /** 0 to 1 each. */
  wave: number;
  raise: number;
  /** How much of the hands talk. */
  talk: number;
  seconds: number;
  still: boolean;
}

const HIP = 0.79;
const THIGH = 0.345;
const SHIN = 0.345;
const UPPER = 0.235;
const FORE = 0.225;

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
const along = (from: Joint, length: number, angle: number, spread = 0): Joint => ({
  x: from.x + Math.sin(spread) * length,
  y: from.y - Math.cos(angle) * Math.cos(spread) * length,
  z: from.z - Math.sin(angle) * Math.cos(spread) * length,
});

export function limbs(b: Body): Limbs {
  const stride = Math.min(1, b.speed / 1.6);
  const run = Math.max(0, Math.min(1, (b.speed - 1.9) / 1.5));
  const swing = (0.5 * stride + 0.32 * run) * (1 - b.sit);
  const breath = b.still ? 0 : Math.sin(b.seconds * 1.7) * 0.006 * (1 - stride);
  const bob = b.still ? 0 : Math.abs(Math.cos(b.phase)) * (0.022 + 0.03 * run) * stride * (1 - b.sit);
  const shift = b.still ? 0 : Math.sin(b.seconds * 0.55) * 0.012 * (1 - stride) * (1 - b.sit);
  const hips: Joint = { x: shift, y: mix(HIP + bob - 0.022 * stride, b.seatHeight + 0.075, b.sit), z: mix(0, 0.06, b.sit) };
  const lean = mix(0.02 + 0.05 * stride + 0.14 * run, -0.05, b.sit);
  const torso = (x: number, y: number): Joint => ({
    x: hips.x + x,
    y: hips.y + y * Math.cos(lean) + breath,
    z: hips.z - y * Math.sin(lean),
  });

  const hipJoints: Joint[] = [];
  const knees: Joint[] = [];
  const ankles: Joint[] = [];
  const feet: number[] = [];
  const shoulders: Joint[] = [];
  const elbows: Joint[] = [];
  const hands: Joint[] = [];
  for (const side of [-1, 1] as const) {
    const phase = b.phase + (side > 0 ? Math.PI : 0);
    const hip = { x: hips.x + side * 0.076, y: hips.y - 0.035, z: hips.z };
    const thigh = mix(Math.sin(phase) * swing, 1.42, b.sit);
    const bend = mix((0.1 + Math.max(0, Math.cos(phase)) * 1.5) * swing, 1.42 - 0.06 * side, b.sit);
    const knee = along(hip, THIGH, thigh, side * mix(0.02, 0.12, b.sit));
    const ankle = along(knee, SHIN, thigh - bend);
    hipJoints.push(hip);
    knees.push(knee);
    ankles.push(ankle);
    feet.push(mix(-(thigh - bend) * 0.7, 0, b.sit));

    const shoulder = torso(side * 0.186, 0.41);
    const armSwing = -Math.sin(phase) * swing * 0.85;
    const gesture = b.talk * (b.still ? 0 : 1);
    const beat = Math.sin(b.seconds * 3.1 + side) * 0.22 + Math.sin(b.seconds * 1.9 + side * 2) * 0.14;
    let upper = mix(armSwing + 0.04, 0.52, b.sit) + gesture * (0.22 + beat * 0.4);
    let fore = mix(0.22 + 0.3 * stride + 0.9 * run, 0.95, b.sit) + gesture * (0.85 + beat);
    let spread = mix(0.2, 0.24, b.sit) + gesture * 0.12;
    let out = 0.06;
    if (side > 0 && b.raise > 0) {
      upper = mix(upper, 2.75, b.raise);
      fore = mix(fore, 0.16, b.raise);
      spread = mix(spread, 0.22, b.raise);
    }
    if (side > 0 && b.wave > 0) {
      upper = mix(upper, 1.75, b.wave);
      fore = mix(fore, 1.25, b.wave);
      spread = mix(spread, 0.75, b.wave);
      out = mix(out, b.still ? 0.2 : Math.sin(b.seconds * 9) * 0.5 + 0.15, b.wave);
    }
    const elbow = along(shoulder, UPPER, upper, side * spread);
    const hand = along(elbow, FORE, upper + fore, side * out - side * 0.1 * b.sit);
    shoulders.push(shoulder);
    elbows.push(elbow);
    hands.push(hand);
  }
  const pair = (list: Joint[]): [Joint, Joint] => [list[0]!, list[1]!];
  return {
    hips, lean, headBob: breath + (b.still ? 0 : Math.sin(b.seconds * 5.3) * 0.004 * b.talk),
    shoulders: pair(shoulders), elbows: pair(elbows), hands: pair(hands),
    hipJoints: pair(hipJoints), knees: pair(knees), ankles: pair(ankles), feet: [feet[0]!, feet[1]!],
  };
}
