/** The shapes people are made of, and the instanced meshes that draw them for everyone at once. */
import * as THREE from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

type Paint = (x: number, y: number, z: number) => readonly [number, number, number];

/** Give a shape vertex colours and say how much of it takes the second colour. */
function dress(g: THREE.BufferGeometry, mask = 0, paint?: Paint): THREE.BufferGeometry {
  const out = new THREE.BufferGeometry();
  const position = g.attributes.position!;
  out.setIndex(g.index);
  out.setAttribute("position", position.clone());
  out.setAttribute("normal", g.attributes.normal!.clone());
  const colour = new Float32Array(position.count * 3).fill(1);
  if (paint !== undefined) {
    for (let i = 0; i < position.count; i++) colour.set(paint(position.getX(i), position.getY(i), position.getZ(i)), i * 3);
  }
  out.setAttribute("color", new THREE.BufferAttribute(colour, 3));
  out.setAttribute("mask", new THREE.BufferAttribute(new Float32Array(position.count).fill(mask), 1));
  return out;
}

function merge(parts: THREE.BufferGeometry[]): THREE.BufferGeometry {
  return mergeGeometries(parts) ?? parts[0]!;
}

function ellipsoid(rx: number, ry: number, rz: number, x = 0, y = 0, z = 0, w = 16, h = 11): THREE.BufferGeometry {
  const g = new THREE.SphereGeometry(1, w, h);
  g.scale(rx, ry, rz);
  g.translate(x, y, z);
  return g;
}

const HEAD = { x: 0.182, y: 0.198, z: 0.18 } as const;

export function headShape(): THREE.BufferGeometry {
  const blush: Paint = (x, y, z) => {
    const d = Math.hypot(Math.abs(x) - 0.105, (y + 0.055) * 1.2, Math.max(0, z + 0.08));
    const k = Math.max(0, 1 - d / 0.06) * 0.85;
    const under = y < -0.1 ? 1 - Math.min(0.16, (-0.1 - y) * 1.6) : 1;
    return [under, under * (1 - 0.16 * k), under * (1 - 0.17 * k)];
  };
  const skull = new THREE.SphereGeometry(1, 17, 12);
  const p = skull.attributes.position!;
  for (let i = 0; i < p.count; i++) {
    const y = p.getY(i);
    // Narrower towards the chin, a little flat in front.
    const jaw = y < 0 ? 1 - 0.14 * y * y : 1;
    p.setXYZ(i, p.getX(i) * HEAD.x * jaw, y * HEAD.y, p.getZ(i) * HEAD.z * jaw);
  }
  skull.computeVertexNormals();
  const ears = [-1, 1].map((s) => dress(ellipsoid(0.026, 0.042, 0.032, s * 0.18, -0.012, 0.012, 6, 4), 0, () => [0.95, 0.88, 0.86]));
  return merge([
    dress(skull, 0, blush),
    ...ears,
    dress(ellipsoid(0.019, 0.024, 0.024, 0, -0.03, -0.181, 7, 5), 0, () => [1, 0.93, 0.91]),
    dress(new THREE.CylinderGeometry(0.062, 0.07, 0.12, 9, 1, true).translate(0, -0.22, 0.012), 0, () => [0.86, 0.82, 0.8]),
  ]);
}

/** The head of somebody far away: no nose, no ears. */
export function farHeadShape(): THREE.BufferGeometry {
  return dress(ellipsoid(HEAD.x, HEAD.y, HEAD.z, 0, 0, 0, 10, 7));
}

