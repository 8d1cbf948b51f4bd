/** Mouse and fingers on the picture: drag turns, wheel and pinch zoom, click and tap choose. */
import type { TouchStick } from "../input/touch";

export interface PointerActions {
  drag(dx: number, dy: number): void;
  wheel(delta: number): void;
  /** In -1..1; `run` on a double click or tap. */
  click(x: number, y: number, run: boolean): void;
  hover(x: number, y: number): void;
}

const CLICK_PIXELS = 6;
const DOUBLE_MS = 320;

export class Pointer {
  private readonly abort = new AbortController();
  private readonly held = new Map<number, { x: number; y: number; startX: number; startY: number; moved: boolean }>();
  private pinch = 0;
  private lastClick = 0;
  private lastHover = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly stick: TouchStick,
    private readonly actions: PointerActions,
  ) {
    const { signal } = this.abort;
    canvas.addEventListener("pointerdown", (e) => this.down(e), { signal });
    canvas.addEventListener("pointermove", (e) => this.move(e), { signal });
    canvas.addEventListener("pointerup", (e) => this.up(e, true), { signal });
    canvas.addEventListener("pointercancel", (e) => this.up(e, false), { signal });
    canvas.addEventListener("contextmenu", (e) => e.preventDefault(), { signal });
    canvas.addEventListener(
      "wheel",
      (e) => {
        e.preventDefault();
        this.actions.wheel(e.deltaMode === 1 ? e.deltaY * 30 : e.deltaY);
      },
      { signal, passive: false },
    );
  }

  dispose(): void {
    this.abort.abort();
  }

  private down(e: PointerEvent): void {
    // Clicking the picture takes the focus off fields, so that keys walk again.
    if (document.activeElement instanceof HTMLElement && document.activeElement !== document.body) document.activeElement.blur();
    this.stick.begin(e);
    this.held.set(e.pointerId, { x: e.clientX, y: e.clientY, startX: e.clientX, startY: e.clientY, moved: false });
    this.canvas.setPointerCapture(e.pointerId);
    this.pinch = 0;
  }

  private move(e: PointerEvent): void {
    const hold = this.held.get(e.pointerId);
    if (hold === undefined) {
      if (e.pointerType === "mouse" && e.timeStamp - this.lastHover > 60) {
        this.lastHover = e.timeStamp;
        this.actions.hover(...this.normal(e));
      }
      return;
    }
    const dx = e.clientX - hold.x;
    const dy = e.clientY - hold.y;
    hold.x = e.clientX;
    hold.y = e.clientY;
    if (Math.hypot(e.clientX - hold.startX, e.clientY - hold.startY) > CLICK_PIXELS) hold.moved = true;
    if (this.stick.owns(e.pointerId) || !hold.moved) return;
    const free = [...this.held.entries()].filter(([id]) => !this.stick.owns(id)).map(([, h]) => h);
    if (free.length >= 2) {
      const apart = Math.hypot(free[0]!.x - free[1]!.x, free[0]!.y - free[1]!.y);
      if (this.pinch > 0) this.actions.wheel((this.pinch - apart) * 4);
      this.pinch = apart;
      return;
    }
    this.actions.drag(dx, dy);
  }

  private up(e: PointerEvent, counts: boolean): void {
    const hold = this.held.get(e.pointerId);
    this.held.delete(e.pointerId);
    this.pinch = 0;
    if (!counts || hold === undefined || hold.moved || e.button > 0) return;
    const double = e.timeStamp - this.lastClick < DOUBLE_MS;
    this.lastClick = e.timeStamp;
    this.actions.click(...this.normal(e), double || e.shiftKey);
  }

  private normal(e: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [((e.clientX - box.left) / box.width) * 2 - 1, 1 - ((e.clientY - box.top) / box.height) * 2];
  }
}
