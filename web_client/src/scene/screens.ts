/** Shared screens on the walls: a frame, the moving picture, and whose it is. */
import * as THREE from "three";
import { type Moving, play } from "../net/playing";
import { type Place, placesIn } from "./hanging";
import { FONT } from "./lettering";
import { COLOURS } from "./palette";
import type { PlanJson } from "./plan";
import type { SharedScreen } from "./view";

const LABEL = { w: 512, h: 56 } as const;
const LABEL_HEIGHT = 0.15;

export class Screens {
  readonly group = new THREE.Group();
  private readonly hung = new Map<number, Hanging>();
  private readonly places = new Map<string, Place[]>();

  constructor(
    private readonly plan: PlanJson,
    private readonly tint: string,
  ) {
    this.group.name = "screens";
  }

  update(shared: readonly SharedScreen[]): void {
    for (const [slot, hanging] of this.hung) {
      const still = shared.some((one) => one.slot === slot && one.zone === hanging.zone && one.moving === hanging.moving && one.name === hanging.name);
      if (still) continue;
      hanging.dispose();
      this.hung.delete(slot);
      this.group.remove(hanging.group);
    }
    for (const one of shared) {
      if (this.hung.has(one.slot)) continue;
      const hanging = new Hanging(one, this.free(one.zone), this.tint);
      this.hung.set(one.slot, hanging);
      this.group.add(hanging.group);
    }
  }

  /** What can be clicked, by the slot of whose screen it is. */
  get faces(): ReadonlyMap<number, THREE.Mesh> {
    return new Map([...this.hung].map(([slot, { face }]) => [slot, face]));
  }

  dispose(): void {
    this.update([]);
  }

  /** The best place of a zone on which nothing hangs; the last one when all are taken. */
  private free(id: string): Place {
    const zone = this.plan.zones.find((one) => one.id === id) ?? this.plan.zones[0]!;
    const places = this.places.get(zone.id) ?? placesIn(this.plan, zone);
    this.places.set(zone.id, places);
    const taken = new Set([...this.hung.values()].map(({ place }) => place));
    return places.find((place) => !taken.has(place)) ?? places.at(-1)!;
  }
}

class Hanging {
  readonly group = new THREE.Group();
  readonly face: THREE.Mesh;
  readonly moving: Moving;
  readonly zone: string;
  readonly name: string;
  private readonly video = document.createElement("video");
  private readonly texture: THREE.VideoTexture;
  private readonly stop: () => void;

  constructor(
    shared: SharedScreen,
    readonly place: Place,
    tint: string,
  ) {
    this.moving = shared.moving;
    this.zone = shared.zone;
    this.name = shared.name;
    const { width, height } = place;
    this.group.position.set(place.x, place.y, place.z);
    this.group.rotation.y = place.yaw + Math.PI;
    if (!place.framed) this.frame(width, height, place.standing ? place.y : 0);

    const off = new THREE.MeshBasicMaterial({ color: COLOURS.screenOff, toneMapped: false });
    this.face = new THREE.Mesh(new THREE.PlaneGeometry(width, height), off);
    this.texture = new THREE.VideoTexture(this.video);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    const picture = new THREE.Mesh(new THREE.PlaneGeometry(1, 1), new THREE.MeshBasicMaterial({ map: this.texture, color: tint, toneMapped: false }));
    picture.position.z = 0.004;
    picture.visible = false;
    this.group.add(this.face, picture, this.label(shared.name, width, height, tint));

    // Whole, whatever its shape: what is left of the screen stays dark.
    const fit = (): void => {
      const { videoWidth: w, videoHeight: h } = this.video;
      if (w === 0 || h === 0) return;
      const scale = Math.min(width / w, height / h);
      picture.scale.set(w * scale, h * scale, 1);
    };
    this.video.addEventListener("resize", fit);
    this.stop = play(this.video, shared.moving, () => {
      fit();
      picture.visible = true;
    });
  }

  dispose(): void {
    this.stop();
    this.texture.dispose();
    this.group.traverse((part) => {
      if (!(part instanceof THREE.Mesh)) return;
      (part.geometry as THREE.BufferGeometry).dispose();
      const material = part.material as THREE.MeshBasicMaterial;
      material.map?.dispose();
      material.dispose();
    });
  }

  private frame(width: number, height: number, stands: number): void {
    const material = new THREE.MeshLambertMaterial({ color: COLOURS.graphite });
    const box = (w: number, h: number, d: number, x: number, y: number, z: number): void => {
      const mesh = new THREE.Mesh(new THREE.BoxGeometry(w, h, d), material);
      mesh.position.set(x, y, z);
      this.group.add(mesh);
    };
    box(width + 0.07, height + 0.07, 0.045, 0, 0, -0.025);
    if (stands === 0) return;
    for (const side of [-1, 1]) {
      box(0.05, stands, 0.05, (side * width) / 3, -stands / 2, -0.05);
      box(0.06, 0.04, 0.5, (side * width) / 3, -stands + 0.02, -0.05);
    }
  }

  private label(name: string, width: number, height: number, tint: string): THREE.Mesh {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [LABEL.w, LABEL.h];
    const c = canvas.getContext("2d")!;
    c.font = `600 30px ${FONT}`;
    const words = `${name}’s screen`;
    const wide = Math.min(LABEL.w, c.measureText(words).width + 44);
    c.fillStyle = COLOURS.paper;
    c.beginPath();
    c.roundRect((LABEL.w - wide) / 2, 2, wide, LABEL.h - 4, (LABEL.h - 4) / 2);
    c.fill();
    c.fillStyle = COLOURS.ink;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(words, LABEL.w / 2, LABEL.h / 2 + 1, LABEL.w - 44);
    const map = new THREE.CanvasTexture(canvas);
    map.colorSpace = THREE.SRGBColorSpace;
    const long = Math.min(width, (LABEL_HEIGHT * LABEL.w) / LABEL.h);
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(long, (long * LABEL.h) / LABEL.w), new THREE.MeshBasicMaterial({ map, color: tint, transparent: true, toneMapped: false }));
    mesh.position.set(0, -height / 2 - LABEL_HEIGHT / 2 - 0.07, 0.01);
    return mesh;
  }
}