/** Torso in its own axes: the hips are the origin. */
export function torsoShape(): THREE.BufferGeometry {
  const profile = [[0.14, -0.085], [0.168, -0.07], [0.168, -0.045], [0.158, -0.035], [0.155, 0.1], [0.168, 0.27], [0.178, 0.36], [0.166, 0.43], [0.122, 0.478], [0.06, 0.5]].map(([r, y]) => new THREE.Vector2(r, y));
  const squash = (g: THREE.BufferGeometry): THREE.BufferGeometry => g.scale(1.06, 1, 0.74);
  // LatheGeometry starts at +Z and turns towards +X; the front is -Z.
  const strip = 0.3;
  const back = squash(new THREE.LatheGeometry(profile, 11, Math.PI + strip, Math.PI * 2 - 2 * strip));
  const front = squash(new THREE.LatheGeometry(profile, 2, Math.PI - strip, 2 * strip));
  const shade: Paint = (_x, y) => {
    const k = y < 0.1 ? 0.86 + Math.max(0, y + 0.05) * 0.93 : 1;
    return [k, k, k];
  };
  const collar = new THREE.TorusGeometry(0.072, 0.021, 6, 13).rotateX(Math.PI / 2).scale(1.05, 1, 0.86).translate(0, 0.487, 0.004);
  return merge([dress(back, 0, shade), dress(front, 1, shade), dress(collar, 1)]);
}

/** A limb from the origin up its +Y to 1, radius about 1; scaled between two joints. */
export function limbShape(seg = 7): THREE.BufferGeometry {
  const points: THREE.Vector2[] = [];
  const cap = 0.23;
  for (let i = 0; i <= 2; i++) points.push(new THREE.Vector2(Math.max(0.001, Math.sin((i / 2) * Math.PI / 2)), -cap * Math.cos((i / 2) * Math.PI / 2)));
  for (let i = 0; i <= 2; i++) points.push(new THREE.Vector2(Math.max(0.001, 0.86 * Math.cos((i / 2) * Math.PI / 2)), 1 + cap * Math.sin((i / 2) * Math.PI / 2)));
  return dress(new THREE.LatheGeometry(seg < 6 ? [points[0]!, points[2]!, points[3]!, points[5]!] : points, seg));
}

export function ballGeometry(): THREE.BufferGeometry {
  return dress(new THREE.SphereGeometry(1, 8, 6));
}

export function shoeShape(): THREE.BufferGeometry {
  const upper = ellipsoid(0.058, 0.05, 0.105, 0, 0.022, -0.045, 9, 5);
  const p = upper.attributes.position!;
  for (let i = 0; i < p.count; i++) p.setY(i, Math.max(0, p.getY(i)));
  upper.computeVertexNormals();
  const sole = new THREE.CylinderGeometry(1, 1, 0.022, 9, 1, true).scale(0.062, 1, 0.11).translate(0, 0.003, -0.045);
  return merge([dress(upper), dress(sole, 0, () => [2.2, 2.2, 2.1])]);
}

/** The front half of an ellipsoid, looking along -Z. */
function dome(rx: number, ry: number, rz: number, w: number, h: number): THREE.BufferGeometry {
  return new THREE.SphereGeometry(1, w, h, 0, Math.PI * 2, 0, Math.PI / 2).rotateX(-Math.PI / 2).scale(rx, ry, rz);
}

export function eyeShape(): THREE.BufferGeometry {
  return dress(dome(0.029, 0.038, 0.012, 12, 3));
}

export function pupilShape(): THREE.BufferGeometry {
  const dark: Paint = () => [0.035, 0.03, 0.035];
  return merge([
    dress(dome(0.02, 0.0285, 0.006, 11, 2), 0, dark),
    dress(dome(0.0068, 0.0082, 0.002, 6, 1).translate(0.007, 0.011, -0.0055), 0, () => [1.3, 1.3, 1.3]),
  ]);
}

/** An open mouth: flat above, round below, with a tongue. */
export function mouthShape(): THREE.BufferGeometry {
  const g = new THREE.SphereGeometry(1, 11, 7);
  const p = g.attributes.position!;
  for (let i = 0; i < p.count; i++) p.setXYZ(i, p.getX(i) * 0.042, p.getY(i) > 0 ? p.getY(i) * 0.012 : p.getY(i) * 0.05, p.getZ(i) * 0.012);
  g.computeVertexNormals();
  return merge([dress(g, 0, () => [0.16, 0.035, 0.035]), dress(ellipsoid(0.022, 0.012, 0.006, 0, -0.032, -0.009, 8, 5), 0, () => [0.62, 0.17, 0.16])]);
}

export function smileShape(): THREE.BufferGeometry {
  const g = new THREE.TorusGeometry(0.04, 0.0065, 4, 9, Math.PI * 0.72).rotateZ(Math.PI + Math.PI * 0.14);
  g.translate(0, 0.026, 0);
  return dress(g, 0, () => [0.24, 0.075, 0.065]);
}

