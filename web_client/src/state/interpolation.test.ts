import { describe, expect, it } from "vitest";
import { Interpolator, mixYaw } from "./interpolation";

const pose = (x: number, yaw = 0, motion = 1) => ({ x, z: 0, yaw, motion });

describe("Interpolator", () => {
  it("draws a person between the two poses around the delayed time", () => {
    const poses = new Interpolator(100);
    poses.push(1, pose(0), 1000);
    poses.push(1, pose(1), 1050);
    expect(poses.sample(1, 1125)?.x).toBeCloseTo(0.5, 9);
    expect(poses.sample(1, 1100)?.x).toBeCloseTo(0, 9);
  });

  it("holds the last pose when nothing newer came", () => {
    const poses = new Interpolator(100);
    poses.push(1, pose(0), 1000);
    poses.push(1, pose(1), 1050);
    expect(poses.sample(1, 5000)?.x).toBe(1);
  });

  it("turns the short way round", () => {
    expect(mixYaw(3.0, -3.0, 0.5)).toBeCloseTo(Math.PI, 1);
    expect(mixYaw(0, 1, 0.25)).toBeCloseTo(0.25, 9);
  });

  it("puts a person down at once after a jump", () => {
    const poses = new Interpolator(100);
    poses.push(1, pose(0), 1000);
    poses.push(1, pose(20), 1050);
    expect(poses.sample(1, 1060)?.x).toBe(20);
  });

  it("starts a move from rest without sliding through the time of the rest", () => {
    const poses = new Interpolator(100);
    poses.push(1, pose(0), 1000);
    poses.push(1, pose(0.1), 9000);
    expect(poses.sample(1, 8900)?.x).toBe(0);
    expect(poses.sample(1, 9100)?.x).toBeCloseTo(0.1, 9);
  });

  it("takes the newer of two poses with the same or an older time", () => {
    const poses = new Interpolator(100);
    poses.push(1, pose(0), 1000);
    poses.push(1, pose(1), 900);
    expect(poses.sample(1, 2000)?.x).toBe(1);
  });

  it("knows nothing of a slot that it dropped", () => {
    const poses = new Interpolator();
    poses.push(1, pose(0), 0);
    poses.drop(1);
    expect(poses.sample(1, 10)).toBeNull();
  });
});
