/** How much the picture may cost, and when it must cost less. Pure except for asking the driver's name. */

export interface Level {
  name: "low" | "medium" | "high";
  pixelRatio: number;
  shadows: number;
  /** Most pictures a second. */
  fps: number;
}

export const LEVELS: Readonly<Record<Level["name"], Level>> = {
  low: { name: "low", pixelRatio: 0.75, shadows: 0, fps: 24 },
  medium: { name: "medium", pixelRatio: 1.25, shadows: 1024, fps: 60 },
  high: { name: "high", pixelRatio: 2, shadows: 2048, fps: 60 },
};

/** Whether the browser draws with the processor instead of a graphics card. */
export function isSoftware(gl: WebGLRenderingContext | WebGL2RenderingContext): boolean {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL);
  return /swiftshader|llvmpipe|software|basic render/i.test(String(name));
}

/** Watches how long pictures take and says when to go a level down. */
export class Governor {
  private sum = 0;
  private count = 0;
  private slow = 0;

  /** @returns True when the last three seconds were too slow for this level. */
  note(frameMs: number): boolean {
    if (frameMs > 1000) return false;
    this.sum += frameMs;
    this.count++;
    if (this.sum < 1000) return false;
    const mean = this.sum / this.count;
    this.sum = 0;
    this.count = 0;
    this.slow = mean > 30 ? this.slow + 1 : 0;
    if (this.slow < 3) return false;
    this.slow = 0;
    return true;
  }
}