export function collarLightShape(): THREE.BufferGeometry {
  return dress(new THREE.TorusGeometry(0.09, 0.018, 6, 15).rotateX(Math.PI / 2).scale(1.06, 1, 0.9));
}

/** A cap over the skull: a piece of a sphere, tipped back. */
function cap(scale: number, depth: number, tip: number): THREE.BufferGeometry {
  const g = new THREE.SphereGeometry(1, 16, 6, 0, Math.PI * 2, 0, Math.PI * depth);
  return g.scale(HEAD.x * scale, HEAD.y * scale, HEAD.z * scale).rotateX(tip);
}

/** Hair that leaves the face free: a piece of a sphere open to the front. */
function hood(scale: number, depth: number, open: number): THREE.BufferGeometry {
  const g = new THREE.SphereGeometry(1, 14, 7, Math.PI * 1.5 + open, Math.PI * 2 - 2 * open, 0, Math.PI * depth);
  return g.scale(HEAD.x * scale, HEAD.y * scale, HEAD.z * scale);
}

function strands(g: THREE.BufferGeometry): THREE.BufferGeometry {
  const shade: Paint = (x, y, z) => {
    const k = 0.92 + 0.1 * Math.sin(Math.atan2(z, x) * 11) * Math.min(1, Math.hypot(x, z) * 9) + (y > 0.1 ? 0.14 : 0);
    return [k, k, k];
  };
  return dress(g, 0, shade);
}

export function hairShapes(): THREE.BufferGeometry[] {
  const side = (s: number): THREE.BufferGeometry => ellipsoid(0.034, 0.075, 0.07, s * 0.168, 0.055, 0.01, 7, 5);
  const crop = merge([strands(cap(1.075, 0.46, 0.42)), strands(side(1)), strands(side(-1)), strands(ellipsoid(0.13, 0.05, 0.06, 0, 0.158, -0.1, 9, 6))]);
  const sweep = merge([
    strands(cap(1.09, 0.5, 0.5)), strands(side(1)), strands(side(-1)),
    strands(ellipsoid(0.135, 0.062, 0.085, 0.035, 0.17, -0.09, 10, 6).rotateZ(-0.16)),
    strands(ellipsoid(0.07, 0.04, 0.05, 0.115, 0.12, -0.115, 8, 5)),
  ]);
  const bob = merge([
    strands(cap(1.09, 0.4, 0.2)), strands(hood(1.14, 0.74, 0.92)),
    strands(ellipsoid(0.15, 0.055, 0.07, 0, 0.135, -0.115, 10, 5)),
  ]);
  const bun = merge([
    strands(cap(1.07, 0.5, 0.5)), strands(ellipsoid(0.082, 0.078, 0.082, 0, 0.2, 0.115, 10, 7)),
    strands(new THREE.TorusGeometry(0.05, 0.018, 5, 10).rotateX(Math.PI / 2 + 0.6).translate(0, 0.158, 0.088)), strands(side(1)), strands(side(-1)),
  ]);
  const curls: THREE.BufferGeometry[] = [strands(cap(1.06, 0.48, 0.45))];
  for (let i = 0; i < 20; i++) {
    const y = 1 - (i / 20) * 1.15;
    const a = i * 2.39996;
    const r = Math.sqrt(Math.max(0, 1 - y * y));
    const z = Math.sin(a) * r;
    if (z < -0.55 && y < 0.5) continue;
    const size = 0.06 + 0.012 * Math.sin(i * 5);
    curls.push(strands(ellipsoid(size, size, size, Math.cos(a) * r * 0.185, y * 0.185 + 0.035, z * 0.175 + 0.02, 6, 5)));
  }
  const fall = new THREE.SphereGeometry(1, 14, 8, Math.PI * 1.5 + 1.05, Math.PI * 2 - 2.1, 0, Math.PI * 0.9);
  const p = fall.attributes.position!;
  for (let i = 0; i < p.count; i++) {
    const y = p.getY(i);
    const down = y < 0 ? -y : 0;
    p.setXYZ(i, p.getX(i) * 0.205 * (1 + 0.22 * down), y > 0 ? y * 0.217 : y * 0.4, p.getZ(i) * (0.2 + 0.02 * down) + 0.012);
  }
  fall.computeVertexNormals();
  const long = merge([
    strands(cap(1.085, 0.42, 0.24)), strands(fall),
    strands(ellipsoid(0.088, 0.055, 0.06, 0.058, 0.145, -0.1, 9, 6).rotateZ(-0.24)), strands(ellipsoid(0.088, 0.055, 0.06, -0.058, 0.145, -0.1, 9, 6).rotateZ(0.24)),
  ]);
  // The same order as the faces in lists.
  return [crop, sweep, bob, bun, merge(curls), long];
}

