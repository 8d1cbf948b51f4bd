import { describe, expect, it } from "vitest";
import type { Body } from "./gait";
import { limbs } from "./gait";
import { Governor } from "./quality";

const standing: Body = { phase: 0, speed: 0, sit: 0, seatHeight: 0.46, wave: 0, raise: 0, talk: 0, seconds: 0, still: true };

describe("limbs", () => {
  it("stands with both feet on the floor", () => {
    const body = limbs(standing);
    for (const ankle of body.ankles) {
      expect(ankle.y).toBeGreaterThan(0.03);
      expect(ankle.y).toBeLessThan(0.12);
    }
  });

  it("steps with one leg before the other, and the arms against them", () => {
    const body = limbs({ ...standing, speed: 1.6, phase: Math.PI / 2 });
    const legs = body.ankles[0].z - body.ankles[1].z;
    const arms = body.hands[0].z - body.hands[1].z;
    expect(Math.abs(legs)).toBeGreaterThan(0.3);
    expect(Math.sign(legs)).toBe(-Math.sign(arms));
  });

  it("sits at the height of the seat with knees in front", () => {
    const body = limbs({ ...standing, sit: 1 });
    expect(body.hips.y).toBeCloseTo(0.535, 3);
    for (const knee of body.knees) expect(knee.z).toBeLessThan(-0.2);
  });

  it("raises the right hand over the head", () => {
    const body = limbs({ ...standing, raise: 1 });
    expect(body.hands[1].y).toBeGreaterThan(1.5);
    expect(body.hands[0].y).toBeLessThan(1);
  });

  it("keeps the length of every limb, whatever it does", () => {
    for (let i = 0; i < 50; i++) {
      const body = limbs({ ...standing, speed: (i % 5) * 0.9, phase: i, sit: (i % 3) / 2, wave: (i % 2), talk: (i % 4) / 3, seconds: i * 0.37, still: false });
      for (const k of [0, 1] as const) {
        const [h, n] = [body.hipJoints[k], body.knees[k]];
        expect(Math.hypot(h.x - n.x, h.y - n.y, h.z - n.z)).toBeCloseTo(0.345, 6);
      }
    }
  });

  it("does not sway or breathe when motion is reduced", () => {
    expect(limbs({ ...standing, seconds: 1 })).toEqual(limbs({ ...standing, seconds: 7.3 }));
  });
});

describe("Governor", () => {
  it("asks for less after three slow seconds, not after one hiccup", () => {
    const governor = new Governor();
    let asked = 0;
    for (let i = 0; i < 60; i++) if (governor.note(i === 5 ? 400 : 16)) asked++;
    expect(asked).toBe(0);
    for (let i = 0; i < 80; i++) if (governor.note(50)) asked++;
    expect(asked).toBe(1);
  });
});
