/** A stick for the left thumb. The right half of the screen is left to the camera. */
import type { Intent } from "./walking";

const REACH = 52;

export class TouchStick {
  private pointer: number | null = null;
  private startX = 0;
  private startY = 0;
  private x = 0;
  private y = 0;
  private readonly ring: HTMLDivElement;
  private readonly knob: HTMLDivElement;
  private readonly abort = new AbortController();

  constructor(private readonly host: HTMLElement) {
    this.ring = document.createElement("div");
    this.ring.className = "scene-stick";
    this.ring.setAttribute("aria-hidden", "true");
    this.knob = document.createElement("div");
    this.knob.className = "scene-stick-knob";
    this.ring.append(this.knob);
    this.ring.hidden = true;
    host.append(this.ring);
    const { signal } = this.abort;
    host.addEventListener("pointermove", (e) => this.move(e), { signal });
    host.addEventListener("pointerup", (e) => this.end(e), { signal });
    host.addEventListener("pointercancel", (e) => this.end(e), { signal });
  }

  /** Take this touch for walking? True when it began on the left half. */
  begin(event: PointerEvent): boolean {
    if (event.pointerType !== "touch" || this.pointer !== null) return false;
    const box = this.host.getBoundingClientRect();
    if (event.clientX - box.left > box.width / 2) return false;
    this.pointer = event.pointerId;
    this.startX = event.clientX;
    this.startY = event.clientY;
    this.ring.style.transform = `translate(${event.clientX - box.left}px, ${event.clientY - box.top}px)`;
    return true;
  }

  /** Whether the touch moved far enough to be a walk rather than a tap. */
  get active(): boolean {
    return this.pointer !== null && Math.hypot(this.x, this.y) > 0.15;
  }

  owns(pointer: number): boolean {
    return this.pointer === pointer;
  }

  intent(): Intent {
    if (!this.active) return { forward: 0, right: 0, turn: 0, run: false };
    return { forward: -this.y, right: this.x, turn: 0, run: Math.hypot(this.x, this.y) > 0.95 };
  }

  dispose(): void {
    this.abort.abort();
    this.ring.remove();
  }

  private move(event: PointerEvent): void {
    if (event.pointerId !== this.pointer) return;
    const dx = event.clientX - this.startX;
    const dy = event.clientY - this.startY;
    const length = Math.hypot(dx, dy);
    const scale = length > REACH ? REACH / length : 1;
    this.x = (dx * scale) / REACH;
    this.y = (dy * scale) / REACH;
    this.ring.hidden = !this.active;
    this.knob.style.transform = `translate(${dx * scale}px, ${dy * scale}px)`;
  }

  private end(event: PointerEvent): void {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.x = 0;
    this.y = 0;
    this.ring.hidden = true;
  }
}