/** The matte of people: two colours for each instance, and a dither for those who are half away. */
export function peopleMaterial(): THREE.MeshLambertMaterial {
  const material = new THREE.MeshLambertMaterial({ vertexColors: true, side: THREE.DoubleSide });
  material.onBeforeCompile = (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", "#include <common>\nattribute float mask;\nattribute vec4 accent;\nvarying float vFade;")
      .replace("#include <color_vertex>", "#include <color_vertex>\n vColor.rgb = mix(vColor.rgb, accent.rgb, mask);\n vFade = accent.a;");
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", "#include <common>\nvarying float vFade;")
      .replace(
        "#include <clipping_planes_fragment>",
        "#include <clipping_planes_fragment>\n if (vFade < 0.99) { vec2 c = mod(floor(gl_FragCoord.xy), 4.0); float b = mod(c.x * 5.0 + c.y * 7.0 + floor(c.y / 2.0) * 3.0, 16.0) / 16.0; if (b >= vFade) discard; }",
      );
  };
  return material;
}

/** One instanced mesh that is filled anew each frame. */
export class Part {
  mesh: THREE.InstancedMesh;
  private accents: THREE.InstancedBufferAttribute;
  private used = 0;

  constructor(
    private readonly parent: THREE.Object3D,
    private readonly geometry: THREE.BufferGeometry,
    private readonly material: THREE.Material,
    private capacity: number,
    private readonly name: string,
    private readonly receiveShadow = true,
  ) {
    [this.mesh, this.accents] = this.make();
  }

  begin(): void {
    this.used = 0;
  }

  put(matrix: THREE.Matrix4, colour: THREE.Color, accent: THREE.Color = colour, fade = 1): void {
    if (this.used >= this.capacity) this.grow();
    this.mesh.setMatrixAt(this.used, matrix);
    this.mesh.setColorAt(this.used, colour);
    this.accents.setXYZW(this.used, accent.r, accent.g, accent.b, fade);
    this.used++;
  }

  end(): void {
    this.mesh.count = this.used;
    this.mesh.visible = this.used > 0;
    if (this.used === 0) return;
    this.mesh.instanceMatrix.needsUpdate = true;
    if (this.mesh.instanceColor !== null) this.mesh.instanceColor.needsUpdate = true;
    this.accents.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.dispose();
    this.mesh.geometry.dispose();
    this.geometry.dispose();
  }

  private make(): [THREE.InstancedMesh, THREE.InstancedBufferAttribute] {
    const g = this.geometry.clone();
    const accents = new THREE.InstancedBufferAttribute(new Float32Array(this.capacity * 4), 4);
    g.setAttribute("accent", accents);
    const mesh = new THREE.InstancedMesh(g, this.material, this.capacity);
    mesh.instanceColor = new THREE.InstancedBufferAttribute(new Float32Array(this.capacity * 3), 3);
    mesh.frustumCulled = false;
    mesh.receiveShadow = this.receiveShadow;
    mesh.name = this.name;
    this.parent.add(mesh);
    return [mesh, accents];
  }

  private grow(): void {
    const old = this.mesh;
    const oldAccents = this.accents;
    this.capacity *= 2;
    [this.mesh, this.accents] = this.make();
    this.mesh.instanceMatrix.array.set(old.instanceMatrix.array);
    this.mesh.instanceColor!.array.set(old.instanceColor!.array);
    this.accents.array.set(oldAccents.array);
    this.parent.remove(old);
    old.geometry.dispose();
    old.dispose();
  }
}
